import type { Database } from "../../db/database.ts";
import { rowsOfText, runText } from "../../db/texts.ts";
import { many, type Query } from "../../sql/run.ts";
import type { FolderSession } from "../folder/session.ts";
import type { Dialect } from "../files/names.ts";

/** A throw-away database on which something is proved. */
export interface ProvingGround {
  dialect: Dialect;
  /** Runs one statement in a transaction of its own. */
  run(text: string): Promise<void>;
  /** The rows of a query that stands in no file, each as a list of texts. */
  table(text: string): Promise<(string | null)[][]>;
  rows<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>;
}

/** The ground of a store, over a connection to it as any of its programs has. */
export function groundOfStore(database: Database): ProvingGround {
  return {
    dialect: database.dialect,
    run: async (text) => void (await runText(database, text)),
    table: async (text) => textsOf(await rowsOfText(database, text)),
    rows: async (query, parameters) => many(database, query, parameters),
  };
}

/** The ground of a folder, over the session that runs its files. */
export function groundOfFolder(dialect: Dialect, session: FolderSession): ProvingGround {
  return {
    dialect,
    run: async (text) =>
      void (await session.transaction("rows", async (transaction) => transaction.run(text))),
    table: async (text) =>
      textsOf(await session.transaction("read", async (transaction) => transaction.table(text))),
    rows: async (query, parameters) =>
      session.transaction("read", async (transaction) => transaction.rows(query, parameters)),
  };
}

/** Such queries give texts alone, and whole numbers. */
function textsOf(rows: readonly unknown[][]): (string | null)[][] {
  return (rows as (string | bigint | null)[][]).map((row) =>
    row.map((value) => (value === null ? null : String(value))),
  );
}
