import type { Database } from "../db/database.ts";
import {
  ledgerAddEntry,
  ledgerCurrentEntries,
  ledgerHasLedger,
  ledgerManagedObjects,
  type LedgerManagedObjectsRow,
} from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { costsOf, packageCosts, readCosts } from "./costs.ts";
import { estimate, type Estimate, type Step } from "./estimate.ts";
import { readMigrations, readProcedures, type Dialect, type Migration, type Procedure } from "./files.ts";
import { storeFrame } from "./frames.ts";
import { liveObjects, planIdOf, readRelations, type Basis } from "./live.ts";
import { dropsOf } from "./managed.ts";
import { pendingIn, refuseUnfit, statusOf, type Entry, type SchemaStatus, type Standing } from "./migrate.ts";

/** What `migrate up` would do to a store. */
export interface StorePlan extends Estimate {
  plan_id: string;
  dialect: Dialect;
  schema_version: string | null;
  migrations: Migration[];
  /** Those that are put in place or dropped because their text is another. */
  procedures: Standing[];
  /** Everything that would be sent and changes something, in order; empty where nothing is pending. */
  steps: Step[];
}

/** Plans a change of the store; reads the ledger and the catalogs, and writes and locks nothing. */
export async function planUp(database: Database): Promise<StorePlan> {
  const { dialect } = database;
  const { found } = await one(database, ledgerHasLedger, {});
  const entries = Number(found) === 0 ? [] : ((await many(database, ledgerCurrentEntries, {})) as Entry[]);
  const status = statusOf(dialect, entries);
  refuseUnfit(database, status, entries);
  const migrations = pendingIn(dialect, status);
  const procedures = status.procedures.filter(({ state }) => state !== "applied");
  const isNothing = migrations.length === 0 && procedures.length === 0;
  const objects = isNothing || entries.length === 0 ? [] : await many(database, ledgerManagedObjects, {});
  const steps = isNothing ? [] : stepsOf(dialect, entries, status, objects);
  const relations = await readRelations(database, ["cowrie"]);
  const costs = readCosts(packageCosts, dialect);
  const digests = new Map(migrations.map(({ name, digest }) => [name, digest]));
  const isReadBlocked = database.dialect === "sqlite" && database.journal !== "wal";
  return {
    plan_id: planIdOf(basisOf(dialect, entries, await liveObjects(database, true))),
    dialect,
    schema_version: status.schema_version,
    migrations,
    procedures,
    steps,
    ...estimate(dialect, steps, relations, (of) => costsOf(costs, of, digests.get(of) ?? ""), isReadBlocked),
  };
}

/** What the id of a plan of the store is made of. */
export function basisOf(dialect: Dialect, entries: readonly Entry[], live: Basis["live"]): Basis {
  return {
    files: [
      ...readMigrations(dialect).map(({ name, digest, downDigest }) => [name, digest + downDigest] as const),
      ...readProcedures(dialect).map(({ name, digest }) => [name, digest] as const),
    ],
    ledger: entries.map(({ kind, name, digest }) => [`${kind} ${name}`, digest] as const),
    live,
  };
}

/** All that `migrateUp` sends, in its order. */
function stepsOf(
  dialect: Dialect,
  entries: readonly Entry[],
  status: SchemaStatus,
  objects: readonly LedgerManagedObjectsRow[],
): Step[] {
  const note = { of: "runner", text: ledgerAddEntry[dialect] };
  const pending = pendingIn(dialect, status);
  const changed = new Set(
    status.procedures.filter(({ state }) => state !== "applied").map(({ name }) => name),
  );
  const applied = (procedure: Procedure): { of: string; text: string }[] => [
    { of: "procedures", text: procedure.text },
    ...(changed.has(procedure.name) ? [note] : []),
  ];
  const gone = status.procedures.filter(({ state }) => state === "missing_file");
  return [
    ...storeFrame[dialect].before.map((text) => ({ of: "runner", text })),
    ...dropsOf(dialect, entries, objects).map((text) => ({ of: "procedures", text })),
    ...pending.map(({ name, upText }) => ({ of: name, text: upText })),
    ...pending.map(() => note),
    ...readProcedures(dialect).flatMap(applied),
    ...gone.map(() => note),
    ...storeFrame[dialect].behind.map((text) => ({ of: "runner", text })),
  ].map((step) => ({ transaction: 1, ...step }));
}
