import type { Database } from "../db/database.ts";
import { verifyEventRows, type VerifyEventRowsRow } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** The numbers and line digests of a batch's events, in the order of `event_id`. */
export interface HeldEvents {
  ids: number[];
  digests: Buffer[];
  firstAt: string;
  lastAt: string;
}

const pageRows = 2_000;

/** Reads what tells a batch's events apart; 48 bytes are kept of each. */
export async function readEvents(database: Database, batchId: number): Promise<HeldEvents> {
  const held: HeldEvents = { ids: [], digests: [], firstAt: "~", lastAt: "" };
  for await (const rows of eventPages(database, batchId)) {
    for (const row of rows) {
      held.ids.push(row.event_id);
      held.digests.push(Buffer.from(row.line_digest));
      if (row.occurred_at < held.firstAt) held.firstAt = row.occurred_at;
      if (row.occurred_at > held.lastAt) held.lastAt = row.occurred_at;
    }
  }
  return held;
}

/** A batch's events, some at a time. */
export async function* eventPages(database: Database, batchId: number): AsyncGenerator<VerifyEventRowsRow[]> {
  let after = batchId * 1_048_576 - 1;
  for (;;) {
    const rows = await many(database, verifyEventRows, {
      after_event: after,
      before_event: (batchId + 1) * 1_048_576,
      row_limit: pageRows,
    });
    if (rows.length > 0) yield rows;
    if (rows.length < pageRows) return;
    after = rows.at(-1)?.event_id ?? after;
  }
}

/** The numbers of events of a batch: both ends left out. */
export function eventRange(batchId: number): { after_event: number; before_event: number } {
  return { after_event: batchId * 1_048_576 - 1, before_event: (batchId + 1) * 1_048_576 };
}
