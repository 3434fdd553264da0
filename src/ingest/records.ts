import { runningDigest, digestOf, type RunningDigest } from "../checksum.ts";
import { blame, judge, refused, refuse, type GateRules, type Reason } from "../events/gate.ts";
import { found, type Found } from "../events/found.ts";
import { scan, scanValue } from "../events/scan.ts";

/** Where a reader of records puts what it finds. Positions are in the unpacked stream. */
export interface RecordSink {
  /** An event that `judge` has just passed; its bytes stay valid. */
  event(bytes: Buffer, from: number, to: number): void;
  reject(letter: DeadLetter): void;
  skip(code: SkipCode): void;
  /** All records before `offset` are accounted for; a batch may end here. */
  boundary(offset: number): void;
}

export type SkipCode = "blank" | "nul_run";

/** A refused record. */
export interface DeadLetter {
  offset: number;
  length: number;
  digest: Buffer;
  /** The whole record, or its first 4 KiB. */
  head: Buffer;
  /** Its last 4 KiB where `head` is not the whole. */
  tail: Buffer | null;
  reason: Reason;
  detail: string;
}

/** How records are read. */
export interface RecordOptions {
  rules: GateRules;
  /** Take objects that are written over several lines. */
  multiLine: boolean;
  /** Where reading starts; not 0 where an earlier run has read the bytes before it. */
  startOffset: number;
  /** The file's first byte that is no blank is `[`: its elements are the records. */
  isArray: boolean;
}

/** Bytes of the longest record that is read. */
export const longestRecord = 16 << 20;
const wholeLetter = 65_536;
const letterEnd = 4_096;
const mostPendingBytes = 1 << 20;
const mostPendingLines = 5_000;

/** A reader of records: fed with chunks, it calls the sink. */
export interface RecordReader {
  push(chunk: Buffer): void;
  /**
   * Ends the stream. An unfinished record is refused in a closed file, else left; gives the bytes left
   * unread. `closing` is the rest of the last line where a rotation has cut it off.
   */
  end(isClosed: boolean, closing?: Buffer): number;
  /** Whether the reader is inside a record that is too long to keep. */
  isInLongRecord(): boolean;
}

interface PendingLine {
  bytes: Buffer;
  offset: number;
}

/** Makes a reader of one stream. */
export function recordReader(sink: RecordSink, options: RecordOptions): RecordReader {
  const { rules } = options;
  let carry: Buffer = Buffer.alloc(0);
  let carryOffset = options.startOffset;
  let inArray = options.isArray;
  let arrayOpen = options.isArray && options.startOffset > 0;
  let long:
    | { digest: RunningDigest; length: number; head: Buffer; tail: Buffer; offset: number; reason: Reason }
    | undefined;
  let pending: PendingLine[] = [];
  let pendingBytes = 0;
  let isFirst = options.startOffset === 0;
  /** A long run of NULs before a line was let go; the line counts it. */
  let droppedNuls = false;
  let afterArray = false;
  let valueDue = false;

  function rejectRegion(bytes: Buffer, from: number, to: number, offset: number): void {
    const region = bytes.subarray(from, to);
    const isLong = region.length > wholeLetter;
    sink.reject({
      offset,
      length: region.length,
      digest: digestOf(region),
      head: Buffer.from(isLong ? region.subarray(0, letterEnd) : region),
      tail: isLong ? Buffer.from(region.subarray(region.length - letterEnd)) : null,
      reason: refused.reason,
      detail: refused.detail,
    });
  }

  function settle(
    bytes: Buffer,
    from: number,
    to: number,
    offset: number,
    extra: readonly string[],
  ): boolean {
    if (judge(bytes, from, to, rules, extra)) {
      sink.event(bytes, from, to);
      return true;
    }
    rejectRegion(bytes, from, to, offset);
    return false;
  }

  function line(bytes: Buffer, from: number, to: number, offset: number, mayPend: boolean): void {
    let start = from;
    let stop = to;
    if (stop > start && bytes[stop - 1] === 0x0d) stop--;
    while (start < stop && bytes[start] === 0) start++;
    if (start > from || droppedNuls) {
      droppedNuls = false;
      sink.skip("nul_run");
      if (start === stop) return;
    }
    if (stop - start > longestRecord) {
      refuse("line_too_long", `${stop - start} bytes`);
      rejectRegion(bytes, start, stop, offset + start - from);
      return;
    }
    let extra: readonly string[] = none;
    if (
      bytes[start] === 0xef &&
      bytes[start + 1] === 0xbb &&
      bytes[start + 2] === 0xbf &&
      stop - start >= 3
    ) {
      start += 3;
      extra = bom;
    }
    const at = offset + start - from;
    const outcome = scanValue(bytes, start, stop);
    if (outcome === found.value) {
      const rest = skipBlank(bytes, scan.end, stop);
      if (scan.kind === 0x5b) elements(bytes, start, stop, at, extra);
      else if (rest === stop) settle(bytes, start, stop, at, extra);
      else glued(bytes, start, stop, at, extra, rest);
      return;
    }
    if (outcome === found.blank) {
      sink.skip("blank");
      return;
    }
    if (outcome === found.truncated && mayPend && scan.kind === 0x7b && extra.length === 0) {
      pending.push({ bytes: Buffer.from(bytes.subarray(start, stop)), offset: at });
      pendingBytes = stop - start;
      return;
    }
    if (scan.kind === 0x5b && !isFinalError(outcome)) {
      elements(bytes, start, stop, at, extra);
      return;
    }
    blame(bytes, start, stop, outcome);
    rejectRegion(bytes, start, stop, at);
  }

  /** The elements of an array that stands on one line; a line whose array is broken is one refused record. */
  function elements(bytes: Buffer, from: number, to: number, offset: number, extra: readonly string[]): void {
    const spans = elementSpans(bytes, from, to);
    if (!Array.isArray(spans)) {
      blame(bytes, from, to, spans);
      rejectRegion(bytes, from, to, offset);
      return;
    }
    for (const [start, stop] of spans) {
      const outcome = scanValue(bytes, start, stop);
      if (outcome === found.value) settle(bytes, start, stop, offset + start - from, extra);
      else {
        blame(bytes, start, stop, outcome as 1);
        rejectRegion(bytes, start, stop, offset + start - from);
      }
    }
  }

  /** Several values on one line: all events, or one refusal. */
  function glued(
    bytes: Buffer,
    from: number,
    to: number,
    offset: number,
    extra: readonly string[],
    second: number,
  ): void {
    const spans: [number, number][] = [[from, scan.end]];
    let allPass = judge(bytes, from, scan.end, rules, extra);
    let at = second;
    while (at < to) {
      const outcome = scanValue(bytes, at, to);
      if (outcome !== found.value) {
        const isValueFollowing = bytes[at] === 0x7b || bytes[at] === 0x5b;
        if (isValueFollowing && outcome !== found.controlChar) refuse("multiple_values", "");
        else blame(bytes, from, to, found.badJson);
        rejectRegion(bytes, from, to, offset);
        return;
      }
      spans.push([at, scan.end]);
      allPass = judge(bytes, at, scan.end, rules, none) && allPass;
      at = skipBlank(bytes, scan.end, to);
    }
    if (!allPass) {
      refuse("multiple_values", `${spans.length} values on one line`);
      rejectRegion(bytes, from, to, offset);
      return;
    }
    spans.forEach(([start, stop], index) => {
      scanValue(bytes, start, stop);
      settle(
        bytes,
        start,
        stop,
        offset + start - from,
        index === 0 && extra.length > 0 ? [...extra, "glued"] : gluedFlag,
      );
    });
  }

  /** A line behind the head of an object that spreads over lines. */
  function continuePending(bytes: Buffer, from: number, to: number, offset: number): void {
    const stop = to > from && bytes[to - 1] === 0x0d ? to - 1 : to;
    const isWhole =
      bytes[from] === 0x7b &&
      scanValue(bytes, from, stop) === found.value &&
      scan.kind === 0x7b &&
      judge(bytes, from, stop, rules, none);
    pendingBytes += to - from + 1;
    if (isWhole || pendingBytes > mostPendingBytes || pending.length >= mostPendingLines) {
      dropPending();
      line(bytes, from, to, offset, true);
      return;
    }
    pending.push({ bytes: Buffer.from(bytes.subarray(from, stop)), offset });
    const last = lastInk(bytes, from, stop);
    if (last === 0x7d || last === 0x5d) tryPending();
  }

  function tryPending(): void {
    const whole = Buffer.concat(
      pending.flatMap((part, index) => (index === 0 ? [part.bytes] : [newline, part.bytes])),
    );
    const outcome = scanValue(whole, 0, whole.length);
    if (outcome === found.truncated) return;
    const offset = pending[0]?.offset ?? 0;
    if (outcome !== found.value || skipBlank(whole, scan.end, whole.length) < whole.length) {
      dropPending();
      return;
    }
    pending = [];
    if (options.multiLine) settle(whole, 0, whole.length, offset, none);
    else {
      refuse("fragment", "an object over several lines; read the file with --multi-line");
      rejectRegion(whole, 0, whole.length, offset);
    }
  }

  /** The pending lines are no object together: the first is a cut line, the others stand for themselves. */
  function dropPending(): void {
    const lines = pending;
    pending = [];
    lines.forEach((part, index) => {
      if (index > 0) line(part.bytes, 0, part.bytes.length, part.offset, false);
      else {
        blame(part.bytes, 0, part.bytes.length, found.truncated);
        rejectRegion(part.bytes, 0, part.bytes.length, part.offset);
      }
    });
  }

  function takeLine(bytes: Buffer, from: number, to: number, offset: number, behind: number): void {
    if (pending.length > 0) continuePending(bytes, from, to, offset);
    else line(bytes, from, to, offset, true);
    if (pending.length === 0) sink.boundary(behind);
  }

  /** Reads lines of `bytes` from `from`; gives the position of the first unfinished one. */
  function lines(bytes: Buffer, from: number): number {
    let at = from;
    if (afterArray) at = endOfArrayLine(bytes, at);
    for (;;) {
      const stop = bytes.indexOf(0x0a, at);
      if (stop < 0) return at;
      takeLine(bytes, at, stop, carryOffset + at, carryOffset + stop + 1);
      at = stop + 1;
    }
  }

  /** The line of a file-wide array's last bracket ends without being a record. */
  function endOfArrayLine(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d)) at++;
    if (at === bytes.length) return at;
    afterArray = false;
    return bytes[at] === 0x0a ? at + 1 : at;
  }

  /** Reads elements of an array that may spread over lines; gives the position of the first unfinished one. */
  function arrayElements(bytes: Buffer, from: number, isEnd: boolean): number {
    let at = from;
    for (;;) {
      at = skipBlank(bytes, at, bytes.length);
      while (!arrayOpen && bytes[at] === 0xef) at += 3;
      if (at >= bytes.length) return bytes.length;
      if (!arrayOpen || (bytes[at] === 0x2c && !valueDue)) {
        valueDue = arrayOpen;
        arrayOpen = true;
        at++;
        continue;
      }
      if (bytes[at] === 0x5d && !valueDue) {
        inArray = false;
        afterArray = true;
        sink.boundary(carryOffset + at + 1);
        return at + 1;
      }
      const outcome = scanValue(bytes, at, bytes.length);
      if (scan.end < 0 && !isEnd && (outcome === found.truncated || bytes.indexOf(0x0a, at) < 0)) return at;
      valueDue = false;
      if (scan.end >= 0 && outcome !== found.blank) {
        const stop = scan.end;
        if (outcome === found.value) settle(bytes, at, stop, carryOffset + at, none);
        else {
          blame(bytes, at, stop, outcome);
          rejectRegion(bytes, at, stop, carryOffset + at);
        }
        at = stop;
      } else {
        const newLine = bytes.indexOf(0x0a, at);
        const stop = newLine < 0 ? bytes.length : newLine;
        blame(bytes, at, stop, outcome === found.blank ? found.badJson : (outcome as 1));
        rejectRegion(bytes, at, stop, carryOffset + at);
        at = stop;
      }
      sink.boundary(carryOffset + at);
    }
  }

  /** Reads on in a record that is too long to keep; gives the position behind it, or -1. */
  function readLong(bytes: Buffer, from: number): number {
    if (long === undefined) return from;
    const stop = long.reason === "encoding_utf16" ? -1 : bytes.indexOf(0x0a, from);
    const part = bytes.subarray(from, stop < 0 ? bytes.length : stop);
    long.digest.update(part);
    long.length += part.length;
    if (long.head.length < letterEnd) {
      long.head = Buffer.concat([long.head, part.subarray(0, letterEnd - long.head.length)]);
    }
    long.tail = Buffer.concat([long.tail, part.subarray(Math.max(0, part.length - letterEnd))]).subarray(
      -letterEnd,
    );
    if (stop < 0) return -1;
    endLong();
    sink.boundary(carryOffset + stop + 1);
    return stop + 1;
  }

  function endLong(): void {
    if (long === undefined) return;
    const { digest, length, head, tail, offset, reason } = long;
    sink.reject({
      offset,
      length,
      digest: digest.read(),
      head,
      tail: length > head.length ? tail : null,
      reason,
      detail: `${length} bytes`,
    });
    digest.close();
    long = undefined;
  }

  function startLong(offset: number, reason: Reason): void {
    long = {
      digest: runningDigest(),
      length: 0,
      head: Buffer.alloc(0),
      tail: Buffer.alloc(0),
      offset,
      reason,
    };
  }

  function push(chunk: Buffer): void {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    let at = 0;
    if (isFirst && bytes.length >= 2) {
      isFirst = false;
      const mark = bytes.readUInt16BE(0);
      if (mark === 0xfffe || mark === 0xfeff) startLong(0, "encoding_utf16");
    }
    if (long !== undefined) at = readLong(bytes, 0);
    if (at < 0) at = bytes.length;
    else {
      if (inArray) at = arrayElements(bytes, at, false);
      if (!inArray) at = lines(bytes, at);
    }
    carry = bytes.subarray(at);
    carryOffset += at;
    if (carry.length > wholeLetter && !inArray && pending.length === 0 && isAllNul(carry)) {
      droppedNuls = true;
      carryOffset += carry.length;
      carry = Buffer.alloc(0);
    }
    if (carry.length > longestRecord && pending.length === 0) {
      startLong(carryOffset, "line_too_long");
      readLong(carry, 0);
      carryOffset += carry.length;
      carry = Buffer.alloc(0);
    }
  }

  function end(isClosed: boolean, closing?: Buffer): number {
    if (closing !== undefined && carry.length > 0 && pending.length === 0 && !inArray) {
      const whole = Buffer.concat([carry, closing.at(-1) === 0x0d ? closing.subarray(0, -1) : closing]);
      const behind = carryOffset + carry.length;
      if (scanValue(whole, 0, whole.length) === found.value)
        settle(whole, 0, whole.length, carryOffset, stitchedFlag);
      sink.boundary(behind);
      return 0;
    }
    if (long !== undefined) {
      endLong();
      sink.boundary(carryOffset + carry.length);
      return 0;
    }
    if (droppedNuls && carry.length === 0) {
      sink.skip("nul_run");
      sink.boundary(carryOffset);
    } else if (inArray && carry.length > 0) carryOffset += arrayElements(carry, 0, true);
    else if (!inArray && (carry.length > 0 || pending.length > 0)) return endLines(isClosed);
    return 0;
  }

  function endLines(isClosed: boolean): number {
    const behind = carryOffset + carry.length;
    if (pending.length > 0) {
      const start = pending[0]?.offset ?? carryOffset;
      if (carry.length > 0) continuePending(carry, 0, carry.length, carryOffset);
      if (pending.length > 0) {
        if (!isClosed) return behind - start;
        dropPending();
      }
      sink.boundary(behind);
      return 0;
    }
    const start = carry.findIndex((byte) => byte !== 0);
    const outcome: Found = start < 0 ? found.value : scanValue(carry, start, carry.length);
    if (!isClosed && (outcome === found.truncated || outcome === found.blank)) return carry.length;
    line(carry, 0, carry.length, carryOffset, false);
    sink.boundary(behind);
    return 0;
  }

  return { push, end, isInLongRecord: () => long !== undefined };
}

/** Where the elements of an array on one line stand, or why it is no array. */
function elementSpans(bytes: Buffer, from: number, to: number): [number, number][] | 1 | 2 | 3 | 4 {
  const spans: [number, number][] = [];
  let at = skipBlank(bytes, skipBlank(bytes, from, to) + 1, to);
  if (bytes[at] === 0x5d && at < to) return skipBlank(bytes, at + 1, to) < to ? found.badJson : spans;
  for (;;) {
    const outcome = scanValue(bytes, at, to);
    if (outcome === found.blank) return found.truncated;
    if (scan.end < 0) return outcome as 1;
    spans.push([at, scan.end]);
    at = skipBlank(bytes, scan.end, to);
    if (at >= to) return found.truncated;
    if (bytes[at] === 0x5d) return skipBlank(bytes, at + 1, to) < to ? found.badJson : spans;
    if (bytes[at] !== 0x2c) return found.badJson;
    at = skipBlank(bytes, at + 1, to);
  }
}

function isAllNul(bytes: Buffer): boolean {
  return bytes.at(-1) === 0 && bytes.every((byte) => byte === 0);
}

const none: readonly string[] = [];
const bom: readonly string[] = ["bom"];
const stitchedFlag: readonly string[] = ["stitched"];
const gluedFlag: readonly string[] = ["glued"];
const newline = Buffer.from("\n");

function isFinalError(outcome: Found): boolean {
  return outcome === found.controlChar;
}

function skipBlank(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d))
    at++;
  return at;
}

function lastInk(bytes: Buffer, from: number, to: number): number {
  let at = to - 1;
  while (at >= from && (bytes[at] === 0x20 || bytes[at] === 0x09)) at--;
  return at < from ? 0 : (bytes[at] as number);
}
