import { hash as blake3, createHash } from "blake3";

/** BLAKE3-256 of some bytes: 32 bytes. */
export function digestOf(bytes: Uint8Array | string): Buffer {
  return blake3(bytes) as Buffer;
}

/** BLAKE3-256 as 64 lower-case hexadecimal digits. */
export function hexDigestOf(bytes: Uint8Array | string): string {
  return digestOf(bytes).toString("hex");
}

/** A digest of a stream, read off as often as wanted while more is added. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** The digest of all bytes so far, 32 bytes. */
  read(): Buffer;
  close(): void;
}

/** Starts a digest of a stream. */
export function runningDigest(): RunningDigest {
  const hasher = createHash();
  return {
    update: (bytes) => void hasher.update(bytes),
    read: () => Buffer.from(hasher.digest({ dispose: false } as never)),
    close: () => {
      hasher.dispose();
    },
  };
}
