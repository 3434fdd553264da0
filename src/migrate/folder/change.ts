import type { Target } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import { CowriedbError } from "../../errors.ts";
import { ledgerFolderEntries, schemaLiveObjects, type LedgerFolderEntriesRow } from "../../sql/generated.ts";
import { span, systemOf } from "../../telemetry/spans.ts";
import { appliedOfFolder } from "../applied-files.ts";
import { headerOf } from "../files/files.ts";
import {
  folderHeights,
  folderStatusOf,
  groupsOf,
  isContract,
  pendingOf,
  readFolderLedger,
  refuseOtherFolder,
} from "./folder.ts";
import { folderBasis } from "./plan.ts";
import { ledgerName, type Folder, type FolderMigration } from "../files/folder-files.ts";
import { failed, runGroup, type FolderTalk, type Ran, type Running } from "./run.ts";
import { makeLedger, missingOf } from "./ledger.ts";
import { isChained, noteOne } from "../ledger.ts";
import { refuseStale } from "../costs/live.ts";
import { refuseUnfilled } from "./phases.ts";
import { lateReasons, takenBack, type Reach } from "../reach.ts";
import { inFolderSession, type FolderSession } from "./session.ts";

/** What a change of somebody's own schema has done. */
export interface FolderChange {
  owner: string;
  migrations: Ran[];
  procedures: 0;
  schema_version: string | null;
}

/** What is said of a change beside how far it goes. */
export interface FolderUpOptions {
  /** The plan that was looked at; nothing else is done. */
  plan?: string;
  /** Whether migrations that lie before an applied one are applied too. */
  allowsLate?: boolean;
}

/** Applies what is pending, up to and with `last`. Files that are next to each other go in one transaction where they may. */
export async function folderUp(
  database: Database,
  target: Target,
  folder: Folder,
  last: string,
  talk: FolderTalk,
  { plan = "", allowsLate = false }: FolderUpOptions = {},
): Promise<FolderChange> {
  return span("migrate.up", systemOf(database.dialect), async () =>
    inFolderSession(
      database,
      target,
      async (session) => {
        await session.transaction("rows", async (transaction) => {
          const missing = await missingOf(transaction.rows);
          if (plan !== "") {
            const entries = missing.ledger ? [] : await transaction.rows(ledgerFolderEntries, {});
            const live = await transaction.rows(schemaLiveObjects, { of_store: 0 });
            const chosen = pendingOf(database, folder, entries, last, allowsLate);
            refuseStale(plan, folderBasis(folder, chosen, entries, live));
          }
          await makeLedger(transaction, database.dialect, missing, folder);
        });
        const entries = await entriesIn(session);
        const pending = pendingOf(database, folder, entries, last, allowsLate);
        const reasons = lateReasons(folderStatusOf(database.dialect, folder, entries));
        const running = { folder, session, direction: "up" as const, talk, reasons };
        const done: Ran[] = [];
        for (const group of groupsOf(pending)) {
          if (talk.stop.requested) break;
          await withDone(done, "Applied", async () => {
            if (isContract(group[0])) refuseUnfilled(folder, await brokenOn(session, folder));
            done.push(...(await runNoting(running, group)));
          });
        }
        return resultOf(database, folder, session, done);
      },
      talk.patience,
    ),
  );
}

/**
 * The migrations that so many steps down, or a way down to one of them, take back, the last first, as they were applied: an up file that
 * was edited since has changed nothing. Throws `migrate.no_down`.
 */
export async function folderDownPlan(
  database: Database,
  folder: Folder,
  reach: number | Reach = 1,
): Promise<FolderMigration[]> {
  const entries = await readFolderLedger(database);
  refuseOtherFolder(database, folder, entries);
  const heights = folderHeights(folder, entries);
  const names = takenBack(heights, typeof reach === "number" ? { to: "", count: reach } : reach);
  const applied = await appliedOfFolder(database, folder, entries);
  const files = new Map(applied.migrations.map((file) => [file.name, file]));
  const migrations = names.flatMap((name) => files.get(name) ?? []);
  const stuck = migrations.find(({ down }) => down === undefined);
  if (stuck !== undefined) {
    throw new CowriedbError(
      "migrate.no_down",
      `Migration ${stuck.name} of ${folder.owner} has no down file: it cannot be taken back.`,
      { hint: `Nothing was changed. Write ${stuck.name}.down.sql, or restore a backup.` },
    );
  }
  return migrations;
}

/** Takes migrations back, in their order. */
export async function folderDown(
  database: Database,
  target: Target,
  folder: Folder,
  migrations: readonly FolderMigration[],
  talk: FolderTalk,
): Promise<FolderChange> {
  return inFolderSession(
    database,
    target,
    async (session) => {
      const running = { folder, session, direction: "down" as const, talk };
      const done: Ran[] = [];
      for (const group of groupsOf(migrations, "down")) {
        if (talk.stop.requested) break;
        await withDone(done, "Taken back", async () => void done.push(...(await runNoting(running, group))));
      }
      return resultOf(database, folder, session, done);
    },
    talk.patience,
  );
}

/** Runs the verify query of every applied migration that has one, until the migration that its header names; gives those that return rows. */
export async function folderVerify(
  database: Database,
  target: Target,
  folder: Folder,
): Promise<{ name: string; rows: number }[]> {
  if ((await readFolderLedger(database)).length === 0) return [];
  return inFolderSession(database, target, async (session) => brokenOn(session, folder));
}

async function brokenOn(session: FolderSession, folder: Folder): Promise<{ name: string; rows: number }[]> {
  return session.transaction("read", async (transaction) => {
    const entries = await transaction.rows(ledgerFolderEntries, {});
    const applied = new Set(entries.map(({ name }) => name));
    const isApplied = (name: string): boolean => applied.has(ledgerName(folder, name));
    const found: { name: string; rows: number }[] = [];
    for (const { name, verify } of folder.migrations) {
      if (verify === undefined || !isApplied(name) || isApplied(headerOf(verify, "Until"))) continue;
      const rows = await transaction.count(verify).catch((error: unknown) => {
        throw failed(folder, `${name}.sql of verify`, error);
      });
      if (rows > 0) found.push({ name, rows });
    }
    return found;
  });
}

/** Says of an error what was done before it by the same command. */
async function withDone(done: readonly Ran[], what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (done.length === 0 || !(error instanceof CowriedbError)) throw error;
    const { code, message, exitCode, hint = "" } = error;
    const before = `${what} before it: ${done.map(({ name }) => name).join(", ")}.`;
    const cause = error.cause ?? error;
    throw new CowriedbError(code, message, { exitCode, hint: `${hint} ${before}`.trim(), cause });
  }
}

/** Runs files; where one fails that is noted, with the reason, and is all that is left of it. */
async function runNoting(running: Running, group: readonly FolderMigration[]): Promise<Ran[]> {
  try {
    return await runGroup(running, group);
  } catch (cause) {
    const error = placedBehind(group, cause);
    const at = running.at ?? group[0]?.name;
    if (at !== undefined && error instanceof CowriedbError && error.code.startsWith("migrate.")) {
      const name = ledgerName(running.folder, at);
      const reason = `${error.code}: ${error.message}`;
      await running.session.transaction("rows", async ({ rows }) => {
        if (await isChained(rows))
          await noteOne(rows, { kind: "migration", action: "fail", name, digest: "", reason });
      });
    }
    throw error;
  }
}

/** What is seen of a whole transaction at its end, as a broken reference, with the files that were run in it. */
function placedBehind(group: readonly FolderMigration[], error: unknown): unknown {
  const names = group.map(({ name }) => name);
  if (!(error instanceof CowriedbError) || !/^migrate\.(foreign_key|does_not_compile)$/.test(error.code))
    return error;
  const { code, message, exitCode, hint = "", cause } = error;
  if (names.some((name) => message.includes(name))) return error;
  return new CowriedbError(code, `Behind ${names.join(", ")}: ${message}`, { exitCode, hint, cause });
}

async function entriesIn(session: FolderSession): Promise<LedgerFolderEntriesRow[]> {
  return session.transaction("read", async (transaction) => transaction.rows(ledgerFolderEntries, {}));
}

async function resultOf(
  database: Database,
  folder: Folder,
  session: FolderSession,
  done: Ran[],
): Promise<FolderChange> {
  const { schema_version } = folderStatusOf(database.dialect, folder, await entriesIn(session));
  return { owner: folder.owner, migrations: done, procedures: 0, schema_version };
}
