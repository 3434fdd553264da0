import { instantOf } from "../instant.ts";
import type { JobStatus, Measures } from "./job-status.ts";

/** Which run a status file is of. */
export interface RunName {
  /** As `ingest_bulk`: lower case letters, digits and underscores. */
  kind: string;
  /** The job's number, or the run's UUID. */
  id: number | string;
  /** Who does the work, as `host:pid`. */
  worker?: string | null;
}

/** A status file, schema `status/1`; runbooks/reference/status-files.md describes it. */
export interface StatusDocument {
  schema: "status/1";
  kind: string;
  job_id: number | string;
  state: string;
  phase: string;
  started_at: string;
  updated_at: string;
  finished_at: string | null;
  elapsed_s: number;
  unit: string;
  current: number;
  total: number | null;
  percent: number | null;
  rate_per_sec: number | null;
  eta_s: number | null;
  eta_at: string | null;
  counts: Record<string, number>;
  batch_size: number | null;
  failed_batches: number;
  memory_bytes: number;
  memory_peak_bytes: number;
  worker: string | null;
  error: { code: string; message: string } | null;
  exit_code: number | null;
}

/** The document of a run as it stands. */
export function statusDocument(
  { kind, id, worker = null }: RunName,
  status: JobStatus,
  { elapsedS, percent, ratePerSec, etaS }: Measures,
  { startedAt, isFinished }: { startedAt: string; isFinished: boolean },
): StatusDocument {
  const now = Date.now();
  return {
    schema: "status/1",
    kind,
    job_id: id,
    state: status.state,
    phase: status.phase,
    started_at: startedAt,
    updated_at: instantOf(now),
    finished_at: isFinished ? instantOf(now) : null,
    elapsed_s: rounded(elapsedS),
    unit: status.unit ?? "row",
    current: status.current,
    total: status.total,
    percent,
    rate_per_sec: ratePerSec === null ? null : rounded(ratePerSec),
    eta_s: etaS === null ? null : rounded(etaS),
    eta_at: etaS === null ? null : instantOf(Math.min(now + etaS * 1000, lastInstant)),
    counts: { ...status.counts },
    batch_size: status.batchSize ?? null,
    failed_batches: status.failedBatches ?? 0,
    memory_bytes: process.memoryUsage.rss(),
    memory_peak_bytes: process.resourceUsage().maxRSS * 1024,
    worker,
    error: status.error ?? null,
    exit_code: status.exitCode ?? null,
  };
}

/** The last instant that four digits of a year can say. */
const lastInstant = Date.UTC(9999, 11, 31);

function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
