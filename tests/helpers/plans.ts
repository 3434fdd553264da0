import { typed } from "./database.ts";
import type { Database } from "../../src/db/database.ts";

/**
 * The engine's plan; an empty PostgreSQL table would be scanned whole whatever its indexes, so that is made dear, and so is
 * with `isAlone` what goes from an index to the rows.
 */
export async function planOf(database: Database, text: string, isAlone = false): Promise<string> {
  if (database.dialect === "sqlite") {
    return (await typed(database, `explain query plan ${text}`))
      .map((row) => String(row["detail"]))
      .join("\n");
  }
  const rows = await database.sql.begin(async (sql) => {
    await sql`set local enable_seqscan = off`;
    if (isAlone) await sql`set local enable_bitmapscan = off`;
    return sql.unsafe(`explain ${text}`);
  });
  return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
}
