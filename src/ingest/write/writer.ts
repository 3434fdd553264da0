import { packEvidence } from "../../events/evidence.ts";
import type { Database } from "../../db/database.ts";
import { batchDigest } from "../../events/digests.ts";
import { databaseError, isLocked, isRetryable } from "../../db/database-error.ts";
import { CowriedbError } from "../../errors.ts";
import type { ReadBatch } from "../read/batch.ts";
import type { DeadLetter } from "../read/records.ts";
import type { InputFile } from "../files.ts";

/** What a batch came to. */
export interface BatchOutcome {
  batchId: number;
  sourceId: number;
  read: number;
  accepted: number;
  duplicate: number;
  rejected: number;
  skipped: number;
}

/** A batch with what is needed to write it. */
export interface WriteRequest {
  batch: ReadBatch;
  file: InputFile;
  /** Null while the store does not have the file yet; the write makes the source. */
  sourceId: number | null;
  /** Sources that start as the file and that it was found not to be. */
  compared: readonly number[];
  runId: string;
  actor: string;
}

/** Dead letters of a source that is known, whose records are a batch now. */
export interface ReplayRequest {
  batch: ReadBatch;
  file: null;
  sourceId: number;
  runId: string;
  actor: string;
  /** Numbers of the letters that the batch settles. */
  letters: readonly number[];
}

/** Writes batches into one store, each in one transaction. */
export interface BatchWriter {
  database: Database;
  /** Batches of one source that may be on their way at once; they are committed in the order of their requests. */
  atOnce: number;
  /** Only the first batch of a source needs to be committed before the next one is asked for. */
  write(request: WriteRequest | ReplayRequest): Promise<BatchOutcome>;
  /** Whether another program wrote, or waited to write, not long ago. */
  isShared?(): boolean;
  /** Path of the SQLite store whose write-ahead log the reader's thread should checkpoint, else null. */
  walOf: string | null;
}

/** The parameters that both dialects of `events/insert_batch` take. */
export function insertParameters(batch: ReadBatch): {
  sessions: string;
  times: Buffer;
  digests: Buffer;
  text: Buffer;
  spans: Buffer;
  marks: string;
  marks_of: Buffer;
} {
  return {
    sessions: batch.sessions,
    times: asBuffer(batch.times),
    digests: asBuffer(batch.digests),
    text: asBuffer(batch.text),
    spans: asBuffer(batch.spans),
    marks: batch.marks,
    marks_of: asBuffer(batch.marksOf),
  };
}

/** Bytes that crossed from another thread, as a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The digest of a batch whose accepted events have these ordinals; all of them where none are given. */
export function digestOfBatch(
  batchId: number,
  batch: ReadBatch,
  ordinals: readonly number[] | undefined,
): Buffer {
  const leaves = asBuffer(batch.leaves);
  const accepted = ordinals ?? new Uint32Array(batch.events).map((_none, index) => index);
  const kept =
    ordinals === undefined
      ? leaves
      : Buffer.concat(ordinals.map((ordinal) => leaves.subarray(ordinal * 32, ordinal * 32 + 32)));
  return batchDigest(batchId, accepted, kept);
}

/** The evidence of a batch: all its records, or those with these ordinals. */
export function evidenceOf(
  batch: ReadBatch,
  ordinals: readonly number[] | undefined,
): { line_count: number; line_bytes: number; lines: Buffer } | undefined {
  if (ordinals === undefined) {
    if (batch.events === 0) return undefined;
    return { line_count: batch.events, line_bytes: batch.linesBytes, lines: asBuffer(batch.evidence) };
  }
  if (ordinals.length === 0) return undefined;
  const parts: Uint8Array[] = [];
  ordinals.forEach((ordinal, index) => {
    if (index > 0) parts.push(newline);
    const start = batch.lineStart[ordinal] as number;
    parts.push(batch.text.subarray(start, (batch.lineStart[ordinal + 1] as number) - 1));
  });
  const lines = Buffer.concat(parts);
  return { line_count: ordinals.length, line_bytes: lines.length, lines: packEvidence(lines) };
}

const newline = Buffer.from("\n");

/** The columns with which a batch is opened. */
export function openParameters(
  request: WriteRequest | ReplayRequest,
  sourceId: number,
): { source_id: number; run_id: string; kind: string; first_offset: number; actor: string } {
  return {
    source_id: sourceId,
    run_id: request.runId,
    kind: request.file === null ? "replay" : "load",
    first_offset: request.batch.firstOffset,
    actor: request.actor,
  };
}

/** The error where letters that a batch was to settle are settled already; the transaction must not commit. */
export function lettersTaken(wanted: number, settled: number): CowriedbError {
  return new CowriedbError(
    "letters.taken",
    `${wanted - settled} of ${wanted} dead letters were settled by another program meanwhile.`,
    { hint: "Nothing of this batch was stored. Run the same command again." },
  );
}

/** The sum of the sightings that a batch repeats within itself. */
export function repeatCount(batch: ReadBatch): number {
  return batch.repeats.reduce((sum, [, sightings]) => sum + sightings, 0);
}

const mostTries = 5;
/** Each try has waited 10 s for the lock already, and held up everything else of the process: half a minute is enough. */
const mostTriesLocked = 3;

/** Tries a whole transaction several times while the engine says that it may be tried again. */
export async function withRetry<T>(
  store: string,
  work: () => T | Promise<T>,
  doing = "write a batch",
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const most = isLocked(error) ? mostTriesLocked : mostTries;
      if (attempt >= most || !isRetryable(error)) throw databaseError(error, doing, store);
      await new Promise((resolve) => setTimeout(resolve, 50 * attempt * (1 + Math.random())));
    }
  }
}

/** The parameters of `events/insert_dead_letter`. */
export function deadLetterParameters(
  letter: DeadLetter,
  batchId: number,
  sourceId: number,
): {
  batch_id: number;
  source_id: number;
  source_offset: number;
  record_bytes: number;
  record_digest: Buffer;
  record: Buffer;
  record_tail: Buffer | null;
  reason: string;
  detail: string;
} {
  return {
    batch_id: batchId,
    source_id: sourceId,
    source_offset: letter.offset,
    record_bytes: letter.length,
    record_digest: asBuffer(letter.digest),
    record: asBuffer(letter.head),
    record_tail: letter.tail === null ? null : asBuffer(letter.tail),
    reason: letter.reason,
    detail: letter.detail,
  };
}
