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
  /** The digests of its parts, of which that of the bucket is made. */
  part_digests: Buffer | null;
}

/** The number of a part and its digest. */
const partBytes = 33;

/** The buckets of a range as they are, by day. */
export async function bucketsOf(snapshot: Database, rangeNumber: number): Promise<Bucket[]> {
  const buckets = new Map<string, { bucket: Bucket; parts: Buffer[] }>();
  for (const row of await many(snapshot, reconcileTextsOfRange, { range_number: rangeNumber })) {
    let known = buckets.get(row.day);
    if (known === undefined) buckets.set(row.day, (known = { bucket: emptyBucket(row.day), parts: [] }));
    known.bucket.sessions += row.sessions;
    known.bucket.events += row.events;
    known.parts.push(partOf(row.part_number, digestOf(row.lines)));
  }
  return [...buckets.values()].map(({ bucket, parts }) => {
    const part_digests = Buffer.concat(parts);
    return { ...bucket, digest: digestOf(part_digests), part_digests };
  });
}

/** A bucket without sessions. */
export function emptyBucket(day: string): Bucket {
  return { day, sessions: 0, events: 0, digest: null, part_digests: null };
}

/** The digest of a bucket of which one part is read again, and the others are as they were proved. */
export function digestWith(proved: Uint8Array, part: number, digest: Uint8Array): Buffer {
  const parts = [partOf(part, digest)];
  for (let at = 0; at < proved.length; at += partBytes)
    if (proved[at] !== part) parts.push(Buffer.from(proved.subarray(at, at + partBytes)));
  return digestOf(Buffer.concat(parts.sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0))));
}

function partOf(part: number, digest: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(part), digest]);
}
