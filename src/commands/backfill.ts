import { actorName } from "../actor.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { openClear, predictSnapshots, type SnapshotPrediction } from "../jobs/backfill.ts";
import { openJob, type Job, type JobFailure, type Scope } from "../jobs/jobs.ts";
import { counted, green, table } from "../term.ts";
import { endText, runOpened } from "./job-run.ts";
import { range, rowNumber, wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import type { ReportOptions } from "./reported.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";
import { withStore, type StoreDatabase } from "./store.ts";
import { watched } from "./watched.ts";

const mostBatchSize = 100_000;

/** Options of `cowriedb backfill snapshots`. */
export interface BackfillOptions extends CommonOptions, ReportOptions {
  from: string;
  to: string;
  "dry-run": boolean;
  "batch-size": string;
  "max-batches": string;
  fast: boolean;
}

/** Options of `cowriedb backfill undo`. */
export interface BackfillUndoOptions extends CommonOptions, ReportOptions {
  "batch-size": string;
}

/** `cowriedb backfill snapshots`: gives sessions the snapshot that they lack, or says what that would write. */
export async function backfill(options: BackfillOptions): Promise<ExitCode> {
  const scope = { ...range(options), session: null };
  const batchSize = wholeNumber("--batch-size", options["batch-size"], 0, mostBatchSize);
  const maxBatches = wholeNumber("--max-batches", options["max-batches"], 0, Number.MAX_SAFE_INTEGER);
  if (options.fast && (batchSize > 0 || maxBatches > 0))
    throw usageError(
      "--fast is one transaction; --batch-size and --max-batches exclude it.",
      "Leave them out, or --fast.",
    );
  const stop = stopOnSignals();
  return withStore(options, async (database) => {
    if (options["dry-run"]) return dryRun(database, scope, options, stop);
    const size = batchSize === 0 ? null : batchSize;
    const opened = await openJob(database, "backfill_snapshots", scope, {
      batchSize: size,
      actor: actorName(),
    });
    const how = { batchSize: size, stop, isFast: options.fast, ...(maxBatches === 0 ? {} : { maxBatches }) };
    return runOpened(database, opened, how, options, { verb: "Filling", textOf: filledText });
  }).finally(stop.release);
}

function filledText(job: Job, failures: readonly JobFailure[]): string {
  return endText(
    job,
    failures,
    `job ${job.job_id}: ${counted(job.processed, "session")} of ${job.total} looked at, ${job.rows_updated} given a snapshot or a status.`,
  );
}

async function dryRun(
  database: StoreDatabase,
  scope: Scope,
  options: BackfillOptions,
  stop: StopRequest,
): Promise<ExitCode> {
  const found = await watched("Counting", options, stop, async (watch) =>
    predictSnapshots(database, scope, watch),
  );
  const document = { dry_run: true, kind: "backfill_snapshots", ...found, interrupted: stop.requested };
  answer(options, document, () => predictionText(found));
  return stop.requested ? stop.exitCode : exitCodes.done;
}

function predictionText({ sessions, statuses }: SnapshotPrediction): string {
  if (statuses.length === 0)
    return `${green("✔")} Would look at ${counted(sessions, "session")} and change nothing.`;
  return [
    `Would look at ${counted(sessions, "session")} and set:`,
    table(
      statuses.map(({ snapshot_status: status, row_count: rows }) => [status, rows]),
      ["status", "sessions"],
    ),
  ].join("\n");
}

/** `cowriedb backfill undo JOB`: takes back what a backfill has filled, and nothing else. */
export async function undoBackfill(
  words: readonly string[],
  options: BackfillUndoOptions,
): Promise<ExitCode> {
  const undone = rowNumber(words);
  if (undone === undefined)
    throw usageError("backfill undo takes the number of one job.", "Run: cowriedb jobs list");
  const batchSize = wholeNumber("--batch-size", options["batch-size"], 0, mostBatchSize);
  const stop = stopOnSignals();
  return withStore(options, async (database) => {
    const size = batchSize === 0 ? null : batchSize;
    const opened = await openClear(database, undone, { batchSize: size, actor: actorName() });
    return runOpened(database, opened, { batchSize: size, stop }, options, {
      verb: "Taking back",
      textOf: (job, failures) =>
        endText(
          job,
          failures,
          `job ${job.job_id}: ${counted(job.processed, "session")} of ${job.total} looked at, ${job.rows_updated} as before job ${undone}.`,
        ),
    });
  }).finally(stop.release);
}
