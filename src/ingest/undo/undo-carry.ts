import { packEvidence, unpackEvidence } from "../../events/evidence.ts";
import { recordsOf } from "../../events/evidence-records.ts";
import { digestOf } from "../../checksum.ts";
import { CowriedbError } from "../../errors.ts";
import { batchDigest } from "../../events/digests.ts";
import { contentParts } from "../../events/record-digest.ts";
import {
  batchesInsertEvidence,
  batchesLastLink,
  batchesLockChain,
  batchesOpenCarry,
  batchesSealBatch,
  eventsEventRange,
  undoCarry,
  undoEvents,
  undoEvidence,
  undoMarks,
} from "../../sql/generated.ts";
import { ask, type Script } from "./script.ts";
import { sealOf, type OpenedBatch } from "../write/seal.ts";

/** A batch that has seen events of one that is undone. */
export interface Carrier {
  carried_for_batch_id: number;
  source_id: number;
  first_offset: number;
  end_offset: number;
  events: number;
}

/** Records by their place in the batch they move to, with their digests. */
export interface Records {
  parts: Buffer[];
  leaves: Buffer[];
}

/** The records that move, by the batch they are carried for; from the evidence of the batches that go. */
export function* carriedRecords(members: readonly number[]): Script<Map<number, Records>> {
  const found = new Map<number, Records>();
  for (const batchId of members) {
    const [evidence] = yield* ask(undoEvidence, { batch_id: batchId });
    if (evidence === undefined) continue;
    const text = unpackEvidence(evidence.lines);
    const held = text === undefined ? undefined : recordsOf(text);
    const events = yield* ask(undoEvents, { batch_id: batchId });
    if (held === undefined) throw noRecord(batchId);
    for (const [index, event] of events.entries()) {
      const leaf = held.leaves.subarray(index * 32, index * 32 + 32);
      if (!leaf.subarray(0, 16).equals(event.line_digest)) throw noRecord(batchId);
      if (event.carried_for_batch_id === null) continue;
      const records = found.get(event.carried_for_batch_id) ?? { parts: [], leaves: [] };
      found.set(event.carried_for_batch_id, records);
      // A copy, so that the rest of the evidence need not be kept.
      records.parts[event.ordinal as number] = Buffer.from(
        held.bytes.subarray(held.starts[index], held.ends[index]),
      );
      records.leaves[event.ordinal as number] = Buffer.from(leaf);
    }
  }
  return found;
}

function noRecord(batchId: number): CowriedbError {
  return new CowriedbError(
    "undo.evidence",
    `The evidence of batch ${batchId} does not hold the record of each of its events; nothing was undone.`,
    {
      hint: "The store was changed by other means; restore the last backup, or compare with: cowriedb recount",
    },
  );
}

/** Moves events into a new batch, with their records as its evidence, and seals it; gives its number. */
export function* carry(
  carrier: Carrier,
  records: Records,
  request: { runId: string; actor: string },
): Script<number> {
  const { parts, leaves } = records;
  if (leaves.length !== Number(carrier.events)) throw noRecord(carrier.carried_for_batch_id);
  const [opened] = yield* ask(batchesOpenCarry, {
    source_id: carrier.source_id,
    run_id: request.runId,
    carried_for_batch_id: carrier.carried_for_batch_id,
    first_offset: carrier.first_offset,
    actor: request.actor,
  });
  const batch = opened as OpenedBatch;
  const batchId = batch.batch_id;
  yield* ask(undoCarry, { batch_id: batchId });
  const lines = Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [newline, part])));
  const packed = packEvidence(lines);
  yield* ask(batchesInsertEvidence, {
    batch_id: batchId,
    line_count: parts.length,
    line_bytes: lines.length,
    lines: packed,
  });
  const [range] = yield* ask(eventsEventRange, { batch_id: batchId });
  const digest = batchDigest(
    batchId,
    parts.map((_part, ordinal) => ordinal),
    Buffer.concat(leaves),
  );
  const marks = yield* ask(undoMarks, { batch_id: batchId });
  const content = contentParts({ evidence: digestOf(packed), letters: [], sightings: [], marks });
  const values = {
    end_offset: carrier.end_offset,
    records_read: parts.length,
    events_accepted: parts.length,
    events_duplicate: 0,
    records_rejected: 0,
    records_skipped: 0,
    skip_counts: "{}",
    first_event_at: range?.first_event_at ?? null,
    last_event_at: range?.last_event_at ?? null,
  };
  const [locked] = yield* ask(batchesLockChain, {});
  const [last] = yield* ask(batchesLastLink, {});
  yield* ask(batchesSealBatch, {
    batch_id: batchId,
    ...values,
    ...sealOf(
      batch,
      values,
      { batch: digest, content, sealedAt: locked?.locked_at as string },
      last as Parameters<typeof sealOf>[3],
    ),
  });
  return batchId;
}

const newline = Buffer.from("\n");
