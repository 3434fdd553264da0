import { count, noteBatchSeconds } from "./metrics.ts";
import { span, systemOf } from "./spans.ts";

type Dialect = "sqlite" | "postgres";

/** What a batch of records came to. */
interface IngestOutcome {
  batchId: number;
  accepted: number;
  duplicate: number;
  rejected: number;
  skipped: number;
}

/** Runs the writing of one batch of records: a span, the counters of its outcome, and its duration. */
export async function ingestBatch<T extends IngestOutcome>(
  dialect: Dialect,
  events: number,
  work: () => Promise<T>,
): Promise<T> {
  const system = systemOf(dialect);
  const began = performance.now();
  return span("ingest.batch", { ...system, "cowriedb.batch.events": events }, async (note) => {
    const outcome = await work();
    const { batchId, accepted, duplicate, rejected, skipped } = outcome;
    noteBatchSeconds((performance.now() - began) / 1000, { ...system, "cowriedb.batch.kind": "ingest" });
    count("cowriedb.ingest.batches", 1, system);
    for (const [name, records] of Object.entries({ accepted, duplicate, rejected, skipped })) {
      count("cowriedb.ingest.records", records, { ...system, "cowriedb.outcome": name });
      note({ [`cowriedb.batch.${name}`]: records });
    }
    note({ "cowriedb.batch.id": batchId });
    return outcome;
  });
}

/** Runs one load of files inside a span. */
export async function ingestRun<T>(dialect: Dialect, runId: string, work: () => Promise<T>): Promise<T> {
  return span("ingest.run", { ...systemOf(dialect), "cowriedb.run.id": runId }, work);
}

/** Which job works. */
export interface JobName {
  kind: string;
  id: number;
  dialect: Dialect;
}

/** Runs a whole job inside a span. */
export async function jobRun<T>(job: JobName, work: () => Promise<T>): Promise<T> {
  return span("job.run", jobAttributes(job), work);
}

/** Runs one batch of a job: a span, the rows it processed, and its duration. */
export async function jobBatch<T extends { rows: number }>(job: JobName, work: () => Promise<T>): Promise<T> {
  const system = systemOf(job.dialect);
  const began = performance.now();
  return span("job.batch", jobAttributes(job), async (note) => {
    const outcome = await work();
    noteBatchSeconds((performance.now() - began) / 1000, { ...system, "cowriedb.batch.kind": job.kind });
    count("cowriedb.job.rows", outcome.rows, { ...system, "cowriedb.job.kind": job.kind });
    note({ "cowriedb.batch.rows": outcome.rows });
    return outcome;
  });
}

/** Counts what a reconciliation found, by its class. */
export function countDrift(dialect: Dialect, findings: Readonly<Record<string, number>>): void {
  for (const [name, found] of Object.entries(findings))
    count("cowriedb.drift.findings", found, { ...systemOf(dialect), "cowriedb.drift.class": name });
}

function jobAttributes({ kind, id, dialect }: JobName): Record<string, string | number> {
  return { ...systemOf(dialect), "cowriedb.job.kind": kind, "cowriedb.job.id": id };
}
