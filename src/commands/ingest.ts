import { randomUUID } from "node:crypto";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { countsOf, type FileResult, type LoadResult } from "../ingest/load-result.ts";
import { defaultBatchEvents, type LoadProgress } from "../ingest/load.ts";
import { loadFiles } from "../ingest/loader.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { progressLine } from "../telemetry/progress.ts";
import { bold, counted, green, grouped, table, yellow } from "../term.ts";
import { wholeNumber } from "./options.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { reported, type NoteRun, type ReportOptions } from "./reported.ts";
import { withStore } from "./store.ts";
import { stopOnSignals } from "./signals.ts";

export const mostBatchEvents = 100_000;

/** `cowriedb ingest bulk PATH…`: loads files, each record once. */
export async function bulk(
  paths: readonly string[],
  options: CommonOptions & ReportOptions & { "multi-line": boolean; "batch-size": string },
): Promise<ExitCode> {
  if (paths.length === 0)
    throw usageError(
      "ingest bulk needs a file, a folder, a pattern or -.",
      "Run: cowriedb ingest bulk --help",
    );
  const batchEvents = wholeNumber("--batch-size", options["batch-size"], 0, mostBatchEvents);
  const runId = randomUUID();
  const stop = stopOnSignals();
  const load = async (note: NoteRun): Promise<LoadResult> =>
    withStore(options, async (database) => {
      const progress = progressLine("Loading", options.quiet);
      try {
        return await loadFiles(database, paths, {
          multiLine: options["multi-line"],
          batchEvents: batchEvents === 0 ? defaultBatchEvents[database.dialect] : batchEvents,
          runId,
          stop,
          onProgress: (now) => {
            progress.show(now.bytesDone, now.bytes, now.events, now.elapsedMs);
            note(standing(now));
          },
        });
      } finally {
        progress.end();
      }
    });
  const run = { kind: "ingest_bulk", id: runId, first: firstStanding(batchEvents), stop };
  const result = await reported(options, run, async (note) => {
    const loaded = await load(note);
    const exitCode = stop.requested ? stop.exitCode : exitCodes.done;
    return { result: loaded, counts: countsOf(loaded), exitCode };
  }).finally(stop.release);
  warnOfFiles(options, result.files);
  answer(options, result, () => textOf(result));
  return stop.requested ? stop.exitCode : exitCodes.done;
}

/** How a load begins, for its status file. */
export function firstStanding(batchSize: number): Partial<JobStatus> {
  return { phase: "loading", unit: "byte", batchSize: batchSize === 0 ? null : batchSize };
}

/** How a load stands, for its status file; standard input has no size. */
export function standing({ bytesDone, bytes, events, counts }: LoadProgress): Partial<JobStatus> {
  const amount =
    bytes > 0
      ? { unit: "byte", current: bytesDone, total: bytes }
      : { unit: "event", current: events, total: null };
  return { phase: "loading", ...amount, counts: countsOf(counts) };
}

/** Says which files were left out or broken off. */
export function warnOfFiles(options: CommonOptions, files: readonly FileResult[]): void {
  for (const file of files) {
    if (file.status === "refused") say(options, yellow(`${file.path} is no Cowrie log; it was left out.`));
    if (file.status === "tripped")
      say(options, yellow(`${file.path} is left alone for a while: too many of its records were refused.`));
    if (file.damage !== null)
      say(options, yellow(`${file.path} is damaged (${file.damage}); what came before was loaded.`));
  }
}

/** What a load came to, for people. */
export function textOf(result: LoadResult): string {
  const rate = result.elapsed_ms > 0 ? Math.round((result.events_accepted * 1000) / result.elapsed_ms) : 0;
  const unread = result.files.filter((file) => file.unread_bytes > 0);
  const lines = [
    result.events_accepted === 0 && !result.interrupted
      ? `${bold("Nothing new.")} ${unchangedText(result.files)}`
      : `${green("✔")} ${bold(grouped(result.events_accepted))} ${result.events_accepted === 1 ? "event" : "events"} from ${counted(result.files.length, "file")} in ${(result.elapsed_ms / 1000).toFixed(1)} s, ${grouped(rate)} events/s.`,
  ];
  if (result.records_read > 0) {
    lines.push(
      table([
        ["  records read", result.records_read],
        ["  accepted", result.events_accepted],
        ["  duplicate", result.events_duplicate],
        ["  rejected", result.records_rejected],
        ["  skipped", result.records_skipped],
      ]),
    );
  }
  if (unread.length > 0) {
    lines.push(
      `  ${counted(unread.length, "file ends", "files end")} in an unfinished line; it is left for the next run. First: ${unread[0]?.path ?? ""}`,
    );
  }
  if (result.interrupted)
    lines.push("Stopped by a signal after the batch at hand. Run the same command to go on.");
  else
    lines.push(
      result.records_rejected > 0
        ? "Next: cowriedb status   (rejects by reason)"
        : "Next: cowriedb report daily",
    );
  return lines.join("\n");
}

function unchangedText(files: readonly FileResult[]): string {
  const unchanged = files.filter((file) => file.status === "unchanged").length;
  if (unchanged === files.length)
    return `${files.length === 1 ? "The file was" : `All ${files.length} files were`} loaded before; the store is as it was.`;
  return "Every record was in the store already.";
}
