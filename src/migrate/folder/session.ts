import type { Target } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import type { RunFile } from "./compile.ts";
import { usualPatience, type Patience } from "../patience.ts";
import type { Query } from "../../sql/run.ts";

/** What can be done inside a transaction that changes somebody's own schema. */
export interface FolderTransaction {
  /** Runs the statements of a file; gives how many rows they have changed. */
  run(text: string): Promise<number>;
  /** Whether anything was written in it, as by a function that a SELECT calls. */
  hasWritten(): Promise<boolean>;
  /** How many rows a query of the folder gives; no more than 100 are counted. */
  count(text: string): Promise<number>;
  /** The rows of a query that was made from the catalogs, each as a list. */
  table(text: string): Promise<unknown[][]>;
  /** Runs statements that make the ledger. */
  keep(text: string): Promise<void>;
  /** Throws `migrate.does_not_compile` where these files leave a routine that names what is not there. */
  compile(files: readonly RunFile[]): Promise<void>;
  /** A query on the ledger. */
  rows<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>;
}

/** Of rows alone; of the schema, where it is seen that no reference or view breaks; or of nothing. */
export type TransactionKind = "rows" | "schema" | "read";

/** A connection for changes of somebody's own schema, as that one's programs see it. */
export interface FolderSession {
  /** Runs `work` in one transaction and commits, or takes all back; of a schema `texts` are all that is run, where that is known. */
  transaction<T>(
    kind: TransactionKind,
    work: (transaction: FolderTransaction) => Promise<T>,
    texts?: readonly string[],
  ): Promise<T>;
  /** Runs a file outside of any transaction. */
  alone(text: string): Promise<void>;
}

/** Opens a session, which holds the lock of schema changes where the engine has one, runs `work` and closes it. */
export async function inFolderSession<T>(
  database: Database,
  target: Target,
  work: (session: FolderSession) => Promise<T>,
  patience: Patience = usualPatience,
): Promise<T> {
  if (database.dialect === "sqlite") {
    const { sqliteFolderSession } = await import("./sqlite.ts");
    return work(sqliteFolderSession(database));
  }
  if (target.dialect === "sqlite") throw new TypeError("a PostgreSQL database has a URL");
  const { inPostgresFolderSession } = await import("./postgres.ts");
  return inPostgresFolderSession(target.url, target.shown, patience, work);
}
