import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import {
  jobsMissingSessions,
  jobsNextPage,
  jobsPredictCommands,
  jobsPredictRange,
  jobsPredictStrays,
  jobsSummaryOf,
  verifyDerivedOfSessions,
} from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";
import type { Scope } from "./jobs.ts";

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
/** Instants outside of which no event can be. */
export const firstInstant = "0001-01-01T00:00:00.000000Z";
export const lastInstant = "9999-12-31T23:59:59.999999Z";

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
  const { from: from_at, to: to_at } = { from: scope.from ?? firstInstant, to: scope.to ?? lastInstant };
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
      const query = kind === "rebuild_summaries" ? jobsPredictRange : jobsPredictCommands;
      for (const row of await many(store, query, range)) add(row.table_name, row.action, row.row_count);
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
    for (const { session_id } of missing) {
      const sessions = JSON.stringify([session_id]);
      const rows = await many(database, verifyDerivedOfSessions, {
        sessions,
        rules_changed_at: firstInstant,
      });
      for (const [key, action] of rowActions(rows)) add(key.split(" ", 1)[0] ?? "", action, 1);
      after = session_id;
    }
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
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, rows]) => {
      const [table = "", action = ""] = key.split(" ");
      return { table, action: action as Change["action"], rows };
    });
}
