import { actorName } from "../actor.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { checkSession, openJob, type Job, type JobFailure, type Scope } from "../jobs/jobs.ts";
import { predict, type Prediction, type RebuildKind } from "../jobs/predict.ts";
import { sampleStep, validate, type Validation } from "../jobs/validate.ts";
import { counted, green, red, table, visible } from "../term.ts";
import { endText, runOpened } from "./job-run.ts";
import { optional, range, wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import type { ReportOptions } from "./reported.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";
import { withStore, type StoreDatabase } from "./store.ts";
import { watched } from "./watched.ts";

const mostBatchSize = 100_000;
/** Options of `cowriedb rebuild`. */
export interface RebuildOptions extends CommonOptions, ReportOptions {
  from: string;
  to: string;
  session: string;
  "dry-run": boolean;
  "validate-only": boolean;
  "sample-events": string;
  "batch-size": string;
}

/** `cowriedb rebuild summaries|command-stats`: derives them anew from the events, or says what that would change. */
export async function rebuild(kind: RebuildKind, options: RebuildOptions): Promise<ExitCode> {
  const scope = { ...range(options), session: optional(options.session) };
  const batchSize = wholeNumber("--batch-size", options["batch-size"], 0, mostBatchSize);
  const sample = wholeNumber("--sample-events", options["sample-events"], 0, Number.MAX_SAFE_INTEGER);
  if (options["dry-run"] && options["validate-only"])
    throw usageError("--dry-run and --validate-only exclude one another.", "Give one of them.");
  if (sample > 0 && !options["validate-only"])
    throw usageError("--sample-events goes with --validate-only.", "Add --validate-only.");
  if (scope.session !== null && (scope.from !== null || scope.to !== null))
    throw usageError("--session and a range of days exclude one another.", "Give one of them.");
  const stop = stopOnSignals();
  return withStore(options, async (database) => {
    if (scope.session !== null) await checkSession(database, scope.session);
    if (options["dry-run"]) return dryRun(database, kind, scope, options, stop);
    if (options["validate-only"]) return validated(database, kind, scope, sample, options, stop);
    return run(database, kind, scope, batchSize === 0 ? null : batchSize, options, stop);
  }).finally(stop.release);
}

async function run(
  database: StoreDatabase,
  kind: RebuildKind,
  scope: Scope,
  batchSize: number | null,
  options: RebuildOptions,
  stop: StopRequest,
): Promise<ExitCode> {
  const opened = await openJob(database, kind, scope, { batchSize, actor: actorName() });
  return runOpened(database, opened, { batchSize, stop }, options, { verb: "Rebuilding", textOf });
}

function textOf(job: Job, failures: readonly JobFailure[]): string {
  const changes = [
    `${counted(job.rows_inserted, "row")} put in`,
    `${job.rows_updated} corrected`,
    `${job.rows_deleted} deleted`,
  ].join(", ");
  const what = `job ${job.job_id}: ${counted(job.processed, "session")} of ${job.total} derived anew; ${changes}.`;
  return endText(job, failures, what);
}

async function dryRun(
  database: StoreDatabase,
  kind: RebuildKind,
  scope: Scope,
  options: RebuildOptions,
  stop: StopRequest,
): Promise<ExitCode> {
  const found = await watched("Counting", options, stop, async (watch) =>
    predict(database, kind, scope, watch),
  );
  answer(options, { dry_run: true, kind, ...found, interrupted: stop.requested }, () =>
    predictionText(found),
  );
  return stop.requested ? stop.exitCode : exitCodes.done;
}

function predictionText({ sessions, changes }: Prediction): string {
  if (changes.length === 0)
    return `${green("✔")} Would look at ${counted(sessions, "session")} and change nothing.`;
  return [
    `Would look at ${counted(sessions, "session")} and change:`,
    table(
      changes.map((change) => [change.table, change.action, change.rows]),
      ["table", "action", "rows"],
    ),
  ].join("\n");
}

async function validated(
  database: StoreDatabase,
  kind: RebuildKind,
  scope: Scope,
  sample: number,
  options: RebuildOptions,
  stop: StopRequest,
): Promise<ExitCode> {
  const step = sample === 0 ? 1 : await sampleStep(database, sample);
  const found = await watched("Validating", options, stop, async (watch) =>
    validate(database, kind, scope, step, watch),
  );
  const isSample = step > 1;
  answer(options, { kind, ...found, is_sample: isSample, interrupted: stop.requested }, () =>
    validationText(found, isSample),
  );
  if (stop.requested) return stop.exitCode;
  return found.differences > 0 ? exitCodes.differences : exitCodes.done;
}

function validationText({ sessions, events, differences, first }: Validation, isSample: boolean): string {
  const what = `${counted(sessions, "session")} with ${counted(events, "event")} counted again${isSample ? ", a sample; the others were not looked at" : ""}`;
  if (differences === 0) return `${green("✔")} ${what}: no difference.`;
  return [
    `${red("✘")} ${what}: ${counted(differences, "difference")}.`,
    table(
      first.map((row) => [
        row.table_name,
        visible(row.session_id),
        row.column_name === "" ? "row" : row.column_name,
        visible(row.stored ?? "nothing").slice(0, 40),
        visible(row.expected ?? "nothing").slice(0, 40),
      ]),
      ["table", "session", "column", "store", "events"],
    ),
  ].join("\n");
}
