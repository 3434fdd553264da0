import type { Database } from "../db/database.ts";
import {
  ledgerCreateLedger,
  ledgerCurrentEntries,
  ledgerGrantRoles,
  ledgerHasLedger,
  ledgerLetRead,
  ledgerLiveDependents,
  ledgerReleaseRoles,
  schemaLiveObjects,
  type SchemaLiveObjectsRow,
} from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { CowriedbError } from "../errors.ts";
import { span, systemOf } from "../telemetry/spans.ts";
import { appliedMigrations } from "./applied-files.ts";
import { applyProcedure, compiledOnly } from "./procedures/apply.ts";
import type { Change, ChangeRunner } from "./procedures/engine.ts";
import { packageFiles, type Migration, type SchemaFiles } from "./files/files.ts";
import { addNote, chainMigration, isChained, linkOldEntries, noteOne, setHead } from "./ledger.ts";
import { dropProcedures } from "./procedures/renewal.ts";
import { placeOf, refuseHalf, refuseRetired, withoutGuards } from "./place.ts";
import { lateReasons, takenBack, type Reach } from "./reach.ts";
import { heightsOf, readLedger, refuseNewer, refuseUnfit, statusOf, type Entry } from "./status.ts";
import { goesWithoutProcedures, workOf, type Choose, type Work } from "./work.ts";

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
  let target = "";
  const work = async (): Promise<ChangeResult> =>
    changes(async (change) => {
      await change.rows(ledgerCreateLedger, {});
      const entries = (await change.rows(ledgerCurrentEntries, {})) as Entry[];
      const status = statusOf(database.dialect, entries, files);
      refuseUnfit(database, status, entries, files);
      const place = await placeOf(change.rows, entries);
      const rows = await change.rows(ledgerLiveDependents, {});
      const todo = workOf(database.dialect, files, entries, rows, choose);
      const chosen = todo?.pending.map(({ name }) => name) ?? [];
      check(entries, await change.rows(schemaLiveObjects, { of_store: 1 }), chosen);
      if (todo === undefined) {
        if (status.migrations.every(({ state }) => state === "applied"))
          await change.rows(ledgerGrantRoles, {});
        return { migrations: [], procedures: 0, schema_version: status.schema_version };
      }
      refuseHalf(database.name, place);
      if (todo.isPart) refuseRetired(database.name, place);
      target = todo.pending.at(-1)?.name ?? status.schema_version ?? "";
      return withoutGuards(change, place, async () => doWork(change, todo, files));
    });
  return span("migrate.up", systemOf(database.dialect), async () =>
    notingFailure(changes, () => target, work),
  );
}

/** Whether the files are to blame, and not a lock, a full disk or a lost connection. */
function isOfFiles(error: unknown): error is CowriedbError {
  return (
    error instanceof CowriedbError && /^migrate\.(failed|does_not_compile|foreign_\w+)$/.test(error.code)
  );
}

/** Does `work`, and keeps in the ledger that a change of `target` was tried and why nothing came of it; that is all that is left of it. */
async function notingFailure<T>(
  changes: ChangeRunner,
  target: () => string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (target() !== "" && isOfFiles(error)) {
      const reason = `${error.code}: ${error.message}`;
      await changes(async ({ rows }) => {
        const hasLedger = Number((await rows(ledgerHasLedger, {}))[0]?.found) > 0;
        if (hasLedger && (await isChained(rows)))
          await noteOne(rows, { kind: "migration", action: "fail", name: target(), digest: "", reason });
      });
    }
    throw error;
  }
}

async function doWork(change: Change, work: Work, files: SchemaFiles): Promise<ChangeResult> {
  for (const text of work.drops) await change.execute(text);
  if (goesWithoutProcedures(work)) await change.rows(ledgerReleaseRoles, {});
  const durations = await change.migrate(work.pending, "up");
  const chained = await isChained(change.rows);
  if (chained && work.pending.some(({ name }) => name === chainMigration))
    await linkOldEntries(change.rows, files.migrations);
  const reasons = lateReasons(work.status);
  for (const { name, digest, downDigest, upText } of work.pending) {
    const durationMs = durations.get(name) ?? 0;
    const reason = reasons.get(name);
    await addNote(change.rows, chained, {
      ...{ kind: "migration", action: "up", name, digest, downDigest, durationMs, body: upText },
      ...(reason === undefined ? {} : { reason }),
    });
  }
  for (const procedure of work.files) {
    const durationMs = await applyProcedure(change, procedure);
    const { name, digest } = procedure;
    if (work.changed.has(name))
      await addNote(change.rows, chained, { kind: "procedure", action: "apply", name, digest, durationMs });
  }
  for (const { name, digest } of work.gone)
    await addNote(change.rows, chained, { kind: "procedure", action: "drop", name, digest });
  await setHead(change.rows, chained);
  if (!work.isPart) await compiledOnly(change, files);
  await change.rows(work.isPart ? ledgerLetRead : ledgerGrantRoles, {});
  return {
    migrations: work.pending.map(({ name }) => ({ name, duration_ms: Math.round(durations.get(name) ?? 0) })),
    procedures: work.files.length,
    schema_version: work.pending.at(-1)?.name ?? work.status.schema_version,
  };
}

/**
 * The migrations that so many steps down, or a way down to one of them, would take back, the last first, as they were applied: an up file
 * that was edited since has changed nothing.
 */
export async function downPlan(database: Database, reach: number | Reach): Promise<Migration[]> {
  const entries = await readLedger(database);
  const status = statusOf(database.dialect, entries);
  refuseNewer(status, database.name);
  const place = await placeOf(async (query, parameters) => many(database, query, parameters), entries);
  refuseHalf(database.name, place);
  refuseRetired(database.name, place);
  const heights = heightsOf(database, entries);
  const names = takenBack(heights, typeof reach === "number" ? { to: "", count: reach } : reach);
  const { migrations } = await appliedMigrations(database, entries);
  const files = new Map(migrations.map((file) => [file.name, file]));
  return names.flatMap((name) => files.get(name) ?? []);
}

/** Takes back the given migrations, in their order. All procedures are dropped; the next `migrate up` brings them again. */
export async function migrateDown(
  changes: ChangeRunner,
  migrations: readonly Migration[],
): Promise<ChangeResult> {
  return notingFailure(
    changes,
    () => migrations.at(-1)?.name ?? "",
    async () => downIn(changes, migrations),
  );
}

async function downIn(changes: ChangeRunner, migrations: readonly Migration[]): Promise<ChangeResult> {
  return changes(async (change) => {
    const entries = (await change.rows(ledgerCurrentEntries, {})) as Entry[];
    const known = entries.filter(({ kind }) => kind === "procedure");
    await dropProcedures(
      change,
      known.map(({ name }) => name),
    );
    const chained = await isChained(change.rows);
    for (const { name, digest } of known)
      await addNote(change.rows, chained, { kind: "procedure", action: "drop", name, digest });
    const durations = await change.migrate(migrations.toReversed(), "down");
    // The chain may be what was taken back.
    const isStill = await isChained(change.rows);
    for (const { name, digest, downDigest } of migrations) {
      const durationMs = durations.get(name) ?? 0;
      await addNote(change.rows, isStill, {
        ...{ kind: "migration", action: "down", name, digest, downDigest, durationMs },
      });
    }
    await setHead(change.rows, isStill);
    await change.rows(ledgerLetRead, {});
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
