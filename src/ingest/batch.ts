import { gzipSync } from "node:zlib";
import { digestOf } from "../checksum.ts";
import { passed } from "../events/gate.ts";
import type { DeadLetter, SkipCode } from "./records.ts";

/**
 * A batch as the reader hands it over: events in the order of their identity, each once, ready to be bound to
 * `events/insert_batch`.
 */
export interface ReadBatch {
  firstOffset: number;
  endOffset: number;
  recordsRead: number;
  events: number;
  /** Session ids as a JSON array. */
  sessions: string;
  /** 27 characters an event. */
  times: Uint8Array;
  /** BLAKE3 of each record, 32 bytes an event. */
  leaves: Uint8Array;
  /** The first 16 bytes of each leaf. */
  digests: Uint8Array;
  /** The records as read, newline-joined, then the payloads that differ from their records. */
  text: Uint8Array;
  /** Bytes of `text` that are records. */
  linesBytes: number;
  /** Start in `text` of each record, and behind the last. */
  lineStart: Uint32Array;
  /** Start (from 1) and length in `text` of each payload, ten digits each. */
  spans: Uint8Array;
  /** Distinct flags and canonical values as a JSON array; the first has none. */
  marks: string;
  /** The number of each event's mark, six digits. */
  marksOf: Uint8Array;
  /** The records of `text`, compressed. */
  evidence: Uint8Array;
  /** Events that the batch itself has several times: ordinal and further sightings. */
  repeats: [ordinal: number, sightings: number][];
  letters: DeadLetter[];
  skips: Partial<Record<SkipCode, number>>;
  firstEventAt: string | null;
  lastEventAt: string | null;
  /** BLAKE3 of the stream's bytes before `endOffset`. */
  prefixDigest: Uint8Array;
  /** The sensor of the batch's first event. */
  sensor: string;
}

/** Collects records until a batch is full. */
export interface BatchBuilder {
  add(bytes: Buffer, from: number, to: number): void;
  letter(letter: DeadLetter): void;
  skip(code: SkipCode): void;
  /** Records so far: accepted, refused and skipped. */
  records(): number;
  events(): number;
  letters(): number;
  /** Bytes that the batch keeps in memory. */
  bytes(): number;
  /**
   * Sorts, compresses and hands over; the builder starts anew at `endOffset`. `spare` is memory of an earlier batch that
   * may be used again.
   */
  take(endOffset: number, prefixDigest: Buffer, spare?: ArrayBuffer): ReadBatch;
}

/**
 * What a batch in the making holds. The bytes lie in arenas that serve for batch after batch: measured on 400,000
 * events, memory of one's own for every line took 445 MB at the peak, collected too late.
 */
const arenas: { text: Buffer; leaves: Buffer } = { text: Buffer.alloc(0), leaves: Buffer.alloc(0) };

/** Makes a builder whose first batch starts at `startOffset`. */
export function batchBuilder(startOffset: number): BatchBuilder {
  let firstOffset = startOffset;
  let held = emptyHold();

  function add(bytes: Buffer, from: number, to: number): void {
    const ordinal = held.sessions.length;
    if (ordinal === 0) held.sensor = passed.sensor;
    held.starts.push(held.used);
    held.lengths.push(to - from);
    held.payloads.push(passed.payload);
    held.sessions.push(passed.sessionId);
    held.times.push(passed.occurredAt);
    held.marksOf.push(markNumber(held));
    arenas.text = roomFor(arenas.text, held.used, to - from);
    bytes.copy(arenas.text, held.used, from, to);
    held.used += to - from;
    held.payloadBytes += passed.payload?.length ?? 0;
    arenas.leaves = roomFor(arenas.leaves, ordinal * 32, 32);
    digestOf(bytes.subarray(from, to)).copy(arenas.leaves, ordinal * 32);
  }

  function take(endOffset: number, prefixDigest: Buffer, spare?: ArrayBuffer): ReadBatch {
    const { unique, repeats } = withoutRepeats(held, ordered(held));
    const batch: ReadBatch = {
      firstOffset,
      endOffset,
      recordsRead: held.sessions.length + held.letters.length + held.skipped,
      events: unique.length,
      ...columnsOf(held, unique),
      ...textsOf(held, unique, spare),
      evidence: new Uint8Array(),
      repeats,
      letters: held.letters,
      skips: held.skips,
      prefixDigest,
      sensor: held.sensor,
    };
    batch.evidence = gzipSync(batch.text.subarray(0, batch.linesBytes), { level: 1 });
    firstOffset = endOffset;
    held = emptyHold();
    return batch;
  }

  return {
    add,
    letter: (letter) => {
      held.letters.push(letter);
      held.letterBytes += letter.head.length + (letter.tail?.length ?? 0) + 200;
    },
    skip: (code) => {
      held.skips[code] = (held.skips[code] ?? 0) + 1;
      held.skipped++;
    },
    records: () => held.sessions.length + held.letters.length + held.skipped,
    events: () => held.sessions.length,
    letters: () => held.letters.length,
    bytes: () => held.used + held.payloadBytes + held.letterBytes,
    take,
  };
}

interface Hold {
  used: number;
  payloadBytes: number;
  letterBytes: number;
  starts: number[];
  lengths: number[];
  payloads: (Buffer | undefined)[];
  sessions: string[];
  times: string[];
  marks: { flags: string; canonical_ip: string | null; canonical_type: string | null }[];
  markIndex: Map<string, number>;
  marksOf: number[];
  letters: DeadLetter[];
  skips: Partial<Record<SkipCode, number>>;
  skipped: number;
  sensor: string;
}

function emptyHold(): Hold {
  return {
    used: 0,
    payloadBytes: 0,
    letterBytes: 0,
    starts: [],
    lengths: [],
    payloads: [],
    sessions: [],
    times: [],
    marks: [{ flags: "", canonical_ip: null, canonical_type: null }],
    markIndex: new Map(),
    marksOf: [],
    letters: [],
    skips: {},
    skipped: 0,
    sensor: "",
  };
}

function markNumber(held: Hold): number {
  if (passed.flags === "" && passed.canonicalIp === null && passed.canonicalType === null) return 0;
  const key = `${passed.flags}\n${passed.canonicalIp ?? ""}\n${passed.canonicalType ?? ""}`;
  let index = held.markIndex.get(key);
  if (index === undefined) {
    index = held.marks.length;
    held.markIndex.set(key, index);
    held.marks.push({
      flags: passed.flags,
      canonical_ip: passed.canonicalIp,
      canonical_type: passed.canonicalType,
    });
  }
  return index;
}

function roomFor(arena: Buffer, used: number, more: number): Buffer {
  if (used + more <= arena.length) return arena;
  const grown = Buffer.allocUnsafeSlow(Math.max(used + more, Math.ceil(arena.length * 1.3), 1 << 20));
  arena.copy(grown, 0, 0, used);
  return grown;
}

/** The events' numbers in the order of their identity: session, time, digest. */
function ordered(held: Hold): Uint32Array {
  const { sessions, times } = held;
  const order = Uint32Array.from(sessions, (_session, index) => index);
  return order.sort((left, right) => {
    const a = sessions[left] as string;
    const b = sessions[right] as string;
    if (a !== b) return a < b ? -1 : 1;
    const s = times[left] as string;
    const t = times[right] as string;
    if (s !== t) return s < t ? -1 : 1;
    return compareLeaves(left, right);
  });
}

function compareLeaves(left: number, right: number): number {
  const { leaves } = arenas;
  return leaves.compare(leaves, right * 32, right * 32 + 16, left * 32, left * 32 + 16);
}

function withoutRepeats(held: Hold, order: Uint32Array): { unique: number[]; repeats: [number, number][] } {
  const { sessions, times } = held;
  const unique: number[] = [];
  const repeats: [number, number][] = [];
  for (const index of order) {
    const last = unique.at(-1);
    const isRepeat =
      last !== undefined &&
      times[last] === times[index] &&
      sessions[last] === sessions[index] &&
      compareLeaves(last, index) === 0;
    if (!isRepeat) {
      unique.push(index);
      continue;
    }
    const ordinal = unique.length - 1;
    const open = repeats.at(-1);
    if (open?.[0] === ordinal) open[1]++;
    else repeats.push([ordinal, 1]);
  }
  return { unique, repeats };
}

function columnsOf(
  held: Hold,
  unique: readonly number[],
): Pick<
  ReadBatch,
  "sessions" | "times" | "leaves" | "digests" | "marks" | "marksOf" | "firstEventAt" | "lastEventAt"
> {
  const times = Buffer.allocUnsafeSlow(unique.length * 27);
  const leaves = Buffer.allocUnsafeSlow(unique.length * 32);
  const digests = Buffer.allocUnsafeSlow(unique.length * 16);
  const marksOf = Buffer.alloc(unique.length * 6, "0");
  let first: string | null = null;
  let last: string | null = null;
  unique.forEach((index, ordinal) => {
    const time = held.times[index] as string;
    if (first === null || time < first) first = time;
    if (last === null || time > last) last = time;
    times.write(time, ordinal * 27, "latin1");
    arenas.leaves.copy(leaves, ordinal * 32, index * 32, index * 32 + 32);
    arenas.leaves.copy(digests, ordinal * 16, index * 32, index * 32 + 16);
    const mark = held.marksOf[index] as number;
    if (mark > 0) digits(marksOf, ordinal * 6, 6, mark);
  });
  return {
    sessions: JSON.stringify(unique.map((index) => held.sessions[index])),
    times,
    leaves,
    digests,
    marks: JSON.stringify(held.marks),
    marksOf,
    firstEventAt: first,
    lastEventAt: last,
  };
}

function textsOf(
  held: Hold,
  unique: readonly number[],
  spare: ArrayBuffer | undefined,
): Pick<ReadBatch, "text" | "linesBytes" | "lineStart" | "spans"> {
  let linesBytes = Math.max(0, unique.length - 1);
  for (const index of unique) linesBytes += held.lengths[index] as number;
  const needed = linesBytes + held.payloadBytes;
  const memory =
    spare !== undefined && spare.byteLength >= needed
      ? spare
      : new ArrayBuffer(Math.ceil(needed * 1.1) + 4_096);
  const text = Buffer.from(memory, 0, needed);
  const lineStart = new Uint32Array(unique.length + 1);
  const spans = Buffer.allocUnsafeSlow(unique.length * 20);
  let at = 0;
  let payloadAt = linesBytes;
  unique.forEach((index, ordinal) => {
    if (ordinal > 0) text[at++] = 0x0a;
    const start = held.starts[index] as number;
    const length = arenas.text.copy(text, at, start, start + (held.lengths[index] as number));
    lineStart[ordinal] = at;
    const payload = held.payloads[index];
    digits(spans, ordinal * 20, 10, 1 + (payload === undefined ? at : payloadAt));
    digits(spans, ordinal * 20 + 10, 10, payload?.length ?? length);
    if (payload !== undefined) payloadAt += payload.copy(text, payloadAt);
    at += length;
  });
  lineStart[unique.length] = at + 1;
  return { text, linesBytes, lineStart, spans };
}

function digits(target: Buffer, at: number, width: number, value: number): void {
  let rest = value;
  for (let place = at + width - 1; place >= at; place--) {
    const next = Math.trunc(rest / 10);
    target[place] = 0x30 + rest - next * 10;
    rest = next;
  }
}
