import { parentPort, type TransferListItem } from "node:worker_threads";
import { digestOf, runningDigest } from "../checksum.ts";
import type { GateRules } from "../events/gate.ts";
import { messageOf } from "../errors.ts";
import { batchBuilder, type BatchBuilder, type ReadBatch } from "./batch.ts";
import { recordReader, type DeadLetter, type RecordReader } from "./records.ts";
import { unpack, type Unpacked } from "./unpack.ts";

/** What the loader asks of its reader. */
export type ToReader =
  | { kind: "read"; job: ReadJob }
  /** One more batch may be in flight; batches should hold this many events from now on. */
  | { kind: "credit"; batchEvents: number; spare: ArrayBuffer }
  /** Finish the batch at hand and end. */
  | { kind: "stop" };

/** One file to read. */
export interface ReadJob {
  path: string | Uint8Array;
  rules: GateRules;
  multiLine: boolean;
  isClosed: boolean;
  /** Where an earlier run stopped, and the digest of the bytes before; offset 0 for a new file. */
  resumeOffset: number;
  resumeDigest: Uint8Array | null;
  /** Bytes of the file that are read; what is appended meanwhile is left to the next run. */
  mostBytes: number;
  batchEvents: number;
  /** The rest of the last line, which a rotation has put into the next file. */
  closing: Uint8Array | null;
  /** Bytes at the start that belong to the last line of the file before. */
  skipBytes: number;
  /** An earlier run has noted that the file is damaged behind `resumeOffset`. */
  isKnownDamage: boolean;
}

/** What the reader tells the loader. */
export type FromReader =
  | { kind: "batch"; batch: ReadBatch; packedBytes: number }
  /** The bytes before the place to resume at are not those that were read before. */
  | { kind: "mismatch" }
  | { kind: "refused"; records: number }
  | { kind: "end"; endOffset: number; unreadBytes: number; damage: string | null; packedBytes: number }
  | { kind: "failed"; message: string; code: string };

/** Bytes of records that a batch keeps at most, beside one that is longer alone. */
const mostBatchBytes = 7 << 20;
/** Records among which one must look like JSON before a file is taken for a Cowrie log. */
const proofRecords = 1_000;

let credits = 1;
/** Memory of batches that are written. */
const spares: ArrayBuffer[] = [];
let batchEvents = 0;
let stopping = false;
let wake = (): void => undefined;

parentPort?.on("message", (message: ToReader) => {
  if (message.kind === "read") {
    batchEvents = message.job.batchEvents;
    void readFile(message.job);
  } else if (message.kind === "credit") {
    credits++;
    spares.push(message.spare);
    batchEvents = message.batchEvents;
    wake();
  } else {
    stopping = true;
    wake();
  }
});

async function readFile(job: ReadJob): Promise<void> {
  try {
    tell(await read(job));
  } catch (error) {
    tell({
      kind: "failed",
      message: messageOf(error),
      code: typeof error === "object" && error !== null && "code" in error ? String(error.code) : "",
    });
  }
}

async function read(job: ReadJob): Promise<FromReader> {
  const path = typeof job.path === "string" ? job.path : Buffer.from(job.path);
  const unpacked = await unpack(path, job.mostBytes - 1);
  const digest = runningDigest();
  const builder = batchBuilder(job.resumeOffset);
  const proof = { isLikely: job.resumeOffset > 0, letters: 0 };
  let reader: RecordReader | undefined;
  let offset = 0;
  let hashed = 0;
  let chunkStart = 0;
  let chunk: Buffer = Buffer.alloc(0);
  let cutAt = -1;
  let isArray: boolean | undefined;
  const sink = {
    event: (bytes: Buffer, from: number, to: number) => {
      proof.isLikely ||= proof.letters < proofRecords;
      builder.add(bytes, from, to);
    },
    reject: (letter: DeadLetter) => {
      proof.isLikely ||=
        letter.reason === "encoding_utf16" ||
        /^\s*(\{\s*["}]|\[\s*[{\]])/.test(letter.head.toString("latin1", 0, 64));
      proof.letters++;
      builder.letter(letter);
    },
    skip: builder.skip,
    boundary: (at: number) => {
      cutAt = at;
    },
  };
  const hashTo = (to: number): void => {
    if (to <= hashed) return;
    digest.update(chunk.subarray(hashed - chunkStart, to - chunkStart));
    hashed = to;
  };
  for await (const next of unpacked.chunks) {
    if (stopping) break;
    let fresh = next;
    const start = offset;
    offset += next.length;
    isArray ??= startsArray(next);
    if (start < job.resumeOffset) {
      const known = Math.min(next.length, job.resumeOffset - start);
      digest.update(next.subarray(0, known));
      hashed = start + known;
      if (hashed < job.resumeOffset) continue;
      if (!digest.read().equals(job.resumeDigest ?? Buffer.alloc(0))) return { kind: "mismatch" };
      fresh = next.subarray(known);
      if (fresh.length === 0) continue;
    }
    reader ??= recordReader(sink, {
      rules: job.rules,
      multiLine: job.multiLine,
      startOffset: Math.max(job.resumeOffset, job.skipBytes),
      isArray,
    });
    // Bytes that are not hashed yet stay until a batch ends behind them.
    chunk =
      hashed === offset - fresh.length ? fresh : Buffer.concat([chunk.subarray(hashed - chunkStart), fresh]);
    chunkStart = hashed;
    const skip = Math.max(0, job.skipBytes - (offset - fresh.length));
    let size = sliceBytes();
    for (let at = skip; at < fresh.length; at += size, size = sliceBytes()) {
      reader.push(fresh.subarray(at, at + size));
      if (!proof.isLikely && proof.letters >= proofRecords)
        return { kind: "refused", records: builder.records() };
      if (!isFull(builder)) continue;
      if (cutAt > 0) {
        hashTo(cutAt);
        await hand(builder.take(cutAt, digest.read(), spares.pop()), unpacked);
      }
      if (stopping) break;
    }
    if (reader.isInLongRecord() && builder.records() > 0 && cutAt > 0) {
      hashTo(cutAt);
      await hand(builder.take(cutAt, digest.read(), spares.pop()), unpacked);
    }
    // A batch ends at the last boundary or behind it, so the digest may follow that far.
    hashTo(reader.isInLongRecord() ? offset : cutAt);
  }
  if (offset < job.resumeOffset) return { kind: "mismatch" };
  if (stopping)
    return {
      kind: "end",
      endOffset: hashed,
      unreadBytes: 0,
      damage: null,
      packedBytes: unpacked.packedBytes(),
    };
  const damage = unpacked.damage();
  const isClosed = job.isClosed || damage !== undefined || unpacked.compression !== "plain";
  const unread = reader?.end(isClosed, job.closing === null ? undefined : Buffer.from(job.closing)) ?? 0;
  const end = offset - unread;
  const isNews = !job.isKnownDamage || offset > job.resumeOffset;
  if (damage !== undefined && isNews) {
    builder.letter({ offset, length: 0, digest: digestOf(""), head: Buffer.alloc(0), tail: null, ...damage });
    proof.isLikely ||= builder.events() > 0;
  }
  if (!proof.isLikely && builder.letters() > 0 && damage === undefined)
    return { kind: "refused", records: builder.records() };
  if (builder.records() > 0) {
    hashTo(end);
    await hand(builder.take(end, digest.read(), spares.pop()), unpacked);
  }
  digest.close();
  return {
    kind: "end",
    endOffset: end,
    unreadBytes: unread,
    damage: damage?.reason ?? null,
    packedBytes: unpacked.packedBytes(),
  };
}

/** Records are read in pieces of a chunk, so that a batch can end between them. */
const largestSlice = 128 << 10;

/** Small batches need small pieces: a record is seldom under 200 bytes. */
function sliceBytes(): number {
  return Math.max(1, Math.min(largestSlice, batchEvents * 50));
}

function isFull(builder: BatchBuilder): boolean {
  return (
    builder.events() >= batchEvents ||
    builder.bytes() >= mostBatchBytes ||
    builder.records() >= batchEvents * 4
  );
}

function startsArray(chunk: Buffer): boolean {
  return /^(ï»¿)?[ \t\r\n]*\[/.test(chunk.toString("latin1", 0, 4096));
}

async function hand(batch: ReadBatch, unpacked: Unpacked): Promise<void> {
  while (credits === 0 && !stopping) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (credits > 0 || stopping) resolve();
    });
  }
  if (stopping) return;
  credits--;
  const transfer: TransferListItem[] = [
    batch.text,
    batch.times,
    batch.leaves,
    batch.digests,
    batch.spans,
  ].map((bytes) => bytes.buffer as ArrayBuffer);
  parentPort?.postMessage(
    { kind: "batch", batch, packedBytes: unpacked.packedBytes() } satisfies FromReader,
    transfer,
  );
  // Lets a message in, such as a changed batch size or a stop.
  await new Promise<void>((resolve) => setImmediate(resolve));
}

function tell(message: FromReader): void {
  parentPort?.postMessage(message);
}
