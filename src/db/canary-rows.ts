import { quoted } from "./texts.ts";

// Statements on tables of which the catalogs alone know; names come from there, values are literals.

/** A row that is to be put into a table, as literals by column. */
export type Literals = ReadonlyMap<string, string>;

/** The statement that puts a row into a table, whose name is quoted as the engine wants it. */
export function insertText(table: string, row: Literals): string {
  if (row.size === 0) return `insert into ${table} default values`;
  const columns = [...row.keys()].map(quoted).join(", ");
  return `insert into ${table} (${columns}) values (${[...row.values()].join(", ")})`;
}

/** The query that gives the columns of all rows of a table as literals, so that nothing of a value or its type is lost. */
export function rowsText(dialect: "sqlite" | "postgres", table: string, columns: readonly string[]): string {
  const told = columns.map((column) =>
    dialect === "sqlite" ? `quote(${quoted(column)})` : `quote_nullable(${quoted(column)}::text)`,
  );
  return `select ${told.join(", ")} from ${table}`;
}

/** The query that gives columns of one row of a SQLite table, by its number. */
export function rowText(table: string, columns: readonly string[]): string {
  return `select ${columns.map(quoted).join(", ")} from ${quoted(table)} where rowid = ?`;
}

/** The name of a table as a statement has it. */
export function tableText(dialect: "sqlite" | "postgres", table: string): string {
  return dialect === "sqlite" ? quoted(table) : table;
}

/**
 * Where the numbers of a table's rows go on: what SQLite keeps of tables with autoincrement. No named query: a store has no such table,
 * so that none could be prepared.
 */
export const autoincrementText = "select name, seq from sqlite_sequence order by name";
