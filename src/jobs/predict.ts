import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import {
  jobsMissingSessions,
  jobsPredictCommands,
  jobsPredictFiles,
  jobsPredictRange,
  jobsPredictStrays,
  jobsSummaryOf,
  verifyDerivedOfSessions,
} from "../sql/generated.ts";
import { many, maybe } from "../sql/run.ts";
import { sessionLists } from "../sql/session-lists.ts";
import { firstInstant, timesOf, type Scope } from "./jobs.ts";
import { eachPage, type PageRange, type Watch } from "./pages.ts";

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

const pageSize = 1000;

/**
 * Counts the rows that a rebuild would change, by reading alone, a page of sessions in one snapshot. On a store that is
 * loaded meanwhile the count is right for the sessions that are done by then: a seal keeps what is right, right.
 */
export async function predict(
  database: Database,
  kind: RebuildKind,
  scope: Scope,
  watch: Watch,
): Promise<Prediction> {
  const counts = new Map<string, number>();
  const add = (table: string, action: string, rows: number): void => {
    if (rows > 0) counts.set(`${table} ${action}`, (counts.get(`${table} ${action}`) ?? 0) + rows);
  };
  const look = async (store: Database, range: PageRange): Promise<void> => {
    for (const row of await changesIn(store, kind, range)) add(row.table_name, row.action, row.row_count);
  };
  const { stop } = watch;
  const sessions =
    scope.session === null
      ? await eachPage(database, scope, pageSize, watch, look)
      : await lookAtOne(database, scope.session, look);
  await predictMissing(database, scope, add, stop);
  if (scope.from === null && scope.to === null && scope.session === null && !stop.requested)
    await predictStrays(database, kind, add);
  return { sessions, changes: changesOf(counts) };
}

/** Looks at one session alone; gives how many that are. */
async function lookAtOne(
  database: Database,
  session: string,
  look: (store: Database, range: PageRange) => Promise<void>,
): Promise<number> {
  return inSnapshot(database, async (store) => {
    const only = await maybe(store, jobsSummaryOf, { session_id: session });
    if (only === undefined) return 0;
    const { summary_id: id } = only;
    await look(store, { after_id: id - 1, up_to_id: id, ...timesOf({ from: null, to: null }) });
    return 1;
  });
}

/** The rows of a range that would change. Where no summary would, files are looked for only where one counts them. */
export async function changesIn(
  store: Database,
  kind: RebuildKind,
  range: PageRange,
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
  add: Add,
  stop: Watch["stop"],
): Promise<void> {
  const range = timesOf(scope);
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
