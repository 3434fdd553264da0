import { createHash } from "node:crypto";
import type { Database, Parameter } from "../../db/database.ts";
import { rowsOfText } from "../../db/texts.ts";
import { hydrateBatches, hydrateChunks, type HydrateChunksRow } from "../../sql/generated.ts";
import { many } from "../../sql/run.ts";
import { boundsOf, compareKeys, keyText, keyValues, textsOf, type CopiedTable } from "../rows/tables.ts";

/** A part of a table, which is copied in one transaction. */
export interface Chunk {
  table: CopiedTable;
  /** The key before it; null where it begins with the table. */
  after: string | null;
  last: string;
  /** What the target knows of it; null where it was not copied yet. */
  known: HydrateChunksRow | null;
  /** What tells that sealed batches are as they were; null for rows that may change. */
  batchesDigest: Buffer | null;
}

/** Rows of a chunk, and bytes: few enough for a death to cost little, enough for a transaction not to count. */
const mostRows = 20_000;
const mostBytes = 16 << 20;
const fewestRows = 16;
/** Tables whose rows never change once their batch is sealed, with the key's share of a batch. */
const ofBatches = new Map([
  ["raw_events", 1_048_576],
  ["batch_evidence", 1],
]);

/** Whether a table's rows never change once their batch is sealed. */
export function isOfBatches({ name }: CopiedTable): boolean {
  return ofBatches.has(name);
}

interface Batch {
  id: number;
  events: number;
  state: string;
}

/** Whether a part that was copied holds batches that are as they were: nothing of them ever changes. */
export function isSealed({ known, batchesDigest }: Chunk): boolean {
  return batchesDigest !== null && known?.batches_digest?.equals(batchesDigest) === true;
}

/** The digest of a part whose rows may be others since it was copied: of none. */
export const spoilt = Buffer.alloc(32);

/** The parts that were copied into a store; where others have written into it since, they are as they were cut, and no more. */
export async function chunksOf(target: Database, wasUsed: boolean): Promise<HydrateChunksRow[]> {
  const chunks = await many(target, hydrateChunks, {});
  return wasUsed ? chunks.map((chunk) => ({ ...chunk, digest: spoilt, batches_digest: null })) : chunks;
}

/** Every part of every table that the source has, the largest tables first; parts that were copied are cut as they were. */
export async function planChunks(
  source: Database,
  tables: readonly CopiedTable[],
  copied: readonly HydrateChunksRow[],
): Promise<Chunk[]> {
  const batches = await batchesOf(source);
  const chunks: Chunk[] = [];
  const inOrder = [...tables].sort((a, b) => rank(a) - rank(b));
  for (const table of inOrder) {
    const known = copied.filter(({ table_name }) => table_name === table.name);
    for (const chunk of await planTable(source, table, known, batches))
      chunks.push({ ...chunk, batchesDigest: digestOfBatches(chunk, batches) });
  }
  return chunks;
}

/** The parts of a store on a server: cut as they were when they came back, or when they came there. */
export async function planBack(
  held: Database,
  known: readonly HydrateChunksRow[],
  tables: readonly CopiedTable[],
): Promise<Chunk[]> {
  const has = new Set(known.map(({ table_name }) => table_name));
  const cuts = (await many(held, hydrateChunks, {})).filter(({ table_name }) => !has.has(table_name));
  const chunks = await planChunks(held, tables, [...known, ...cuts]);
  // Evidence comes first: payloads are read from it.
  const rank = ({ table }: Chunk): number => (table.name === "batch_evidence" ? 0 : 1);
  return chunks
    .map((chunk) => ({
      ...chunk,
      known: chunk.known !== null && has.has(chunk.table.name) ? chunk.known : null,
    }))
    .sort((a, b) => rank(a) - rank(b));
}

function rank({ name }: CopiedTable): number {
  const first = ["raw_events", "batch_evidence", "session_summaries", "command_stats", "dead_letter_events"];
  const place = first.indexOf(name);
  return place < 0 ? first.length : place;
}

async function batchesOf(source: Database): Promise<Batch[]> {
  const rows = await many(source, hydrateBatches, {});
  return rows.map(({ batch_id, events_accepted, chain_digest, undone_at }) => ({
    id: Number(batch_id),
    events: Number(events_accepted),
    state: `${batch_id} ${events_accepted ?? ""} ${chain_digest?.toString("hex") ?? ""} ${undone_at ?? ""}\n`,
  }));
}

type Part = Omit<Chunk, "batchesDigest">;

/** The parts of one table: those that are known, and new ones before, between and behind them. */
async function planTable(
  source: Database,
  table: CopiedTable,
  known: readonly HydrateChunksRow[],
  batches: readonly Batch[],
): Promise<Part[]> {
  const parts: Part[] = [];
  const sorted = [...known].sort((a, b) => compareKeys(table, a.last_key, b.last_key));
  const rows = await rowsOfChunk(source, table);
  let after: string | null = null;
  for (const chunk of sorted) {
    if (chunk.after_key !== after)
      parts.push(...(await cut(source, table, after, chunk.after_key, rows, batches)));
    parts.push({ table, after: chunk.after_key, last: chunk.last_key, known: chunk });
    after = chunk.last_key;
  }
  return [...parts, ...(await cut(source, table, after, null, rows, batches))];
}

async function rowsOfChunk(source: Database, table: CopiedTable): Promise<number> {
  const { size_text: text } = await textsOf(source, table, "none");
  const [[bytes] = []] = await rowsOfText(source, text);
  return Math.max(fewestRows, Math.min(mostRows, Math.floor(mostBytes / Math.max(1, Number(bytes ?? 1)))));
}

/** Cuts what lies between two keys, or behind one to the end of the table. */
async function cut(
  source: Database,
  table: CopiedTable,
  from: string | null,
  to: string | null,
  rows: number,
  batches: readonly Batch[],
): Promise<Part[]> {
  const share = ofBatches.get(table.name);
  const parts: Part[] = [];
  let after = from;
  const add = (last: string): void => {
    parts.push({ table, after, last, known: null });
    after = last;
  };
  if (share !== undefined) for (const last of batchCuts(batches, share, rows, from, to)) add(last);
  for (;;) {
    const next = await nextKey(source, table, after, to, rows);
    if (next === undefined) break;
    add(next);
  }
  const last = to ?? (await endKey(source, table, after));
  if (last !== undefined && last !== after) add(last);
  return parts;
}

/** The last keys of runs of whole batches, each with about as many rows. */
function* batchCuts(
  batches: readonly Batch[],
  share: number,
  rows: number,
  from: string | null,
  to: string | null,
): Generator<string> {
  const end = to === null ? Infinity : numberOf(to);
  let held = 0;
  for (const { id, events } of batchesBehind(batches, share, from)) {
    const last = (id + 1) * share - 1;
    if (last >= end) return;
    held += share === 1 ? 1 : events;
    if (held < rows) continue;
    yield keyText([last]);
    held = 0;
  }
}

/** The batches that have keys behind a key. */
function* batchesBehind(batches: readonly Batch[], share: number, after: string | null): Generator<Batch> {
  const first = after === null ? -Infinity : Math.floor((numberOf(after) + 1) / share);
  let [low, high] = [0, batches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((batches[middle] as Batch).id < first) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < batches.length; index++) yield batches[index] as Batch;
}

/** The key of a table of batches: below 2^53, as all ids of events are. */
function numberOf(key: string): number {
  return Number((JSON.parse(key) as string[])[0]);
}

/** The key so many rows behind another; a later one where a text of it cannot be bound as it is. */
async function nextKey(
  source: Database,
  table: CopiedTable,
  after: string | null,
  to: string | null,
  rows: number,
): Promise<string | undefined> {
  const { cut_text: text } = await textsOf(source, table, boundsOf(after, to));
  for (let behind = rows - 1; ; behind++) {
    const [key] = await rowsOfText(source, text, [...keyValues(table, after, to), behind]);
    if (key === undefined) return undefined;
    if (isPlain(key)) return keyText(key);
  }
}

function isPlain(key: readonly unknown[]): boolean {
  return key.every((value) => typeof value !== "string" || !/[\0\uFFFD]/.test(value));
}

async function endKey(
  source: Database,
  table: CopiedTable,
  after: string | null,
): Promise<string | undefined> {
  const { end_text: text } = await textsOf(source, table, boundsOf(after, null));
  const values: Parameter[] = keyValues(table, after);
  const [key] = await rowsOfText(source, text, values);
  if (key === undefined) return undefined;
  // Behind the last one, where that cannot be bound: U+10FFFF is the last of all texts.
  return keyText(isPlain(key) ? key : key.map((value) => (typeof value === "string" ? "\u{10FFFF}" : value)));
}

/** A digest of the batches whose rows a part holds; null for a table whose rows may change. */
function digestOfBatches({ table, after, last }: Part, batches: readonly Batch[]): Buffer | null {
  const share = ofBatches.get(table.name);
  if (share === undefined) return null;
  const hash = createHash("sha256");
  const end = numberOf(last);
  for (const { id, state } of batchesBehind(batches, share, after)) {
    if (id * share > end) break;
    hash.update(state);
  }
  return hash.digest();
}
