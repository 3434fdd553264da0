import type { Database } from "./database.ts";

/** Runs a statement that the store itself has given as text, as the definition of an index; it gives no rows. */
export async function execute(database: Database, text: string): Promise<void> {
  if (database.dialect === "sqlite") database.handle.exec(text);
  else await database.sql.unsafe(text);
}
