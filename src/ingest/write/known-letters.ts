import type { LettersKnownRow } from "../../sql/generated.ts";
import type { ReadBatch } from "../read/batch.ts";

/** What the store is asked for letters that stand in the range of a batch; undefined where it need not be asked. */
export function knownLettersOf(
  batch: ReadBatch,
  sourceId: number | null,
): { source_id: number; first_offset: number; end_offset: number } | undefined {
  if (sourceId === null || batch.letters.length === 0) return undefined;
  return { source_id: sourceId, first_offset: batch.firstOffset, end_offset: batch.endOffset };
}

/**
 * A batch without the letters that stand already, which it counts as skipped: a source that is read again, as after an
 * undo with a reload, has one letter of each refused record.
 */
export function withoutKnown(batch: ReadBatch, known: readonly LettersKnownRow[]): ReadBatch {
  if (known.length === 0) return batch;
  const standing = new Set(known.map((row) => keyOf(row.source_offset, row.record_digest)));
  const letters = batch.letters.filter(({ offset, digest }) => !standing.has(keyOf(offset, digest)));
  const again = batch.letters.length - letters.length;
  if (again === 0) return batch;
  return { ...batch, letters, skips: { ...batch.skips, refused_before: again } };
}

function keyOf(offset: number, digest: Uint8Array): string {
  return `${offset} ${Buffer.from(digest).toString("hex")}`;
}
