import { databaseError, isBusy, isLocked } from "../../db/database-error.ts";
import { CowriedbError, messageOf } from "../../errors.ts";
import { ledgerFolderEntries } from "../../sql/generated.ts";
import { ledgerName, type Folder, type FolderMigration, type Script } from "../files/folder-files.ts";
import { noteOne } from "../ledger.ts";
import type { Patience } from "../patience.ts";
import type { FolderSession, FolderTransaction } from "./session.ts";

export type Direction = "up" | "down";

/** How a change is stopped, and whom it tells of each batch. */
export interface FolderTalk {
  stop: { readonly requested: boolean };
  onBatch: (name: string, batches: number, rows: number) => void;
  /** Of whom it waits for. */
  patience?: Patience;
}

/** A migration that was run. */
export interface Ran {
  name: string;
  duration_ms: number;
  batches: number;
  rows: number;
}

/** What runs files: a folder's, on a session, in a direction. */
export interface Running {
  folder: Folder;
  session: FolderSession;
  direction: Direction;
  talk: FolderTalk;
  /** What the ledger is to keep of some, by their names. */
  reasons?: ReadonlyMap<string, string>;
  /** The file that is being run. */
  at?: string;
}

/** A batch that another program keeps from a SQLite file is tried again so often. */
const mostTries = 5;
/** How long others are let in between two batches: as long as the batch took, within these. */
const leastPauseMs = 25;
const mostPauseMs = 250;

/** Runs a migration, or several that share a transaction, and notes them in the ledger; gives those that were run to their end. */
export async function runGroup(running: Running, group: readonly FolderMigration[]): Promise<Ran[]> {
  const [first] = group;
  if (first === undefined) return [];
  const { transactions } = scriptOf(first, running.direction);
  if (transactions === "one") return runInOne(running, group);
  return transactions === "none" ? runAlone(running, first) : runBatches(running, first);
}

async function runInOne(running: Running, group: readonly FolderMigration[]): Promise<Ran[]> {
  const { folder, session, direction } = running;
  const texts = group.map((migration) => scriptOf(migration, direction).text);
  const work = async (transaction: FolderTransaction): Promise<Ran[]> => {
    const done: Ran[] = [];
    // Nobody else gets at the ledger until the commit.
    const isOver = await standingIn(running, transaction);
    for (const migration of group) {
      if (isOver(migration)) continue;
      running.at = migration.name;
      const began = performance.now();
      const rows = await transaction.run(scriptOf(migration, direction).text).catch((error: unknown) => {
        throw isBusy(error) ? error : failed(folder, migration.name, error);
      });
      const ran = { name: migration.name, duration_ms: elapsed(began), batches: 1, rows };
      await note(running, transaction, migration, ran.duration_ms);
      done.push(ran);
    }
    await transaction.compile(
      group.map((migration) => ({ name: migration.name, text: scriptOf(migration, direction).text })),
    );
    return done;
  };
  return session.transaction("schema", work, texts);
}

async function runAlone(running: Running, migration: FolderMigration): Promise<Ran[]> {
  const { folder, session, direction } = running;
  running.at = migration.name;
  const isOver = async (transaction: FolderTransaction): Promise<boolean> =>
    isDone(running, transaction, migration);
  if (await session.transaction("read", isOver)) return [];
  const began = performance.now();
  await session.alone(scriptOf(migration, direction).text).catch((error: unknown) => {
    throw failed(
      folder,
      migration.name,
      error,
      "An index that it left half built is dropped by the next run.",
    );
  });
  const ran = { name: migration.name, duration_ms: elapsed(began), batches: 1, rows: 0 };
  await session.transaction("rows", async (transaction) => {
    if (!(await isOver(transaction))) await note(running, transaction, migration, ran.duration_ms);
  });
  return [ran];
}

async function runBatches(running: Running, migration: FolderMigration): Promise<Ran[]> {
  const { folder, session, direction, talk } = running;
  const script = scriptOf(migration, direction);
  running.at = migration.name;
  const began = performance.now();
  const ran: Ran = { name: migration.name, duration_ms: 0, batches: 0, rows: 0 };
  for (let isLeft = true; isLeft;) {
    const from = performance.now();
    const batch = await tried(async () =>
      session.transaction("rows", async (transaction) => {
        if (await isDone(running, transaction, migration)) return { rows: 0, isLeft: false };
        const one = await runBatch(transaction, folder, migration.name, script);
        if (!one.isLeft) await note(running, transaction, migration, elapsed(began));
        return one;
      }),
    );
    isLeft = batch.isLeft;
    ran.batches++;
    ran.rows += batch.rows;
    ran.duration_ms = elapsed(began);
    talk.onBatch(migration.name, ran.batches, ran.rows);
    if (isLeft && talk.stop.requested) return [];
    if (isLeft) await pause(elapsed(from));
  }
  return [ran];
}

/** Another run may have been faster. */
async function isDone(
  running: Running,
  transaction: FolderTransaction,
  migration: FolderMigration,
): Promise<boolean> {
  return (await standingIn(running, transaction))(migration);
}

/** What the ledger says, asked once: whether a migration is where the change takes it. */
async function standingIn(
  { folder, direction }: Running,
  transaction: FolderTransaction,
): Promise<(migration: FolderMigration) => boolean> {
  const inForce = new Set((await transaction.rows(ledgerFolderEntries, {})).map(({ name }) => name));
  return ({ name }) => inForce.has(ledgerName(folder, name)) === (direction === "up");
}

/** What the database says of a file, as an error of ours. */
export function failed(folder: Folder, name: string, cause: unknown, left = takenBack): CowriedbError {
  const known = databaseError(cause, `run ${name} of ${folder.owner}`, "the database");
  if (known.code !== "db.failed" && !known.code.startsWith("WR")) return known;
  return new CowriedbError(
    "migrate.failed",
    `Migration ${name} of ${folder.owner} failed: ${messageOf(cause)}.`,
    { hint: `${detailOf(cause)}${left} Mend the file and run the command again.`, cause },
  );
}

const takenBack = "Its transaction was taken back.";

/** What PostgreSQL says beside, as the key that is there twice; the ledger does not keep it, since it has values. */
function detailOf(cause: unknown): string {
  const { detail, hint } = cause as { detail?: string; hint?: string };
  return [detail, hint]
    .flatMap((text) => (typeof text === "string" ? `${text.replace(/[.\s]*$/, "")}. ` : []))
    .join("");
}

function scriptOf({ name, up, down }: FolderMigration, direction: Direction): Script {
  const script = direction === "up" ? up : down;
  if (script === undefined) throw new TypeError(`${name} has no down file`);
  return script;
}

async function runBatch(
  transaction: FolderTransaction,
  folder: Folder,
  name: string,
  script: Script,
): Promise<{ rows: number; isLeft: boolean }> {
  try {
    const rows = await transaction.run(script.text);
    const isLeft = (await transaction.count(script.whileQuery)) > 0;
    if (rows === 0 && isLeft && !(await transaction.hasWritten())) {
      throw new CowriedbError(
        "migrate.no_progress",
        `A batch of ${name} of ${folder.owner} has changed nothing, and its While query still gives one: it would never end.`,
        { hint: "The batch was taken back. Have the file move on at each run." },
      );
    }
    return { rows, isLeft };
  } catch (error) {
    throw isBusy(error) ? error : failed(folder, name, error);
  }
}

async function tried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= mostTries || !isLocked(error)) throw error;
    }
  }
}

async function note(
  { folder, direction, reasons }: Running,
  transaction: FolderTransaction,
  migration: FolderMigration,
  durationMs: number,
): Promise<void> {
  const reason = reasons?.get(migration.name);
  await noteOne(transaction.rows, {
    kind: "migration",
    action: direction,
    name: ledgerName(folder, migration.name),
    digest: migration.up.digest,
    downDigest: migration.down?.digest ?? null,
    durationMs,
    ...(direction === "up" ? { body: migration.up.text } : {}),
    ...(reason === undefined ? {} : { reason }),
  });
}

function elapsed(began: number): number {
  return Math.round(performance.now() - began);
}

async function pause(workedMs: number): Promise<void> {
  await new Promise((resolve) =>
    setTimeout(resolve, Math.min(mostPauseMs, Math.max(leastPauseMs, workedMs))),
  );
}
