import { actorName } from "../actor.ts";
import type { Database } from "../db/database.ts";
import { databaseError } from "../db/database-error.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import {
  ledgerAddEntry,
  ledgerCreateLedger,
  ledgerCurrentEntries,
  ledgerGrantRoles,
  ledgerHasLedger,
  schemaLiveObjects,
  type SchemaLiveObjectsRow,
} from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { span, systemOf } from "../telemetry/spans.ts";
import { counted } from "../term.ts";
import type { Change, ChangeRunner } from "./engine.ts";
import { dropManaged } from "./managed.ts";
import {
  readMigrations,
  readProcedures,
  toolVersion,
  type Dialect,
  type Migration,
  type Procedure,
} from "./files.ts";

/** A migration or procedure as it stands in a store. */
export interface Standing {
  name: string;
  state: "applied" | "pending" | "changed" | "missing_file";
  applied_at: string | null;
}

/** How a store's schema stands against this program's files. */
export interface SchemaStatus {
  dialect: Dialect;
  tool_version: string;
  /** The last migration applied, or null. */
  schema_version: string | null;
  migrations: Standing[];
  procedures: Standing[];
}

/** What a change of the schema did. */
export interface ChangeResult {
  migrations: { name: string; duration_ms: number }[];
  procedures: number;
  schema_version: string | null;
}

/** The ledger's last word on a migration or procedure. */
export interface Entry {
  kind: string;
  name: string;
  digest: string;
  applied_at: string;
  tool_version: string;
}

/** Reads how the schema stands; changes nothing. */
export async function schemaStatus(database: Database): Promise<SchemaStatus> {
  const entries = await readLedger(database);
  return statusOf(database.dialect, entries);
}

/** Throws unless the store is exactly at this program's schema. */
export async function assertCurrent(database: Database): Promise<void> {
  const entries = await readLedger(database);
  if (entries.length === 0) {
    throw new CowriedbError("migrate.no_store", `${database.name} holds no cowriedb store.`, {
      hint: "Run: cowriedb init",
    });
  }
  const status = statusOf(database.dialect, entries);
  refuseUnfit(database, status, entries);
  const stale = [...status.migrations, ...status.procedures].filter(
    (standing) => standing.state !== "applied",
  );
  if (stale.length > 0) {
    throw new CowriedbError(
      "migrate.pending",
      `${counted(stale.length, "migration or procedure is", "migrations or procedures are")} not applied to ${database.name}. First: ${stale[0]?.name ?? ""}.`,
      {
        hint: "Run: cowriedb migrate up",
      },
    );
  }
}

/**
 * Applies all pending migrations and, where anything changed, all procedures, in one transaction. `check` may refuse what it
 * finds there before anything is changed.
 */
export async function migrateUp(
  database: Database,
  changes: ChangeRunner,
  check: (entries: Entry[], live: SchemaLiveObjectsRow[]) => void = () => undefined,
): Promise<ChangeResult> {
  return span("migrate.up", systemOf(database.dialect), async () =>
    changes(async (change) => {
      await change.rows(ledgerCreateLedger, {});
      const entries = (await change.rows(ledgerCurrentEntries, {})) as Entry[];
      const status = statusOf(database.dialect, entries);
      refuseUnfit(database, status, entries);
      check(entries, await change.rows(schemaLiveObjects, { of_store: 1 }));
      const pending = pendingIn(database.dialect, status);
      const stale = status.procedures.some((standing) => standing.state !== "applied");
      if (pending.length === 0 && !stale) {
        await change.rows(ledgerGrantRoles, {});
        return { migrations: [], procedures: 0, schema_version: status.schema_version };
      }
      await dropManaged(change, entries);
      const durations = await change.migrate(pending, "up");
      for (const migration of pending)
        await note(change, "migration", "up", migration, durations.get(migration.name) ?? 0);
      const procedures = readProcedures(database.dialect);
      for (const procedure of procedures) await applyProcedure(change, procedure, entries);
      await forgetMissing(change, status, entries);
      await change.compile();
      await change.rows(ledgerGrantRoles, {});
      return {
        migrations: pending.map(({ name }) => ({ name, duration_ms: Math.round(durations.get(name) ?? 0) })),
        procedures: procedures.length,
        schema_version: readMigrations(database.dialect).at(-1)?.name ?? null,
      };
    }),
  );
}

/** The migrations that `count` steps down would take back, the last first. */
export async function downPlan(database: Database, count: number): Promise<Migration[]> {
  const status = await schemaStatus(database);
  refuseNewer(status, database.name);
  return migrationsIn(database.dialect, status, "applied").reverse().slice(0, count);
}

/** Takes back the given migrations. All procedures are dropped; the next `migrate up` brings them again. */
export async function migrateDown(
  changes: ChangeRunner,
  migrations: readonly Migration[],
): Promise<ChangeResult> {
  return changes(async (change) => {
    const entries = (await change.rows(ledgerCurrentEntries, {})) as Entry[];
    await dropManaged(change, entries);
    for (const entry of entries.filter(({ kind }) => kind === "procedure")) {
      await note(change, "procedure", "drop", { ...entry, downDigest: null }, 0);
    }
    const durations = await change.migrate(
      [...migrations].sort((a, b) => (a.name < b.name ? -1 : 1)),
      "down",
    );
    for (const migration of migrations) {
      await note(change, "migration", "down", migration, durations.get(migration.name) ?? 0);
    }
    const left = entries.filter(
      ({ kind, name }) => kind === "migration" && !migrations.some((migration) => migration.name === name),
    );
    return {
      migrations: migrations.map(({ name }) => ({ name, duration_ms: Math.round(durations.get(name) ?? 0) })),
      procedures: 0,
      schema_version: left.at(-1)?.name ?? null,
    };
  });
}

async function readLedger(database: Database): Promise<Entry[]> {
  try {
    const { found } = await one(database, ledgerHasLedger, {});
    if (Number(found) === 0) return [];
    return (await many(database, ledgerCurrentEntries, {})) as Entry[];
  } catch (error) {
    throw databaseError(error, "read the ledger", database.name);
  }
}

/** How the files stand against the ledger. */
export function statusOf(dialect: Dialect, entries: readonly Entry[]): SchemaStatus {
  const standings = (kind: string, files: readonly { name: string; digest: string }[]): Standing[] => {
    const known = new Map(entries.filter((entry) => entry.kind === kind).map((entry) => [entry.name, entry]));
    const present: Standing[] = files.map(({ name, digest }) => {
      const entry = known.get(name);
      known.delete(name);
      if (entry === undefined) return { name, state: "pending", applied_at: null };
      return { name, state: entry.digest === digest ? "applied" : "changed", applied_at: entry.applied_at };
    });
    const gone: Standing[] = [...known.values()].map(({ name, applied_at }) => ({
      name,
      state: "missing_file",
      applied_at,
    }));
    return [...present, ...gone];
  };
  const migrations = standings("migration", readMigrations(dialect));
  return {
    dialect,
    tool_version: toolVersion,
    schema_version:
      migrations
        .filter((standing) => standing.state !== "pending")
        .map((standing) => standing.name)
        .sort()
        .at(-1) ?? null,
    migrations,
    procedures: standings("procedure", readProcedures(dialect)),
  };
}

/** The migrations that are not applied. */
export function pendingIn(dialect: Dialect, status: SchemaStatus): Migration[] {
  return migrationsIn(dialect, status, "pending");
}

/** Throws where a store is of a newer program, or a file is not what was applied. */
export function refuseUnfit(database: Database, status: SchemaStatus, entries: readonly Entry[]): void {
  refuseNewer(status, database.name);
  refuseChanged(status, entries, database.dialect);
}

function migrationsIn(dialect: Dialect, status: SchemaStatus, state: Standing["state"]): Migration[] {
  const names = new Set(
    status.migrations.filter((standing) => standing.state === state).map(({ name }) => name),
  );
  return readMigrations(dialect).filter(({ name }) => names.has(name));
}

function refuseNewer(status: SchemaStatus, store: string): void {
  const unknown = status.migrations.find((standing) => standing.state === "missing_file");
  if (unknown === undefined) return;
  throw new CowriedbError(
    "migrate.newer_schema",
    `${store} has migration ${unknown.name}, which cowriedb ${toolVersion} does not know.`,
    { hint: "Install the newer cowriedb that applied it." },
  );
}

function refuseChanged(status: SchemaStatus, entries: readonly Entry[], dialect: Dialect): void {
  const changed = status.migrations.find((standing) => standing.state === "changed");
  if (changed === undefined) return;
  const entry = entries.find(({ kind, name }) => kind === "migration" && name === changed.name);
  const file = readMigrations(dialect).find(({ name }) => name === changed.name);
  throw new CowriedbError(
    "migrate.changed_file",
    `Migration ${changed.name} was changed after it was applied on ${entry?.applied_at ?? ""} by cowriedb ${entry?.tool_version ?? ""}. ` +
      `Applied ${entry?.digest ?? ""}, file has ${file?.digest ?? ""}.`,
    {
      exitCode: exitCodes.failed,
      hint: "Restore the file, or add a new migration; then run: cowriedb migrate status",
    },
  );
}

async function applyProcedure(
  change: Change,
  procedure: Procedure,
  entries: readonly Entry[],
): Promise<void> {
  const began = performance.now();
  try {
    await change.execute(procedure.text);
  } catch (cause) {
    throw databaseError(cause, `apply procedures/${change.dialect}/${procedure.name}.sql`, "the store");
  }
  const known = entries.find(({ kind, name }) => kind === "procedure" && name === procedure.name);
  if (known?.digest === procedure.digest) return;
  await note(change, "procedure", "apply", { ...procedure, downDigest: null }, performance.now() - began);
}

async function forgetMissing(change: Change, status: SchemaStatus, entries: readonly Entry[]): Promise<void> {
  for (const standing of status.procedures.filter(({ state }) => state === "missing_file")) {
    const entry = entries.find(({ kind, name }) => kind === "procedure" && name === standing.name);
    if (entry !== undefined) await note(change, "procedure", "drop", { ...entry, downDigest: null }, 0);
  }
}

async function note(
  change: Change,
  kind: "migration" | "procedure",
  action: "up" | "down" | "apply" | "drop",
  subject: { name: string; digest: string; downDigest: string | null },
  durationMs: number,
): Promise<void> {
  await change.rows(ledgerAddEntry, {
    kind,
    name: subject.name,
    action,
    digest: subject.digest,
    down_digest: subject.downDigest,
    duration_ms: Math.round(durationMs),
    actor: actorName(),
    tool_version: toolVersion,
  });
}
