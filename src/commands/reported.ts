import { hostname } from "node:os";
import { shownTarget, targetOf } from "../config.ts";
import { CowriedbError, exitCodes, messageOf, type ExitCode } from "../errors.ts";
import type { BatchCounts } from "../ingest/load-result.ts";
import { callHooks, checkHooks, hookOf, type HookEvent } from "../telemetry/hooks.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { openStatusFile } from "../telemetry/status-file.ts";
import { visible } from "../term.ts";

/** Options of commands that tell others how their run goes. */
export interface ReportOptions {
  db: string;
  "status-dir": string;
  hook: string;
}

/** A run of `ingest`. */
export interface ReportedRun {
  kind: "ingest_bulk" | "ingest_delta";
  runId: string;
  /** What hooks are told. */
  events: readonly HookEvent["event"][];
  batchSize: number | null;
}

/** Tells how the run stands. */
export type NoteRun = (status: Pick<JobStatus, "phase" | "current" | "total" | "unit" | "counts">) => void;

/** Runs `work` with a status file and hooks, where they are asked for. */
export async function reported<T extends BatchCounts>(
  options: ReportOptions,
  { kind, runId, events, batchSize }: ReportedRun,
  work: (note: NoteRun) => Promise<{ result: T; exitCode: ExitCode }>,
): Promise<T> {
  const hook = hookOf(options.hook);
  checkHooks(hook);
  const database = shownTarget(targetOf(options.db));
  let last: JobStatus = {
    state: "running",
    phase: "loading",
    current: 0,
    total: null,
    unit: "byte",
    batchSize,
  };
  const run = { kind, id: runId, worker: `${hostname()}:${process.pid}` };
  const file = openStatusFile(options["status-dir"], run, last);
  const tell = async (event: HookEvent["event"]): Promise<void> => {
    if (!events.includes(event)) return;
    const { state, counts = {}, exitCode = null, error = null } = last;
    await callHooks(hook, {
      event,
      kind,
      job_id: runId,
      state,
      counts,
      exit_code: exitCode,
      database,
      error,
    });
  };
  await tell("job.started");
  try {
    const { result, exitCode } = await work((status) => {
      last = { ...last, ...status };
      file.note(last);
    });
    const isWhole = exitCode === exitCodes.done;
    last = { ...last, state: isWhole ? "done" : "interrupted", counts: countsOf(result), exitCode };
    if (isWhole) last = { ...last, current: last.total ?? last.current };
    file.close(last);
    await tell("job.finished");
    return result;
  } catch (error) {
    const known = error instanceof CowriedbError ? error : undefined;
    last = {
      ...last,
      state: "failed",
      error: { code: known?.code ?? "internal", message: visible(messageOf(error)) },
      exitCode: known?.exitCode ?? exitCodes.failed,
    };
    file.close(last);
    await tell("job.failed");
    throw error;
  }
}

/** The counts alone, of a result that holds more. */
export function countsOf(result: BatchCounts): Record<string, number> {
  const { batches, records_read, events_accepted, events_duplicate, records_rejected, records_skipped } =
    result;
  return { batches, records_read, events_accepted, events_duplicate, records_rejected, records_skipped };
}
