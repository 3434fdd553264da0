import { digestOf } from "../checksum.ts";

/** What comes before the first sealed batch of a chain. */
export const chainStart = Buffer.alloc(32);

/** Events that a batch can number: `event_id = batch_id * 1048576 + ordinal`. */
export const ordinalsPerBatch = 1_048_576;

/**
 * The digest of a batch: BLAKE3 over `event_id` (8 bytes, big endian) and leaf (BLAKE3 of the record's bytes, 32 bytes) of
 * every accepted event, in the order of `event_id`. `leaves` holds the leaves of the ordinals in `ordinals`, one after
 * the other. Vectors: tests/fixtures/chain.json.
 */
export function batchDigest(batchId: number, ordinals: ArrayLike<number>, leaves: Uint8Array): Buffer {
  const text = Buffer.allocUnsafe(ordinals.length * 40);
  const view = new DataView(text.buffer, text.byteOffset, text.length);
  const source = Buffer.from(leaves.buffer, leaves.byteOffset, leaves.byteLength);
  // An id is batch_id * 2^20 + ordinal: without BigInt, which would be made and collected for every event.
  const high = Math.floor(batchId / 4096);
  const low = (batchId % 4096) * ordinalsPerBatch;
  for (let index = 0; index < ordinals.length; index++) {
    const at = index * 40;
    view.setUint32(at, high);
    view.setUint32(at + 4, low + (ordinals[index] as number));
    source.copy(text, at + 8, index * 32, index * 32 + 32);
  }
  return digestOf(text);
}

/** The next link: BLAKE3 over the previous chain digest, `batch_id` (8 bytes, big endian) and the batch digest. */
export function chainDigest(previous: Uint8Array, batchId: number, batch: Uint8Array): Buffer {
  const text = Buffer.alloc(72);
  text.set(previous, 0);
  text.writeBigUInt64BE(BigInt(batchId), 32);
  text.set(batch, 40);
  return digestOf(text);
}
