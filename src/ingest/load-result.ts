import type { InputFile } from "./files.ts";
import type { BatchOutcome } from "./write/writer.ts";

/** What sealed batches came to. */
export interface BatchCounts {
  batches: number;
  records_read: number;
  events_accepted: number;
  events_duplicate: number;
  records_rejected: number;
  records_skipped: number;
}

/** What became of one file. */
export interface FileResult extends BatchCounts {
  path: string;
  status: "loaded" | "unchanged" | "refused" | "interrupted" | "tripped" | "gone";
  /** Bytes of an unfinished last line, left to the next run. */
  unread_bytes: number;
  damage: string | null;
}

/** What a load came to. */
export interface LoadResult extends BatchCounts {
  run_id: string;
  interrupted: boolean;
  files: FileResult[];
  elapsed_ms: number;
}

/** Nothing of a file is loaded yet. */
export function emptyResult(file: Pick<InputFile, "shown">): FileResult {
  return {
    path: file.shown,
    status: "loaded",
    ...noCounts(),
    unread_bytes: 0,
    damage: null,
  };
}

/** The counts before the first batch. */
export function noCounts(): BatchCounts {
  return {
    batches: 0,
    records_read: 0,
    events_accepted: 0,
    events_duplicate: 0,
    records_rejected: 0,
    records_skipped: 0,
  };
}

/** The counts alone, of a result that holds more. */
export function countsOf(result: BatchCounts): Record<keyof BatchCounts, number> {
  const { batches, records_read, events_accepted, events_duplicate, records_rejected, records_skipped } =
    result;
  return { batches, records_read, events_accepted, events_duplicate, records_rejected, records_skipped };
}

/** Adds one sealed batch. */
export function addOutcome(result: BatchCounts, outcome: BatchOutcome): void {
  result.batches++;
  result.records_read += outcome.read;
  result.events_accepted += outcome.accepted;
  result.events_duplicate += outcome.duplicate;
  result.records_rejected += outcome.rejected;
  result.records_skipped += outcome.skipped;
}

/** The counts of all files; those of refused files are left out. */
export function summedResult(
  files: FileResult[],
  run: Pick<LoadResult, "run_id" | "interrupted" | "elapsed_ms">,
): LoadResult {
  const counted = files.filter((file) => file.status !== "refused");
  const sum = (pick: (file: FileResult) => number): number =>
    counted.reduce((total, file) => total + pick(file), 0);
  return {
    run_id: run.run_id,
    interrupted: run.interrupted,
    files,
    batches: sum((file) => file.batches),
    records_read: sum((file) => file.records_read),
    events_accepted: sum((file) => file.events_accepted),
    events_duplicate: sum((file) => file.events_duplicate),
    records_rejected: sum((file) => file.records_rejected),
    records_skipped: sum((file) => file.records_skipped),
    elapsed_ms: run.elapsed_ms,
  };
}
