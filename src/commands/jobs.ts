import { usageError } from "../errors.ts";
import { failuresOf, jobOf, listJobs, setJobState, type Job } from "../jobs/jobs.ts";
import { counted, green, table, visible } from "../term.ts";
import { commandOf, kindOf } from "./job-text.ts";
import { wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";

const mostRows = 100_000;
const usualRows = 20;

/** `cowriedb jobs list`: the newest jobs. */
export async function list(options: CommonOptions & { limit: string }): Promise<void> {
  const limit = wholeNumber("--limit", options.limit, usualRows, mostRows);
  await withStore(options, async (database) => {
    const jobs = await listJobs(database, limit);
    answer(options, { jobs: jobs.map(documentOf) }, () =>
      jobs.length === 0
        ? "No job has run yet."
        : table(
            jobs.map((job) => [
              job.job_id,
              kindOf(job),
              job.state,
              job.phase,
              `${job.processed} of ${job.total}`,
              job.rows_inserted + job.rows_updated + job.rows_deleted,
              job.failed_batches,
              job.created_at,
              visible(job.worker ?? ""),
            ]),
            ["job", "kind", "state", "phase", "done", "rows changed", "failed", "begun", "worker"],
          ),
    );
  });
}

/** `cowriedb jobs show JOB`: one job and the sessions that it left out. */
export async function show(
  words: readonly string[],
  options: CommonOptions & { limit: string },
): Promise<void> {
  const jobId = numberOf(words, "show");
  const limit = wholeNumber("--limit", options.limit, usualRows, mostRows);
  await withStore(options, async (database) => {
    const job = await jobOf(database, jobId);
    const failures = await failuresOf(database, jobId, limit);
    answer(options, { ...documentOf(job), failures }, () =>
      [
        table(
          Object.entries(job).map(([name, value]) => [name, visible(value === null ? "" : String(value))]),
        ),
        ...(failures.length === 0
          ? []
          : [
              "",
              `Left out, the first ${counted(failures.length, "session")}:`,
              table(
                failures.map(({ session_id, error, failed_at }) => [
                  visible(session_id),
                  failed_at,
                  visible(error),
                ]),
              ),
            ]),
      ].join("\n"),
    );
  });
}

/** `cowriedb jobs pause|resume|cancel JOB`: its worker obeys within one batch. */
export async function change(
  word: "pause" | "resume" | "cancel",
  words: readonly string[],
  options: CommonOptions,
): Promise<void> {
  const jobId = numberOf(words, word);
  await withStore(options, async (database) => {
    const job = await setJobState(database, jobId, states[word]);
    answer(options, documentOf(job), () => `${green("✔")} Job ${jobId} is ${job.state}. ${next(word, job)}`);
  });
}

const states = { pause: "paused", resume: "running", cancel: "cancelled" } as const;

function next(word: "pause" | "resume" | "cancel", job: Job): string {
  if (word === "pause") return `Next: cowriedb jobs resume ${job.job_id}`;
  if (word === "cancel") return "What it has done stays; it is right, but not all.";
  return job.worker === null
    ? `Nobody works on it now. Next: cowriedb ${commandOf(job)}`
    : `Next: cowriedb jobs show ${job.job_id}`;
}

function documentOf(job: Job): Record<string, unknown> {
  return { ...job, params: JSON.parse(job.params) as unknown };
}

function numberOf(words: readonly string[], verb: string): number {
  const [word = ""] = words;
  const number = Number(word);
  if (words.length !== 1 || !/^[0-9]+$/.test(word) || !Number.isSafeInteger(number) || number < 1)
    throw usageError(`jobs ${verb} needs the number of one job.`, "Run: cowriedb jobs list");
  return number;
}
