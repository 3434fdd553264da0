import type { delta } from "./delta.ts";
import type { CommandLine } from "./command-line.ts";
import type { bulk } from "./ingest.ts";
import type { undo } from "./undo.ts";

const batchSize = [
  "--batch-size",
  "Most events in a batch, 1 to 100000; by default 5000 on SQLite, 20000 on PostgreSQL",
  "",
] as const;
const multiLine = ["--multi-line", "Take objects that are written over several lines", false] as const;

export const statusDir = [
  "--status-dir",
  "Write how the run goes to a JSON file in this folder, and the list of all runs to status.json",
  "",
] as const;
export const hook = [
  "--hook",
  "Program or URL that is told when the run starts, ends or fails; else COWRIEDB_HOOK",
  "",
] as const;

/** Adds `ingest …`. */
export function addIngestCommands({ command, handled }: CommandLine): void {
  command(
    "ingest bulk",
    "Load files, folders, quoted patterns or - (standard input): plain, gzip, bzip2 or zstd; each record once.",
    ["ingest bulk /var/log/cowrie --db cowrie.sqlite", "ingest bulk 'logs/cowrie.json.2026-01-*' --json"],
  )
    .option(...batchSize)
    .option(...multiLine)
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (paths, options: Parameters<typeof bulk>[1]) =>
        (await import("./ingest.ts")).bulk(paths, options),
      ),
    );

  command(
    "ingest delta",
    "Load only what is new in files and folders that are still written; once, or with --follow for ever.",
    ["ingest delta /var/log/cowrie --quiet", "ingest delta /var/log/cowrie --follow"],
  )
    .option("--follow", "Watch the files and load each line as it is written, until a signal", false)
    .option(...batchSize)
    .option("--rate-limit", "Most records a second, 1 to 1000000; by default there is no limit", "")
    .option(
      "--poll-interval",
      "Milliseconds between two looks at the folders, 50 to 60000; 1000 by default",
      "",
    )
    .option(...multiLine)
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (paths, options: Parameters<typeof delta>[1]) =>
        (await import("./delta.ts")).delta(paths, options),
      ),
    );

  command(
    "ingest undo",
    "Remove one batch as if it had never been; what other batches have seen too is kept.",
    ["ingest undo 7 --dry-run", "ingest undo 7 --reload --confirm 7"],
  )
    .option("--reload", "Have its file read again from its start by the next load", false)
    .option("--confirm", "The number of the batch to undo", "")
    .option("--dry-run", "Show what would be lost", false)
    .action(
      handled(async (words, options: Parameters<typeof undo>[1]) =>
        (await import("./undo.ts")).undo(words, options),
      ),
    );
}
