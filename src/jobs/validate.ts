import type { Database } from "../db/database.ts";
import {
  jobsEventTotal,
  jobsMissingSessions,
  jobsSessionsPage,
  verifyDerivedOfSessions,
  type VerifyDerivedOfSessionsRow,
} from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { sessionLists } from "../sql/session-lists.ts";
import { firstInstant, timesOf, type Scope } from "./jobs.ts";
import type { Watch } from "./pages.ts";
import type { RebuildKind } from "./predict.ts";

/** A column of a derived row that is not what the events give; of a row too many or too few the column is empty. */
export type WrongColumn = Pick<
  VerifyDerivedOfSessionsRow,
  "table_name" | "session_id" | "item" | "column_name" | "stored" | "expected"
>;

/** What a validation found. */
export interface Validation {
  sessions: number;
  events: number;
  differences: number;
  first: WrongColumn[];
}

/** Every so manieth session has about `events` events, taken together. */
export async function sampleStep(database: Database, events: number): Promise<number> {
  const { event_count } = await one(database, jobsEventTotal, {});
  return Math.max(1, Math.floor(event_count / events));
}

const pageSize = 500;
const mostKept = 20;

/**
 * Counts sessions again with other code than that of the seal and the rebuild, and tells what differs; writes nothing.
 * With a `step` every so manieth session alone, and none of those that have no summary.
 */
export async function validate(
  database: Database,
  kind: RebuildKind,
  scope: Scope,
  step: number,
  { stop, onProgress }: Watch,
): Promise<Validation> {
  const found: Validation = { sessions: 0, events: 0, differences: 0, first: [] };
  const range = { ...timesOf(scope), session_id: scope.session };
  const tables = kind === "rebuild_summaries" ? ["session_summaries", "session_files"] : ["command_stats"];
  let after = 0;
  for (let isLast = false; !isLast && !stop.requested;) {
    const page = await many(database, jobsSessionsPage, {
      ...range,
      after_id: after,
      step,
      page_size: pageSize,
    });
    await recount(
      database,
      page.map(({ session_id }) => session_id),
      tables,
      found,
    );
    found.sessions += page.length;
    found.events += page.reduce((sum, { event_count }) => sum + event_count, 0);
    after = page.at(-1)?.summary_id ?? after;
    isLast = page.length < pageSize;
    onProgress?.(found.sessions);
  }
  let afterSession = "";
  for (let isLast = step > 1; !isLast && !stop.requested;) {
    const page = await many(database, jobsMissingSessions, {
      ...range,
      after_session: afterSession,
      page_size: pageSize,
    });
    await recount(
      database,
      page.map(({ session_id }) => session_id),
      ["session_summaries", ...tables],
      found,
    );
    found.sessions += page.length;
    afterSession = page.at(-1)?.session_id ?? afterSession;
    isLast = page.length < pageSize;
  }
  return found;
}

async function recount(
  database: Database,
  sessions: readonly string[],
  tables: readonly string[],
  found: Validation,
): Promise<void> {
  for (const list of sessionLists(database, sessions)) {
    const rows = await many(database, verifyDerivedOfSessions, {
      sessions: list,
      rules_changed_at: firstInstant,
    });
    const wrong = rows.filter(({ table_name }) => tables.includes(table_name));
    found.differences += wrong.length;
    found.first.push(...wrong.slice(0, mostKept - found.first.length));
  }
}
