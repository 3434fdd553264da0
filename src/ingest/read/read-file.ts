import { digestOf } from "../../checksum.ts";
import type { Arenas } from "./accumulator.ts";
import { batchBuilder, type BatchBuilder, type ReadBatch } from "./batch.ts";
import { prefixDigest, type PrefixDigest } from "./prefix-digest.ts";
import type { FromReader, ReadJob } from "./reader-messages.ts";
import { recordReader, type RecordReader } from "./record-reader.ts";
import { batchSink, proofRecords, startsArray, type Found } from "./batch-sink.ts";
import { unpack, type Unpacked } from "./unpack.ts";

/** Where batches go, and what the loader wants meanwhile. */
export interface Outlet {
  /** Most events in a batch. */
  batchEvents: number;
  /** The batch at hand is the last. */
  isStopping: boolean;
  /** Memory of batches that are written. */
  spares: ArrayBuffer[];
  /** Where its batches are made, one file after the other. */
  arenas: Arenas;
  /** Hands a batch over, once there is room for it. */
  hand(batch: ReadBatch, packedBytes: () => number): Promise<void>;
}

interface Reading extends Found {
  job: ReadJob;
  outlet: Outlet;
  unpacked: Unpacked;
  builder: BatchBuilder;
  digest: PrefixDigest;
  reader: RecordReader | undefined;
  /** Bytes of the stream seen so far. */
  offset: number;
  isArray: boolean | undefined;
  /** The last byte before the place to resume at is no newline. */
  isAtLineEnd: boolean;
}

/** Bytes of records that a batch keeps at most, beside one that is longer alone. */
const mostBatchBytes = 5 << 20;
/** Records are read in pieces of a chunk, so that a batch can end between them. */
const largestSlice = 128 << 10;

/** Reads one file into batches; gives the last message on it. */
export async function readFile(job: ReadJob, outlet: Outlet): Promise<FromReader> {
  const reading: Reading = {
    job,
    outlet,
    unpacked: await unpack(job.input, job.mostBytes - 1),
    builder: batchBuilder(job.resumeOffset, outlet.arenas),
    digest: prefixDigest(),
    reader: undefined,
    offset: 0,
    boundary: -1,
    isArray: undefined,
    isAtLineEnd: false,
    isLikely: job.resumeOffset > 0,
    letters: 0,
  };
  try {
    return await readChunks(reading);
  } finally {
    reading.digest.close();
  }
}

async function readChunks(reading: Reading): Promise<FromReader> {
  const { job, outlet, unpacked, builder } = reading;
  for await (const chunk of unpacked.chunks) {
    if (outlet.isStopping) break;
    const fresh = freshPart(reading, chunk);
    if (fresh === "mismatch") return { kind: "mismatch" };
    if (fresh.length === 0) continue;
    if (!(await readChunk(reading, fresh))) return { kind: "refused", records: builder.records() };
  }
  if (reading.offset < job.resumeOffset) return { kind: "mismatch" };
  return outlet.isStopping ? endMessage(reading, 0, null) : endFile(reading);
}

/** The part of a chunk that no earlier run has read; `mismatch` where the bytes before are not those it read. */
function freshPart(reading: Reading, chunk: Buffer): Buffer | "mismatch" {
  const { job, digest } = reading;
  const start = reading.offset;
  reading.offset += chunk.length;
  reading.isArray ??= startsArray(chunk);
  const known = Math.min(chunk.length, Math.max(0, job.resumeOffset - start));
  if (known > 0) {
    digest.keep(chunk.subarray(0, known));
    digest.advance(start + known);
    const isAtResume = start + known === job.resumeOffset;
    reading.isAtLineEnd = chunk[known - 1] !== 0x0a;
    if (isAtResume && !digest.read().equals(job.resumeDigest ?? Buffer.alloc(0))) return "mismatch";
  }
  return chunk.subarray(known);
}

/** Reads the records of new bytes; false where the file proves to be no Cowrie log. */
async function readChunk(reading: Reading, fresh: Buffer): Promise<boolean> {
  const { job, outlet, builder, digest } = reading;
  const reader = (reading.reader ??= startRecords(reading));
  digest.keep(fresh);
  let at = Math.max(0, job.skipBytes - (reading.offset - fresh.length));
  while (at < fresh.length) {
    const size = sliceBytes(outlet.batchEvents);
    reader.push(fresh.subarray(at, at + size));
    at += size;
    if (!reading.isLikely && reading.letters >= proofRecords) return false;
    if (!isFull(builder, outlet.batchEvents)) continue;
    if (reading.boundary > 0) await handOver(reading, reading.boundary);
    if (outlet.isStopping) break;
  }
  if (reader.isInLongRecord() && builder.records() > 0 && reading.boundary > 0) {
    await handOver(reading, reading.boundary);
  }
  // A batch ends at the last boundary or behind it, so the digest may go that far.
  digest.advance(reader.isInLongRecord() ? reading.offset : reading.boundary);
  return true;
}

function startRecords(reading: Reading): RecordReader {
  const { job, builder } = reading;
  const sink = batchSink(builder, reading);
  return recordReader(sink, {
    rules: job.rules,
    multiLine: job.multiLine,
    startOffset: Math.max(job.resumeOffset, job.skipBytes),
    isArray: reading.isArray === true,
    isAtLineEnd: reading.isAtLineEnd,
  });
}

/** Hands the records before `offset` over as a batch. */
async function handOver({ outlet, unpacked, builder, digest }: Reading, offset: number): Promise<void> {
  digest.advance(offset);
  const batch = builder.take(offset, digest.read(), outlet.spares.pop());
  await outlet.hand(batch, unpacked.packedBytes);
}

async function endFile(reading: Reading): Promise<FromReader> {
  const { job, unpacked, builder, offset } = reading;
  const damage = unpacked.damage();
  const isClosed = job.isClosed || damage !== undefined || unpacked.compression !== "plain";
  const closing = job.closing === null ? undefined : Buffer.from(job.closing);
  // What broke off may go on later; in a bulk load nobody waits for it.
  const isCut = job.waitsForRest && damage?.reason === "file:gzip_truncated";
  const unread =
    job.isOpenEnded || isCut
      ? offset - Math.max(reading.boundary, job.resumeOffset)
      : (reading.reader?.end(isClosed, closing) ?? 0);
  if (damage !== undefined && (!job.isKnownDamage || offset > job.resumeOffset)) {
    builder.letter({ offset, length: 0, digest: digestOf(""), head: Buffer.alloc(0), tail: null, ...damage });
  }
  if (!reading.isLikely && builder.letters() > 0 && damage === undefined) {
    return { kind: "refused", records: builder.records() };
  }
  if (builder.records() > 0) await handOver(reading, offset - unread);
  return endMessage(reading, unread, damage?.reason ?? null);
}

function endMessage({ unpacked }: Reading, unreadBytes: number, damage: string | null): FromReader {
  return { kind: "end", unreadBytes, damage, packedBytes: unpacked.packedBytes() };
}

/** Small batches need small pieces: a record is seldom under 200 bytes. */
export function sliceBytes(batchEvents: number): number {
  return Math.max(1, Math.min(largestSlice, batchEvents * 50));
}

/** Whether a batch should end. */
export function isFull(builder: BatchBuilder, batchEvents: number): boolean {
  return (
    builder.events() >= batchEvents ||
    builder.bytes() >= mostBatchBytes ||
    builder.records() >= batchEvents * 4
  );
}
