import { CowriedbError } from "../errors.ts";
import { countRows } from "./open-to-read.ts";
import { quoted } from "./texts.ts";
import type { Database } from "./database.ts";
import type { Sqlite } from "./sqlite.ts";

/** Pages that are copied before others in this process have their turn: 4 MiB. */
const pagesAtOnce = 1024;

/**
 * Copies a SQLite store, page by page, as a transaction of its connection sees it: where one is open the copy is that
 * snapshot, however many others write meanwhile, and never begins anew. `isStopped` is asked between steps; throws
 * `backup.stopped` then. The copy is one file, without a write-ahead log.
 */
export async function copySqlite(store: Sqlite, path: string, isStopped: () => boolean): Promise<void> {
  await store.handle.backup(path, {
    progress: () => {
      if (isStopped())
        throw new CowriedbError("backup.stopped", "The backup was stopped; nothing is left of it.");
      return pagesAtOnce;
    },
  });
}

/** What the engine finds wrong with a file: nothing, or the first complaints. */
export function damagesOf({ handle }: Sqlite): string[] {
  const found = handle.pragma("integrity_check(10)") as { integrity_check: string }[];
  const broken = handle.pragma("foreign_key_check") as { table: string }[];
  return [
    ...found.map(({ integrity_check }) => integrity_check).filter((text) => text !== "ok"),
    ...broken.slice(0, 10).map(({ table }) => `a row of ${table} refers to nothing`),
  ];
}

/** Has a copy keep no write-ahead log beside it, so that it is one file. */
export function keepInOneFile({ handle }: Sqlite): void {
  handle.pragma("journal_mode = delete");
}

/** The number of rows of a table, which the catalog has named. */
export async function rowsOf(database: Database, table: string): Promise<number> {
  if (database.dialect === "sqlite") return countRows(database, table);
  const [row] = await database.sql.unsafe(`select count(*) as n from ${quoted(table)}`);
  return Number(row?.["n"]);
}
