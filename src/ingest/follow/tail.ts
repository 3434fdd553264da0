import { closeSync, fstatSync, readSync } from "node:fs";
import { digestOf } from "../../checksum.ts";
import type { GateRules } from "../../events/gate.ts";
import { visibleBytes } from "../../term.ts";
import { batchBuilder, type BatchBuilder, type ReadBatch } from "../read/batch.ts";
import { batchSink, startsArray, type Found } from "../read/batch-sink.ts";
import { fingerprintBytes, type InputFile } from "../files.ts";
import type { KnownSource } from "../known-source.ts";
import { openFile, placeKey, placeOf, type FilePlace } from "../place.ts";
import { prefixDigest, type PrefixDigest } from "../read/prefix-digest.ts";
import { isFull, sliceBytes } from "../read/read-file.ts";
import { recordReader, type RecordReader } from "../read/record-reader.ts";
import { isEvent } from "../stitch.ts";
import { compressionOf } from "../read/unpack.ts";

/** A file that is being written, held open at the place up to which it is read. */
export interface Tail extends Found {
  key: string;
  fd: number;
  file: InputFile;
  sourceId: number | null;
  /** Sources that start as the file and that it was found not to be. */
  compared: readonly number[];
  /** Bytes read of the file; what stands between `boundary` and here is an unfinished record. */
  position: number;
  /** The last bytes before `position`: where they are others, the file is another. */
  window: Buffer;
  builder: BatchBuilder;
  digest: PrefixDigest;
  reader: RecordReader;
  /** Rotation has renamed the file, or it has no name any more. */
  isAside: boolean;
  grownAt: number;
  /** When a piece may be tried again of a file that the breaker keeps from being read; 0 where it does not. */
  probeAt: number;
}

/** Why a file is not followed: it has no whole line yet, or it is for a pass to read. */
export type NoTail = "early" | "pass";

const windowBytes = 256;
const chunkBytes = 1 << 20;

/**
 * Opens a file at the place where it was last left. `sources` gives the sources that it may be, by its first bytes. The
 * bytes before that place are read once, to go on with their digest.
 */
export async function openTail(
  path: Buffer,
  rules: GateRules,
  multiLine: boolean,
  sources: (file: InputFile) => Promise<KnownSource[]>,
): Promise<Tail | NoTail> {
  const opened = openFile(path);
  if (opened === undefined) return "pass";
  const { fd, place } = opened;
  let tail: Tail | NoTail = "pass";
  try {
    const file = fileAt(fd, path, place);
    if (file.compression === "plain" && !startsArray(file.firstBytes)) {
      tail = await resumed(fd, file, rules, multiLine, await sources(file));
    }
  } finally {
    if (typeof tail === "string") closeSync(fd);
  }
  return tail;
}

async function resumed(
  fd: number,
  file: InputFile,
  rules: GateRules,
  multiLine: boolean,
  sources: readonly KnownSource[],
): Promise<Tail | NoTail> {
  const compared = sources.map(({ source_id: id }) => id);
  for (const source of sources) {
    const digest = prefixDigest();
    if (await hasPrefix(fd, digest, source))
      return tailAt(fd, file, { rules, multiLine }, digest, { source, compared });
    digest.close();
  }
  const stop = file.firstBytes.indexOf(0x0a);
  if (stop < 0) return file.firstBytes.length < fingerprintBytes ? "early" : "pass";
  // The first line may be the rest of one that rotation has cut in two, which takes a look at other files.
  if (!isEvent(file.firstBytes.subarray(0, stop), rules)) return "pass";
  return tailAt(fd, file, { rules, multiLine }, prefixDigest(), { compared });
}

function tailAt(
  fd: number,
  file: InputFile,
  how: { rules: GateRules; multiLine: boolean },
  digest: PrefixDigest,
  { source, compared }: { source?: KnownSource; compared: readonly number[] },
): Tail {
  const position = source?.next_offset ?? 0;
  const builder = batchBuilder(position);
  const seen: Found = { boundary: position, isLikely: position > 0, letters: 0 };
  const reader = recordReader(batchSink(builder, seen), { ...how, startOffset: position, isArray: false });
  return Object.assign(seen, {
    key: placeKey(file.place as FilePlace),
    fd,
    file: { ...file, place: { ...(file.place as FilePlace), changedUs: 0 } },
    sourceId: source?.source_id ?? null,
    compared,
    position,
    window: bytesAt(fd, Math.max(0, position - windowBytes), Math.min(windowBytes, position)),
    builder,
    digest,
    reader,
    isAside: false,
    grownAt: performance.now(),
    probeAt: 0,
  });
}

function fileAt(fd: number, path: Buffer, place: FilePlace): InputFile {
  const firstBytes = bytesAt(fd, 0, fingerprintBytes);
  return {
    path,
    shown: visibleBytes(path),
    sizeBytes: place.sizeBytes,
    place,
    isClosed: false,
    compression: compressionOf(firstBytes),
    fingerprint: digestOf(firstBytes),
    firstBytes,
    firstTime: "",
    closing: null,
    skipBytes: 0,
    isOpenEnded: true,
  };
}

async function hasPrefix(fd: number, digest: PrefixDigest, source: KnownSource): Promise<boolean> {
  for (let at = 0; at < source.next_offset;) {
    const chunk = bytesAt(fd, at, Math.min(chunkBytes, source.next_offset - at));
    if (chunk.length === 0) return false;
    digest.keep(chunk);
    at += chunk.length;
    digest.advance(at);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // One that is to be read again from its start has none.
  return source.prefix_digest === null
    ? source.next_offset === 0
    : digest.read().equals(source.prefix_digest);
}

function bytesAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, length === 0 ? 0 : readSync(fd, bytes, 0, length, offset));
}

/** What a look at a followed file gave: `replaced` where its bytes are others by now, `unlikely` where it is no log. */
export type Turn = ReadBatch | "replaced" | "unlikely" | undefined;

/** Reads what was appended, a piece of it at most; undefined where that is no whole record. */
export function readTail(tail: Tail, batchEvents: number): Turn {
  const place = placeOf(fstatSync(tail.fd, { bigint: true }));
  const { position } = tail;
  if (place.sizeBytes < position) return "replaced";
  const isStill = place.sizeBytes === position && place.changedUs === tail.file.place?.changedUs;
  if (isStill) return undefined;
  readOn(tail, place.sizeBytes, batchEvents);
  if (!isSameFile(tail, position)) return "replaced";
  if (tail.position > position) noteGrowth(tail);
  tail.file = { ...tail.file, sizeBytes: tail.position, place: { ...place, sizeBytes: tail.position } };
  if (!tail.isLikely && tail.letters > 0) return "unlikely";
  tail.digest.advance(tail.reader.isInLongRecord() ? tail.position : tail.boundary);
  if (tail.builder.records() === 0) return undefined;
  return tail.builder.take(tail.boundary, tail.digest.read());
}

/** Whether more is there than has been read. */
export function isBehind(tail: Tail): boolean {
  return fstatSync(tail.fd).size > tail.position;
}

/** Reads pieces until a batch is full. */
function readOn(tail: Tail, size: number, batchEvents: number): void {
  const most = Math.min(size, tail.position + chunkBytes);
  while (tail.position < most && !isFull(tail.builder, batchEvents)) {
    const chunk = bytesAt(tail.fd, tail.position, Math.min(sliceBytes(batchEvents), most - tail.position));
    if (chunk.length === 0) return;
    tail.digest.keep(chunk);
    tail.reader.push(chunk);
    tail.position += chunk.length;
  }
}

/** Whether the file's first bytes and those before `position` are still what they were when they were read. */
function isSameFile(tail: Tail, position: number): boolean {
  const { firstBytes } = tail.file;
  return (
    bytesAt(tail.fd, 0, firstBytes.length).equals(firstBytes) &&
    bytesAt(tail.fd, position - tail.window.length, tail.window.length).equals(tail.window)
  );
}

function noteGrowth(tail: Tail): void {
  tail.grownAt = performance.now();
  const length = Math.min(windowBytes, tail.position);
  tail.window = bytesAt(tail.fd, tail.position - length, length);
  if (tail.file.firstBytes.length === fingerprintBytes) return;
  const firstBytes = bytesAt(tail.fd, 0, Math.min(fingerprintBytes, tail.position));
  tail.file = { ...tail.file, firstBytes, fingerprint: digestOf(firstBytes) };
}

/** Lets go of a file. */
export function closeTail(tail: Tail): void {
  tail.digest.close();
  closeSync(tail.fd);
}
