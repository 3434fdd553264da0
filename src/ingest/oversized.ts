import { runningDigest, type RunningDigest } from "../checksum.ts";
import type { Reason } from "../events/gate.ts";
import { letterEnd, type DeadLetter } from "./records.ts";

/** A record that is too long to keep, or a text that is not read at all: its digest and its two ends. */
export interface Oversized {
  digest: RunningDigest;
  length: number;
  head: Buffer;
  tail: Buffer;
  offset: number;
  reason: Reason;
}

/** Starts such a record at a place of the stream. */
export function startOversized(offset: number, reason: Reason): Oversized {
  return {
    digest: runningDigest(),
    length: 0,
    head: Buffer.alloc(0),
    tail: Buffer.alloc(0),
    offset,
    reason,
  };
}

/** Reads on; gives the position of the newline that ends the record, or -1. UTF-16 has none that we know. */
export function readOversized(record: Oversized, bytes: Buffer, from: number): number {
  const stop = record.reason === "encoding_utf16" ? -1 : bytes.indexOf(0x0a, from);
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
