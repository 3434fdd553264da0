import { openSqlite } from "./sqlite.ts";

/** A table of another system's SQLite file that may be read. */
export interface OldTable {
  name: string;
  rows(): Generator<Record<string, unknown>>;
}

/**
 * The tables of a SQLite file of the old system, those of `names` that it has; it is opened for reading alone. The columns differ
 * by the version that made it, so whole rows are read: the one place where a query has no file. Views are passed over.
 */
export function openOldTables(path: string, names: readonly string[]): { tables: OldTable[]; close(): void } {
  const { handle } = openSqlite(path, { readonly: true });
  try {
    handle.pragma("trusted_schema = off");
    handle.defaultSafeIntegers(true);
    const listed = handle.pragma("table_list") as { schema: string; name: string; type: string }[];
    const isThere = (name: string): boolean =>
      listed.some((table) => table.schema === "main" && table.type === "table" && table.name === name);
    const tables = names.filter(isThere).map((name) => ({
      name,
      rows: function* () {
        for (const row of handle.prepare(`select * from "${name}"`).iterate())
          yield row as Record<string, unknown>;
      },
    }));
    return { tables, close: () => handle.close() };
  } catch (error) {
    handle.close();
    throw error;
  }
}
