import type { Database, Parameter } from "../../db/database.ts";
import { CowriedbError } from "../../errors.ts";
import {
  hydrateColumns,
  hydrateTexts,
  type HydrateColumnsRow,
  type HydrateTextsRow,
} from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { targetColumns } from "../../sql/target-shape.ts";

/** A column that is copied. */
export interface CopiedColumn {
  name: string;
  /** Its type in PostgreSQL, as the catalogs name it. */
  type: string;
  /** Its type in SQLite. */
  sqliteType: string;
  /** Its name in SQLite; a rowid has another one. */
  expression: string;
  /** Its place in the key that parts are cut by, from 1; 0 for other columns. */
  key: number;
}

/** A table that is copied; columns are in the order of their names, which is that of the rows on the wire. */
export interface CopiedTable {
  name: string;
  columns: CopiedColumn[];
}

/** Between which keys a part of a table lies: behind one, up to another, which is in it. */
export type Bounds = "none" | "after" | "upto" | "both";

/** The types of SQLite, and those of PostgreSQL that hold what they hold. */
const pairs = new Set([
  ...["text text", "text jsonb", "text timestamp with time zone", "blob bytea", "real double precision"],
  ...["integer bigint", "integer integer", "integer boolean"],
]);

/**
 * The tables that are copied, found in the catalogs of both stores. Throws `hydrate.schema_differs` where one has a table or
 * column that the other has not, or whose values the other cannot hold, and no exception says why.
 */
export async function tablesToCopy(source: Database, target: Database): Promise<CopiedTable[]> {
  return tablesOfBoth(source, target, false);
}

/** The same tables where the target is no store yet, and will be one of today. */
export async function tablesOfToday(source: Database, target: Database): Promise<CopiedTable[]> {
  return matched(source, target, [await columnsOf(source), targetColumns], false);
}

/** The same tables with the columns that each store computes too, which a copy leaves to it. */
export async function tablesToProve(source: Database, target: Database): Promise<CopiedTable[]> {
  return tablesOfBoth(source, target, true);
}

async function tablesOfBoth(
  source: Database,
  target: Database,
  withComputed: boolean,
): Promise<CopiedTable[]> {
  const [lite, server] = source.dialect === "sqlite" ? [source, target] : [target, source];
  return matched(lite, server, [await columnsOf(lite), await columnsOf(server)], withComputed);
}

function matched(
  lite: Database,
  server: Database,
  [ours, theirs]: readonly [readonly HydrateColumnsRow[], readonly HydrateColumnsRow[]],
  withComputed: boolean,
): CopiedTable[] {
  const problems: string[] = [];
  const known = new Set(theirs.map(placeOf));
  for (const column of ours)
    if (column.reason === "" && !known.has(placeOf(column)))
      problems.push(`${placeOf(column)} is not in ${server.name}`);
  const inSqlite = new Map(ours.map((column) => [placeOf(column), column]));
  const tables = new Map<string, CopiedTable>();
  for (const column of theirs.filter(({ reason }) => reason === "")) {
    const from = inSqlite.get(placeOf(column));
    if (from === undefined) {
      problems.push(`${placeOf(column)} is not in ${lite.name}`);
      continue;
    }
    if (Boolean(column.is_generated) !== Boolean(from.is_generated)) {
      problems.push(`${placeOf(column)} is computed in one store alone`);
      continue;
    }
    if (column.is_generated && !withComputed) continue;
    const copied = copiedColumn(from, column);
    if (!pairs.has(`${copied.sqliteType} ${copied.type}`))
      problems.push(`${placeOf(column)} is ${copied.sqliteType} here and ${copied.type} there`);
    const table = tables.get(column.table_name) ?? { name: column.table_name, columns: [] };
    tables.set(table.name, table);
    table.columns.push(copied);
  }
  if (problems.length > 0) throw differs(lite, server, problems);
  return [...tables.values()];
}

async function columnsOf(database: Database): Promise<HydrateColumnsRow[]> {
  return many(database, hydrateColumns, {});
}

function placeOf({ table_name, column_name }: HydrateColumnsRow): string {
  return `${table_name}.${column_name}`;
}

function copiedColumn(lite: HydrateColumnsRow, server: HydrateColumnsRow): CopiedColumn {
  return {
    name: server.column_name,
    type: server.type_name,
    sqliteType: lite.type_name,
    expression: lite.is_rowid ? "rowid" : lite.column_name,
    key: Number(lite.key_position),
  };
}

function differs(source: Database, target: Database, problems: readonly string[]): CowriedbError {
  const more = problems.length > 5 ? `, and ${problems.length - 5} more` : "";
  return new CowriedbError(
    "hydrate.schema_differs",
    `${source.name} and ${target.name} do not have the same tables: ${problems.slice(0, 5).join("; ")}${more}.`,
    { hint: "Take away what is not of cowriedb, or bring both to one version: cowriedb migrate status" },
  );
}

/** The statements that read and write a part of a table in one of the stores. */
export async function textsOf(
  database: Database,
  table: CopiedTable,
  bounds: Bounds,
): Promise<HydrateTextsRow> {
  const columns = table.columns.map(({ name, type, expression, key }) => ({
    name,
    expression: database.dialect === "sqlite" ? expression : name,
    type: type === "jsonb" || type === "timestamp with time zone" ? "text" : type,
    key,
  }));
  return one(database, hydrateTexts, { table_name: table.name, columns: JSON.stringify(columns), bounds });
}

/** A key as it is kept: its values as texts, in JSON. */
export function keyText(values: readonly unknown[]): string {
  return JSON.stringify(values.map(String));
}

/** The values of a key as they are bound; null is before the first one. */
export function keyValues(table: CopiedTable, ...keys: readonly (string | null)[]): Parameter[] {
  const types = table.columns.filter(({ key }) => key > 0).sort((a, b) => a.key - b.key);
  return keys.flatMap((key) =>
    key === null
      ? []
      : (JSON.parse(key) as string[]).map((text, index) =>
          types[index]?.sqliteType === "integer" ? BigInt(text) : text,
        ),
  );
}

/** Which of two keys of a table comes first: less than 0 for `a`. */
export function compareKeys(table: CopiedTable, a: string, b: string): number {
  const [ours, theirs] = [keyValues(table, a), keyValues(table, b)];
  for (const [index, value] of ours.entries()) {
    const other = theirs[index];
    if (value === other) continue;
    if (typeof value === "bigint") return value < (other as bigint) ? -1 : 1;
    return Buffer.compare(Buffer.from(value as string), Buffer.from(other as string));
  }
  return 0;
}

/** Between which keys a part lies, as `textsOf` wants it. */
export function boundsOf(after: string | null, upTo: string | null): Bounds {
  if (after === null) return upTo === null ? "none" : "upto";
  return upTo === null ? "after" : "both";
}
