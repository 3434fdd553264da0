import { runningDigest } from "../../checksum.ts";
import { copyOutOfPostgres, type CopyOut } from "../../db/copy-out.ts";
import type { Postgres } from "../../db/postgres.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { hydrateProofText, hydrateQuarantined } from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { codecs, type Codec, type SqliteValue } from "../rows/codec.ts";
import { rowReader } from "../../db/texts.ts";
import { encodePart, encodeRow, InexactKey, type Form, type RowSink } from "../rows/encode.ts";
import { refusedRow, type RefusedRow } from "../rows/refused-row.ts";
import { compareRows, fieldsOf, keyPlaces, shownField, wholeField } from "../rows/fields.ts";
import { putCanonicalBytes, putCanonicalJson } from "../rows/canonical-json.ts";
import { compareKeys, keyText, keyValues, textsOf, type CopiedTable } from "../rows/tables.ts";
import { unpacks, type Unpack } from "../rows/unpack.ts";

/** A part of a table that is to be proved; `last` is null behind the last row of the source. */
export interface ProofTask {
  table: CopiedTable;
  after: string | null;
  last: string | null;
  isDigested: boolean;
}

/** A value or a row that is not the same in both stores; `column_name` is empty where it is the row. */
export interface Difference {
  table_name: string;
  row_key: string;
  column_name: string;
  /** differs, missing (in the target), unexpected (there), changed_quarantine. */
  problem: string;
  source: string | null;
  target: string | null;
}

/** What the comparison of a part came to. */
export interface PartProof {
  /** Rows that are the same in every column. */
  rows: number;
  /** Rows that the target keeps in its quarantine, byte by byte. */
  quarantined: number;
  /** The first differences, and how many there are. */
  differences: Difference[];
  difference_count: number;
  /** BLAKE3 of the target's rows; null where it was not asked for, or where they differ. */
  digest: Buffer | null;
}

/** Differences of a part that are named one by one. */
const mostNamed = 2_000;

/** What COPY gives of a row, made from the row of a SQLite store. */
export const proofForm: Form = {
  codecs: new Map<string, Codec>([
    ...codecs,
    ["jsonb", (page, value) => (value === null ? nullCodec(page, value) : putCanonicalJson(page, value))],
  ]),
  unpacks: new Map<string, Unpack>([...unpacks, ["jsonb", putCanonicalBytes]]),
  // What is rare in a text is found when it is written.
  isPlain: () => true,
  isDigested: false,
};
const nullCodec = codecs.get("jsonb") as Codec;

/**
 * Compares every column of every row of a part of a table, the stored and the computed ones: the rows of the source, as COPY
 * would give them, against what COPY gives, in the order of the key. Where the bytes are not the same, row by row.
 */
export async function provePart(source: Sqlite, target: Postgres, task: ProofTask): Promise<PartProof> {
  const { copy_text: text } = await one(target, hydrateProofText, {
    table_name: task.table.name,
    columns: JSON.stringify(task.table.columns),
    after_key: task.after,
    last_key: task.last,
    row_keys: null,
  });
  const work: Work = { source, target, task, text, isExact: false, keys: null };
  try {
    return (await proveAtOnce(work)) ?? (await walk(work));
  } catch (error) {
    if (!(error instanceof InexactKey)) throw error;
    return walk({ ...work, isExact: true });
  }
}

/** Compares rows of a table as `provePart` does, those with some keys alone; each must be once among them. */
export async function proveRows(
  source: Sqlite,
  target: Postgres,
  table: CopiedTable,
  keys: readonly string[],
): Promise<PartProof> {
  const { copy_text: text } = await one(target, hydrateProofText, {
    table_name: table.name,
    columns: JSON.stringify(table.columns),
    after_key: null,
    last_key: null,
    row_keys: JSON.stringify(keys.map((key) => JSON.parse(key) as unknown)),
  });
  const task = { table, after: null, last: null, isDigested: false };
  const inOrder = [...keys].sort((a, b) => compareKeys(table, a, b));
  return walk({ source, target, task, text, isExact: true, keys: inOrder });
}

interface Work {
  source: Sqlite;
  target: Postgres;
  task: ProofTask;
  text: string;
  isExact: boolean;
  /** The rows that are compared, in order; null for all of the part. */
  keys: readonly string[] | null;
}

async function opened<T>({ target, text }: Work, work: (out: CopyOut) => Promise<T>): Promise<T> {
  const out = await copyOutOfPostgres(target.sql, target.loss, text);
  try {
    return await work(out);
  } finally {
    await out.close();
  }
}

/** Thrown where bytes differ: the rest of the part need not be read. */
class Unequal extends Error {}

/** The proof of a part whose bytes are the same; undefined where they are not. */
async function proveAtOnce(work: Work): Promise<PartProof | undefined> {
  const digest = work.task.isDigested ? runningDigest() : undefined;
  const refused: RefusedRow[] = [];
  try {
    const rows = await opened(work, async (out) => {
      const { rows } = await readSource(work, {
        page: async (bytes) => {
          digest?.update(bytes);
          if (!(await out.isNext(bytes))) throw new Unequal();
        },
        refused: async (row) => Promise.resolve(void refused.push(row)),
      });
      if (!(await out.isAtEnd())) throw new Unequal();
      return rows;
    });
    for (const row of refused) if ((await quarantineProblem(work, row)) !== undefined) return undefined;
    const quarantined = refused.length;
    return { rows, quarantined, differences: [], difference_count: 0, digest: digest?.read() ?? null };
  } catch (error) {
    if (error instanceof Unequal) return undefined;
    throw error;
  } finally {
    digest?.close();
  }
}

async function readSource(work: Work, sink: RowSink): Promise<{ rows: number }> {
  if (work.keys !== null) return readRows(work, work.keys, sink);
  return encodePart(work.source, work.task, sink, work.isExact, proofForm);
}

/** Reads rows of a table by their keys, as `encodePart` reads parts in the form of a proof. */
export async function readRows(
  { source, task: { table } }: { source: Sqlite; task: { table: CopiedTable } },
  keys: readonly string[],
  sink: RowSink,
): Promise<{ rows: number }> {
  const { row_text: text } = await textsOf(source, table, "none");
  const read = rowReader(source, text);
  let rows = 0;
  for (const key of keys) {
    const row = read(keyValues(table, key)) as SqliteValue[] | undefined;
    if (row === undefined) continue;
    const found = encodeRow(table, row, proofForm);
    if ("bytes" in found) await sink.row?.(found.bytes, row);
    else await sink.refused(found);
    rows += 1;
  }
  return { rows };
}

function nothingYet(): PartProof {
  return { rows: 0, quarantined: 0, differences: [], difference_count: 0, digest: null };
}

/** Goes through both sides in the order of the key, row by row, and names what is not the same. */
async function walk(work: Work): Promise<PartProof> {
  const { table } = work.task;
  const places = keyPlaces(table);
  const proof = nothingYet();
  const absent: RefusedRow[] = [];
  await opened(work, async (out) => {
    let theirs = await nextFields(out);
    const takeUnexpected = async (found: Fields): Promise<void> => {
      note(proof, { ...place(table, found, places), problem: "unexpected" });
      theirs = await nextFields(out);
    };
    await readSource(work, {
      row: async (bytes, values) => {
        const ours = fieldsOf(bytes);
        while (theirs !== undefined && compareRows(places, table, ours, theirs) > 0)
          await takeUnexpected(theirs);
        if (theirs === undefined || compareRows(places, table, ours, theirs) < 0)
          absent.push(refusedRow(table, values as SqliteValue[], 0, "", ""));
        else {
          compareFields(proof, table, ours, theirs, places);
          theirs = await nextFields(out);
        }
      },
      refused: async (row) => Promise.resolve(void absent.push(row)),
    });
    while (theirs !== undefined) await takeUnexpected(theirs);
  });
  for (const row of absent) {
    const problem = await quarantineProblem(work, row);
    if (problem === undefined) proof.quarantined += 1;
    else note(proof, { ...empty, table_name: table.name, row_key: row.row_key, problem });
  }
  return proof;
}

type Fields = readonly (Buffer | undefined)[];

/** The fields of the next row, in memory of their own. */
async function nextFields(out: CopyOut): Promise<Fields | undefined> {
  const row = await out.row();
  return row === undefined ? undefined : fieldsOf(Buffer.from(row));
}

const empty = { column_name: "", source: null, target: null };

function place(table: CopiedTable, fields: Fields, places: readonly number[]): Omit<Difference, "problem"> {
  const key = places.map((at) => {
    const column = table.columns[at];
    return column === undefined ? "" : wholeField(column, fields[at]);
  });
  return { ...empty, table_name: table.name, row_key: keyText(key) };
}

function note(proof: PartProof, difference: Difference): void {
  proof.difference_count += 1;
  if (proof.differences.length < mostNamed) proof.differences.push(difference);
}

function compareFields(
  proof: PartProof,
  table: CopiedTable,
  ours: Fields,
  theirs: Fields,
  places: readonly number[],
): void {
  let isSame = true;
  for (const [index, column] of table.columns.entries()) {
    const [one, other] = [ours[index], theirs[index]];
    if (one === undefined ? other === undefined : other !== undefined && one.equals(other)) continue;
    isSame = false;
    const values = { source: shownField(column, one), target: shownField(column, other) };
    note(proof, {
      ...place(table, ours, places),
      column_name: column.name,
      problem: "differs",
      ...values,
    });
  }
  if (isSame) proof.rows += 1;
}

/** What is wrong with a row of the source that is not among the target's: undefined where the quarantine holds it as it is. */
async function quarantineProblem({ target, task }: Work, row: RefusedRow): Promise<string | undefined> {
  const kept = await many(target, hydrateQuarantined, { table_name: task.table.name, row_key: row.row_key });
  if (kept.length === 0) return "missing";
  const ours = JSON.parse(row.row_values) as Record<string, unknown>;
  const isKept = kept.some(({ row_values }) => {
    const theirs = JSON.parse(row_values) as Record<string, unknown>;
    return Object.entries(theirs).every(
      ([name, value]) => JSON.stringify(value) === JSON.stringify(ours[name]),
    );
  });
  return isKept ? undefined : "changed_quarantine";
}
