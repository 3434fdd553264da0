import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import type { FileResult, LoadResult } from "../ingest/load-result.ts";
import { defaultBatchEvents } from "../ingest/load.ts";
import { loadFiles } from "../ingest/loader.ts";
import { progressLine } from "../telemetry/progress.ts";
import { bold, green, grouped, table, yellow } from "../term.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";
import { stopOnSignals } from "./signals.ts";

/** `cowriedb ingest bulk PATH…`: loads files, each record once. */
export async function bulk(
  paths: readonly string[],
  options: CommonOptions & { "multi-line": boolean; "batch-size": string },
): Promise<ExitCode> {
  if (paths.length === 0)
    throw usageError(
      "ingest bulk needs a file, a folder, a pattern or -.",
      "Run: cowriedb ingest bulk --help",
    );
  const batchEvents = batchSizeOf(options["batch-size"]);
  const stop = stopOnSignals();
  const result = await withStore(options, async (database) => {
    const progress = progressLine("Loading", options.quiet);
    try {
      return await loadFiles(database, paths, {
        multiLine: options["multi-line"],
        batchEvents,
        stop,
        onProgress: ({ bytesDone, bytes, events, elapsedMs }) => {
          progress.show(bytesDone, bytes, events, elapsedMs);
        },
      });
    } finally {
      progress.end();
      stop.release();
    }
  });
  for (const file of result.files) {
    if (file.status === "refused") say(options, yellow(`${file.path} is no Cowrie log; it was left out.`));
    if (file.damage !== null)
      say(options, yellow(`${file.path} is damaged (${file.damage}); what came before was loaded.`));
  }
  answer(options, result, () => textOf(result));
  return stop.requested ? stop.exitCode : exitCodes.done;
}

/** Reads `--batch-size`: whole, 1 to 100,000. */
export function batchSizeOf(text: string): number {
  if (text === "") return defaultBatchEvents;
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 1 || size > 100_000) {
    throw usageError(`--batch-size must be a whole number from 1 to 100000; got ${JSON.stringify(text)}.`);
  }
  return size;
}

function textOf(result: LoadResult): string {
  const rate = result.elapsed_ms > 0 ? Math.round((result.events_accepted * 1000) / result.elapsed_ms) : 0;
  const unread = result.files.filter((file) => file.unread_bytes > 0);
  const lines = [
    result.events_accepted === 0 && !result.interrupted
      ? `${bold("Nothing new.")} ${unchangedText(result.files)}`
      : `${green("✔")} ${bold(grouped(result.events_accepted))} events from ${result.files.length} files in ${(result.elapsed_ms / 1000).toFixed(1)} s, ${grouped(rate)} events/s.`,
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
      `  ${unread.length} files end in an unfinished line; it is left for the next run. First: ${unread[0]?.path ?? ""}`,
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
    return `All ${files.length} files were loaded before; the store is as it was.`;
  return "Every record was in the store already.";
}
