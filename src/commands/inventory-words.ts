import type { CommandLine } from "./command-line.ts";
import { hook, statusDir } from "./ingest-words.ts";
import type { importFiles } from "./inventory.ts";

/** Adds `inventory …`. */
export function addInventoryCommands({ command, handled }: CommandLine): void {
  command(
    "inventory import",
    "Import what files say of addresses, networks and hashes: CSV, NDJSON, lists, MMDB, the old system's database.",
    [
      "inventory import asn-ipv4.csv asn-ipv6.csv --as-of 2026-01-05",
      "inventory import tor-exits.txt --label TOR --dry-run",
    ],
  )
    .option(
      "--as-of",
      "Since when the facts hold (UTC); else what the row or the MMDB file says, else now",
      "",
    )
    .option("--label", "The kind of address, where a row does not say it, as TOR or hosting", "")
    .option("--source", "Who gives the verdicts on files, where a row does not say it", "")
    .option("--columns", "What the columns of a file without header hold, as first,last,asn,asn_name", "")
    .option("--batch-size", "Rows written in one transaction, 1 to 10000; 500 by default", "")
    .option("--dry-run", "Count what would change, in a transaction that is taken back", false)
    .option(...statusDir)
    .option(...hook)
    .action(
      handled(async (paths, options: Parameters<typeof importFiles>[1]) =>
        (await import("./inventory.ts")).importFiles(paths, options),
      ),
    );
}
