import type { Database } from "../db/database.ts";
import { foreignRows, prepareForeign, type ForeignQuery } from "../db/read-only.ts";
import { cut, table, visible } from "../term.ts";
import type { Dialect } from "./parse.ts";

/** What a gate found: the rows that are reasons to stop, as a table; `count` 0 where all is well. */
export interface GateOutcome {
  count: number;
  shown: string;
}

const mostRows = 20;
const mostWidth = 80;
/** Literals, quoted names and comments, in which a `$` is no variable; else a variable. */
const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Z][A-Z0-9_]*)\b/g;

/** The variables of a query, without `$`. */
export function parametersOf(text: string): string[] {
  return [...new Set([...text.matchAll(token)].flatMap(([, name]) => name ?? []))];
}

/** Runs a gate. Throws what the engine says where the query fails. */
export async function runGate(
  database: Database,
  text: string,
  variables: ReadonlyMap<string, string>,
): Promise<GateOutcome> {
  const rows = await foreignRows(database, queryOf(text, database.dialect), variables, mostRows + 1);
  if (rows.length === 0) return { count: 0, shown: "" };
  const heads = Object.keys(rows[0] ?? {});
  const cells = rows.slice(0, mostRows).map((row) => heads.map((head) => cellOf(row[head])));
  const more = rows.length > mostRows ? "\n…" : "";
  return {
    count: rows.length,
    shown:
      table(
        cells,
        heads.map((head) => cellOf(head)),
      ) + more,
  };
}

/** Throws where the engine cannot prepare a gate. */
export async function prepareGate(database: Database, text: string): Promise<void> {
  await prepareForeign(database, queryOf(text, database.dialect));
}

function queryOf(text: string, dialect: Dialect): ForeignQuery {
  const names = parametersOf(text);
  if (dialect === "sqlite") return { text, names };
  const numbered = text.replace(token, (found: string, name: string | undefined) =>
    name === undefined ? found : `$${names.indexOf(name) + 1}`,
  );
  return { text: numbered, names };
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex").slice(0, mostWidth);
  return cut(visible(typeof value === "object" ? JSON.stringify(value) : String(value as string)), mostWidth);
}
