import type sade from "sade";
import type { CommandLine } from "./command-line.ts";
import type * as dlq from "./dlq.ts";
import type { replay } from "./dlq-replay.ts";
import type { CommonOptions } from "./output.ts";
import type * as registry from "./registry.ts";

/** Adds `dlq …`. */
export function addLetterCommands({ command, handled }: CommandLine): void {
  filtered(
    command("dlq list", "List refused records (dead letters) by reason, file and time, page by page.", [
      "dlq list --open --reason legacy_eventid",
      "dlq list --since 2026-01-05 --limit 100 --json",
    ]),
  )
    .option("--open", "Only letters that are not settled", false)
    .option("--resolved", "Only letters that are settled", false)
    .option("--limit", "Letters of a page; 50 by default", "")
    .option("--after", "Go on after this letter", "")
    .action(
      handled(
        async (_words, options: Parameters<typeof dlq.list>[0]) =>
          void (await (await import("./dlq.ts")).list(options)),
      ),
    );

  command("dlq show", "Show everything on one refused record, its bytes escaped.", [
    "dlq show 17",
    "dlq show 17 --raw > letter.bin",
  ])
    .option("--raw", "Write the exact bytes, to a file or a pipe", false)
    .action(
      handled(
        async (words, options: Parameters<typeof dlq.show>[1]) =>
          void (await (await import("./dlq.ts")).show(words, options)),
      ),
    );

  filtered(
    command("dlq replay", "Judge refused records again; what is an event now is stored as one.", [
      "dlq replay --reason legacy_eventid --dry-run",
      "dlq replay --id 17",
    ]),
  )
    .option("--id", "Only this letter", "")
    .option("--dry-run", "Judge, and change nothing", false)
    .action(
      handled(async (_words, options: Parameters<typeof replay>[0]) =>
        (await import("./dlq-replay.ts")).replay(options),
      ),
    );

  filtered(
    command("dlq purge", "Remove the bytes of settled or old letters; rows, digests and sizes stay.", [
      "dlq purge --before 2026-01-01 --dry-run",
      "dlq purge --before 2026-01-01 --confirm 12",
    ]),
  )
    .option("--before", "Open letters too that were refused before this instant (UTC)", "")
    .option("--confirm", "How many letters, as --dry-run says", "")
    .option("--dry-run", "Count, and change nothing", false)
    .action(
      handled(async (_words, options: Parameters<typeof dlq.purge>[0]) =>
        (await import("./dlq.ts")).purge(options),
      ),
    );
}

/** Adds `registry …`. */
export function addRegistryCommands({ command, handled }: CommandLine): void {
  command("registry list", "List the event ids that are known, or one of them with its fields.", [
    "registry list",
    "registry list cowrie.session.closed",
  ]).action(
    handled(
      async (words, options: CommonOptions) =>
        void (await (await import("./registry.ts")).list(words, options)),
    ),
  );

  command("registry unknown", "List event ids and fields that were seen and are not known.", [
    "registry unknown --since 2026-01-05",
    "registry unknown --batches 100 --json",
  ])
    .option("--since", "Events since this instant (UTC)", "")
    .option("--batches", "Newest batches whose fields are looked at; 20 by default", "")
    .option("--limit", "Rows of each list; 50 by default", "")
    .action(
      handled(
        async (_words, options: Parameters<typeof registry.unknown>[0]) =>
          void (await (await import("./registry.ts")).unknown(options)),
      ),
    );
}

function filtered(command: sade.Sade): sade.Sade {
  return command
    .option("--reason", "Only letters refused for this reason", "")
    .option("--source", "Only letters of this file: its path as shown, or its number", "")
    .option(
      "--since",
      "Only letters refused since this instant (UTC), as 2026-01-05 or 2026-01-05T10:00:00Z",
      "",
    )
    .option("--until", "Only letters refused before this instant (UTC)", "");
}
