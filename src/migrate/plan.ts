import type { Database } from "../db/database.ts";
import {
  ledgerAddEntry,
  ledgerAddLink,
  ledgerCurrentEntries,
  ledgerEntryCount,
  ledgerGrantRoles,
  ledgerHasLedger,
  ledgerLiveDependents,
  ledgerLetRead,
  ledgerReleaseRoles,
  ledgerSetHead,
  ledgerSetLink,
} from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { costsOf, packageCosts, readCosts, type Cost } from "./costs/costs.ts";
import { estimate, type Estimate, type Step } from "./costs/estimate.ts";
import {
  packageFiles,
  type Dialect,
  type Migration,
  type Procedure,
  type SchemaFiles,
} from "./files/files.ts";
import { storeFrame } from "./files/frames.ts";
import { chainMigration, isChained, rowsOf } from "./ledger.ts";
import { liveObjects, planIdOf, readRelations, type Basis } from "./costs/live.ts";
import { refuseUnfit, statusOf, type Entry, type Standing } from "./status.ts";
import { goesWithoutProcedures, workOf, type Choose, type Work } from "./work.ts";

/** What `migrate up` would do to a store. */
export interface StorePlan extends Estimate {
  plan_id: string;
  dialect: Dialect;
  schema_version: string | null;
  migrations: Migration[];
  /** Those that are put in place or dropped because their text is another. */
  procedures: Standing[];
  /** Those that are made anew although their text is the same: what they need is changed or dropped. */
  remade: string[];
  /** Everything that would be sent and changes something, in order; empty where nothing is pending. */
  steps: Step[];
}

/** Plans a change of the store; reads the ledger and the catalogs, and writes and locks nothing. */
export async function planUp(database: Database, choose?: Choose): Promise<StorePlan> {
  const { dialect } = database;
  const { found } = await one(database, ledgerHasLedger, {});
  const entries = Number(found) === 0 ? [] : ((await many(database, ledgerCurrentEntries, {})) as Entry[]);
  const files = packageFiles(dialect);
  const status = statusOf(dialect, entries, files);
  refuseUnfit(database, status, entries, files);
  const rows = await many(database, ledgerLiveDependents, {});
  const work = workOf(dialect, files, entries, rows, choose);
  const migrations = work?.pending ?? [];
  const procedures = status.procedures.filter(({ name }) => work?.changed.has(name) === true);
  const remade = work?.files.filter(({ name }) => !work.changed.has(name)).map(({ name }) => name) ?? [];
  const steps = work === undefined ? [] : stepsOf(dialect, work, await chainOf(database, work, entries));
  const relations = await readRelations(database, ["cowrie"]);
  const costs = readCosts(packageCosts, dialect);
  const share = shareOf(steps, files);
  const digests = new Map(migrations.map(({ name, digest }) => [name, digest]));
  const isReadBlocked = database.dialect === "sqlite" && database.journal !== "wal";
  const costOf = (of: string): Cost[] =>
    costsOf(costs, of, digests.get(of) ?? "").map((cost) =>
      of === "procedures" ? { ...cost, fixed_ms: cost.fixed_ms * share } : cost,
    );
  return {
    plan_id: planIdOf(
      basisOf(
        dialect,
        entries,
        await liveObjects(database, true),
        migrations.map(({ name }) => name),
      ),
    ),
    dialect,
    schema_version: status.schema_version,
    migrations,
    procedures,
    remade,
    steps,
    ...estimate(dialect, steps, relations, costOf, isReadBlocked),
  };
}

/** How much of making all procedures anew, which is what was measured, some of them are. */
function shareOf(steps: readonly Step[], { procedures }: SchemaFiles): number {
  return Math.min(1, steps.filter(({ of }) => of === "procedures").length / Math.max(1, procedures.length));
}

/** What the id of a plan of the store is made of. */
export function basisOf(
  dialect: Dialect,
  entries: readonly Entry[],
  live: Basis["live"],
  chosen: Basis["chosen"],
): Basis {
  const { migrations, procedures } = packageFiles(dialect);
  return {
    files: [
      ...migrations.map(({ name, digest, downDigest }) => [name, digest + downDigest] as const),
      ...procedures.map(({ name, digest }) => [name, digest] as const),
    ],
    ledger: entries.map(({ kind, name, digest }) => [`${kind} ${name}`, digest] as const),
    live,
    chosen,
  };
}

/** Whether what is done is noted in a chain, and how many entries get their place in it first. */
interface Chain {
  chained: boolean;
  old: number;
}

async function chainOf(database: Database, { pending }: Work, entries: readonly Entry[]): Promise<Chain> {
  const chained = await isChained(rowsOf(database));
  if (chained || !pending.some(({ name }) => name === chainMigration)) return { chained, old: 0 };
  const old = entries.length === 0 ? 0 : Number((await one(database, ledgerEntryCount, {})).found);
  return { chained: true, old };
}

/** All that `migrateUp` sends, in its order. */
function stepsOf(
  dialect: Dialect,
  { drops, pending, files, changed, gone, isPart }: Work,
  { chained, old }: Chain,
): Step[] {
  const note = { of: "runner", text: (chained ? ledgerAddLink : ledgerAddEntry)[dialect] };
  const link = { of: "runner", text: ledgerSetLink[dialect] };
  const applied = (procedure: Procedure): { of: string; text: string }[] => [
    { of: "procedures", text: procedure.text },
    ...(changed.has(procedure.name) ? [note] : []),
  ];
  const { before, behind } = storeFrame[dialect];
  return [
    ...before.map((text) => ({ of: "runner", text })),
    ...drops.map((text) => ({ of: "procedures", text })),
    ...(goesWithoutProcedures({ isPart, gone }) ? [{ of: "runner", text: ledgerReleaseRoles[dialect] }] : []),
    ...pending.map(({ name, upText }) => ({ of: name, text: upText })),
    ...Array.from({ length: old }, () => link),
    ...pending.map(() => note),
    ...files.flatMap(applied),
    ...gone.map(() => note),
    ...(chained ? [{ of: "runner", text: ledgerSetHead[dialect] }] : []),
    ...behind
      .map((text) => (isPart && text === ledgerGrantRoles[dialect] ? ledgerLetRead[dialect] : text))
      .map((text) => ({ of: "runner", text })),
  ].map((step) => ({ transaction: 1, ...step }));
}
