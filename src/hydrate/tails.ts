import type { Database } from "../db/database.ts";
import { rowsOfText } from "../db/texts.ts";
import { keyValues, textsOf, type CopiedTable } from "./rows/tables.ts";

/** How many rows of a table stand behind a key; all of them behind null. */
export async function countBehind(
  database: Database,
  table: CopiedTable,
  after: string | null,
): Promise<number> {
  const { count_text: text } = await textsOf(database, table, after === null ? "none" : "after");
  const [[count] = []] = await rowsOfText(database, text, keyValues(table, after));
  return Number(count ?? 0);
}
