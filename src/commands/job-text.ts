import type { Job } from "../jobs/jobs.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { visible } from "../term.ts";

/** How a job stands, for its status file and the progress line. */
export function statusOf(job: Job): JobStatus {
  return {
    state: job.state,
    phase: job.phase,
    current: job.processed,
    total: job.total,
    unit: "session",
    counts: countsOf(job),
    batchSize: job.batch_size,
    failedBatches: job.failed_batches,
    error: job.error === null ? null : { code: "jobs.failed", message: visible(job.error) },
  };
}

/** The counts of a job, for hooks. */
export function countsOf(job: Job): Record<string, number> {
  const { processed, rows_inserted, rows_updated, rows_deleted, failed_batches } = job;
  return { processed, rows_inserted, rows_updated, rows_deleted, failed_batches };
}

/** What a job is asked, as far as a command says it. */
interface Asked {
  job?: unknown;
  mode?: unknown;
  repair?: unknown;
  run?: unknown;
}

/** The kind of a job, with its mode where it has one. */
export function kindOf(job: Job): string {
  const { mode } = JSON.parse(job.params) as Asked;
  return typeof mode === "string" ? `${job.kind} ${visible(mode)}` : job.kind;
}

/** The command that goes on with a job. */
export function commandOf(job: Job): string {
  const { job: undone, mode, repair, run } = JSON.parse(job.params) as Asked;
  if (job.kind === "clear_snapshots") return `backfill undo ${Number(undone)}`;
  if (mode === "adopt") return "migrate adopt --from DATABASE";
  if (job.kind !== "reconcile") return job.kind.replace("_", " ").replaceAll("_", "-");
  if (mode === "undo") return `reconcile undo ${Number(run)}`;
  const words = ["reconcile", ...(mode === "nightly" ? [] : ["--mode", visible(String(mode))])];
  return [...words, ...(repair === true ? ["--repair"] : [])].join(" ");
}
