import type { Postgres } from "../../db/postgres.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { CowriedbError, exitCodes } from "../../errors.ts";
import { provePart, proveRows, type PartProof } from "./proof-part.ts";
import type { CopiedTable } from "../rows/tables.ts";

/** What has followed into a table: rows by their keys, and parts behind those that were there. */
export interface Followed {
  table: CopiedTable;
  keys: readonly string[];
  parts: readonly { after: string | null; last: string | null }[];
}

/** Keys of rows that have changed, by their tables. */
export type Touched = Map<string, string[]>;

/** Notes that rows have changed. */
export function touch(touched: Touched, table: string, keys: readonly string[]): void {
  const known = touched.get(table);
  if (known === undefined && keys.length > 0) touched.set(table, [...keys]);
  else for (const key of keys) known?.push(key);
}

/** Rows that are compared by one statement. */
const rowsAtOnce = 500;

/**
 * Compares what has followed with the source, which nobody may change meanwhile, in every column. Throws `hydrate.differs` where
 * it is not the same.
 */
export async function assertFollowed(
  source: Sqlite,
  target: Postgres,
  { table, keys, parts }: Followed,
): Promise<void> {
  for (let from = 0; from < keys.length; from += rowsAtOnce)
    assertSame(source, target, await proveRows(source, target, table, keys.slice(from, from + rowsAtOnce)));
  for (const { after, last } of parts)
    assertSame(source, target, await provePart(source, target, { table, after, last, isDigested: false }));
}

function assertSame(source: Sqlite, target: Postgres, { differences, difference_count }: PartProof): void {
  const [first] = differences;
  if (first === undefined) return;
  const { table_name, row_key, column_name, problem } = first;
  const more = difference_count > 1 ? `, and ${difference_count - 1} more` : "";
  throw new CowriedbError(
    "hydrate.differs",
    `${table_name} ${row_key} has followed into ${target.name} and is not as it is in ${source.name}: ${[column_name, problem].filter((word) => word !== "").join(" ")}${more}.`,
    {
      exitCode: exitCodes.differences,
      hint: "Nothing was cut over. Run the command without --cutover: it copies such rows again, and names every difference.",
    },
  );
}
