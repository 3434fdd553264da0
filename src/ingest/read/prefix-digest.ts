import { runningDigest } from "../../checksum.ts";

/** The digest of a stream's bytes before a place that moves on, chunk by chunk. */
export interface PrefixDigest {
  /** Takes a chunk; its bytes are kept until the digest goes behind them. */
  keep(chunk: Buffer): void;
  /** Lets the digest go up to `offset`, which has been kept; a place behind it changes nothing. */
  advance(offset: number): void;
  /** The digest of all bytes that it has gone over. */
  read(): Buffer;
  close(): void;
}

/** Starts such a digest at the start of a stream. */
export function prefixDigest(): PrefixDigest {
  const digest = runningDigest();
  let end = 0;
  let kept: Buffer = Buffer.alloc(0);
  return {
    keep: (chunk) => {
      kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    },
    advance: (offset) => {
      if (offset <= end) return;
      digest.update(kept.subarray(0, offset - end));
      kept = kept.subarray(offset - end);
      end = offset;
    },
    read: () => digest.read(),
    close: () => {
      digest.close();
    },
  };
}
