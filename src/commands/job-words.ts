import type { RebuildKind } from "../jobs/predict.ts";
import type { BackfillOptions, BackfillUndoOptions } from "./backfill.ts";
import type { CommandLine } from "./command-line.ts";
import { hook, statusDir } from "./ingest-words.ts";
import type { change, list, show } from "./jobs.ts";
import type { RebuildOptions } from "./rebuild.ts";

/** Adds `backfill …`, `rebuild …` and `jobs …`. */
export function addJobCommands(line: CommandLine): void {
  addBackfill(line);
  addRebuild(line, "rebuild summaries", "rebuild_summaries", "the summaries and files of sessions");
  addRebuild(line, "rebuild command-stats", "rebuild_command_stats", "the statistics of commands");
  addLists(line);
  addChange(line, "pause", "Have a job wait after its batch at hand.");
  addChange(line, "resume", "Have a job go on that was paused or has failed.");
  addChange(line, "cancel", "End a job after its batch at hand; what it has done stays.");
}

function addBackfill({ command, handled }: CommandLine): void {
  command(
    "backfill snapshots",
    "Give sessions the snapshot of their address that they lack, go on where it was stopped.",
    ["backfill snapshots --dry-run", "backfill snapshots --batch-size 5000 --max-batches 2"],
  )
    .option("--from", "Sessions that began on this day or instant (UTC) or later", "")
    .option("--to", "Sessions that began before this day or instant (UTC)", "")
    .option("--dry-run", "Count the sessions that would get each status, by reading alone", false)
    .option("--batch-size", "Sessions in a batch, 1 to 100000; by default as many as take 200 ms", "")
    .option("--max-batches", "Stop after so many batches; the same command goes on", "")
    .option("--resume", "Go on with the job that is open: always so, for the job knows its place", false)
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (_words, options: BackfillOptions) => (await import("./backfill.ts")).backfill(options)),
    );
  command("backfill undo", "Take back what one backfill of snapshots has filled, and nothing else.", [
    "backfill undo 7",
  ])
    .option("--batch-size", "Sessions in a batch, 1 to 100000; by default as many as take 200 ms", "")
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (words, options: BackfillUndoOptions) =>
        (await import("./backfill.ts")).undoBackfill(words, options),
      ),
    );
}

function addRebuild({ command, handled }: CommandLine, name: string, kind: RebuildKind, what: string): void {
  command(name, `Derive ${what} anew from the events, write what differs, go on where it was stopped.`, [
    `${name} --dry-run`,
    `${name} --from 2026-01-05 --to 2026-01-06 --status-dir /run/cowriedb`,
  ])
    .option("--from", "Sessions that began on this day or instant (UTC) or later", "")
    .option("--to", "Sessions that began before this day or instant (UTC)", "")
    .option("--session", "This session alone", "")
    .option("--dry-run", "Count the rows that would change, by table and action", false)
    .option(
      "--validate-only",
      "Count the sessions again with other code, and tell what differs; exit code 20 where something does",
      false,
    )
    .option(
      "--sample-events",
      "With --validate-only: about so many events of sessions spread over the store",
      "",
    )
    .option("--batch-size", "Sessions in a batch, 1 to 100000; by default as many as take 200 ms", "")
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (_words, options: RebuildOptions) =>
        (await import("./rebuild.ts")).rebuild(kind, options),
      ),
    );
}

function addLists({ command, handled }: CommandLine): void {
  command("jobs list", "List the newest jobs: what they do, how far they are, how they ended.", [
    "jobs list",
    "jobs list --limit 100 --json",
  ])
    .option("--limit", "Rows to list; 20 by default", "")
    .action(
      handled(async (_words, options: Parameters<typeof list>[0]) =>
        (await import("./jobs.ts")).list(options),
      ),
    );
  command("jobs show", "Show one job, and the sessions that it has left out.", [
    "jobs show 7",
    "jobs show 7 --json",
  ])
    .option("--limit", "Sessions to list; 20 by default", "")
    .action(
      handled(async (words, options: Parameters<typeof show>[1]) =>
        (await import("./jobs.ts")).show(words, options),
      ),
    );
}

function addChange(
  { command, handled }: CommandLine,
  word: Parameters<typeof change>[0],
  purpose: string,
): void {
  command(`jobs ${word}`, purpose, [`jobs ${word} 7`, `jobs ${word} 7 --json`]).action(
    handled(async (words, options: Parameters<typeof change>[2]) =>
      (await import("./jobs.ts")).change(word, words, options),
    ),
  );
}
