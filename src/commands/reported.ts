import { workerName } from "../actor.ts";
import { shownTarget, targetOf } from "../config.ts";
import { CowriedbError, exitCodes, messageOf, type ExitCode } from "../errors.ts";
import { callHooks, checkHooks, hookOf, type HookEvent } from "../telemetry/hooks.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { openStatusFile } from "../telemetry/status-file.ts";
import { visible } from "../term.ts";
import type { StopRequest } from "./signals.ts";

/** Options of commands that tell others how their run goes. */
export interface ReportOptions {
  db: string;
  "status-dir": string;
  hook: string;
}

/** A run that others are told of. */
export interface ReportedRun {
  /** As in the name of a status file: lower case letters, digits and underscores. */
  kind: string;
  id: number | string;
  /** What hooks are told; all that happens, where it is not given. */
  events?: readonly HookEvent["event"][];
  /** Codes of errors that no hook is told of. */
  quiet?: readonly string[];
  /** How it begins, where more is known than that it runs. */
  first?: Partial<JobStatus>;
  /** The request of a signal to stop. */
  stop?: Pick<StopRequest, "exitCode">;
}

/** Tells what has changed in how the run stands. */
export type NoteRun = (status: Partial<JobStatus>) => void;

/** How a run ended. */
export interface RunEnd<T> {
  result: T;
  counts: Readonly<Record<string, number>>;
  exitCode: ExitCode;
  /** Follows from the exit code where it is not given. */
  state?: string;
}

/**
 * Runs `work` with a status file and hooks, where they are asked for. Drift is told where the exit code says so, failure
 * where somebody has to look. Throws what `work` throws, `config.status_dir`, and `config.usage` for a hook that is none.
 */
export async function reported<T>(
  options: ReportOptions,
  { kind, id, events, quiet, first, stop }: ReportedRun,
  work: (note: NoteRun) => Promise<RunEnd<T>>,
): Promise<T> {
  const hook = hookOf(options.hook);
  checkHooks(hook);
  const database = shownTarget(targetOf(options.db));
  let last: JobStatus = { state: "running", phase: "starting", current: 0, total: null, ...first };
  const file = openStatusFile(options["status-dir"], { kind, id, worker: workerName() }, last);
  const tell = async (event: HookEvent["event"]): Promise<void> => {
    if (events !== undefined && !events.includes(event)) return;
    const { state, counts = {}, exitCode = null, error = null } = last;
    await callHooks(hook, { event, kind, job_id: id, state, counts, exit_code: exitCode, database, error });
  };
  await tell("job.started");
  try {
    const {
      result,
      counts,
      exitCode,
      state = stateOf(exitCode),
    } = await work((status) => {
      last = { ...last, ...status };
      file.note(last);
    });
    const current = state === "done" ? (last.total ?? last.current) : last.current;
    last = { ...last, state, current, counts, exitCode };
    file.close(last);
    if (exitCode === exitCodes.differences) await tell("drift.found");
    await tell(exitCode === exitCodes.needsPerson ? "job.failed" : "job.finished");
    return result;
  } catch (error) {
    last = { ...last, ...endOf(error, stop) };
    file.close(last);
    const isQuiet = quiet?.includes(last.error?.code ?? "") === true;
    if (!isQuiet) await tell(last.state === "failed" ? "job.failed" : "job.finished");
    throw error;
  }
}

function stateOf(exitCode: ExitCode): string {
  if (exitCode === exitCodes.interrupted || exitCode === exitCodes.terminated) return "interrupted";
  return exitCode === exitCodes.needsPerson || exitCode === exitCodes.failed ? "failed" : "done";
}

function endOf(error: unknown, stop: ReportedRun["stop"]): Pick<JobStatus, "state" | "error" | "exitCode"> {
  const known = error instanceof CowriedbError ? error : undefined;
  const told = { code: known?.code ?? "internal", message: visible(messageOf(error)) };
  // A signal has ended the wait for a store that is away.
  if (known?.code === "ingest.stopped" && stop !== undefined)
    return { state: "interrupted", error: told, exitCode: stop.exitCode };
  return { state: "failed", error: told, exitCode: known?.exitCode ?? exitCodes.internal };
}
