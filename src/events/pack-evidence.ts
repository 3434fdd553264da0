import { gzipSync } from "node:zlib";

/** The records of a batch, newline-joined, as evidence is stored: gzip (RFC 1952) at its fastest level. */
export function packEvidence(lines: Uint8Array): Buffer {
  return gzipSync(lines, { level: 1 });
}
