import type { Sqlite } from "../../db/sqlite.ts";
import { recordBounds, type RecordBounds } from "../../events/evidence-records.ts";
import { unpackEvidence } from "../../events/evidence.ts";
import { found } from "../../events/found.ts";
import { portableRecord } from "../../events/portable.ts";
import { scan, scanValue } from "../../events/scan.ts";
import { digestOf } from "../../checksum.ts";
import { verifyEvidence } from "../../sql/generated.ts";
import { maybe } from "../../sql/run.ts";
import { isTextOf } from "./kept-texts.ts";

/** Gives the text of a payload, as the gate has made it of its record. */
export type PayloadReader = (
  eventId: number,
  lineDigest: Buffer | undefined,
  payload: Buffer,
) => Promise<Buffer | undefined>;

const ofBatch = 1_048_576;

/**
 * Reads payloads from the evidence that a SQLite store has of their batches. Gives undefined where there is none, or none that
 * says what the JSONB says.
 */
export function payloadsOf(store: Sqlite): PayloadReader {
  let batch = -1;
  let records: RecordBounds | undefined;
  let byDigest: Map<string, number> | undefined;
  return async (eventId, lineDigest, payload) => {
    const ordinal = eventId % ofBatch;
    const batchId = (eventId - ordinal) / ofBatch;
    if (batch !== batchId) {
      const row = await maybe(store, verifyEvidence, { batch_id: batchId });
      const bytes = row === undefined ? undefined : unpackEvidence(row.lines);
      records = bytes === undefined ? undefined : recordBounds(bytes);
      batch = batchId;
      byDigest = undefined;
    }
    if (records === undefined) return undefined;
    // The records of a batch are in the order of its events, which are numbered through unless some were taken away.
    const usual = payloadAt(records, ordinal, payload);
    if (usual !== undefined || lineDigest === undefined) return usual;
    byDigest ??= digestsOf(records);
    const place = byDigest.get(lineDigest.toString("hex"));
    return place === undefined ? undefined : payloadAt(records, place, payload);
  };
}

function digestsOf({ bytes, starts, ends }: RecordBounds): Map<string, number> {
  return new Map(
    starts.map((start, place) => [
      digestOf(bytes.subarray(start, ends[place])).toString("hex", 0, 16),
      place,
    ]),
  );
}

/** The payload of a record, where its JSONB is this one. */
function payloadAt(
  { bytes, starts, ends }: RecordBounds,
  place: number,
  payload: Buffer,
): Buffer | undefined {
  const [start, end] = [starts[place], ends[place]];
  if (start === undefined || end === undefined) return undefined;
  const record = bytes.subarray(start, end);
  if (isTextOf(record, payload)) return record;
  if (scanValue(bytes, start, end) !== found.value || !scan.needsPortable) return undefined;
  const portable = portableRecord(bytes, start, end).payload;
  return isTextOf(portable, payload) ? portable : undefined;
}
