import type { ExitCode } from "../errors.ts";
import { exitCodes } from "../errors.ts";
import { failuresOf, type Job, type JobFailure } from "../jobs/jobs.ts";
import { releaseJob } from "../jobs/lease.ts";
import { runTaken, takeJob, type LoopOptions, type TakenJob } from "../jobs/loop.ts";
import { jobProgress } from "../telemetry/progress.ts";
import { counted, green, red, table, visible, yellow } from "../term.ts";
import { countsOf, statusOf } from "./job-text.ts";
import { answer, type CommonOptions } from "./output.ts";
import { reported, type ReportOptions } from "./reported.ts";
import type { StopRequest } from "./signals.ts";
import type { StoreDatabase } from "./store.ts";

const mostShown = 10;

/** How the run of a job is told. */
export interface Telling {
  /** What it is doing, as a word before the progress. */
  verb: string;
  textOf: (job: Job, failures: readonly JobFailure[]) => string;
}

type How = LoopOptions & { stop: StopRequest };

/** Runs an open job until it ends or is stopped, tells how it went, and gives the exit code. */
export async function runOpened(
  database: StoreDatabase,
  opened: Job,
  how: How,
  options: CommonOptions & ReportOptions,
  telling: Telling,
): Promise<ExitCode> {
  const taken = await takeJob(database, opened, how);
  try {
    const { job, failures } = await runAndTell(taken, opened, how, options, telling.verb);
    answer(options, { ...job, params: JSON.parse(job.params) as unknown, failures }, () =>
      telling.textOf(job, failures),
    );
    return exitCodeOf(job, how);
  } finally {
    await releaseJob(taken);
  }
}

async function runAndTell(
  taken: TakenJob,
  opened: Job,
  how: How,
  options: CommonOptions & ReportOptions,
  verb: string,
): Promise<{ job: Job; failures: readonly JobFailure[] }> {
  const run = { kind: taken.kind, id: opened.job_id, first: statusOf(opened), stop: how.stop };
  return reported(options, run, async (note) => {
    const progress = jobProgress(verb, options.quiet, statusOf(opened));
    try {
      const ended = await runTaken(taken, (now) => {
        progress.show(statusOf(now));
        note(statusOf(now));
      });
      const left = await failuresOf(taken.database, ended.job_id, mostShown);
      return {
        result: { job: ended, failures: left },
        counts: countsOf(ended),
        exitCode: exitCodeOf(ended, how),
        state: ended.state,
      };
    } finally {
      progress.end();
    }
  });
}

function exitCodeOf(job: Job, { stop, maxBatches }: How): ExitCode {
  if (job.state === "needs_attention" || job.state === "failed") return exitCodes.needsPerson;
  if (job.state !== "done" && stop.requested) return stop.exitCode;
  // As many batches as were asked for are done, and nothing stood in their way.
  if (job.state === "done" || (job.state === "running" && maxBatches !== undefined)) return exitCodes.done;
  return exitCodes.unproved;
}

/** How a job ended, for people; `what` is what it has done. */
export function endText(job: Job, failures: readonly JobFailure[], what: string): string {
  if (job.state === "done") return `${green("✔")} ${what}`;
  if (job.state === "needs_attention")
    return [
      `${red("✘")} ${what}`,
      `${counted(job.failed_batches, "session")} could not be done and stayed as they were:`,
      table(failures.map(({ session_id, error }) => [visible(session_id), visible(error)])),
      `Next: cowriedb jobs show ${job.job_id}`,
    ].join("\n");
  if (job.state === "failed")
    return [
      `${red("✘")} ${what}`,
      `It has failed: ${visible(job.error ?? "")}`,
      `Next: cowriedb jobs show ${job.job_id}`,
    ].join("\n");
  const next = job.state === "cancelled" ? "What it has done stays." : "Run the same command to go on.";
  return `${yellow("…")} ${what}\nIt is ${job.state}. ${next}`;
}
