import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { compareSessionsPage, type CompareSessionsPageRow } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { openTheirs, type Theirs, type TheirSession } from "./theirs.ts";

/** How to compare. */
export interface CompareOptions {
  /** Most sessions that are listed of each kind. */
  limit: number;
  stop: { readonly requested: boolean };
  /** Told how many sessions have been looked at. */
  onProgress?: (sessions: number) => void;
}

/** Sessions that one has and the other lacks. */
export interface Missing {
  sessions: number;
  /** The first ones, in the order of their ids. */
  first: { session_id: string; began_at: string | null }[];
}

/** What a comparison came to. */
export interface CompareResult {
  with: string;
  kind: Theirs["kind"];
  interrupted: boolean;
  ours: number;
  theirs: number;
  both: number;
  /** Sessions that they lack and we have. */
  missing_there: Missing;
  /** Sessions that we lack and they have. */
  missing_here: Missing;
  /** Of another store: sessions that both have, with other numbers of events; else null. */
  event_counts: { sessions: number; first: { session_id: string; ours: number; theirs: number }[] } | null;
}

const pageSize = 2_000;

/**
 * Compares the sessions of a store with those of another database: both are walked side by side in the order of their ids, so
 * memory does not grow with their number. Neither is written to, and each is read as it stood at one moment. Throws the codes of
 * `openTheirs`, and those of `databaseError`.
 */
export async function compareSessions(
  database: Database,
  target: Target,
  options: CompareOptions,
): Promise<CompareResult> {
  const theirs = await openTheirs(target);
  try {
    return await inSnapshot(database, async (store) => merge(store, theirs, options));
  } finally {
    await theirs.close();
  }
}

async function merge(
  database: Database,
  theirs: Theirs,
  { limit, stop, onProgress }: CompareOptions,
): Promise<CompareResult> {
  const result: CompareResult = {
    ...{ with: theirs.name, kind: theirs.kind, interrupted: false, ours: 0, theirs: 0, both: 0 },
    missing_there: { sessions: 0, first: [] },
    missing_here: { sessions: 0, first: [] },
    event_counts: theirs.kind === "store" ? { sessions: 0, first: [] } : null,
  };
  const [left, right] = [walk(oursOf(database)), walk(theirs.sessions())];
  await left.next();
  await right.next();
  while (left.at !== undefined || right.at !== undefined) {
    const order = orderOf(left.at?.session_id, right.at?.session_id);
    if (order === 0) both(result, left.at as CompareSessionsPageRow, right.at as TheirSession, limit);
    else if (order < 0) miss(result.missing_there, left.at?.session_id ?? "", left.at?.first_event_at, limit);
    else miss(result.missing_here, right.at?.session_id ?? "", right.at?.began_at, limit);
    if (order <= 0) result.ours++;
    if (order >= 0) result.theirs++;
    if (order <= 0) await left.next();
    if (order >= 0) await right.next();
    if ((result.ours + result.theirs) % pageSize > 1) continue;
    onProgress?.(result.ours + result.theirs);
    await new Promise((resolve) => setImmediate(resolve));
    if (stop.requested) return { ...result, interrupted: true };
  }
  return result;
}

/** The sessions of the store, a page at a time. */
async function* oursOf(database: Database): AsyncGenerator<CompareSessionsPageRow[]> {
  for (let after = ""; ;) {
    const page = await many(database, compareSessionsPage, { after_session: after, page_size: pageSize });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.session_id;
  }
}

/** Rows of pages one by one; `at` is undefined behind the last. */
interface Walk<T> {
  at: T | undefined;
  next(): Promise<void>;
}

function walk<T>(pages: AsyncGenerator<T[]>): Walk<T> {
  let page: T[] = [];
  let place = 0;
  const steps: Walk<T> = {
    at: undefined,
    next: async () => {
      while (place >= page.length) {
        const more = await pages.next();
        if (more.done === true) {
          steps.at = undefined;
          return;
        }
        page = more.value;
        place = 0;
      }
      steps.at = page[place++];
    },
  };
  return steps;
}

/** Byte by byte, as both engines order ids; what is not there comes last. */
function orderOf(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? 1 : -1;
  return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function miss(missing: Missing, session: string, beganAt: string | null | undefined, limit: number): void {
  missing.sessions++;
  if (missing.first.length < limit) missing.first.push({ session_id: session, began_at: beganAt ?? null });
}

function both(
  result: CompareResult,
  { session_id, event_count: ours }: CompareSessionsPageRow,
  { event_count: theirs }: TheirSession,
  limit: number,
): void {
  result.both++;
  const counts = result.event_counts;
  if (counts === null || theirs === null || Number(ours) === theirs) return;
  counts.sessions++;
  if (counts.first.length < limit) counts.first.push({ session_id, ours: Number(ours), theirs });
}
