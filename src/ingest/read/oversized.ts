import { runningDigest, type RunningDigest } from "../../checksum.ts";
import type { Reason } from "../../events/gate.ts";
import { letterEnd, type DeadLetter } from "./records.ts";

/** A record that is too long to keep, or a text that is not read at all: its digest and its two ends. */
export interface Oversized {
  digest: RunningDigest;
  length: number;
  head: Buffer;
  tail: Buffer;
  offset: number;
  reason: Reason;
  /** Set for an element of an array, which ends where its brackets are closed and not with its line. */
  nesting: Nesting | null;
}

/** Where a reader stands in a JSON value. */
interface Nesting {
  depth: number;
  isInString: boolean;
  isEscaped: boolean;
}

/** Starts such a record at a place of the stream. */
export function startOversized(offset: number, reason: Reason, isElement = false): Oversized {
  return {
    digest: runningDigest(),
    length: 0,
    head: Buffer.alloc(0),
    tail: Buffer.alloc(0),
    offset,
    reason,
    nesting: isElement ? { depth: 0, isInString: false, isEscaped: false } : null,
  };
}

/**
 * Reads on; gives the position where the record ends, or -1: that of its newline, or the one behind an element of an
 * array. UTF-16 has no newline that we know.
 */
export function readOversized(record: Oversized, bytes: Buffer, from: number): number {
  const stop =
    record.reason === "encoding_utf16"
      ? -1
      : record.nesting === null
        ? bytes.indexOf(0x0a, from)
        : endOfElement(record.nesting, bytes, from);
  const part = bytes.subarray(from, stop < 0 ? bytes.length : stop);
  record.digest.update(part);
  record.length += part.length;
  if (record.head.length < letterEnd) {
    record.head = Buffer.concat([record.head, part.subarray(0, letterEnd - record.head.length)]);
  }
  const end = part.subarray(Math.max(0, part.length - letterEnd));
  record.tail = Buffer.concat([record.tail, end]).subarray(-letterEnd);
  return stop;
}

/** The position behind the element whose rest starts at `from`, or -1. */
function endOfElement(nesting: Nesting, bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (nesting.isInString) {
      if (nesting.isEscaped) nesting.isEscaped = false;
      else if (byte === 0x5c) nesting.isEscaped = true;
      else if (byte === 0x22) {
        nesting.isInString = false;
        if (nesting.depth === 0) return at + 1;
      }
    } else if (byte === 0x22) nesting.isInString = true;
    else if (byte === 0x7b || byte === 0x5b) nesting.depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      // A number has no end of its own: the comma or the bracket of the array ends it.
      if (nesting.depth === 0) return at;
      if (--nesting.depth === 0) return at + 1;
    } else if (byte === 0x2c && nesting.depth === 0) return at;
  }
  return -1;
}

/** Ends the record. */
export function oversizedLetter(record: Oversized): DeadLetter {
  const { digest, length, head, tail, offset, reason } = record;
  const letter: DeadLetter = {
    offset,
    length,
    digest: digest.read(),
    head,
    tail: length > head.length ? tail : null,
    reason,
    detail: `${length} bytes`,
  };
  digest.close();
  return letter;
}
