import type { Database } from "../db/database.ts";
import { usageError } from "../errors.ts";
import { lettersPurge, lettersPurgePage, lettersPurgeTotal } from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { checkReason, type LetterFilters } from "./letters.ts";

/** What a purge removed, or would remove. */
export interface PurgeResult {
  dry_run: boolean;
  interrupted: boolean;
  letters: number;
  /** Of these, how many are open and become resolved as purged. */
  open: number;
  bytes: number;
}

/** Letters that one statement empties. */
const pageLetters = 1_000;

/**
 * Removes the bytes of resolved letters, and of open ones that were refused before an instant; their rows, digests and
 * sizes stay. `confirmed` is the number of letters that a dry run has shown. Throws `config.usage` where that is another.
 */
export async function purgeLetters(
  database: Database,
  filters: LetterFilters & { before: string | null },
  how: { dryRun: boolean; confirmed: number; stop?: { requested: boolean } },
): Promise<PurgeResult> {
  await checkReason(database, filters.reason);
  const total = await one(database, lettersPurgeTotal, filters);
  const result = { dry_run: how.dryRun, interrupted: false, ...total };
  if (how.dryRun) return result;
  if (how.confirmed !== total.letters) {
    throw usageError(
      `This would remove the bytes of ${total.letters} dead letters, ${total.open} of them open; --confirm says ${how.confirmed === 0 ? "nothing" : how.confirmed}.`,
      `Look at them with --dry-run, then add: --confirm ${total.letters}`,
    );
  }
  let after = 0;
  let done = 0;
  for (;;) {
    const page = await many(database, lettersPurgePage, { ...filters, after, most: pageLetters });
    const last = page.at(-1);
    if (last === undefined || done >= total.letters) return result;
    if (how.stop?.requested === true) return { ...result, interrupted: true, letters: done };
    await none(database, lettersPurge, {
      letters: JSON.stringify(page.map((letter) => letter.dead_letter_id)),
    });
    done += page.length;
    after = last.dead_letter_id;
  }
}
