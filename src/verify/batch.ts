import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { unpackEvidence } from "../events/evidence.ts";
import { recordsOf, type Records } from "../events/evidence-records.ts";
import { noEvidence } from "../events/record-digest.ts";
import type { GateRules } from "../events/gate.ts";
import {
  verifyBatchRow,
  verifyEventRows,
  verifyEvidence,
  verifySightings,
  type VerifyBatchRowRow,
} from "../sql/generated.ts";
import { maybe, many } from "../sql/run.ts";
import { eventRange, readEvents } from "./event-rows.ts";
import { proveEvents } from "./events.ts";
import { differs, findingCount, leftUnproved, type Findings } from "./findings.ts";
import { readLetters, readSightings } from "./letters.ts";
import { proveParts, provesEvidence, sealedParts } from "./parts.ts";

/** What is held against each batch. */
export interface ProofContext {
  rules: GateRules;
  findings: Findings;
}

/** What the proof of one batch read. */
export interface BatchProof {
  events: number;
  letters: number;
  /** Letters whose bytes were purged; their digests are proved. */
  purged: number;
  isUndone: boolean;
  /** Sessions that the events name, stored or by their records. */
  sessions: Set<string>;
}

/** A batch as it is read once for all its checks. */
export interface BatchAtHand {
  id: number;
  row: VerifyBatchRowRow;
  findings: Findings;
}

/**
 * Reads a batch again: evidence, events, letters, sightings and row against what was sealed. `isLinked` says whether its
 * link in the chain holds, and with it `batch_digest`.
 */
export async function proveBatch(
  database: Database,
  batchId: number,
  isLinked: boolean,
  context: ProofContext,
): Promise<BatchProof> {
  return inSnapshot(database, async (snapshot) => {
    const proof: BatchProof = { events: 0, letters: 0, purged: 0, isUndone: false, sessions: new Set() };
    const row = await maybe(snapshot, verifyBatchRow, { batch_id: batchId });
    // It was there a moment ago; the chain names it as missing the next time.
    if (row === undefined) leftUnproved(context.findings, batchId, "the batch was changed while it was read");
    else if (row.undone_at !== null) await proveUndone(snapshot, { id: batchId, row, ...context }, proof);
    else await proveStanding(snapshot, { id: batchId, row, ...context }, isLinked, context, proof);
    return proof;
  });
}

/** An undone batch has no events, evidence or sightings; its row, its letters and its digests stay. */
async function proveUndone(database: Database, at: BatchAtHand, proof: BatchProof): Promise<void> {
  proof.isUndone = true;
  const sealed = sealedParts(at.row);
  const letters = await readLetters(database, at, sealed);
  const rest = { evidence: sealed.evidence, sightings: sealed.sightings, marks: sealed.marks };
  proveParts(at, {
    parts: { ...rest, letters: letters.digest, ends: letters.ends },
    counted: { records_rejected: letters.count },
  });
  proof.letters = letters.count;
  proof.purged = letters.purged;
  const left = await many(database, verifyEventRows, { ...eventRange(at.id), row_limit: 1 });
  if (left.length > 0)
    differs(at.findings, "raw_events", "an undone batch has events", {
      batch_id: at.id,
      key: String(left[0]?.event_id),
    });
  if ((await maybe(database, verifyEvidence, { batch_id: at.id })) !== undefined)
    differs(at.findings, "batch_evidence", "an undone batch has evidence", { batch_id: at.id });
  if ((await many(database, verifySightings, { batch_id: at.id })).length > 0)
    differs(at.findings, "duplicate_sightings", "an undone batch has sightings", { batch_id: at.id });
}

async function proveStanding(
  database: Database,
  at: BatchAtHand,
  isLinked: boolean,
  context: ProofContext,
  proof: BatchProof,
): Promise<void> {
  const sealed = sealedParts(at.row);
  const evidence = await readEvidence(database, at, sealed.evidence);
  const openedAt = Date.parse(at.row.opened_at);
  const rules = { ...context.rules, now: Number.isNaN(openedAt) ? 0 : openedAt };
  const held = await readEvents(database, at.id);
  const letters = await readLetters(database, at, sealed);
  const sightings = await readSightings(database, at);
  const before = findingCount(at.findings);
  const marks = await proveEvents(database, at, evidence, held, { rules, isLinked, sealed }, proof);
  proveParts(at, {
    parts: {
      evidence: evidence.digest,
      letters: letters.digest,
      sightings: sightings.digest,
      marks,
      ends: letters.ends,
    },
    counted: {
      events_accepted: held.ids.length,
      records_rejected: letters.count,
      events_duplicate: sightings.sum,
      first_event_at: held.ids.length === 0 ? null : held.firstAt,
      last_event_at: held.ids.length === 0 ? null : held.lastAt,
    },
    hasFound: findingCount(at.findings) > before,
  });
  proof.events = held.ids.length;
  proof.letters = letters.count;
  proof.purged = letters.purged;
}

/** What the evidence of a batch gives. */
export interface ReadEvidence {
  /** BLAKE3 of the stored bytes. */
  digest: Buffer;
  /** Whether they are those that were sealed. */
  isSealed: boolean;
  /** Undefined where there is no evidence, or none that can be read. */
  records: Records | undefined;
}

async function readEvidence(database: Database, at: BatchAtHand, sealed: Buffer): Promise<ReadEvidence> {
  const row = await maybe(database, verifyEvidence, { batch_id: at.id });
  const batch_id = at.id;
  if (row === undefined) {
    const isSealed = provesEvidence(sealed, noEvidence);
    if (!isSealed) differs(at.findings, "batch_evidence", "the evidence is missing", { batch_id });
    return { digest: isSealed ? noEvidence : sealed, isSealed, records: undefined };
  }
  const digest = digestOf(row.lines);
  const isSealed = digest.equals(sealed);
  if (row.codec !== "gzip")
    differs(at.findings, "batch_evidence", "the codec is unknown", { batch_id, column: "codec" });
  // Where it cannot be unpacked, the digest of the evidence says so, and names the batch.
  const bytes = unpackEvidence(row.lines);
  const records = bytes === undefined ? undefined : recordsOf(bytes);
  if (bytes !== undefined && bytes.length !== row.line_bytes)
    differs(at.findings, "batch_evidence", "not the number of bytes", {
      batch_id,
      column: "line_bytes",
      stored: String(row.line_bytes),
      expected: String(bytes.length),
    });
  if (records !== undefined && records.starts.length !== row.line_count)
    differs(at.findings, "batch_evidence", "not the number of records", {
      batch_id,
      column: "line_count",
      stored: String(row.line_count),
      expected: String(records.starts.length),
    });
  if (records === undefined && isSealed)
    leftUnproved(at.findings, batch_id, "the evidence is what was sealed, and cannot be read");
  return { digest, isSealed, records };
}
