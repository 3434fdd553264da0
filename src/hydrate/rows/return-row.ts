import type { Parameter } from "../../db/database.ts";
import { isOfTheData, isTaken } from "../../db/database-error.ts";
import type { RowWriter } from "../../db/texts.ts";
import { messageOf } from "../../errors.ts";
import type { SqliteValue } from "./codec.ts";
import { decoderOf } from "./decode.ts";
import { keyOf, refusedRow, type RefusedRow } from "./refused-row.ts";
import { isTextOf, plainText, textPlace, type KeptTexts } from "./kept-texts.ts";
import type { PayloadReader } from "./payloads.ts";
import { fieldsOf, wholeField } from "./fields.ts";
import { keyText, type CopiedColumn, type CopiedTable } from "./tables.ts";

/** A key to the last byte: a text that is no UTF-8 has another one in its place elsewhere. */
export function exactKey(table: CopiedTable, values: readonly SqliteValue[]): string {
  return JSON.stringify(
    keyOf(table, values).map((value) =>
      typeof value === "object" && value !== null ? Buffer.from(value).toString("hex") : String(value),
    ),
  );
}

/** What a part is written with. */
export interface Work {
  table: CopiedTable;
  payloads: PayloadReader;
  texts: KeptTexts;
  /** Rows as they were kept out of PostgreSQL, by their exact key. */
  kept: Map<string, SqliteValue[]>;
  places: readonly number[];
  insert: RowWriter;
  replace: RowWriter;
  drop: RowWriter;
  /** Reads a row of the store by its key. */
  rowOf: (key: readonly Parameter[]) => unknown[] | undefined;
  /** Takes a row that SQLite refuses. */
  keepOut: (row: RefusedRow) => Promise<void>;
  changed: number;
  refused: number;
}

/** What the store has of a row that it has otherwise. */
interface Ours {
  fields: readonly (Buffer | undefined)[];
  values: readonly SqliteValue[];
}

/** Writes a row as COPY gives it; JSON texts that say what is there already stay as they are. */
export async function write(work: Work, row: Buffer, ours?: Ours): Promise<void> {
  const { table } = work;
  const fields = fieldsOf(row);
  const key = keyText(
    work.places.map((at) => wholeField(table.columns[at] as CopiedColumn, fields[at]) ?? ""),
  );
  const values: SqliteValue[] = [];
  let refusal: { index: number; reason: string } | undefined;
  for (const [index, column] of table.columns.entries()) {
    const field = fields[index];
    const own = ours?.fields[index];
    if (field === undefined) values.push(null);
    else if (column.type === "jsonb")
      values.push(
        own?.equals(field) === true
          ? (ours?.values[index] ?? null)
          : await jsonOf(work, fields, index, textPlace(key, column.name)),
      );
    else {
      const decoded = decoderOf(column)(field, column);
      values.push("value" in decoded ? (decoded.value as SqliteValue) : (wholeField(column, field) ?? null));
      if ("refusal" in decoded) refusal = { index, reason: decoded.refusal };
    }
  }
  // What came there since takes the place of what was kept out.
  if (work.kept.size > 0) work.kept.delete(exactKey(table, values));
  await put(work, values, ours !== undefined, refusal);
}

/** The text of a JSON value: the one that was kept, that of its record, or the plain one. */
async function jsonOf(
  { table, texts, payloads }: Work,
  fields: readonly (Buffer | undefined)[],
  index: number,
  place: string,
): Promise<Buffer> {
  const field = fields[index] as Buffer;
  const kept = texts.get(place);
  if (kept !== undefined && isTextOf(Buffer.from(kept), field)) return Buffer.from(kept);
  if (table.name === "raw_events") {
    const fieldOf = (name: string): Buffer | undefined =>
      fields[table.columns.findIndex((column) => column.name === name)];
    const id = Number(fieldOf("event_id")?.readBigInt64BE(0));
    const found = await payloads(id, fieldOf("line_digest"), field);
    if (found !== undefined) return found;
  }
  return Buffer.from(plainText(field.toString("utf8", 1)));
}

/** Writes a row; one that SQLite refuses is kept in its quarantine. */
async function put(
  work: Work,
  values: readonly SqliteValue[],
  isThere: boolean,
  refusal?: { index: number; reason: string },
): Promise<void> {
  let [index, reason, detail] = [refusal?.index ?? -1, refusal?.reason ?? "", ""];
  if (refusal === undefined)
    try {
      (isThere ? work.replace : work.insert)(values);
      work.changed += 1;
      return;
    } catch (error) {
      if (!isThere && isTaken(error)) return put(work, values, true);
      if (!isOfTheData(error)) throw error;
      [index, reason, detail] = [-1, (error as { code: string }).code, messageOf(error)];
    }
  work.refused += 1;
  await work.keepOut(refusedRow(work.table, values, index, reason, detail));
}

/** Brings back what was kept out on the way there. */
export async function writeKept(work: Work, hash: { update(text: string): unknown }): Promise<void> {
  for (const [key, values] of work.kept) {
    hash.update(key);
    const found = work.rowOf(keyOf(work.table, values) as Parameter[]) as SqliteValue[] | undefined;
    if (found?.every((value, index) => isSame(value, values[index] ?? null)) === true) continue;
    await put(work, values, false);
  }
}

function isSame(a: SqliteValue, b: SqliteValue): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}
