import type { CommandLine } from "./command-line.ts";
import { hook, statusDir } from "./ingest-words.ts";
import type { AdoptOptions } from "./migrate-adopt.ts";

/** Adds `migrate adopt`. */
export function addAdoptCommand({ command, handled }: CommandLine): void {
  command(
    "migrate adopt",
    "Take over a database of the old system: events through the gate, snapshots, inventory; report what differs.",
    [
      "migrate adopt --from old.sqlite --dry-run",
      "migrate adopt --from postgres://reader@db1/old",
      "backfill undo 7        takes back the snapshots that job 7 has adopted",
    ],
  )
    .option("--from", "The old database: a SQLite file or postgres://user@host/database; it is only read", "")
    .option("--dry-run", "Read and judge all of it, and report; write nothing", false)
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (_words, options: AdoptOptions) =>
        (await import("./migrate-adopt.ts")).adoptStore(options),
      ),
    );
}
