import { actorName } from "../actor.ts";
import type { Database } from "../db/database.ts";
import {
  ledgerAddEntry,
  ledgerCreateLedger,
  ledgerCurrentEntries,
  ledgerGrantRoles,
  ledgerLiveDependents,
  schemaLiveObjects,
  type SchemaLiveObjectsRow,
} from "../sql/generated.ts";
import { span, systemOf } from "../telemetry/spans.ts";
import { applyProcedure, compiledOnly } from "./apply.ts";
import type { Change, ChangeRunner } from "./engine.ts";
import { packageFiles, toolVersion, type Migration, type SchemaFiles } from "./files.ts";
import { dropProcedures } from "./renewal.ts";
import { takenBack, type Reach } from "./reach.ts";
import { heightsOf, readLedger, refuseNewer, refuseUnfit, statusOf, type Entry } from "./status.ts";
import { workOf, type Choose, type Work } from "./work.ts";

export { assertCurrent, schemaStatus, type Standing } from "./status.ts";

/** What a change of the schema did. */
export interface ChangeResult {
  migrations: { name: string; duration_ms: number }[];
  /** How many were made anew. */
  procedures: number;
  schema_version: string | null;
}

/** How a schema is brought up, beside the usual. */
export interface UpOptions {
  /** Other files than the package's. */
  files?: SchemaFiles;
  /** Which of the pending migrations are applied. */
  choose?: Choose;
}

/**
 * Applies what is pending and makes anew the procedures that have changed and those that cannot stay meanwhile, in one transaction.
 * `check` may refuse what it finds there before anything is changed.
 */
export async function migrateUp(
  database: Database,
  changes: ChangeRunner,
  check: (entries: Entry[], live: SchemaLiveObjectsRow[], chosen: string[]) => void = () => undefined,
  { files = packageFiles(database.dialect), choose }: UpOptions = {},
): Promise<ChangeResult> {
  return span("migrate.up", systemOf(database.dialect), async () =>
    changes(async (change) => {
      await change.rows(ledgerCreateLedger, {});
      const entries = (await change.rows(ledgerCurrentEntries, {})) as Entry[];
      const status = statusOf(database.dialect, entries, files);
      refuseUnfit(database, status, entries, files);
      const rows = await change.rows(ledgerLiveDependents, {});
      const work = workOf(database.dialect, files, entries, rows, choose);
      const chosen = work?.pending.map(({ name }) => name) ?? [];
      check(entries, await change.rows(schemaLiveObjects, { of_store: 1 }), chosen);
      if (work === undefined) {
        if (status.migrations.every(({ state }) => state === "applied"))
          await change.rows(ledgerGrantRoles, {});
        return { migrations: [], procedures: 0, schema_version: status.schema_version };
      }
      return doWork(change, work, files);
    }),
  );
}

async function doWork(change: Change, work: Work, files: SchemaFiles): Promise<ChangeResult> {
  for (const text of work.drops) await change.execute(text);
  const durations = await change.migrate(work.pending, "up");
  for (const migration of work.pending)
    await note(change, "migration", "up", migration, durations.get(migration.name) ?? 0);
  for (const procedure of work.files) {
    const durationMs = await applyProcedure(change, procedure);
    if (work.changed.has(procedure.name))
      await note(change, "procedure", "apply", { ...procedure, downDigest: null }, durationMs);
  }
  for (const entry of work.gone) await note(change, "procedure", "drop", { ...entry, downDigest: null }, 0);
  if (!work.isPart) {
    await compiledOnly(change, files);
    await change.rows(ledgerGrantRoles, {});
  }
  return {
    migrations: work.pending.map(({ name }) => ({ name, duration_ms: Math.round(durations.get(name) ?? 0) })),
    procedures: work.files.length,
    schema_version: work.pending.at(-1)?.name ?? work.status.schema_version,
  };
}

/** The migrations that so many steps down, or a way down to one of them, would take back, the last first. */
export async function downPlan(database: Database, reach: number | Reach): Promise<Migration[]> {
  const entries = await readLedger(database);
  const status = statusOf(database.dialect, entries);
  refuseNewer(status, database.name);
  const heights = heightsOf(database, entries);
  const names = takenBack(heights, typeof reach === "number" ? { to: "", count: reach } : reach);
  const standings = status.migrations.filter(({ name }) => names.includes(name));
  refuseUnfit(database, { ...status, migrations: standings }, entries);
  const files = new Map(packageFiles(database.dialect).migrations.map((file) => [file.name, file]));
  return names.flatMap((name) => files.get(name) ?? []);
}

/** Takes back the given migrations, in their order. All procedures are dropped; the next `migrate up` brings them again. */
export async function migrateDown(
  changes: ChangeRunner,
  migrations: readonly Migration[],
): Promise<ChangeResult> {
  return changes(async (change) => {
    const entries = (await change.rows(ledgerCurrentEntries, {})) as Entry[];
    const known = entries.filter(({ kind }) => kind === "procedure");
    await dropProcedures(
      change,
      known.map(({ name }) => name),
    );
    for (const entry of known) await note(change, "procedure", "drop", { ...entry, downDigest: null }, 0);
    const durations = await change.migrate(migrations.toReversed(), "down");
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
