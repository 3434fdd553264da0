import { digestOf } from "../checksum.ts";

/** What a sealed row of `ingest_batches` says for good, beside its place in the chain. Instants have 27 characters. */
export interface SealedRow {
  batch_id: number;
  source_id: number;
  run_id: string;
  kind: string;
  carried_for_batch_id: number | null;
  first_offset: number;
  end_offset: number | null;
  records_read: number | null;
  events_accepted: number | null;
  events_duplicate: number | null;
  records_rejected: number | null;
  records_skipped: number | null;
  /** A JSON object. */
  skip_counts: string;
  first_event_at: string | null;
  last_event_at: string | null;
  opened_at: string;
  sealed_at: string | null;
  actor: string;
}

/** What a dead letter says for good. */
export interface SealedLetter {
  source_id: number;
  source_offset: number;
  record_bytes: number;
  record_digest: Uint8Array;
  record: Uint8Array;
  record_tail: Uint8Array | null;
  reason: string;
  detail: string;
}

/** An event that the gate marked: one with a flag, or with a canonical address or type. */
export interface SealedMark {
  ordinal: number;
  session_id: string;
  flags: string;
  canonical_ip: string | null;
  canonical_type: string | null;
}

/** An event of the store that the batch saw again. */
export interface SealedSighting {
  line_digest: Uint8Array;
  sightings: number;
}

/** What a batch is beside its events' records. */
export interface SealedContent {
  /** BLAKE3 of the evidence as it is stored, compressed; of nothing where there is none. */
  evidence: Uint8Array;
  /** In the order of `dead_letter_id`. */
  letters: readonly SealedLetter[];
  /** In the order of the events' identity. */
  sightings: readonly SealedSighting[];
  /** In the order of `event_id`. */
  marks: readonly SealedMark[];
}

/** The fixed parts of `record_parts`, in their order; the ends of long letters follow, 32 bytes each. */
export const recordPartNames = ["row", "evidence", "letters", "sightings", "marks"] as const;
export type RecordPart = (typeof recordPartNames)[number];

/** The digest of nothing: the evidence of a batch without events. */
export const noEvidence = digestOf("");

/** The digest of what a batch's row says: a JSON array of its values in the order of `SealedRow`, without blanks. */
export function rowPart(row: SealedRow): Buffer {
  const skips = Object.entries(JSON.parse(row.skip_counts) as Record<string, number>);
  return lineDigest([
    [
      row.batch_id,
      row.source_id,
      row.run_id,
      row.kind,
      row.carried_for_batch_id,
      row.first_offset,
      row.end_offset,
      row.records_read,
      row.events_accepted,
      row.events_duplicate,
      row.records_rejected,
      row.records_skipped,
      skips.sort(([left], [right]) => (left < right ? -1 : 1)),
      row.first_event_at,
      row.last_event_at,
      row.opened_at,
      row.sealed_at,
      row.actor,
    ],
  ]);
}

/** What a dead letter adds to the digest of letters. Its bytes are held by their own digest, and may be purged. */
export function letterLine(letter: Omit<SealedLetter, "record" | "record_tail">, isLong: boolean): unknown[] {
  return [
    letter.source_id,
    letter.source_offset,
    letter.record_bytes,
    hexOf(letter.record_digest),
    isLong ? 1 : 0,
    letter.reason,
    // As a database stores it: half a surrogate pair becomes U+FFFD.
    Buffer.from(letter.detail).toString(),
  ];
}

/** What a marked event adds to the digest of marks. */
export function markLine(mark: SealedMark): unknown[] {
  return [mark.ordinal, mark.session_id, mark.flags, mark.canonical_ip, mark.canonical_type];
}

/** The digest of what a long letter keeps: its first bytes, then its last. */
export function endsDigest(record: Uint8Array, tail: Uint8Array): Buffer {
  return digestOf(Buffer.concat([record, tail]));
}

/** The digest of sightings: line digest and count (8 bytes, big endian) of each. */
export function sightingPart(sightings: readonly SealedSighting[]): Buffer {
  const text = Buffer.alloc(sightings.length * 24);
  sightings.forEach(({ line_digest, sightings: count }, index) => {
    text.set(line_digest.subarray(0, 16), index * 24);
    text.writeBigUInt64BE(BigInt(count), index * 24 + 16);
  });
  return digestOf(text);
}

/** The digest of JSON arrays, a line each, without blanks. */
export function lineDigest(lines: readonly unknown[][]): Buffer {
  return digestOf(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/** The parts of a batch that hang on nothing but its content: all but the row's. */
export function contentParts(content: SealedContent): Buffer {
  const long = content.letters.filter(({ record_tail: tail }) => tail !== null);
  return Buffer.concat([
    content.evidence,
    lineDigest(content.letters.map((letter) => letterLine(letter, letter.record_tail !== null))),
    sightingPart(content.sightings),
    lineDigest(content.marks.map(markLine)),
    ...long.map((letter) => endsDigest(letter.record, letter.record_tail ?? Buffer.alloc(0))),
  ]);
}

/** `record_parts` and `record_digest` of a batch. The form: runbooks/reference/evidence.md. */
export function recordOf(row: SealedRow, content: Buffer): { record_parts: Buffer; record_digest: Buffer } {
  const parts = Buffer.concat([rowPart(row), content]);
  return { record_parts: parts, record_digest: digestOf(parts) };
}

/** The running digest over the record digests of a chain: BLAKE3 of the one before and the next record digest. */
export function runningRecord(previous: Uint8Array, recordDigest: Uint8Array): Buffer {
  return digestOf(Buffer.concat([previous, recordDigest]));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
