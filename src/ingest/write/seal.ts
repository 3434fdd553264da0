import { chainDigest, chainStart } from "../../events/digests.ts";
import {
  contentParts,
  noEvidence,
  recordOf,
  type SealedMark,
  type SealedRow,
  type SealedSighting,
} from "../../events/record-digest.ts";
import { digestOf } from "../../checksum.ts";
import type { ReadBatch } from "../read/batch.ts";
import { asBuffer, deadLetterParameters } from "./writer.ts";

/** What the store says of a batch that it has opened. */
export type OpenedBatch = Pick<
  SealedRow,
  | "batch_id"
  | "source_id"
  | "run_id"
  | "kind"
  | "carried_for_batch_id"
  | "first_offset"
  | "opened_at"
  | "actor"
>;

/** What the seal sets beside the digests. */
export type SealedValues = Pick<
  SealedRow,
  | "end_offset"
  | "records_read"
  | "events_accepted"
  | "events_duplicate"
  | "records_rejected"
  | "records_skipped"
  | "skip_counts"
  | "first_event_at"
  | "last_event_at"
>;

/** The parts of the record digest that can be worked out before the batch has its place in the chain. */
export function contentOf(
  opened: OpenedBatch,
  batch: ReadBatch,
  ordinals: readonly number[] | undefined,
  lines: Buffer | undefined,
): Buffer {
  const isWhole = ordinals === undefined;
  return contentParts({
    evidence: lines === undefined ? noEvidence : isWhole ? batch.evidenceDigest : digestOf(lines),
    letters: batch.letters.map((letter) => deadLetterParameters(letter, opened.batch_id, opened.source_id)),
    sightings: isWhole && batch.repeats.length === 0 ? [] : sightingsOf(batch, ordinals),
    marks: isWhole ? batch.marked : acceptedOf(batch.marked, ordinals),
  });
}

/** What seals a batch with this digest, behind the last link of the chain. */
export function sealOf(
  opened: OpenedBatch,
  values: SealedValues,
  digests: { batch: Buffer; content: Buffer; sealedAt: string },
  last: { chain_position: number; chain_digest: Uint8Array } | undefined,
): {
  batch_digest: Buffer;
  chain_position: number;
  chain_digest: Buffer;
  record_digest: Buffer;
  record_parts: Buffer;
  sealed_at: string;
} {
  const row: SealedRow = { ...opened, ...values, sealed_at: digests.sealedAt };
  return {
    batch_digest: digests.batch,
    chain_position: (last?.chain_position ?? 0) + 1,
    chain_digest: chainDigest(last?.chain_digest ?? chainStart, opened.batch_id, digests.batch),
    ...recordOf(row, digests.content),
    sealed_at: digests.sealedAt,
  };
}

function acceptedOf(marked: readonly SealedMark[], ordinals: readonly number[]): SealedMark[] {
  const accepted = new Set(ordinals);
  return marked.filter(({ ordinal }) => accepted.has(ordinal));
}

/** As `events/note_sightings` notes them: events that were known, and those that the batch has several times. */
function sightingsOf(batch: ReadBatch, ordinals: readonly number[] | undefined): SealedSighting[] {
  const digests = asBuffer(batch.digests);
  const repeats = new Map(batch.repeats);
  const accepted = ordinals === undefined ? undefined : new Set(ordinals);
  const found: SealedSighting[] = [];
  for (let ordinal = 0; ordinal < batch.events; ordinal++) {
    const isKnown = accepted !== undefined && !accepted.has(ordinal);
    const sightings = (isKnown ? 1 : 0) + (repeats.get(ordinal) ?? 0);
    if (sightings === 0) continue;
    found.push({ line_digest: digests.subarray(ordinal * 16, ordinal * 16 + 16), sightings });
  }
  return found;
}
