import type { Database } from "../db/database.ts";
import type { OldRow, OldStore } from "../db/old-tables.ts";
import { readTime } from "../events/time.ts";
import { objectOf } from "../inventory/json.ts";
import { adoptDifferences, adoptMapSessions, type AdoptDifferencesRow } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** How many sessions differ in one way. */
export interface Difference {
  class: string;
  sessions: number;
  /** Sums over these sessions, of what is a number. */
  ours: number | null;
  theirs: number | null;
  first_session: string;
}

/** What became of the sessions of a database. */
export interface SessionCounts {
  /** Sessions that it has summaries of. */
  theirs: number;
  /** Sessions whose enrichment is no JSON object that a store can hold. */
  enrichments_refused: number;
  differences: Difference[];
}

/** What is done with the sessions of a page, before they are compared. */
export interface SessionOptions {
  stop: { readonly requested: boolean };
  /** Gets a JSON array of sessions in our words. */
  onPage(sessions: string, seen: number): Promise<void>;
}

const pageRows = 500;
const times = ["first_event_at", "last_event_at", "enrichment_at"];

/**
 * Walks the summaries of a database in the order of their ids, and compares each page with ours once `onPage` has had it.
 * Memory does not grow with their number.
 */
export async function walkSessions(
  database: Database,
  old: OldStore,
  { stop, onPage }: SessionOptions,
): Promise<SessionCounts> {
  const counts: SessionCounts = { theirs: 0, enrichments_refused: 0, differences: [] };
  const found = new Map<string, Difference>();
  let after = "";
  const order = { column: "session_id", by: "text" } as const;
  for await (const page of old.pages({ table: "session_summaries", order }, pageRows)) {
    if (stop.requested) break;
    const told = page.filter(({ session_id: id }) => typeof id === "string").map((row) => said(row, counts));
    const sessions = JSON.stringify(await many(database, adoptMapSessions, { rows: JSON.stringify(told) }));
    counts.theirs += told.length;
    await onPage(sessions, counts.theirs);
    const last = told.at(-1)?.["session_id"];
    if (typeof last !== "string") continue;
    await compare(sessions, last);
    after = last;
  }
  if (!stop.requested) await compare("[]", null);
  counts.differences = [...found.values()].sort((left, right) => (left.class < right.class ? -1 : 1));
  return counts;

  async function compare(rows: string, upTo: string | null): Promise<void> {
    const asked = { rows, after_session: after, up_to_session: upTo };
    for (const row of await many(database, adoptDifferences, asked)) note(found, row);
  }
}

function note(found: Map<string, Difference>, row: AdoptDifferencesRow): void {
  const { session_count: sessions, ours, theirs, first_session } = row;
  const known = found.get(row.class);
  if (known === undefined) {
    found.set(row.class, { class: row.class, sessions, ours, theirs, first_session });
    return;
  }
  known.sessions += sessions;
  if (ours !== null) known.ours = (known.ours ?? 0) + ours;
  if (theirs !== null) known.theirs = (known.theirs ?? 0) + theirs;
}

/** A row with its times and its enrichment as a store can hold them; what cannot be read says nothing. */
function said(row: OldRow, counts: SessionCounts): OldRow {
  const session: OldRow = { ...row };
  for (const name of times) {
    const value = session[name];
    session[name] = typeof value === "string" ? (readTime(value)?.text ?? null) : null;
  }
  const { enrichment } = row;
  const text = enrichment instanceof Uint8Array ? enrichment.toString() : enrichment;
  const object = typeof text === "string" && text.trim() !== "null" ? objectOf(text) : null;
  if (typeof object === "string") counts.enrichments_refused++;
  session["enrichment"] = typeof object === "string" ? null : object;
  return session;
}
