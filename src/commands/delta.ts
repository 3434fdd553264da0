import { randomUUID } from "node:crypto";
import { CowriedbError, exitCodes, usageError, type ExitCode } from "../errors.ts";
import { deltaPass, type DeltaPass } from "../ingest/follow/delta.ts";
import { follow } from "../ingest/follow/follow.ts";
import type { FollowOptions } from "../ingest/follow/following.ts";
import { defaultBatchEvents, type LoadProgress } from "../ingest/load.ts";
import { countsOf, noCounts, type BatchCounts, type LoadResult } from "../ingest/load-result.ts";
import { assertCowrie } from "../ingest/loader.ts";
import { patientStore, type PatientStore } from "../ingest/follow/patience.ts";
import { counted, grouped, yellow } from "../term.ts";
import { firstStanding, mostBatchEvents, standing, textOf, warnOfFiles } from "./ingest.ts";
import { wholeNumber } from "./options.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { reported, type NoteRun, type ReportOptions } from "./reported.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";
import { withStore } from "./store.ts";

const mostRate = 1_000_000;
const leastPollMs = 50;
const mostPollMs = 60_000;
const usualPollMs = 1_000;

/** The options of `ingest delta`. */
export interface DeltaCommandOptions extends CommonOptions, ReportOptions {
  follow: boolean;
  "batch-size": string;
  "rate-limit": string;
  "poll-interval": string;
  "multi-line": boolean;
}

/** `cowriedb ingest delta PATH… [--follow]`: loads only what is new; once, or until a signal. */
export async function delta(paths: readonly string[], options: DeltaCommandOptions): Promise<ExitCode> {
  if (paths.length === 0)
    throw usageError(
      "ingest delta needs a file, a folder or a pattern.",
      "Run: cowriedb ingest delta --help",
    );
  if (paths.includes("-"))
    throw usageError(
      "ingest delta cannot tell what is new in standard input.",
      "Name a file, or run: cowriedb ingest bulk -",
    );
  const given = wholeNumber("--batch-size", options["batch-size"], 0, mostBatchEvents);
  const recordsPerSecond = wholeNumber("--rate-limit", options["rate-limit"], 0, mostRate);
  const pollMs = wholeNumber("--poll-interval", options["poll-interval"], usualPollMs, mostPollMs);
  if (pollMs < leastPollMs)
    throw usageError(`--poll-interval must be a whole number from ${leastPollMs} to ${mostPollMs}.`);
  const stop = stopOnSignals();
  const runId = randomUUID();
  const load = async (note: NoteRun): Promise<LoadResult | DeltaPass> =>
    withStore(options, async (database) => {
      const store = patientStore(database, { stop, recordsPerSecond, ...voices(options, note) });
      const batchEvents = given === 0 ? defaultBatchEvents[database.dialect] : given;
      const how = { multiLine: options["multi-line"], batchEvents, runId, stop };
      if (options.follow) return followed(store, paths, options, { ...how, pollMs, note });
      const onProgress = (now: LoadProgress): void => {
        note(standing(now));
      };
      const pass = await deltaPass(store, paths, { ...how, onProgress });
      assertCowrie(pass.files);
      return pass;
    });
  try {
    const run = { kind: "ingest_delta", id: runId, first: firstStanding(given), stop };
    // It runs every minute: that it ended well is no news.
    const result = await reported(options, { ...run, events: ["job.failed"] }, async (note) => {
      const loaded = await load(note);
      const exitCode = stop.requested ? stop.exitCode : exitCodes.done;
      return { result: loaded, counts: countsOf(loaded), exitCode };
    });
    answerDelta(options, result);
  } catch (error) {
    // The signal was to end it; that the store was away is told, but no failure.
    if (!(error instanceof CowriedbError) || error.code !== "ingest.stopped") throw error;
    say(options, yellow(error.message));
  } finally {
    stop.release();
  }
  return stop.requested ? stop.exitCode : exitCodes.done;
}

function voices(
  options: DeltaCommandOptions,
  note: NoteRun,
): { onAway(why: CowriedbError): void; onBack(): void } {
  return {
    onAway: (why) => {
      note({ phase: "waiting" });
      say({}, yellow(`${why.message} Waiting until it is back; nothing is lost.`));
    },
    onBack: () => {
      note({ phase: options.follow ? "following" : "loading" });
      say(options, "The store is back; going on.");
    },
  };
}

async function followed(
  store: PatientStore,
  paths: readonly string[],
  options: DeltaCommandOptions,
  { note, ...how }: Omit<FollowOptions, `on${string}`> & { stop: StopRequest; note: NoteRun },
): Promise<LoadResult> {
  const noteCounts = (counts: BatchCounts): void => {
    const current = counts.events_accepted;
    note({ phase: "following", unit: "event", current, total: null, counts: countsOf(counts) });
  };
  noteCounts(noCounts());
  return follow(store, paths, {
    ...how,
    onCounts: noteCounts,
    onPass: (pass) => {
      warnOfFiles(options, pass.files);
    },
    onReady: (files) => {
      say(options, `Following ${counted(files, "file")}.`);
    },
    onTrip: (path) => {
      say(options, yellow(`${path} is left alone for a while: too many of its records were refused.`));
    },
    onResume: (path) => {
      say(options, `${path} is sound again; reading on.`);
    },
  });
}

function answerDelta(options: DeltaCommandOptions, result: LoadResult | DeltaPass): void {
  const { files, ...counts } = result;
  if (!options.follow) warnOfFiles(options, files);
  const document = { ...counts, files };
  if ("listed" in document) delete (document as Partial<DeltaPass>).listed;
  // Cron sends mail for whatever is said: a quiet run that found nothing says nothing.
  if (options.quiet && !options.json && result.records_read === 0) return;
  answer(options, document, () =>
    options.follow
      ? `Stopped. ${grouped(result.events_accepted)} events loaded in ${grouped(result.batches)} batches since the start.`
      : textOf(result),
  );
}
