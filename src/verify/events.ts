import type { Database } from "../db/database.ts";
import { batchDigest } from "../events/digests.ts";
import { lineDigest, markLine } from "../events/record-digest.ts";
import { judge, passed, refused, type GateRules } from "../events/gate.ts";
import { found } from "../events/found.ts";
import { scanValue } from "../events/scan.ts";
import {
  verifyDifferingPayloads,
  verifyEventColumns,
  type VerifyEventRowsRow as EventRow,
} from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { align, type Alignment } from "./align.ts";
import type { BatchAtHand, BatchProof, ReadEvidence } from "./batch.ts";
import { eventPages, eventRange, type HeldEvents } from "./event-rows.ts";
import { differs, findingCount, leftUnproved, type Difference } from "./findings.ts";
import type { SealedParts } from "./parts.ts";
import type { Records } from "../events/evidence-records.ts";

/** What events are held against. */
interface EventContext {
  rules: GateRules;
  isLinked: boolean;
  sealed: SealedParts;
}

/** Notes by place of what the gate would say otherwise; they count only where the sealed marks are gone. */
type Doubts = Partial<Difference>[];

const payloadBytes = 4_000_000;

/**
 * Holds every event of a batch against its record: the record by its digest, session, time and payload as the gate reads
 * them anew, the generated columns by the database's own view. Gives the digest of the marks.
 */
export async function proveEvents(
  database: Database,
  at: BatchAtHand,
  evidence: ReadEvidence,
  held: HeldEvents,
  context: EventContext,
  proof: BatchProof,
): Promise<Buffer> {
  const { id: batch_id, findings } = at;
  const before = findingCount(findings);
  const alignment = evidence.records === undefined ? undefined : align(evidence.records, held.digests);
  if (evidence.records !== undefined && alignment !== undefined)
    nameMisaligned(at, held, alignment, evidence);
  const marks: unknown[][] = [];
  const doubts: Doubts = [];
  let place = 0;
  for await (const rows of eventPages(database, batch_id)) {
    const payloads = payloadCheck(database, at);
    for (const row of rows) {
      proof.sessions.add(row.session_id);
      if (row.flags !== "" || row.canonical_ip !== null || row.canonical_type !== null)
        marks.push(markLine({ ...row, ordinal: row.event_id - batch_id * 1_048_576 }));
      const record = alignment?.recordOf[place++] ?? -1;
      if (record < 0 || evidence.records === undefined) continue;
      const payload = proveEvent(at, row, evidence.records, record, context, doubts);
      if (payload === undefined) continue;
      proof.sessions.add(passed.sessionId);
      await payloads.add(row.event_id, payload);
    }
    await payloads.flush();
  }
  for (const row of await many(database, verifyEventColumns, eventRange(batch_id))) {
    differs(findings, "raw_events", "a generated column is not what the payload gives", {
      batch_id,
      key: String(row.event_id),
      column: row.column_name,
      stored: row.stored,
      expected: row.expected,
    });
  }
  const digest = lineDigest(marks);
  if (!digest.equals(context.sealed.marks))
    for (const doubt of doubts) differs(findings, "raw_events", "not what the record gives", doubt);
  if (findingCount(findings) === before && evidence.records !== undefined && evidence.isSealed)
    proveBatchDigest(at, evidence.records, held, context.isLinked);
  if (evidence.records === undefined && held.ids.length > 0 && evidence.isSealed)
    differs(findings, "raw_events", "events without evidence", { batch_id, key: String(held.ids[0]) });
  return digest;
}

/** Holds one event against its record; gives the payload that it must have, or undefined where the gate refuses it. */
function proveEvent(
  { id: batch_id, findings }: BatchAtHand,
  row: EventRow,
  records: Records,
  record: number,
  { rules }: EventContext,
  doubts: Doubts,
): Buffer | undefined {
  const start = records.starts[record] as number;
  const end = records.ends[record] as number;
  const outcome = scanValue(records.bytes, start, end);
  if (outcome !== found.value || !judge(records.bytes, start, end, rules, [])) {
    leftUnproved(
      findings,
      batch_id,
      `event ${row.event_id}: the gate of today refuses its record (${refused.reason})`,
    );
    return undefined;
  }
  const where = { batch_id, key: String(row.event_id) };
  const note = (column: string, stored: string | null, expected: string | null): Partial<Difference> => ({
    ...where,
    column,
    stored,
    expected,
  });
  if (row.occurred_at !== passed.occurredAt)
    differs(
      findings,
      "raw_events",
      "not what the record gives",
      note("occurred_at", row.occurred_at, passed.occurredAt),
    );
  if (row.session_id !== passed.sessionId) {
    const session = note("session_id", row.session_id, passed.sessionId);
    if (row.flags === "") differs(findings, "raw_events", "not what the record gives", session);
    else doubts.push(session);
  }
  if (row.canonical_ip !== passed.canonicalIp)
    doubts.push(note("canonical_ip", row.canonical_ip, passed.canonicalIp));
  if (row.canonical_type !== passed.canonicalType)
    doubts.push(note("canonical_type", row.canonical_type, passed.canonicalType));
  if (ownFlags(row.flags) !== ownFlags(passed.flags)) doubts.push(note("flags", row.flags, passed.flags));
  return passed.payload ?? records.bytes.subarray(start, end);
}

/** Flags that hang on the file, the time of the load, or the list of event types of then. */
const foreignFlags = new Set(["bom", "glued", "stitched", "clock", "unknown_event"]);

function ownFlags(flags: string): string {
  return flags
    .split(",")
    .filter((flag) => !foreignFlags.has(flag))
    .join(",");
}

/** Collects payloads and has the database compare them, some at a time. */
function payloadCheck(
  database: Database,
  { id: batch_id, findings }: BatchAtHand,
): { add(eventId: number, payload: Buffer): Promise<void>; flush(): Promise<void> } {
  let payloads: Record<number, string> = {};
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (bytes === 0) return;
    const rows = await many(database, verifyDifferingPayloads, {
      payloads: JSON.stringify(payloads),
    });
    for (const { event_id: eventId } of rows) {
      const key = String(eventId);
      differs(findings, "raw_events", "not what the record gives", { batch_id, key, column: "payload" });
    }
    payloads = {};
    bytes = 0;
  };
  return {
    add: async (eventId, payload) => {
      payloads[eventId] = payload.toString("utf8");
      bytes += payload.length;
      if (bytes > payloadBytes) await flush();
    },
    flush,
  };
}

/** Names events without a record, records without an event, and events that stand in another order. */
function nameMisaligned(
  { id: batch_id, findings }: BatchAtHand,
  held: HeldEvents,
  { recordOf, unseen, moved, isWhole }: Alignment,
  { isSealed, records }: ReadEvidence,
): void {
  if (isWhole) return;
  const keyOf = (place: number): string => String(held.ids[place]);
  for (const place of moved)
    differs(findings, "raw_events", "the event stands in another order", {
      batch_id,
      key: keyOf(place),
      column: "event_id",
    });
  const strange = recordOf.flatMap((record, place) => (record < 0 ? [place] : []));
  // Records that were touched have no event either: the evidence is named for them, as its digest is not the sealed one.
  const pairs = Math.min(strange.length, unseen.length);
  if (isSealed)
    for (const place of strange.slice(0, pairs))
      differs(findings, "raw_events", "not the digest of its record", {
        batch_id,
        key: keyOf(place),
        column: "line_digest",
      });
  for (const place of strange.slice(pairs))
    differs(findings, "raw_events", "the event is in no evidence", { batch_id, key: keyOf(place) });
  for (const record of unseen.slice(pairs))
    differs(findings, "raw_events", "the event of a record is missing", {
      batch_id,
      key: `record ${record}, line digest ${records?.leaves.toString("hex", record * 32, record * 32 + 16) ?? ""}`,
    });
}

/** The records are those that were sealed, and each event has its own: what is left is the events' numbers. */
function proveBatchDigest(
  { id: batch_id, row, findings }: BatchAtHand,
  { leaves }: Records,
  held: HeldEvents,
  isLinked: boolean,
): void {
  const ordinals = held.ids.map((eventId) => eventId - batch_id * 1_048_576);
  if (batchDigest(batch_id, ordinals, leaves).equals(Buffer.from(row.batch_digest ?? []))) return;
  if (!isLinked) {
    differs(findings, "ingest_batches", "not the digest of the batch's records", {
      batch_id,
      column: "batch_digest",
    });
    return;
  }
  const place = ordinals.findIndex((ordinal, index) => ordinal !== index);
  differs(findings, "raw_events", "an event has another number than was sealed", {
    batch_id,
    key: place < 0 ? null : String(held.ids[place]),
    column: "event_id",
  });
}
