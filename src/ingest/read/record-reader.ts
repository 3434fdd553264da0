import { adoptFields } from "../../events/field-checks.ts";
import { found } from "../../events/found.ts";
import type { GateRules } from "../../events/gate.ts";
import { scan, scanValue } from "../../events/scan.ts";
import { arrayFile, readElements, readLineEnd, type ArrayFile } from "./array-file.ts";
import { readLine, type LineContext } from "./line.ts";
import { dropObject, takeLine, type MultiLine } from "./multi-line.ts";
import { oversizedLetter, readOversized, startOversized, type Oversized } from "./oversized.ts";
import { longestRecord, settle, wholeLetter, type RecordSink } from "./records.ts";

/** How records are read. */
export interface RecordOptions {
  rules: GateRules;
  /** Take objects that are written over several lines. */
  multiLine: boolean;
  /** Where reading starts; not 0 where an earlier run has read the bytes before it. */
  startOffset: number;
  /** The file's first byte that is no blank is `[`: its elements are the records. */
  isArray: boolean;
  /** An earlier run has read the line before, and only its newline was missing then. */
  isAtLineEnd?: boolean;
}

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

interface Reading {
  context: LineContext;
  array: ArrayFile;
  multiLine: MultiLine;
  oversized: Oversized | undefined;
  /** What has been pushed and not read: an unfinished record. */
  rest: Buffer;
  /** Bytes from which on a long unfinished element is looked at again: at every push it would cost its square. */
  scanFrom: number;
  /** Where `rest` stands in the stream. */
  offset: number;
  /** The first two bytes have not been seen. */
  isFirst: boolean;
}

const stitchedFlag: readonly string[] = ["stitched"];
const nothing = Buffer.alloc(0);

/** Makes a reader of one stream. */
export function recordReader(sink: RecordSink, options: RecordOptions): RecordReader {
  const { rules, multiLine, startOffset, isArray } = options;
  adoptFields(rules.fieldTypes);
  const context: LineContext = { sink, rules, hasDroppedNuls: false };
  const reading: Reading = {
    context,
    array: { ...arrayFile(isArray, startOffset), isAtLineEnd: options.isAtLineEnd === true && !isArray },
    multiLine: { context, isWanted: multiLine, lines: [], bytes: 0 },
    oversized: undefined,
    rest: nothing,
    scanFrom: 0,
    offset: startOffset,
    isFirst: startOffset === 0,
  };
  return {
    push: (chunk) => {
      push(reading, chunk);
    },
    end: (isClosed, closing) => end(reading, isClosed, closing),
    isInLongRecord: () => reading.oversized !== undefined,
  };
}

function push(reading: Reading, chunk: Buffer): void {
  const { array, context, multiLine } = reading;
  const bytes = reading.rest.length === 0 ? chunk : Buffer.concat([reading.rest, chunk]);
  if (reading.isFirst && bytes.length >= 2) {
    reading.isFirst = false;
    const mark = bytes.readUInt16BE(0);
    if (mark === 0xfffe || mark === 0xfeff) reading.oversized = startOversized(0, "encoding_utf16");
  }
  let at = readLong(reading, bytes);
  if (at < bytes.length && array.isInside && bytes.length >= reading.scanFrom) {
    at = readElements(array, context, bytes, at, reading.offset, false);
    reading.scanFrom = Math.min(2 * (bytes.length - at), longestRecord);
  }
  if (at < bytes.length && !array.isInside) at = readLines(reading, bytes, at);
  reading.rest = bytes.subarray(at);
  reading.offset += at;
  if (array.isInside || multiLine.lines.length === 0) letGo(reading);
}

/** Reads lines of `bytes` from `from`; gives the position of the first unfinished one. */
function readLines(reading: Reading, bytes: Buffer, from: number): number {
  const { array, context, multiLine, offset } = reading;
  let at = array.isAtLineEnd ? readLineEnd(array, bytes, from) : from;
  for (;;) {
    const stop = bytes.indexOf(0x0a, at);
    if (stop < 0) return at;
    takeLine(multiLine, bytes, at, stop, offset + at);
    at = stop + 1;
    if (multiLine.lines.length === 0) context.sink.boundary(offset + at);
  }
}

/** Reads on in a record that is too long to keep, where the reader is in one; gives the position behind it. */
function readLong(reading: Reading, bytes: Buffer): number {
  const { oversized, context, offset } = reading;
  if (oversized === undefined) return 0;
  const stop = readOversized(oversized, bytes, 0);
  if (stop < 0) return bytes.length;
  reading.oversized = undefined;
  context.sink.reject(oversizedLetter(oversized));
  if (oversized.nesting !== null) reading.array.isValueDue = false;
  const behind = oversized.nesting === null ? stop + 1 : stop;
  context.sink.boundary(offset + behind);
  return behind;
}

/** Lets go of a rest that is too long to be kept: a run of NULs, or an unfinished record. */
function letGo(reading: Reading): void {
  const { array, context, rest } = reading;
  let behind = rest.length;
  if (rest.length > wholeLetter && !array.isInside && isAllNul(rest)) context.hasDroppedNuls = true;
  else if (rest.length > longestRecord) {
    reading.oversized = startOversized(reading.offset, "line_too_long", array.isInside);
    behind = readLong(reading, rest);
  } else return;
  reading.rest = rest.subarray(behind);
  reading.offset += behind;
}

function end(reading: Reading, isClosed: boolean, closing: Buffer | undefined): number {
  const { array, context, multiLine, oversized, rest, offset } = reading;
  const behind = offset + rest.length;
  const isOpen = multiLine.lines.length > 0;
  const mayStitch = closing !== undefined && rest.length > 0 && !isOpen && !array.isInside;
  if (mayStitch && endStitched(reading, closing)) return 0;
  if (oversized !== undefined) {
    reading.oversized = undefined;
    context.sink.reject(oversizedLetter(oversized));
    context.sink.boundary(behind);
  } else if (context.hasDroppedNuls && rest.length === 0) {
    context.sink.skip("nul_run");
    context.sink.boundary(behind);
  } else if (array.isInside) readElements(array, context, rest, 0, offset, true);
  else if (isOpen) return endObject(reading, isClosed);
  else if (rest.length > 0) return endLine(reading, isClosed);
  return 0;
}

/** Reads the last line with its rest from the file after a rotation; false where they are no record together. */
function endStitched({ context, rest, offset }: Reading, closing: Buffer): boolean {
  const whole = Buffer.concat([rest, closing.at(-1) === 0x0d ? closing.subarray(0, -1) : closing]);
  if (scanValue(whole, 0, whole.length) !== found.value || scan.end < whole.length) return false;
  settle(context, whole, 0, whole.length, offset, stitchedFlag);
  context.sink.boundary(offset + rest.length);
  return true;
}

/** The stream ends inside an object over several lines. */
function endObject({ context, multiLine, rest, offset }: Reading, isClosed: boolean): number {
  const behind = offset + rest.length;
  if (rest.length > 0) takeLine(multiLine, rest, 0, rest.length, offset);
  const [first] = multiLine.lines;
  if (first !== undefined) {
    // The last line may have shown that the ones before it are no object: those are settled, and not left unread.
    if (!isClosed) return behind - first.offset;
    dropObject(multiLine);
  }
  context.sink.boundary(behind);
  return 0;
}

/** The stream ends without a newline. */
function endLine({ context, rest, offset }: Reading, isClosed: boolean): number {
  const start = rest.findIndex((byte) => byte !== 0);
  const outcome = start < 0 ? found.value : scanValue(rest, start, rest.length);
  if (!isClosed && (outcome === found.truncated || outcome === found.blank)) return rest.length;
  readLine(context, rest, 0, rest.length, offset, false);
  context.sink.boundary(offset + rest.length);
  return 0;
}

function isAllNul(bytes: Buffer): boolean {
  return bytes.at(-1) === 0 && bytes.every((byte) => byte === 0);
}
