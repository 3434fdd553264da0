import { digestOf } from "../checksum.ts";
import { found } from "./found.ts";
import { scan, scanValue } from "./scan.ts";

/** Where the records of a batch's evidence stand. */
export interface RecordBounds {
  bytes: Buffer;
  /** Start of each record, and its end behind it. */
  starts: number[];
  ends: number[];
}

/** The records of a batch's evidence, and the digest of each. */
export interface Records extends RecordBounds {
  /** BLAKE3 of each record, 32 bytes. */
  leaves: Buffer;
}

/**
 * Finds the records in evidence, which joins them by newlines. A record is one JSON value with the blanks of its line; an
 * object over several lines has newlines inside, so the value's end is looked for and not the next newline. Undefined
 * where what stands there is no such list.
 */
export function recordBounds(bytes: Buffer): RecordBounds | undefined {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (;;) {
    const end = recordEnd(bytes, at);
    if (end < 0) return undefined;
    starts.push(at);
    ends.push(end);
    if (end === bytes.length) break;
    at = end + 1;
  }
  return { bytes, starts, ends };
}

/** As `recordBounds`, with the digest of each record. */
export function recordsOf(bytes: Buffer): Records | undefined {
  const bounds = recordBounds(bytes);
  if (bounds === undefined) return undefined;
  const { starts, ends } = bounds;
  const leaves = Buffer.allocUnsafeSlow(starts.length * 32);
  starts.forEach((start, index) => {
    digestOf(bytes.subarray(start, ends[index])).copy(leaves, index * 32);
  });
  return { ...bounds, leaves };
}

/** The end of the record that starts at a place: a newline or the end of the bytes; -1 where there is no record. */
function recordEnd(bytes: Buffer, from: number): number {
  if (scanValue(bytes, from, bytes.length) !== found.value) return -1;
  let at = scan.end;
  while (at < bytes.length && (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d)) at++;
  return at === bytes.length || bytes[at] === 0x0a ? at : -1;
}
