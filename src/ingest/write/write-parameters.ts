import type { ReadBatch } from "../read/batch.ts";
import type { InputFile } from "../files.ts";
import type { BatchOutcome } from "./writer.ts";

/** The counts of a batch of which `accepted` events were new. */
export function sealCounts(
  batch: ReadBatch,
  accepted: number,
  repeats: number,
): {
  records_read: number;
  events_accepted: number;
  events_duplicate: number;
  records_rejected: number;
  records_skipped: number;
  skip_counts: string;
} {
  return {
    records_read: batch.recordsRead,
    events_accepted: accepted,
    events_duplicate: batch.events - accepted + repeats,
    records_rejected: batch.letters.length,
    records_skipped: Object.values(batch.skips).reduce((sum, count) => sum + count, 0),
    skip_counts: JSON.stringify(batch.skips),
  };
}

/** What a batch that was sealed with these counts came to. */
export function outcomeOf(
  batchId: number,
  sourceId: number,
  counts: ReturnType<typeof sealCounts>,
): BatchOutcome {
  return {
    batchId,
    sourceId,
    read: counts.records_read,
    accepted: counts.events_accepted,
    duplicate: counts.events_duplicate,
    rejected: counts.records_rejected,
    skipped: counts.records_skipped,
  };
}

/** What a source's row says of its file. */
export function sourceParameters(
  file: InputFile,
  batch: ReadBatch,
): ReturnType<typeof fileParameters> & { sensor: string } {
  return { ...fileParameters(file), sensor: batch.sensor };
}

/** What a source's row says of a file that has been looked at. */
export function fileParameters(file: InputFile): {
  path: Buffer;
  path_shown: string;
  fingerprint: Buffer;
  fingerprint_bytes: number;
  size_bytes: number;
  device: number | null;
  inode: number | null;
  changed_us: number | null;
  compression: string;
} {
  return {
    path: file.path,
    path_shown: file.shown,
    fingerprint: file.fingerprint,
    fingerprint_bytes: file.firstBytes.length,
    size_bytes: file.sizeBytes,
    device: file.place?.device ?? null,
    inode: file.place?.inode ?? null,
    changed_us: file.place?.changedUs ?? null,
    compression: file.compression,
  };
}
