import type postgres from "postgres";
import type { Database } from "./database.ts";

/** Runs `work` on a store that stays as it is for it, whatever others commit meanwhile; `work` must not write. */
export async function inSnapshot<T>(
  database: Database,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (database.dialect === "postgres") {
    return (await database.sql.begin("isolation level repeatable read read only", (connection) =>
      work({ ...database, sql: connection as unknown as postgres.Sql }),
    )) as T;
  }
  database.handle.exec("begin");
  try {
    return await work(database);
  } finally {
    if (database.handle.inTransaction) database.handle.exec("commit");
  }
}
