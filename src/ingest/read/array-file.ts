import { found } from "../../events/found.ts";
import { blame } from "../../events/gate.ts";
import { skipBlank } from "../../events/json-token.ts";
import { scan, scanValue } from "../../events/scan.ts";
import { noFlags, rejectRegion, settle, type RecordContext } from "./records.ts";

/** Where a reader stands in a file that is one array. */
export interface ArrayFile {
  /** Elements are due; false in a file of lines, and behind the last bracket. */
  isInside: boolean;
  /** The first bracket has been read. */
  isOpen: boolean;
  /** A comma has been read. */
  isValueDue: boolean;
  /** The rest of the last bracket's line is due. */
  isAtLineEnd: boolean;
}

/** The state at the start of a file, or where an earlier run has stopped in it. */
export function arrayFile(isArray: boolean, startOffset: number): ArrayFile {
  return {
    isInside: isArray,
    isOpen: isArray && startOffset > 0,
    isValueDue: false,
    isAtLineEnd: false,
  };
}

/**
 * Reads elements of the array, which may spread over lines; gives the position of the first unfinished one. `bytes`
 * stand at `offset` in the stream; `isEnd` where nothing follows them.
 */
export function readElements(
  state: ArrayFile,
  context: RecordContext,
  bytes: Buffer,
  from: number,
  offset: number,
  isEnd: boolean,
): number {
  let at = from;
  for (;;) {
    at = skipBlank(bytes, at, bytes.length);
    while (!state.isOpen && bytes[at] === 0xef) at += 3;
    if (at >= bytes.length) return bytes.length;
    if (!state.isOpen || (bytes[at] === 0x2c && !state.isValueDue)) {
      state.isValueDue = state.isOpen;
      state.isOpen = true;
      at++;
      continue;
    }
    if (bytes[at] === 0x5d && !state.isValueDue) {
      state.isInside = false;
      state.isAtLineEnd = true;
      context.sink.boundary(offset + at + 1);
      return at + 1;
    }
    const behind = readElement(context, bytes, at, offset, isEnd);
    if (behind < 0) return at;
    state.isValueDue = false;
    at = behind;
    context.sink.boundary(offset + at);
  }
}

/** Reads one element, or the line that stands in its place; gives the position behind it, or -1 where it is unfinished. */
function readElement(
  context: RecordContext,
  bytes: Buffer,
  at: number,
  offset: number,
  isEnd: boolean,
): number {
  const outcome = scanValue(bytes, at, bytes.length);
  const newLine = scan.end < 0 ? bytes.indexOf(0x0a, at) : -1;
  if (scan.end < 0 && !isEnd && (outcome === found.truncated || newLine < 0)) return -1;
  if (outcome === found.value) {
    const stop = scan.end;
    settle(context, bytes, at, stop, offset + at, noFlags);
    return stop;
  }
  const stop = scan.end >= 0 ? scan.end : newLine < 0 ? bytes.length : newLine;
  blame(bytes, at, stop, outcome === found.blank ? found.badJson : outcome);
  rejectRegion(context.sink, bytes, at, stop, offset + at);
  return stop;
}

/** Reads over the blanks behind the last bracket: its line ends without being a record. */
export function readLineEnd(state: ArrayFile, bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d)) at++;
  if (at === bytes.length) return at;
  state.isAtLineEnd = false;
  return bytes[at] === 0x0a ? at + 1 : at;
}
