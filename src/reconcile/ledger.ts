import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { reconcileLedger, reconcileWrongBatches, type ReconcileLedgerRow } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import type { Finding } from "./differences.ts";

/** What the law of conservation came to. */
export interface LedgerProof {
  ledger: ReconcileLedgerRow;
  findings: Finding[];
  /** Whether every batch was counted. */
  isCounted: boolean;
  snapshotMs: number;
}

/**
 * Counts all events against the sessions and against the batches, in one snapshot; where the sums differ, or `counts` is
 * asked for, each batch by itself, for differences that cancel one another out.
 */
export async function proveLedger(database: Database, counts: boolean): Promise<LedgerProof> {
  const began = performance.now();
  const look = async (
    snapshot: Database,
  ): Promise<Pick<LedgerProof, "ledger" | "findings" | "isCounted">> => {
    const ledger = await one(snapshot, reconcileLedger, {});
    const isCounted = counts || ledger.raw_events !== ledger.accepted_events;
    const findings = isCounted ? (await many(snapshot, reconcileWrongBatches, {})).map(wrongBatch) : [];
    return { ledger, findings, isCounted };
  };
  const first = await inSnapshot(database, look);
  const firstMs = performance.now() - began;
  if (first.findings.length === 0 && residualOf(first.ledger) === 0) {
    return { ...first, snapshotMs: Math.round(firstMs) };
  }
  const second = await inSnapshot(database, look);
  const items = new Set(first.findings.map(({ item }) => item));
  const findings = second.findings.filter(({ item }) => items.has(item));
  return {
    ...second,
    findings,
    snapshotMs: Math.round(Math.max(firstMs, performance.now() - began - firstMs)),
  };
}

/** How many events are not where they must be; 0 where the law holds. */
export function residualOf(ledger: {
  raw_events: number;
  summed_events: number;
  unattributed_events: number;
  accepted_events: number;
}): number {
  const { raw_events: raw, summed_events: summed, unattributed_events: loose } = ledger;
  return Math.abs(raw - summed - loose) + Math.abs(raw - ledger.accepted_events);
}

function wrongBatch(row: { batch_id: number; stored: number | null; expected: number }): Finding {
  return {
    ...{ class: "wrong_batch_count", table_name: "ingest_batches", session_id: "" },
    ...{ item: String(row.batch_id), column_name: "events_accepted" },
    ...{ stored: row.stored === null ? null : String(row.stored), expected: String(row.expected) },
  };
}
