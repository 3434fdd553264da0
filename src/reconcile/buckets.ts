import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { reconcileTextsOfRange } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** A bucket as it is, or as it was where no session is left in it. */
export interface Bucket {
  day: string;
  sessions: number;
  events: number;
  /** Null where it is proved no more. */
  digest: Buffer | null;
  /** The digests of its sixteen parts, of which that of the bucket is made. */
  part_digests: Buffer | null;
}

const digestBytes = 32;
const partCount = 16;

/** The buckets of a range as they are, by day. */
export async function bucketsOf(snapshot: Database, rangeNumber: number): Promise<Bucket[]> {
  const buckets = new Map<string, Bucket & { part_digests: Buffer }>();
  for (const row of await many(snapshot, reconcileTextsOfRange, { range_number: rangeNumber })) {
    const { day, part_number: part } = row;
    let bucket = buckets.get(day);
    if (bucket === undefined) {
      bucket = { ...emptyBucket(day), part_digests: Buffer.alloc(digestBytes * partCount) };
      buckets.set(day, bucket);
    }
    bucket.sessions += row.sessions;
    bucket.events += row.events;
    setPart(bucket.part_digests, part, digestOf(row.lines));
  }
  return [...buckets.values()].map((bucket) => ({ ...bucket, digest: digestOf(bucket.part_digests) }));
}

/** A bucket without sessions. */
export function emptyBucket(day: string): Bucket {
  return { day, sessions: 0, events: 0, digest: null, part_digests: null };
}

/** The digest of a bucket of which one part is read again, and the others are as they were proved. */
export function digestWith(proved: Uint8Array, part: number, digest: Uint8Array): Buffer {
  const parts = Buffer.from(proved);
  setPart(parts, part, digest);
  return digestOf(parts);
}

function setPart(parts: Buffer, part: number, digest: Uint8Array): void {
  parts.set(digest, part * digestBytes);
}
