import { statSync, existsSync } from "node:fs";
import type postgres from "postgres";
import { shownTarget, type Target } from "../config.ts";
import { CowriedbError } from "../errors.ts";
import { visible } from "../term.ts";
import { quoted } from "./texts.ts";
import { untilLost } from "./lost-connection.ts";
import { openPostgres } from "./postgres.ts";
import { makeDo, openSqlite, sweepLog } from "./sqlite.ts";

/** A row of another system's table; whole numbers that a double would change come as text. */
export type OldRow = Record<string, unknown>;

/** Which rows are read. */
export interface OldRows {
  table: string;
  /** All, where none are named. */
  columns?: readonly string[];
  /** A column that is wanted as the bytes that are stored. */
  bytesOf?: string;
  /** A column that is wanted as text, whatever its type. */
  textOf?: string;
  /** In the order of a number, those behind one of them alone; or of a text, byte by byte. */
  order?: { column: string; by: "number"; after: number } | { column: string; by: "text" };
}

/** A database of another system, open for reading alone, as it stood when it was opened. */
export interface OldStore {
  dialect: "sqlite" | "postgres";
  /** Its name as it may be printed. */
  name: string;
  /** Its tables and their columns, generated ones too; views are left out. */
  tables: ReadonlyMap<string, readonly string[]>;
  /** Rows, so many at a time; one reader at once. */
  pages(rows: OldRows, pageRows: number): AsyncGenerator<OldRow[]>;
  /** How many rows a table has, and the greatest number in a column. */
  extent(table: string, column: string): Promise<{ rows: number; last: number }>;
  close(): Promise<void>;
}

/**
 * Opens a database of another system for reading alone: its columns differ by the version that made it, so its rows are
 * read here, the one place where a query has no file. Nothing is written to it, and what others write meanwhile is not seen.
 * Of a server the schema is read that has most of the tables `names`. Throws `db.no_store` where there is no such file, and the
 * codes of `databaseError`.
 */
export async function openOldStore(target: Target, names: readonly string[]): Promise<OldStore> {
  return target.dialect === "sqlite"
    ? openOldSqlite(target.path)
    : openOldPostgres(target.url, shownTarget(target), names);
}

/** Its rows are read once, in order. */
const oldKibibytes = 8_000;

function openOldSqlite(path: string): OldStore {
  const name = visible(path);
  if (!existsSync(path) || !statSync(path).isFile())
    throw new CowriedbError("db.no_store", `There is no database at ${name}.`, { hint: "Check the path." });
  const hadLog = existsSync(`${path}-wal`);
  const store = openSqlite(path, { readonly: true });
  const { handle } = store;
  makeDo(store, oldKibibytes);
  const all = (text: string): OldRow[] => handle.prepare(text).all() as OldRow[];
  try {
    handle.pragma("trusted_schema = off");
    handle.pragma("query_only = on");
    handle.exec("begin");
    const listed = handle.pragma("table_list") as { schema: string; name: string; type: string }[];
    const tables = listed.filter(({ schema, type }) => schema === "main" && type === "table");
    const columnsOf = (table: string): string[] =>
      (handle.pragma(`table_xinfo(${quoted(table)})`) as { name: string }[]).map((column) => column.name);
    return {
      dialect: "sqlite",
      name,
      tables: new Map(tables.map((table) => [table.name, columnsOf(table.name)])),
      pages: async function* (rows, pageRows) {
        const bytes = (column: string): string => `cast(${column} as blob)`;
        const text = selectOf(rows, {
          bytes,
          text: (column) => column,
          ordered: (column) => `${column} collate binary`,
        });
        let page: OldRow[] = [];
        for (const row of handle.prepare(text).safeIntegers(true).iterate()) {
          page.push(told(row as OldRow));
          if (page.length < pageRows) continue;
          yield page;
          page = [];
        }
        if (page.length > 0) yield page;
      },
      extent: async (table, column) => Promise.resolve(extentOf(all(extentText(quoted(table), column)))),
      close: async () => {
        handle.close();
        if (!hadLog) sweepLog(path);
        return Promise.resolve();
      },
    };
  } catch (error) {
    handle.close();
    throw error;
  }
}

async function openOldPostgres(url: string, name: string, names: readonly string[]): Promise<OldStore> {
  const pool = await openPostgres(url, name, { connections: 1 });
  const asked = async (text: string): Promise<OldRow[]> =>
    untilLost(pool.loss, async () => [...((await connection.unsafe(text)) as postgres.RowList<OldRow[]>)]);
  const connection = await pool.sql.reserve();
  const close = async (): Promise<void> => {
    if (pool.loss.isLost) return pool.sql.end({ timeout: 0 });
    await asked("rollback").catch(() => undefined);
    connection.release();
    return pool.sql.end({ timeout: 5 });
  };
  try {
    await asked("begin isolation level repeatable read read only");
    await asked("set local statement_timeout = 0");
    await asked("set local idle_in_transaction_session_timeout = 0");
    const { schema, tables } = schemaOf(await asked(catalogText), names);
    const placed = (table: string): string => `${quoted(schema)}.${quoted(table)}`;
    let cursors = 0;
    return {
      dialect: "postgres",
      name,
      tables,
      pages: async function* (rows, pageRows) {
        const cursor = `old_rows_${++cursors}`;
        const text = selectOf(rows, {
          bytes: (column) => `${column}::text`,
          text: (column) => `${column}::text`,
          ordered: (column) => `${column}::text collate "C"`,
          from: placed(rows.table),
        });
        await asked(`declare ${cursor} no scroll cursor for ${text}`);
        try {
          for (;;) {
            const page = await asked(`fetch ${pageRows} from ${cursor}`);
            if (page.length === 0) break;
            yield page.map((row) => inBytes(row, rows.bytesOf));
          }
        } finally {
          // A transaction that has failed has no cursors any more.
          await asked(`close ${cursor}`).catch(() => undefined);
        }
      },
      extent: async (table, column) => extentOf(await asked(extentText(placed(table), column))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tables that hold rows and may be read, outside of the catalogs. */
const catalogText = `
  select n.nspname::text as schema, c.relname::text as name, a.attname::text as column_name
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
    and pg_catalog.has_table_privilege(c.oid, 'select')
  order by n.nspname = 'public' desc, n.nspname = 'cowrie', n.nspname, c.relname, a.attnum`;

/** The schema that has most of the tables; `public` before others that have as many, a store of ours after them. */
function schemaOf(
  rows: readonly OldRow[],
  names: readonly string[],
): { schema: string; tables: Map<string, string[]> } {
  const schemas = new Map<string, Map<string, string[]>>();
  for (const row of rows) {
    const [schema, name] = [String(row["schema"]), String(row["name"])];
    const tables = schemas.get(schema) ?? new Map<string, string[]>();
    schemas.set(schema, tables);
    tables.set(name, [...(tables.get(name) ?? []), String(row["column_name"])]);
  }
  let best = { schema: "public", tables: new Map<string, string[]>(), known: -1 };
  for (const [schema, tables] of schemas) {
    const known = names.filter((name) => tables.has(name)).length;
    if (known > best.known) best = { schema, tables, known };
  }
  return best;
}

/** How an engine spells what is asked for. */
interface Spelling {
  bytes(column: string): string;
  text(column: string): string;
  ordered(column: string): string;
  from?: string;
}

function selectOf({ table, columns, bytesOf, textOf, order }: OldRows, spelling: Spelling): string {
  const named = columns?.map((name) => {
    const column = quoted(name);
    if (name !== bytesOf && name !== textOf) return column;
    return `${name === bytesOf ? spelling.bytes(column) : spelling.text(column)} as ${column}`;
  });
  const text = `select ${named?.join(", ") ?? "*"} from ${spelling.from ?? quoted(table)}`;
  if (order === undefined) return text;
  const column = quoted(order.column);
  return order.by === "number"
    ? `${text} where ${column} > ${BigInt(order.after)} order by ${column}`
    : `${text} order by ${spelling.ordered(column)}`;
}

function extentText(table: string, column: string): string {
  return `select count(*) as n, coalesce(max(${quoted(column)}), 0) as last from ${table}`;
}

function extentOf([row]: readonly OldRow[]): { rows: number; last: number } {
  return { rows: Number(row?.["n"]), last: Number(row?.["last"]) };
}

function inBytes(row: OldRow, column: string | undefined): OldRow {
  const value = column === undefined ? undefined : row[column];
  return typeof value === "string" && column !== undefined ? { ...row, [column]: Buffer.from(value) } : row;
}

/** Whole numbers of SQLite come as bigint. */
function told(row: OldRow): OldRow {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value !== "bigint") continue;
    row[name] = Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  return row;
}
