import { gzipSync } from "node:zlib";
import { digestOf } from "../checksum.ts";
import { passed } from "../events/gate.ts";
import type { DeadLetter, SkipCode } from "./records.ts";

/** A batch as the reader hands it over: records in the order of their identity, ready to be written. */
export interface ReadBatch {
  firstOffset: number;
  endOffset: number;
  recordsRead: number;
  events: number;
  /** Session ids as a JSON array, in the order of identity. */
  sessions: string;
  /** 27 characters an event. */
  times: Buffer;
  /** BLAKE3 of each record, 32 bytes an event. */
  leaves: Buffer;
  /** The records as read, newline-joined, then the payloads that differ from their records. */
  text: Buffer;
  /** Bytes of `text` that are records. */
  linesBytes: number;
  /** Start and length in `text` of each record, then of each payload. */
  lineStart: Uint32Array;
  lineLength: Uint32Array;
  payloadStart: Uint32Array;
  payloadLength: Uint32Array;
  /** Index into `marks`, an event each. */
  mark: Uint32Array;
  /** Distinct flags and canonical values; the first has none. */
  marks: Mark[];
  /** The records of `text`, compressed. */
  evidence: Buffer;
  /** Events that the batch itself has several times: ordinal and further sightings. */
  repeats: [ordinal: number, sightings: number][];
  letters: DeadLetter[];
  skips: Partial<Record<SkipCode, number>>;
  firstEventAt: string | null;
  lastEventAt: string | null;
  /** BLAKE3 of the stream's bytes before `endOffset`. */
  prefixDigest: Buffer;
  /** The sensor of the batch's first event. */
  sensor: string;
}

/** What an event has beside its payload; most have nothing. */
export interface Mark {
  flags: string;
  canonical_ip: string | null;
  canonical_type: string | null;
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
  /** Sorts, compresses and hands over; the builder starts anew at `endOffset`. */
  take(endOffset: number, prefixDigest: Buffer): ReadBatch;
}

/** Makes a builder whose first batch starts at `startOffset`. */
export function batchBuilder(startOffset: number): BatchBuilder {
  let firstOffset = startOffset;
  let buffers: Buffer[] = [];
  let starts: number[] = [];
  let stops: number[] = [];
  let sessions: string[] = [];
  let times: string[] = [];
  let markOf: number[] = [];
  let payloads: (Buffer | undefined)[] = [];
  let marks: Mark[] = [unmarked];
  let markIndex = new Map<string, number>();
  let letters: DeadLetter[] = [];
  let skips: Partial<Record<SkipCode, number>> = {};
  let skipped = 0;
  let kept = 0;
  let sensor = "";

  function markNumber(): number {
    if (passed.flags === "" && passed.canonicalIp === null && passed.canonicalType === null) return 0;
    const key = `${passed.flags}\n${passed.canonicalIp ?? ""}\n${passed.canonicalType ?? ""}`;
    let index = markIndex.get(key);
    if (index === undefined) {
      index = marks.length;
      markIndex.set(key, index);
      marks.push({ flags: passed.flags, canonical_ip: passed.canonicalIp, canonical_type: passed.canonicalType });
    }
    return index;
  }

  function add(bytes: Buffer, from: number, to: number): void {
    if (sensor === "") sensor = passed.sensor;
    buffers.push(bytes);
    starts.push(from);
    stops.push(to);
    sessions.push(passed.sessionId);
    times.push(passed.occurredAt);
    markOf.push(markNumber());
    payloads.push(passed.payload);
    kept += to - from + (passed.payload?.length ?? 0);
  }

  function take(endOffset: number, prefixDigest: Buffer): ReadBatch {
    const count = sessions.length;
    const leafOf = new Array<Buffer>(count);
    for (let index = 0; index < count; index++) {
      leafOf[index] = digestOf((buffers[index] as Buffer).subarray(starts[index], stops[index]));
    }
    const order = ordered(sessions, times, leafOf);
    const { unique, repeats } = withoutRepeats(order, sessions, times, leafOf);
    const texts = gathered(unique, buffers, starts, stops, payloads);
    const uniqueTimes = unique.map((index) => times[index] as string);
    const timeline = uniqueTimes.reduce<[string, string] | undefined>(
      (range, time) =>
        range === undefined ? [time, time] : [time < range[0] ? time : range[0], time > range[1] ? time : range[1]],
      undefined,
    );
    const batch: ReadBatch = {
      firstOffset,
      endOffset,
      recordsRead: count + letters.length + skipped,
      events: unique.length,
      sessions: JSON.stringify(unique.map((index) => sessions[index] as string)),
      times: Buffer.from(uniqueTimes.join(""), "latin1"),
      leaves: Buffer.concat(unique.map((index) => leafOf[index] as Buffer)),
      ...texts,
      mark: Uint32Array.from(unique, (index) => markOf[index] as number),
      marks,
      evidence: gzipSync(texts.text.subarray(0, texts.linesBytes), { level: 1 }),
      repeats,
      letters,
      skips,
      firstEventAt: timeline?.[0] ?? null,
      lastEventAt: timeline?.[1] ?? null,
      prefixDigest,
      sensor,
    };
    firstOffset = endOffset;
    buffers = [];
    starts = [];
    stops = [];
    sessions = [];
    times = [];
    markOf = [];
    payloads = [];
    marks = [unmarked];
    markIndex = new Map();
    letters = [];
    skips = {};
    skipped = 0;
    kept = 0;
    return batch;
  }

  return {
    add,
    letter: (letter) => {
      letters.push(letter);
      kept += letter.head.length + 200;
    },
    skip: (code) => {
      skips[code] = (skips[code] ?? 0) + 1;
      skipped++;
    },
    records: () => sessions.length + letters.length + skipped,
    events: () => sessions.length,
    letters: () => letters.length,
    bytes: () => kept,
    take,
  };
}

const unmarked: Mark = { flags: "", canonical_ip: null, canonical_type: null };

function ordered(sessions: string[], times: string[], leafOf: Buffer[]): Uint32Array {
  const order = new Uint32Array(sessions.length);
  for (let index = 0; index < order.length; index++) order[index] = index;
  return order.sort((left, right) => {
    const a = sessions[left] as string;
    const b = sessions[right] as string;
    if (a !== b) return a < b ? -1 : 1;
    const s = times[left] as string;
    const t = times[right] as string;
    if (s !== t) return s < t ? -1 : 1;
    return Buffer.compare(leafOf[left] as Buffer, leafOf[right] as Buffer);
  });
}

function withoutRepeats(
  order: Uint32Array,
  sessions: string[],
  times: string[],
  leafOf: Buffer[],
): { unique: number[]; repeats: [number, number][] } {
  const unique: number[] = [];
  const repeats: [number, number][] = [];
  for (const index of order) {
    const last = unique.at(-1);
    const isRepeat =
      last !== undefined &&
      times[last] === times[index] &&
      sessions[last] === sessions[index] &&
      (leafOf[last] as Buffer).compare(leafOf[index] as Buffer, 0, 16, 0, 16) === 0;
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

function gathered(
  unique: number[],
  buffers: Buffer[],
  starts: number[],
  stops: number[],
  payloads: (Buffer | undefined)[],
): Pick<ReadBatch, "text" | "linesBytes" | "lineStart" | "lineLength" | "payloadStart" | "payloadLength"> {
  let linesBytes = unique.length === 0 ? 0 : unique.length - 1;
  let payloadBytes = 0;
  for (const index of unique) {
    linesBytes += (stops[index] as number) - (starts[index] as number);
    payloadBytes += payloads[index]?.length ?? 0;
  }
  const text = Buffer.allocUnsafeSlow(linesBytes + payloadBytes);
  const lineStart = new Uint32Array(unique.length);
  const lineLength = new Uint32Array(unique.length);
  const payloadStart = new Uint32Array(unique.length);
  const payloadLength = new Uint32Array(unique.length);
  let at = 0;
  let payloadAt = linesBytes;
  unique.forEach((index, ordinal) => {
    if (ordinal > 0) text[at++] = 0x0a;
    const length = (buffers[index] as Buffer).copy(text, at, starts[index], stops[index]);
    lineStart[ordinal] = at;
    lineLength[ordinal] = length;
    const payload = payloads[index];
    payloadStart[ordinal] = payload === undefined ? at : payloadAt;
    payloadLength[ordinal] = payload === undefined ? length : payload.length;
    if (payload !== undefined) payloadAt += payload.copy(text, payloadAt);
    at += length;
  });
  return { text, linesBytes, lineStart, lineLength, payloadStart, payloadLength };
}
