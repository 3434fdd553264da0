import type { Database } from "../db/database.ts";
import { reconcileFindings } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { visible } from "../term.ts";

/** A finding as it may be shown: what comes from a log is escaped. */
export interface ShownFinding {
  class: string;
  table: string;
  session_id: string;
  /** Command, hash, event, batch or bucket; empty where the session says it all. */
  item: string;
  column: string;
  stored: string | null;
  expected: string | null;
  is_new: boolean;
}

const pageFindings = 1_000;

/** What a run has found, page by page. */
export async function* allFindings(database: Database, runId: number): AsyncGenerator<ShownFinding> {
  let after = 0;
  for (;;) {
    const page = await many(database, reconcileFindings, { run_id: runId, after, row_limit: pageFindings });
    for (const row of page) {
      yield {
        ...{ class: row.class, table: row.table_name, session_id: visible(row.session_id) },
        ...{ item: visible(row.item), column: row.column_name },
        stored: row.stored === null ? null : visible(row.stored),
        expected: row.expected === null ? null : visible(row.expected),
        is_new: row.is_new === 1,
      };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageFindings) return;
    after = last.finding_id;
  }
}
