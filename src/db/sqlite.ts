import DatabaseHandle from "better-sqlite3";
import { existsSync, statSync } from "node:fs";
import { CowriedbError } from "../errors.ts";
import { visible } from "../term.ts";
import { databaseError, isRetryable } from "./database-error.ts";
import { setPragmas, type JournalMode } from "./pragmas.ts";

/** A SQLite store that is open. */
export interface Sqlite {
  dialect: "sqlite";
  handle: DatabaseHandle.Database;
  /** The name of the store as it may be printed. */
  name: string;
  path: string;
  journal: JournalMode;
}

/** How to open a SQLite store. */
export interface SqliteOptions {
  /** Make the file where it does not exist; else a missing file is an error. */
  create?: boolean;
  readonly?: boolean;
  /** The option that names a store which is to be there: who has mistyped it wants no new one. */
  word?: string | undefined;
  /** Only to be closed again, so that an empty write-ahead log goes; changes nothing. */
  sweeping?: boolean;
}

/**
 * Opens a SQLite store and sets its PRAGMAs. Throws `db.no_store` when the file is missing and may not be made, and the
 * codes of `databaseError` when it cannot be opened.
 */
export function openSqlite(path: string, options: SqliteOptions = {}): Sqlite {
  const name = visible(path);
  if (options.create !== true && path !== ":memory:" && !existsSync(path)) {
    throw new CowriedbError("db.no_store", `There is no store at ${name}.`, {
      hint: options.word === undefined ? `Run: cowriedb init --db ${name}` : `Check ${options.word}.`,
    });
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new CowriedbError("db.cannot_open", `${name} is a folder, and no database.`, {
      hint: "Give the file in it: --db FILE",
    });
  }
  try {
    const handle = new DatabaseHandle(path, { readonly: options.readonly === true });
    if (options.sweeping === true) {
      handle.pragma("query_only = on");
      return { dialect: "sqlite", handle, name, path, journal: readJournal(handle) };
    }
    if (options.create === true) handle.pragma("page_size = 4096");
    const journal =
      options.readonly === true
        ? readJournal(handle)
        : setPragmas(handle, options.create === true || isStore(handle) ? "wal" : "keep");
    return { dialect: "sqlite", handle, name, path, journal };
  } catch (error) {
    throw databaseError(error, "open the store", name);
  }
}

/** Another store in memory, with all that is in one. */
export function copyInMemory({ handle, ...store }: Sqlite): Sqlite {
  const copy = new DatabaseHandle(handle.serialize());
  return { ...store, handle: copy, journal: setPragmas(copy, "keep") };
}

/**
 * Takes away the empty write-ahead log that a reader leaves beside a file in WAL mode: whoever closes it last and may write
 * does so, under SQLite's own locks, and writes nothing to the file.
 */
export function sweepLog(path: string): void {
  if (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size !== 0) return;
  try {
    openSqlite(path, { sweeping: true }).handle.close();
  } catch {
    // Somebody else is at the file, or this user may not write to it: the log is empty and does no harm.
  }
}

/** Whether a file holds a store; in another's database the journal is kept as its owner wants it. */
function isStore(handle: DatabaseHandle.Database): boolean {
  handle.pragma("busy_timeout = 10000");
  return (handle.pragma("table_info(raw_events)") as unknown[]).length > 0;
}

/** Runs `work` in one transaction begun with the write lock; it must be synchronous. */
export function inTransaction<T>(store: Sqlite, work: () => T): T {
  store.handle.exec("begin immediate");
  try {
    const result = work();
    store.handle.exec("commit");
    return result;
  } catch (error) {
    // A full disk has rolled back already.
    if (store.handle.inTransaction) store.handle.exec("rollback");
    throw error;
  }
}

/** A number that is another one after a different connection has committed; this one's own commits leave it as it is. */
export function dataVersion(store: Sqlite): number {
  return Number(store.handle.pragma("data_version", { simple: true }));
}

/** Has a connection make do with a smaller cache while others read for it; gives what it has again when called. */
export function makeDo({ handle }: Sqlite, cacheKibibytes: number): () => void {
  const known = Number(handle.pragma("cache_size", { simple: true }));
  handle.pragma(`cache_size = ${-cacheKibibytes}`);
  return () => handle.pragma(`cache_size = ${known}`);
}

/**
 * Has a connection that is in no transaction sort on disk: in memory an index takes what all its entries take. Gives what it has
 * again when called.
 */
export function sortOnDisk({ handle }: Sqlite): () => void {
  const known = Number(handle.pragma("temp_store", { simple: true }));
  handle.pragma("temp_store = file");
  return () => handle.pragma(`temp_store = ${known}`);
}

function readJournal(handle: DatabaseHandle.Database): JournalMode {
  handle.pragma("cache_size = -24000");
  handle.pragma("busy_timeout = 10000");
  return handle.pragma("journal_mode", { simple: true }) === "wal" ? "wal" : "delete";
}

/** The connection that this thread checkpoints with. */
let checkpointed: { path: string; handle: DatabaseHandle.Database } | undefined;

/**
 * Copies into a SQLite store what commits have put into its write-ahead log. Meant for a thread beside the writer's:
 * PASSIVE waits for nobody and nobody waits for it. Measured on 1.28 million events, a writer whose checkpoints are made
 * for it needs 25 µs an event, and 28 where it makes them itself.
 *
 * Throws what `databaseError` makes of a failure. A caller must not go on then: after a failed fsync the next one may
 * succeed though the bytes are lost. (The checkpoints of `wal_autocheckpoint` fail without a word.)
 */
export function checkpoint(path: string): void {
  try {
    if (checkpointed?.path !== path) {
      checkpointed?.handle.close();
      checkpointed = { path, handle: new DatabaseHandle(path, { fileMustExist: true, timeout: 0 }) };
      checkpointed.handle.pragma("synchronous = normal");
    }
    checkpointed.handle.pragma("wal_checkpoint(passive)");
  } catch (error) {
    if (!isRetryable(error)) throw checkpointError(error, visible(path));
  }
}

/** Copies the write-ahead log into the store at the end of the work: closing would do it too, and keep failures to itself. */
export function checkpointAtEnd(store: Sqlite): void {
  try {
    if (store.journal === "wal") store.handle.pragma("wal_checkpoint(passive)");
  } catch (error) {
    if (!isRetryable(error)) throw checkpointError(error, store.name);
  }
}

function checkpointError(error: unknown, name: string): CowriedbError {
  return databaseError(error, "make a checkpoint", name);
}
