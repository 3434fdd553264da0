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
