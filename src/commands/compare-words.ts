import type { CommandLine } from "./command-line.ts";
import type { CompareOptions } from "./compare.ts";

/** Adds `compare`. */
export function addCompareCommand({ command, handled }: CommandLine): void {
  command(
    "compare",
    "List sessions that another store, or a database of Cowrie's own outputs, lacks or has beside; exit code 20 on a difference.",
    [
      "compare --with /var/lib/cowrie/cowrie.db",
      "compare --with postgres://reader@db1/cowrie --limit 1000 --json",
    ],
  )
    .option("--with", "A SQLite file or postgres://user@host/database; it is only read", "")
    .option("--limit", "Sessions to list of each kind; 20 by default", "")
    .action(
      handled(async (_words, options: CompareOptions) => (await import("./compare.ts")).compare(options)),
    );
}
