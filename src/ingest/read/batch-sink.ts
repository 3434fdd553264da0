import type { BatchBuilder } from "./batch.ts";
import type { RecordSink } from "./records.ts";

/** What reading has come upon so far. */
export interface Found {
  /** The last place where a batch may end, or -1. */
  boundary: number;
  /** Something looks like a record of Cowrie's. */
  isLikely: boolean;
  /** Records refused in the whole file. */
  letters: number;
}

/** Records among which one must look like JSON before a file is taken for a Cowrie log. */
export const proofRecords = 1_000;

/** A sink that puts records into batches and notes what was found. */
export function batchSink(builder: BatchBuilder, seen: Found): RecordSink {
  return {
    event: (bytes, from, to) => {
      seen.isLikely ||= seen.letters < proofRecords;
      builder.add(bytes, from, to);
    },
    reject: (letter) => {
      seen.isLikely ||=
        letter.reason === "encoding_utf16" ||
        /^\s*(\{\s*["}]|\[\s*[{\]])/.test(letter.head.toString("latin1", 0, 64));
      seen.letters++;
      builder.letter(letter);
    },
    skip: builder.skip,
    boundary: (offset) => {
      seen.boundary = offset;
    },
  };
}

/** Whether the first bytes of a file begin an array. */
export function startsArray(bytes: Buffer): boolean {
  return /^(ï»¿)?[ \t\r\n]*\[/.test(bytes.toString("latin1", 0, 4096));
}
