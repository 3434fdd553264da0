import type { CommandLine } from "./command-line.ts";
import type { backup } from "./backup.ts";
import type * as runbook from "./runbook.ts";

/** Adds `runbook …` and `backup`. */
export function addRunbookCommands(line: CommandLine): void {
  const { command, handled } = line;
  command("runbook list", "List the runbooks, or the runs that the store has recorded.", [
    "runbook list",
    "runbook list --runs --json",
  ])
    .option("--runs", "List the newest 50 runs of the store", false)
    .action(
      handled(async (_words, options: Parameters<typeof runbook.list>[0]) =>
        (await import("./runbook.ts")).list(options),
      ),
    );
  command("runbook show", "Show a runbook, or a recorded run with its steps.", [
    "runbook show rebuild-summaries",
    "runbook show 7 --json",
  ]).action(
    handled(async (words, options: Parameters<typeof runbook.show>[1]) =>
      (await import("./runbook.ts")).show(words, options),
    ),
  );
  addWalks(line);
  addBackup(line);
  command(
    "runbook check",
    "See that runbooks can be run: their commands exist, their gates fit the store; exit code 20 where not.",
    ["runbook check", "runbook check ./our-own.md"],
  ).action(
    handled(async (words, options: Parameters<typeof runbook.check>[1]) =>
      (await import("./runbook.ts")).check(words, options),
    ),
  );
}

function addWalks({ command, handled }: CommandLine): void {
  command(
    "runbook run",
    "Walk through a runbook: check its gates, show and run its commands, stop at what is not as expected.",
    ["runbook run rebuild-summaries", "runbook run undo-a-load --set BATCH=7 --yes --json"],
  )
    .option("--set", "The value of a variable, as NAME=VALUE; as often as needed", "")
    .option("--yes", "Ask nothing, and pass over notes to a person", false)
    .option("--dry-run", "Check the gates only, and show what would be run", false)
    .option("--undo", "Walk through its section Undo", false)
    .action(
      handled(async (words, options: runbook.WalkOptions) =>
        (await import("./runbook.ts")).run(words, options),
      ),
    );
  command("runbook resume", "Go on with a run at the step where it stopped; the newest by default.", [
    "runbook resume",
    "runbook resume 7 --yes",
  ])
    .option("--set", "Another value for a variable, as NAME=VALUE; as often as needed", "")
    .option("--yes", "Ask nothing, and pass over notes to a person", false)
    .option("--take-over", "Go on although another machine was at it", false)
    .action(
      handled(async (words, options: runbook.WalkOptions) =>
        (await import("./runbook.ts")).resume(words, options),
      ),
    );
}

function addBackup({ command, handled }: CommandLine): void {
  command(
    "backup",
    "Copy the store into a new file while others write, open the copy and hold it against the store. PostgreSQL needs pg_dump.",
    [
      "backup cowrie-2026-01-05.sqlite --db cowrie.sqlite",
      "backup cowrie.dump --db postgres://cowrie@localhost/cowrie",
    ],
  )
    .option("--verify-into", "PostgreSQL: restore the dump into this empty database and compare", "")
    .action(
      handled(async (words, options: Parameters<typeof backup>[1]) =>
        (await import("./backup.ts")).backup(words, options),
      ),
    );
}
