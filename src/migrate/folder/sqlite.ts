import { databaseError } from "../../db/database-error.ts";
import { countOf } from "../../db/read-only.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { CowriedbError } from "../../errors.ts";
import { rowsOfSqlite } from "../../sql/run.ts";
import { type FolderSession, type FolderTransaction } from "./session.ts";
import { brokenReferences, newlyBroken, type BrokenReferences } from "./broken-references.ts";
import { settingsBack } from "../files/frames.ts";
import { runStatements } from "../files/placed.ts";
import { touchesReferences } from "../files/references.ts";
import { compile } from "../procedures/sqlite-compile.ts";

/**
 * Changes of somebody's own SQLite database. BEGIN IMMEDIATE is the lock; what was broken before, as a view that names a
 * function of another program, is not held against a change.
 */
export function sqliteFolderSession(store: Sqlite): FolderSession {
  let written = 0;
  const transaction: FolderTransaction = {
    run: async (text) => {
      const before = changesOf(store);
      runFile(store, text);
      return Promise.resolve(changesOf(store) - before);
    },
    hasWritten: async () => Promise.resolve(changesOf(store) > written),
    count: async (text) =>
      Promise.resolve(Number((store.handle.prepare(countOf(text)).get() as { n: number }).n)),
    table: async (text) =>
      Promise.resolve(store.handle.prepare(text).raw().safeIntegers(true).all() as unknown[][]),
    // Everything is compiled behind them, before the commit.
    compile: async () => Promise.resolve(),
    keep: async (text) => {
      store.handle.exec(text);
      return Promise.resolve();
    },
    rows: async (query, parameters) => Promise.resolve(rowsOfSqlite(store, query, parameters)),
  };
  return {
    transaction: async (kind, work, texts) => {
      const isTouched = texts === undefined || texts.some(touchesReferences);
      const before = kind === "schema" ? faultsOf(store, isTouched) : undefined;
      // A change of a table may break a reference and mend it; a batch of rows may not.
      if (kind === "schema") store.handle.pragma("foreign_keys = off");
      try {
        store.handle.exec(kind === "read" ? "begin" : "begin immediate");
        written = changesOf(store);
        const result = await work(transaction);
        if (before !== undefined) refuseNewFaults(store, before);
        store.handle.exec("commit");
        return result;
      } catch (error) {
        if (store.handle.inTransaction) store.handle.exec("rollback");
        throw databaseError(error, "change the schema", store.name);
      } finally {
        if (kind === "schema") store.handle.pragma("foreign_keys = on");
      }
    },
    alone: async (text) => {
      runFile(store, text);
      return Promise.resolve();
    },
  };
}

/** Runs a file, and has what it sets of the connection end with it. */
function runFile(store: Sqlite, text: string): void {
  try {
    runStatements(store, text);
  } finally {
    for (const setting of settingsBack(text)) store.handle.exec(setting);
  }
}

function changesOf(store: Sqlite): number {
  return (store.handle.prepare("select total_changes() as n").get() as { n: number }).n;
}

interface Faults {
  /** Undefined where the change leaves all of them as they are, so that nobody need look at every row. */
  references: BrokenReferences | undefined;
  compiles: boolean;
}

function faultsOf(store: Sqlite, isTouched: boolean): Faults {
  const references = isTouched ? brokenReferences(store) : undefined;
  try {
    compile(store);
    return { references, compiles: true };
  } catch (error) {
    if (!(error instanceof CowriedbError)) throw error;
    return { references, compiles: false };
  }
}

function refuseNewFaults(store: Sqlite, before: Faults): void {
  const broken =
    before.references === undefined ? undefined : newlyBroken(before.references, brokenReferences(store));
  if (broken !== undefined) {
    const { table, rowid, parent } = broken;
    const row = rowid === null ? "a row" : `the row ${rowid}`;
    throw new CowriedbError(
      "migrate.foreign_key",
      `It breaks a foreign key: ${row} of ${table} refers to a row of ${parent} that is not there.`,
      { hint: "Its transaction was taken back. Mend the file, or the rows, and run the command again." },
    );
  }
  if (before.compiles) compile(store);
}
