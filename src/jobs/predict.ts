import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import {
  jobsMissingSessions,
  jobsNextPage,
  jobsPredictCommands,
  jobsPredictFiles,
  jobsPredictRange,
  jobsPredictStrays,
  jobsSummaryOf,
  verifyDerivedOfSessions,
} from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";
import { sessionLists } from "../sql/session-lists.ts";
import { firstInstant, timesOf, type Scope } from "./jobs.ts";

/** What a rebuild derives anew. */
export type RebuildKind = "rebuild_summaries" | "rebuild_command_stats";

/** Rows that a rebuild changes, of one table. */
export interface Change {
  table: string;
  action: "insert" | "update" | "delete";
  rows: number;
}

/** What a rebuild would do. */
export interface Prediction {
  sessions: number;
  changes: Change[];
}

/** How a long look through the store is watched and stopped. */
export interface Watch {
  stop: { readonly requested: boolean };
  onProgress?: (sessions: number) => void;
}

const pageSize = 1000;

/**
 * Counts the rows that a rebuild would change, by reading alone, a page of sessions in one snapshot. On a store that is
 * loaded meanwhile the count is right for the sessions that are done by then: a seal keeps what is right, right.
 */
export async function predict(
  database: Database,
  kind: RebuildKind,
  scope: Scope,
  { stop, onProgress }: Watch,
): Promise<Prediction> {
  const counts = new Map<string, number>();
  const add = (table: string, action: string, rows: number): void => {
    if (rows > 0) counts.set(`${table} ${action}`, (counts.get(`${table} ${action}`) ?? 0) + rows);
  };
  const { from_at, to_at } = timesOf(scope);
  const only =
    scope.session === null ? undefined : await maybe(database, jobsSummaryOf, { session_id: scope.session });
  let sessions = 0;
  let after = only === undefined ? 0 : only.summary_id - 1;
  for (let isLast = scope.session !== null && only === undefined; !isLast && !stop.requested;) {
    const page = await inSnapshot(database, async (store) => {
      const next =
        only === undefined
          ? await one(store, jobsNextPage, { after_id: after, from_at, to_at, page_size: pageSize })
          : { up_to_id: only.summary_id, session_count: 1 };
      if (next.up_to_id === null) return next;
      const range = { after_id: after, up_to_id: next.up_to_id, from_at, to_at };
      for (const row of await changesIn(store, kind, range)) add(row.table_name, row.action, row.row_count);
      return next;
    });
    isLast = page.up_to_id === null || only !== undefined;
    after = page.up_to_id ?? after;
    sessions += page.session_count;
    onProgress?.(sessions);
  }
  await predictMissing(database, scope, { from_at, to_at }, add, stop);
  if (scope.from === null && scope.to === null && scope.session === null && !stop.requested)
    await predictStrays(database, kind, add);
  return { sessions, changes: changesOf(counts) };
}

/** The rows of a range that would change. Where no summary would, files are looked for only where one counts them. */
export async function changesIn(
  store: Database,
  kind: RebuildKind,
  range: { after_id: number; up_to_id: number; from_at: string; to_at: string },
): Promise<{ table_name: string; action: string; row_count: number }[]> {
  if (kind === "rebuild_command_stats") return many(store, jobsPredictCommands, range);
  const summaries = await many(store, jobsPredictRange, range);
  const areRight = summaries.every(({ row_count }) => row_count === 0);
  return [...summaries, ...(await many(store, jobsPredictFiles, { ...range, least_counted: areRight }))];
}

type Add = (table: string, action: string, rows: number) => void;

/** Sessions without a summary get all that they lack, whatever the rebuild is of. */
async function predictMissing(
  database: Database,
  scope: Scope,
  range: { from_at: string; to_at: string },
  add: Add,
  stop: Watch["stop"],
): Promise<void> {
  let after = "";
  for (let isLast = false; !isLast && !stop.requested;) {
    const page = { ...range, after_session: after, session_id: scope.session, page_size: pageSize };
    const missing = await many(database, jobsMissingSessions, page);
    for (const sessions of sessionLists(
      database,
      missing.map(({ session_id }) => session_id),
    )) {
      const rows = await many(database, verifyDerivedOfSessions, {
        sessions,
        rules_changed_at: firstInstant,
      });
      for (const [key, action] of rowActions(rows)) add(key.split(" ", 1)[0] ?? "", action, 1);
    }
    after = missing.at(-1)?.session_id ?? after;
    isLast = missing.length < pageSize;
  }
}

/** What is wrong with each row, of a list of its columns that are wrong. */
export function rowActions(
  rows: readonly {
    table_name: string;
    session_id: string;
    item: string;
    column_name: string;
    stored: string | null;
  }[],
): Map<string, Change["action"]> {
  return new Map(
    rows.map(({ table_name, session_id, item, column_name, stored }) => [
      `${table_name} ${session_id} ${item}`,
      column_name !== "" ? "update" : stored === null ? "insert" : "delete",
    ]),
  );
}

async function predictStrays(database: Database, kind: RebuildKind, add: Add): Promise<void> {
  const table = kind === "rebuild_summaries" ? "session_files" : "command_stats";
  for (const row of await many(database, jobsPredictStrays, {}))
    if (row.table_name === table) add(row.table_name, "delete", row.row_count);
}

function changesOf(counts: ReadonlyMap<string, number>): Change[] {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, rows]) => {
      const [table = "", action = ""] = key.split(" ");
      return { table, action: action as Change["action"], rows };
    });
}
