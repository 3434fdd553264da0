import type { Database } from "../db/database.ts";
import { CowriedbError, usageError } from "../errors.ts";
import {
  lettersBreadth,
  lettersCounts,
  lettersList,
  lettersListFew,
  lettersOne,
  lettersReasons,
  type LettersListRow,
  type LettersOneRow,
} from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";
import { visible, visibleBytes } from "../term.ts";

/** Which letters are meant; null takes all. */
export interface LetterFilters {
  reason: string | null;
  /** A source's number, or its path as it is shown. */
  source: string | null;
  since: string | null;
  until: string | null;
}

/** What became of a letter. */
export type LetterState = "open" | "resolved" | "all";

/** Dead letters by reason. */
export interface ReasonCount {
  reason: string;
  meaning: string;
  letters: number;
  open: number;
  replayed: number;
  purged: number;
  /** Gone with the batch that they came from. */
  undone: number;
}

/** A letter as a list shows it. */
export interface ListedLetter {
  letter: number;
  reason: string;
  meaning: string;
  detail: string;
  source_id: number;
  source: string;
  offset: number;
  bytes: number;
  refused_at: string;
  attempts: number;
  resolved_at: string | null;
  resolution: string | null;
}

/** A page of letters. */
export interface LetterPage {
  by_reason: ReasonCount[];
  letters: ListedLetter[];
  /** The number to go on after; null where the page is the last. */
  next_after: number | null;
}

/** Throws `config.usage` where `reason` is none that a letter can have. */
export async function checkReason(database: Database, reason: string | null): Promise<void> {
  if (reason === null) return;
  const known = (await many(database, lettersReasons, {})).map((row) => row.reason);
  if (known.includes(reason)) return;
  throw usageError(`There is no reason ${JSON.stringify(reason)}.`, `There are: ${known.join(", ")}.`);
}

/** A page of letters by number, with the counts of all letters by reason. */
export async function listLetters(
  database: Database,
  filters: LetterFilters,
  page: { state: LetterState; after: number; limit: number },
): Promise<LetterPage> {
  await checkReason(database, filters.reason);
  const narrowest = await narrowestFilter(database, filters, page.state);
  // One more tells whether there is another page.
  const asked = { ...filters, state: page.state, after: page.after, most: page.limit + 1 };
  const rows =
    narrowest === null
      ? await many(database, lettersList, asked)
      : await many(database, lettersListFew, { ...asked, narrowest });
  const letters = rows.slice(0, page.limit).map(listed);
  return {
    by_reason: (await many(database, lettersCounts, {})).map((row) => ({
      ...row,
      open: row.letters - row.replayed - row.purged - row.undone,
    })),
    letters,
    next_after: rows.length > page.limit ? (letters.at(-1)?.letter ?? null) : null,
  };
}

/** Letters that may be read whole and sorted for one page. */
const few = 20_000;

/** The filter that leaves the fewest letters, where that is few; null where each leaves many, so a walk soon finds a page. */
async function narrowestFilter(
  database: Database,
  filters: LetterFilters,
  state: LetterState,
): Promise<string | null> {
  const isTimed = filters.since !== null || filters.until !== null;
  if (filters.reason === null && filters.source === null && state === "all" && !isTimed) return null;
  const breadth = await one(database, lettersBreadth, { ...filters, bound: few });
  const counts = [
    { filter: "reason", letters: breadth.by_reason, isGiven: filters.reason !== null },
    { filter: "source", letters: breadth.by_source, isGiven: filters.source !== null },
    { filter: "open", letters: breadth.by_open, isGiven: state === "open" },
    { filter: "resolved", letters: breadth.by_resolved, isGiven: state === "resolved" },
    { filter: "time", letters: breadth.by_time, isGiven: isTimed },
  ];
  const given = counts.filter(({ isGiven, letters }) => isGiven && letters < few);
  return given.sort((left, right) => left.letters - right.letters)[0]?.filter ?? null;
}

function listed(row: LettersListRow): ListedLetter {
  return {
    letter: row.dead_letter_id,
    reason: row.reason,
    meaning: row.meaning,
    detail: visible(row.detail),
    source_id: row.source_id,
    source: visible(row.path_shown),
    offset: row.source_offset,
    bytes: row.record_bytes,
    refused_at: row.created_at,
    attempts: row.attempts,
    resolved_at: row.resolved_at,
    resolution: row.resolution,
  };
}

/** All that is known of a letter, and what to do with it. */
export interface ShownLetter extends ListedLetter {
  batch_id: number;
  digest: string;
  rules_version: string | null;
  version_attempts: number;
  resolved_batch_id: number | null;
  purged_at: string | null;
  /** The record with each byte that is not printable written as an escape. */
  record: string;
  /** The last bytes of a long record, else null. */
  record_tail: string | null;
  advice: string;
}

/** Shows one letter. Throws `letters.not_found`. */
export async function showLetter(database: Database, letter: number): Promise<ShownLetter> {
  const row = await rowOf(database, letter);
  return {
    ...listed(row),
    batch_id: row.batch_id,
    digest: Buffer.from(row.record_digest).toString("hex"),
    rules_version: row.rules_version,
    version_attempts: row.version_attempts,
    resolved_batch_id: row.resolved_batch_id,
    purged_at: row.purged_at,
    record: visibleBytes(row.record),
    record_tail: row.record_tail === null ? null : visibleBytes(row.record_tail),
    advice: adviceOn(row),
  };
}

/** The bytes of one letter. Throws `letters.not_found` or `letters.not_whole`. */
export async function bytesOfLetter(database: Database, letter: number): Promise<Buffer> {
  const row = await rowOf(database, letter);
  if (row.purged_at !== null || row.is_cut === 1) {
    throw new CowriedbError(
      "letters.not_whole",
      row.purged_at === null
        ? `Of the ${row.record_bytes} bytes of letter ${letter} only the first and last 4 KiB were kept.`
        : `The bytes of letter ${letter} were removed at ${row.purged_at}.`,
      { hint: `They stand in ${visible(row.path_shown)} at byte ${row.source_offset} of its unpacked text.` },
    );
  }
  return row.record;
}

async function rowOf(database: Database, letter: number): Promise<LettersOneRow> {
  const row = await maybe(database, lettersOne, { letter });
  if (row !== undefined) return row;
  throw new CowriedbError("letters.not_found", `There is no dead letter ${letter}.`, {
    hint: "Run: cowriedb dlq list",
  });
}

function adviceOn(row: LettersOneRow): string {
  const { dead_letter_id: letter } = row;
  if (row.resolution === "replayed")
    return `Nothing: its events are in batch ${row.resolved_batch_id ?? ""}.`;
  if (row.resolution === "undone") return "Nothing: the load that it came from was undone.";
  if (row.resolution === "purged") return "Nothing: its bytes were removed; digest and size are kept.";
  if (row.is_cut === 1)
    return "Only its ends were kept, so it cannot be replayed; after a mend load its source again.";
  if (row.reason.startsWith("file:"))
    return "Get a whole copy of the file and load that; then purge this letter.";
  return `Mend the registry or update the program, then: cowriedb dlq replay --id ${letter}. If it is worth nothing: cowriedb dlq purge.`;
}
