import type { CommandLine } from "./command-line.ts";
import { hook, statusDir } from "./ingest-words.ts";
import type { undoRepairs } from "./reconcile-undo.ts";
import type { prove, reconcile } from "./reconcile.ts";

/** Adds the commands that prove derived rows every night. */
export function addReconcileCommands({ command, handled }: CommandLine): void {
  command(
    "reconcile",
    "Prove every session, command and file from the events, a range of sessions at a time; exit code 20 on a difference.",
    ["reconcile", "reconcile --repair", "reconcile --mode quick", "reconcile --mode full --json"],
  )
    .option(
      "--mode",
      "quick: what was loaded since; nightly: all, counted deep where it changed; full: all, deep",
      "",
    )
    .option("--ndjson", "Answer with one line of JSON for each finding, then the summary", false)
    .option("--repair", "Derive anew what differs, keep what it replaces, and prove it again", false)
    .option("--max-repair", "Sessions to repair at most; above that none is (default: see settings)", "")
    .option("--exit-zero-on", "repaired: end with 0 where all that differed was repaired", "")
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (_paths, options: Parameters<typeof reconcile>[0]) =>
        (await import("./reconcile.ts")).reconcile(options),
      ),
    );
  command(
    "reconcile undo",
    "Put back what the repairs of one run have replaced; sessions that changed since are left.",
    ["reconcile undo 7 --dry-run", "reconcile undo 7 --confirm 7"],
  )
    .option("--confirm", "The number of the run again, to go on without being asked", "")
    .option("--dry-run", "Say what would be put back, and change nothing", false)
    .action(
      handled(async (words, options: Parameters<typeof undoRepairs>[1]) =>
        (await import("./reconcile-undo.ts")).undoRepairs(words, options),
      ),
    );
  command("reconcile prove", "Prove one session from its events, and with which certificate it stands.", [
    "reconcile prove a1b2c3d4e5f6",
    "reconcile prove a1b2c3d4e5f6 --json",
  ])
    .option("--session", "The session, where its id begins with a dash", "")
    .action(
      handled(async (words, options: Parameters<typeof prove>[1]) =>
        (await import("./reconcile.ts")).prove(words, options),
      ),
    );
}
