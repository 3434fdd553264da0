import { autoincrementText, rowsText, tableText } from "../../db/canary-rows.ts";
import {
  schemaColumns,
  schemaHasAutoincrement,
  schemaSequences,
  type SchemaColumnsRow,
} from "../../sql/generated.ts";
import { messageOf } from "../../errors.ts";
import { counted, visible } from "../../term.ts";
import type { ProvingGround } from "./proving-ground.ts";

/** The rows of a table, as literals. */
interface TableRows {
  /** By name, in order. */
  columns: SchemaColumnsRow[];
  rows: (string | null)[][];
}

/** All that a database holds. */
export interface Canary {
  tables: Map<string, TableRows>;
  /** What the engine says of tables that it does not read. */
  unread: Map<string, string>;
  sequences: Map<string, { next: bigint; isRising: boolean }>;
}

/** A difference of what a database holds. */
export interface RowDifference {
  table: string;
  /** As one sentence. */
  what: string;
}

/** Reads all rows of all tables, and where their numbers go on. */
export async function readCanary(ground: ProvingGround): Promise<Canary> {
  const columns = await ground.rows(schemaColumns, {});
  const tables = new Map<string, TableRows>();
  const unread = new Map<string, string>();
  for (const column of columns) {
    const known = tables.get(column.table_name);
    if (known === undefined) tables.set(column.table_name, { columns: [column], rows: [] });
    else known.columns.push(column);
  }
  for (const [name, table] of tables) {
    const names = table.columns.map((column) => column.name);
    try {
      table.rows = await ground.table(rowsText(ground.dialect, tableText(ground.dialect, name), names));
    } catch (error) {
      // As a virtual table may be whose other tables were changed under it.
      unread.set(name, messageOf((error as Error).cause ?? error));
      tables.delete(name);
    }
  }
  return { tables, unread, sequences: await readSequences(ground) };
}

async function readSequences(ground: ProvingGround): Promise<Canary["sequences"]> {
  const sequences: Canary["sequences"] = new Map();
  for (const { name, next_value, is_rising } of await ground.rows(schemaSequences, {}))
    sequences.set(name, { next: BigInt(next_value), isRising: Number(is_rising) === 1 });
  if (Number((await ground.rows(schemaHasAutoincrement, {}))[0]?.found) === 0) return sequences;
  for (const [name, last] of await ground.table(autoincrementText))
    sequences.set(name ?? "", { next: BigInt(last ?? 0) + 1n, isRising: true });
  return sequences;
}

/** How many rows there are in all. */
export function rowsIn(canary: Canary): number {
  return [...canary.tables.values()].reduce((sum, { rows }) => sum + rows.length, 0);
}

/** What was read before, and is not any more. */
export function newlyUnread(before: Canary, after: Canary): string[] {
  return [...after.unread]
    .filter(([name]) => !before.unread.has(name))
    .map(([name, message]) => `table ${visible(name)} cannot be read: ${message}`);
}

/** What is compared instead of a value. */
export type Mask = (table: string, column: SchemaColumnsRow, value: string | null) => string | null;

/** Where rows are not what they were. Tables that are only in one of both are told by the schema. */
export function rowDifferences(
  before: Canary,
  after: Canary,
  mask: Mask = (_table, _column, value) => value,
): RowDifference[] {
  const found: RowDifference[] = [];
  for (const [name, table] of before.tables) {
    const now = after.tables.get(name);
    if (now !== undefined) found.push(...differencesOf(name, table, now, mask));
  }
  for (const [name, { next, isRising }] of before.sequences) {
    // What SQLite has forgotten of a table begins anew; another sequence that is gone, the schema tells.
    const now = after.sequences.get(name) ?? (after.tables.has(name) ? { next: 1n } : undefined);
    // Numbers that were given are gone for ever; a number that is given twice is a mistake.
    if (now === undefined || (isRising ? now.next >= next : now.next <= next)) continue;
    found.push({
      table: name,
      what: `sequence ${visible(name)} would give ${now.next} next, it gave ${next} before`,
    });
  }
  return found;
}

function differencesOf(name: string, before: TableRows, after: TableRows, mask: Mask): RowDifference[] {
  const columns = before.columns.filter(({ name: column }) =>
    after.columns.some((one) => one.name === column),
  );
  const [old, now] = [before, after].map((table) => recordsOf(name, table, columns, mask)) as [Row[], Row[]];
  const keptOld = new Map<string, number>();
  for (const row of now) keptOld.set(row.whole, (keptOld.get(row.whole) ?? 0) + 1);
  const lost = old.filter((row) => !take(keptOld, row.whole));
  const keptNow = new Map<string, number>();
  for (const row of old) keptNow.set(row.whole, (keptNow.get(row.whole) ?? 0) + 1);
  const extra = now.filter((row) => !take(keptNow, row.whole));
  const changed: string[] = [];
  const gone: Row[] = [];
  for (const row of lost) {
    const at = extra.findIndex((one) => one.key === row.key);
    const [twin] = at < 0 ? [] : extra.splice(at, 1);
    if (twin === undefined) gone.push(row);
    else changed.push(...changesOf(columns, row, twin));
  }
  const sentences = [
    ...(gone.length === 0
      ? []
      : [`${counted(gone.length, "row is", "rows are")} lost, as ${gone[0]?.shown ?? ""}`]),
    ...(extra.length === 0
      ? []
      : [
          `${counted(extra.length, "row is", "rows are")} there that ${extra.length === 1 ? "was" : "were"} not, as ${extra[0]?.shown ?? ""}`,
        ]),
    ...(changed.length === 0
      ? []
      : [`${counted(changed.length, "value has", "values have")} changed, as ${changed[0] ?? ""}`]),
  ];
  return sentences.map((sentence) => ({ table: name, what: `table ${visible(name)}: ${sentence}` }));
}

interface Row {
  key: string;
  whole: string;
  shown: string;
  values: (string | null)[];
}

function recordsOf(
  table: string,
  { columns, rows }: TableRows,
  wanted: readonly SchemaColumnsRow[],
  mask: Mask,
): Row[] {
  const places = wanted.map(({ name }) => columns.findIndex((column) => column.name === name));
  const keys = wanted.filter(({ key_position }) => Number(key_position) > 0);
  return rows.map((row) => {
    const stored = places.map((place) => row[place] ?? null);
    const values = wanted.map((column, at) => mask(table, column, stored[at] ?? null));
    const keyed = wanted.flatMap((column, at) => (keys.includes(column) ? [at] : []));
    const whole = JSON.stringify(values);
    // Without a key, or with one that is made anew each time, a row is known by all of it.
    const isKnown = keyed.length > 0 && keyed.every((at) => values[at] === stored[at]);
    const key = isKnown ? JSON.stringify(keyed.map((at) => values[at])) : whole;
    return { key, whole, shown: shownRow(wanted, values), values };
  });
}

function take(counts: Map<string, number>, key: string): boolean {
  const left = counts.get(key) ?? 0;
  counts.set(key, left - 1);
  return left > 0;
}

function changesOf(columns: readonly SchemaColumnsRow[], row: Row, now: Row): string[] {
  const found: string[] = [];
  columns.forEach((column, at) => {
    const [one, other] = [row.values[at] ?? null, now.values[at] ?? null];
    if (one === other) return;
    found.push(`${visible(column.name)} of ${row.shown}, now ${short(other)}`);
  });
  return found;
}

function shownRow(columns: readonly SchemaColumnsRow[], values: readonly (string | null)[]): string {
  const told = columns.map(({ name }, at) => `${visible(name)} ${short(values[at] ?? null)}`);
  const text = told.join(", ");
  return `(${text.length > 160 ? `${text.slice(0, 157)}…` : text})`;
}

function short(value: string | null): string {
  const text = visible(value ?? "NULL");
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
