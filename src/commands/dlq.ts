import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { bytesOfLetter, listLetters, showLetter, type LetterPage } from "../letters/letters.ts";
import { purgeLetters } from "../letters/purge.ts";
import { bold, counted, cut, green, readableBytes, table } from "../term.ts";
import { instant, optional, wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import { stopOnSignals } from "./signals.ts";
import { withStore } from "./store.ts";

/** Options that choose letters. */
export interface FilterOptions {
  reason: string;
  source: string;
  since: string;
  until: string;
}

const usualRows = 50;
const mostRows = 10_000;

/** Which letters the options choose. */
export function filtersOf(options: FilterOptions): {
  reason: string | null;
  source: string | null;
  since: string | null;
  until: string | null;
} {
  return {
    reason: optional(options.reason),
    source: optional(options.source),
    since: instant("--since", options.since),
    until: instant("--until", options.until),
  };
}

export { checkReason } from "../letters/letters.ts";

/** `cowriedb dlq list`: a page of dead letters. */
export async function list(
  options: CommonOptions & FilterOptions & { open: boolean; resolved: boolean; limit: string; after: string },
): Promise<void> {
  if (options.open && options.resolved)
    throw usageError("--open and --resolved exclude each other.", "Give one of them, or none for all.");
  const page = {
    state: options.open ? ("open" as const) : options.resolved ? ("resolved" as const) : ("all" as const),
    after: letterNumber("--after", options.after, 0),
    limit: wholeNumber("--limit", options.limit, usualRows, mostRows),
  };
  await withStore(options, async (database) => {
    const found = await listLetters(database, filtersOf(options), page);
    answer(options, found, () => textOfList(found));
  });
}

/** `cowriedb dlq show ID`: everything on one letter. */
export async function show(
  words: readonly string[],
  options: CommonOptions & { raw: boolean },
): Promise<void> {
  if (words.length !== 1)
    throw usageError("dlq show needs the number of one letter.", "Run: cowriedb dlq list");
  const letter = letterNumber("The letter", words[0] ?? "", 0);
  if (options.raw && process.stdout.isTTY) {
    throw usageError(
      "--raw writes what an attacker wrote, and a terminal would obey it.",
      `Send it to a file: cowriedb dlq show ${letter} --raw > letter.bin`,
    );
  }
  await withStore(options, async (database) => {
    if (options.raw) {
      process.stdout.write(await bytesOfLetter(database, letter));
      return;
    }
    const found = await showLetter(database, letter);
    answer(options, found, () => {
      const { record, record_tail, advice, ...rest } = found;
      const rows = Object.entries(rest)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name.replaceAll("_", " "), String(value)]);
      const records = [`${bold("record")}  ${record}`, ...(record_tail === null ? [] : [`… ${record_tail}`])];
      return [table(rows), ...records, "", advice].join("\n");
    });
  });
}

/** `cowriedb dlq purge`: removes the bytes of letters that are settled or old. */
export async function purge(
  options: CommonOptions & FilterOptions & { before: string; confirm: string; "dry-run": boolean },
): Promise<ExitCode> {
  const filters = { ...filtersOf(options), before: instant("--before", options.before) };
  const confirmed = letterNumber("--confirm", options.confirm, 0);
  const stop = stopOnSignals();
  const result = await withStore(options, async (database) =>
    purgeLetters(database, filters, { dryRun: options["dry-run"], confirmed, stop }),
  ).finally(() => {
    stop.release();
  });
  answer(options, result, () => {
    const what = `the bytes of ${bold(counted(result.letters, "dead letter"))}, ${result.open} of them open, ${readableBytes(result.bytes)}`;
    if (result.dry_run)
      return result.letters === 0
        ? "There is nothing to remove. Open letters are removed only with --before."
        : `Would remove ${what}.\nNext: the same command with --confirm ${result.letters} instead of --dry-run`;
    return `${green("✔")} Removed ${what}. Rows, digests and sizes stay.`;
  });
  return result.interrupted ? stop.exitCode : exitCodes.done;
}

/** Reads the number of a letter, or of letters; `usual` where it is not given. */
export function letterNumber(what: string, text: string, usual: number): number {
  return wholeNumber(what, text, usual, Number.MAX_SAFE_INTEGER);
}

function textOfList(found: LetterPage): string {
  if (found.by_reason.length === 0) return "There are no dead letters.";
  const counts = table(
    found.by_reason.map(({ reason, letters, open, replayed, purged, undone, meaning }) => [
      reason,
      letters,
      open,
      replayed,
      purged,
      undone,
      meaning,
    ]),
    ["reason", "letters", "open", "replayed", "purged", "undone", "meaning"],
  );
  if (found.letters.length === 0) return [counts, "", "None of them is asked for."].join("\n");
  const rows = found.letters.map((letter) => [
    String(letter.letter),
    letter.refused_at.slice(0, 19),
    letter.resolution ?? "open",
    letter.reason,
    String(letter.attempts),
    `${cut(letter.source, 60)}:${letter.offset}`,
    cut(letter.detail, 60),
  ]);
  const lines = [
    counts,
    "",
    table(rows, ["letter", "refused at", "state", "reason", "tries", "where", "detail"]),
  ];
  lines.push(
    found.next_after === null
      ? `Next: cowriedb dlq show ${found.letters[0]?.letter ?? ""}`
      : `There are more. Next: the same command with --after ${found.next_after}`,
  );
  return lines.join("\n");
}
