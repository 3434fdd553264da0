import { hash } from "blake3";
import type { Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { storeStatus } from "../../src/report/status.ts";
import { canonicalTables } from "./canonical.ts";
import { typed } from "./database.ts";
import { keptEvents } from "./evidence.ts";

/** What a store is seen to hold, without the numbers of batches and events. */
export async function contentsOf(database: Database): Promise<Record<string, unknown>> {
  const events = await typed(
    database,
    "select session_id, occurred_at, line_digest, flags, payload from raw_events",
  );
  const {
    events: counted,
    sessions,
    unattributed,
    duplicates,
    rejected,
    skipped,
    rejects,
  } = await storeStatus(database);
  return {
    ...(await canonicalTables(database)),
    raw_events: events
      .map((row) => JSON.stringify({ ...row, line_digest: hexOf(row["line_digest"]) }))
      .sort(),
    status: { counted, sessions, unattributed, duplicates, rejected, skipped, rejects },
  };
}

/** Derives every digest of the chain from the rows and the evidence, and compares; undone batches hold nothing. */
export async function checkChain(test: Test, database: Database): Promise<void> {
  const parts = new Map<number, Buffer[]>();
  for (const { eventId, batchId, record } of await keptEvents(database)) {
    const id = Buffer.alloc(8);
    id.writeBigUInt64BE(BigInt(eventId));
    parts.set(batchId, [...(parts.get(batchId) ?? []), id, Buffer.from(hash(record))]);
  }
  const evidence = await typed(database, "select batch_id, line_count from batch_evidence");
  const lines = new Map(evidence.map((row) => [Number(row["batch_id"]), Number(row["line_count"])]));
  const batches = await typed(
    database,
    "select batch_id, events_accepted, batch_digest, chain_position, chain_digest, undone_at from ingest_batches order by chain_position",
  );
  let previous: Buffer = Buffer.alloc(32);
  const wrong: string[] = [];
  for (const [index, batch] of batches.entries()) {
    const batchId = Number(batch["batch_id"]);
    const held = parts.get(batchId) ?? [];
    const id = Buffer.alloc(8);
    id.writeBigUInt64BE(BigInt(batchId));
    const digest = Buffer.from(batch["batch_digest"] as Uint8Array);
    previous = Buffer.from(hash(Buffer.concat([previous, id, digest])));
    if (Number(batch["chain_position"]) !== index + 1) wrong.push(`place of batch ${batchId}`);
    if (hexOf(batch["chain_digest"]) !== previous.toString("hex")) wrong.push(`link of batch ${batchId}`);
    const isUndone = batch["undone_at"] !== null;
    const due = isUndone ? 0 : Number(batch["events_accepted"]);
    if (held.length / 2 !== due || (lines.get(batchId) ?? 0) !== due) wrong.push(`size of batch ${batchId}`);
    if (!isUndone && !Buffer.from(hash(Buffer.concat(held))).equals(digest))
      wrong.push(`digest of batch ${batchId}`);
  }
  test.same(wrong, [], "the chain holds");
}

/** How many rows of the audit log there are, by table and action. */
export async function auditCounts(database: Database): Promise<Record<string, number>> {
  const rows = await typed(
    database,
    "select table_name, action, count(*) as n from audit_log group by table_name, action",
  );
  return Object.fromEntries(
    rows.map((row) => [`${String(row["table_name"])} ${String(row["action"])}`, Number(row["n"])]),
  );
}

/** How many rows the tables hold that are empty outside an undo. */
export async function leftOver(database: Database): Promise<number> {
  const tables = [
    "undo_sessions",
    "undo_events",
    ...(database.dialect === "sqlite" ? ["audit_context"] : []),
  ];
  const counts = await Promise.all(
    tables.map(async (table) => typed(database, `select count(*) as n from ${table}`)),
  );
  return counts.reduce((sum, [row]) => sum + Number(row?.["n"]), 0);
}

function hexOf(value: unknown): string {
  return Buffer.from(value as Uint8Array).toString("hex");
}
