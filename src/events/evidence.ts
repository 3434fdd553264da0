import { constants, gunzipSync, gzipSync } from "node:zlib";

/**
 * Bytes of the records of a batch at most. A load ends a batch at 5 MiB beside one record of 16 MiB, a replay takes 500
 * letters of 64 KiB; an undo moves no more than the batch has seen that the events move to. So a batch can be held whole,
 * as its events are, and what unpacks to more was not written by a load.
 */
export const mostEvidenceBytes = 64 << 20;

/** The records of a batch, newline-joined, as evidence is stored: gzip (RFC 1952) at its fastest level. */
export function packEvidence(lines: Uint8Array): Buffer {
  return gzipSync(lines, { level: 1 });
}

/** The records that evidence holds, newline-joined; undefined where it cannot be unpacked, or to more than evidence has. */
export function unpackEvidence(lines: Uint8Array): Buffer | undefined {
  try {
    return gunzipSync(lines, { maxOutputLength: mostEvidenceBytes, finishFlush: constants.Z_FINISH });
  } catch {
    return undefined;
  }
}
