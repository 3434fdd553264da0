import type { CommandLine } from "./command-line.ts";
import type { hydrateStore } from "./hydrate.ts";
import { hook, statusDir } from "./ingest-words.ts";

/** Adds `hydrate`. */
export function addHydrateCommand({ command, handled }: CommandLine): void {
  command(
    "hydrate",
    "Copy a store from SQLite into PostgreSQL, or back, while others write into it: every table, in parts; again, and only what has changed is copied.",
    [
      "hydrate --from sqlite:cowrie.sqlite --to postgres://cowrie@localhost/cowrie",
      "hydrate --from sqlite:cowrie.sqlite --to postgres://cowrie@localhost/cowrie --dry-run",
      "hydrate --from sqlite:cowrie.sqlite --to postgres://cowrie@localhost/cowrie --resume --json",
      "hydrate --from sqlite:cowrie.sqlite --to postgres://cowrie@localhost/cowrie --verify-only --manifest moved.json",
      "hydrate --from postgres://cowrie@localhost/cowrie --to sqlite:cowrie.sqlite --cutover",
    ],
  )
    .option("--from", "The store that is copied: sqlite:PATH or postgres://user@host/database", "")
    .option(
      "--to",
      "The store that it is copied into, of the other engine; an empty database or a new file is made one",
      "",
    )
    .option("--resume", "Go on with a copy that was left unfinished; fails where there is none", false)
    .option(
      "--dry-run",
      "Say what would be copied and kept out, and how large and long; change nothing",
      false,
    )
    .option("--verify", "Compare every row of both in the end; --no-verify leaves it out", true)
    .option("--verify-only", "Compare every row of both, and copy nothing", false)
    .option("--manifest", "Write digests of all that was proved to a file, for: verify --manifest", "")
    .option(
      "--cutover",
      "In the end stop writers for a moment, copy the rest, retire the source and open the target",
      false,
    )
    .option(
      "--reopen",
      "Take a cutover back: open its source again, where its target has taken no rows since",
      false,
    )
    .option("--confirm", "The store that took the place of one of both and is lost, by its name", "")
    .option("--workers", "Threads that copy, 1 to 16; 3 by default", "")
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (_paths, options: Parameters<typeof hydrateStore>[0]) =>
        (await import("./hydrate.ts")).hydrateStore(options),
      ),
    );
}
