import type { GateRules } from "../../events/gate.ts";
import type { ReadBatch } from "./batch.ts";

/** What the loader asks of its reader. */
export type ToReader =
  | { kind: "read"; job: ReadJob }
  /** One more batch may be in flight; batches should hold this many events from now on. */
  | { kind: "credit"; batchEvents: number; spare: ArrayBuffer }
  /** Copy what commits have put into the write-ahead log of this SQLite store into the store. */
  | { kind: "checkpoint"; path: string }
  /** Leave the file at hand where it is; what has been handed over stands. */
  | { kind: "stop" }
  /** Finish the batch at hand, hand over nothing more, and leave the thread. */
  | { kind: "leave" };

/** One file to read. */
export interface ReadJob {
  /** A descriptor, which the reader closes, or `-` for standard input. */
  input: number | "-";
  rules: GateRules;
  multiLine: boolean;
  isClosed: boolean;
  /** What stands behind the last whole line is left alone, whatever it is. */
  isOpenEnded: boolean;
  /** A packed file that breaks off in a line may still be written. */
  waitsForRest: boolean;
  /** Where an earlier run stopped, and the digest of the bytes before; offset 0 for a new file. */
  resumeOffset: number;
  resumeDigest: Uint8Array | null;
  /** Bytes of the file that are read; what is appended meanwhile is left to the next run. */
  mostBytes: number;
  batchEvents: number;
  /** The rest of the last line, which a rotation has put into the next file. */
  closing: Uint8Array | null;
  /** Bytes at the start that belong to the last line of the file before. */
  skipBytes: number;
  /** An earlier run has noted that the file is damaged behind `resumeOffset`. */
  isKnownDamage: boolean;
}

/** A checkpoint has failed; it may arrive between two files. */
export interface FailedCheckpoint {
  kind: "failed_checkpoint";
  code: string;
  message: string;
  hint: string | undefined;
}

/** What the reader tells the loader about a file. */
export type FromReader =
  | { kind: "batch"; batch: ReadBatch; packedBytes: number }
  /** The bytes before the place to resume at are not those that were read before. */
  | { kind: "mismatch" }
  | { kind: "refused"; records: number }
  | { kind: "end"; unreadBytes: number; damage: string | null; packedBytes: number }
  | { kind: "failed"; message: string; code: string };
