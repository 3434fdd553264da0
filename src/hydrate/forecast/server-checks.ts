import type { Postgres } from "../../db/postgres.ts";
import { rowsOfText } from "../../db/texts.ts";
import { isOfTheData } from "../../db/database-error.ts";
import { inSavepoint } from "../../db/writing.ts";
import { messageOf } from "../../errors.ts";
import { hydrateCheckText } from "../../sql/generated.ts";
import { one } from "../../sql/run.ts";
import type { ShapedExpression } from "../../sql/shape.ts";
import { targetChecks, targetComputed, targetRequired } from "../../sql/target-shape.ts";
import type { SqliteValue } from "../rows/codec.ts";
import { refusedRow, type RefusedRow } from "../rows/refused-row.ts";
import type { CopiedColumn, CopiedTable } from "../rows/tables.ts";

/** Asks a server, within a transaction, what a table would refuse of rows; it writes nothing. */
export interface ServerChecks {
  /** Takes rows that every codec has passed; gives those that the table would refuse. */
  refused(rows: readonly (readonly SqliteValue[])[]): Promise<RefusedRow[]>;
}

interface Asked {
  target: Postgres;
  table: CopiedTable;
  /** The places of the columns that the server must see. */
  places: number[];
  text: string;
  /** The places of the columns that must not be NULL, in the order of the table. */
  required: number[];
}

/** What a table of today asks of its rows, as the statement that tests it. */
export async function serverChecks(target: Postgres, table: CopiedTable): Promise<ServerChecks> {
  const ofTable = <T extends { table_name: string }>(all: readonly T[]): T[] =>
    all.filter(({ table_name }) => table_name === table.name);
  const [checks, computed] = [ofTable(targetChecks), ofTable(targetComputed)];
  const required = ofTable(targetRequired).map(({ name }) => name);
  const places = table.columns.flatMap((column, place) =>
    isAsked(column, [...checks, ...computed]) ? [place] : [],
  );
  const { check_text: text } = await one(target, hydrateCheckText, {
    columns: JSON.stringify(places.map((place) => table.columns[place])),
    computed: JSON.stringify(computed.map((one) => ({ ...one, required: required.includes(one.name) }))),
    checks: JSON.stringify(checks),
  });
  const asked = {
    target,
    table,
    places,
    text,
    required: required.flatMap((name) => {
      const place = table.columns.findIndex((column) => column.name === name);
      return place < 0 ? [] : [place];
    }),
  };
  return { refused: async (rows) => refusedOf(asked, rows) };
}

/** JSON is read by the server alone; other columns only where something is computed of them or constrains them. */
function isAsked({ name, type }: CopiedColumn, expressions: readonly ShapedExpression[]): boolean {
  return (
    type === "jsonb" || expressions.some(({ expression }) => new RegExp(`\\b${name}\\b`).test(expression))
  );
}

async function refusedOf(asked: Asked, rows: readonly (readonly SqliteValue[])[]): Promise<RefusedRow[]> {
  const { table, required } = asked;
  const found: RefusedRow[] = [];
  const verdicts = asked.places.length === 0 ? new Map<number, Verdict>() : await ask(asked, rows, 0);
  for (const [index, row] of rows.entries()) {
    const verdict = verdicts.get(index);
    const empty = required.find((place) => row[place] === null);
    if (empty !== undefined && (verdict === undefined || !isOfValue(verdict)))
      found.push(refusedRow(table, row, empty, "23502", "it must not be NULL"));
    else if (verdict !== undefined)
      found.push(refusedRow(table, row, verdict.place, verdict.reason, verdict.detail));
  }
  return found;
}

interface Verdict {
  /** The place of the column that is to blame; -1 where none is. */
  place: number;
  reason: string;
  detail: string;
}

/** Whether a value could not be read or computed: the server meets that before it looks for NULLs. */
function isOfValue({ reason }: Verdict): boolean {
  return !reason.startsWith("23");
}

async function ask(
  asked: Asked,
  rows: readonly (readonly SqliteValue[])[],
  from: number,
): Promise<Map<number, Verdict>> {
  const verdicts = new Map<number, Verdict>();
  try {
    const bound = asked.places.map((place) => arrayText(asked.table.columns[place], rows, place));
    const told = await asking(asked.target, asked.text, bound);
    for (const [place, missing, broken] of told)
      verdicts.set(from + Number(place) - 1, {
        place: -1,
        reason: missing === null ? "23514" : "23502",
        detail: String(missing ?? broken),
      });
    return verdicts;
  } catch (error) {
    if (!isOfTheData(error)) throw error;
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) return new Map([[from, await blame(asked, only, error)]]);
    const half = rows.length >> 1;
    const first = await ask(asked, rows.slice(0, half), from);
    return new Map([...first, ...(await ask(asked, rows.slice(half), from + half))]);
  }
}

/** What it refuses must not end the transaction that all is read in. */
async function asking(target: Postgres, text: string, bound: readonly string[]): Promise<unknown[][]> {
  return inSavepoint(target, async (inner) => rowsOfText(inner, text, bound));
}

/** The column that the server cannot read in a row, where it is one. */
async function blame(
  { target, table, places }: Asked,
  row: readonly SqliteValue[],
  error: unknown,
): Promise<Verdict> {
  const { code } = error as { code: string };
  for (const place of places) {
    const column = table.columns[place];
    if (column?.type !== "jsonb") continue;
    const { check_text: text } = await one(target, hydrateCheckText, {
      columns: JSON.stringify([column]),
      ...{ computed: "[]", checks: "[]" },
    });
    try {
      await asking(target, text, [arrayText(column, [row], place)]);
    } catch (alone) {
      if (isOfTheData(alone)) return { place, reason: code, detail: messageOf(alone) };
      throw alone;
    }
  }
  return { place: -1, reason: code, detail: messageOf(error) };
}

/** A column of rows as the text of an array. */
function arrayText(
  column: CopiedColumn | undefined,
  rows: readonly (readonly SqliteValue[])[],
  place: number,
): string {
  return `{${rows.map((row) => element(column?.type ?? "text", row[place] ?? null)).join(",")}}`;
}

function element(type: string, value: SqliteValue): string {
  if (value === null) return "NULL";
  if (type === "bytea") return `"\\\\x${Buffer.from(value as Uint8Array).toString("hex")}"`;
  const text = typeof value === "object" ? Buffer.from(value).toString() : String(value);
  return /^-?\d+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
