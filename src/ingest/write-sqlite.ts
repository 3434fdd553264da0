import { inTransaction, type Sqlite } from "../db/sqlite.ts";
import {
  batchesInsertEvidence,
  batchesLastLink,
  batchesOpenBatch,
  batchesSealBatch,
  eventsAcceptedOrdinals,
  eventsEventRange,
  eventsInsertBatch,
  eventsInsertDeadLetter,
  eventsNoteSightings,
  sourcesAdvanceSource,
  sourcesCreateSource,
} from "../sql/generated.ts";
import { prepared, type Query } from "../sql/run.ts";
import {
  asBuffer,
  deadLetterParameters,
  digestOfBatch,
  evidenceOf,
  insertParameters,
  repeatCount,
  sealOf,
  type BatchOutcome,
  type BatchWriter,
  withRetry,
  type WriteRequest,
} from "./writer.ts";
import { sealCounts, sourceParameters } from "./write-parameters.ts";

/** A writer of batches into a SQLite store. */
export function sqliteWriter(store: Sqlite): BatchWriter {
  return {
    database: store,
    atOnce: 1,
    write: (request) => withRetry(store.name, () => inTransaction(store, () => writeBatch(store, request))),
  };
}

function writeBatch(store: Sqlite, request: WriteRequest): BatchOutcome {
  const { batch } = request;
  const run = <P>(query: Query<P, never>, parameters: Record<string, unknown>): number =>
    prepared(store, query as unknown as Query<never, unknown>).run(parameters).changes;
  const get = (
    query: Query<never, unknown>,
    parameters: Record<string, unknown>,
  ): Record<string, never> | undefined =>
    prepared(store, query).get(parameters) as Record<string, never> | undefined;
  const sourceId =
    request.sourceId ??
    (get(sourcesCreateSource as never, sourceParameters(request))?.["source_id"] as unknown as number);
  const opened = get(batchesOpenBatch as never, {
    source_id: sourceId,
    run_id: request.runId,
    first_offset: batch.firstOffset,
    actor: request.actor,
  });
  const batchId = opened?.["batch_id"] as unknown as number;
  let accepted = 0;
  let ordinals: number[] | undefined;
  let range = { first_event_at: batch.firstEventAt, last_event_at: batch.lastEventAt };
  if (batch.events > 0) {
    const parameters = insertParameters(batch);
    accepted = run(eventsInsertBatch as never, { batch_id: batchId, ...parameters });
    if (accepted < batch.events || batch.repeats.length > 0) {
      const { sessions, times, digests } = parameters;
      run(eventsNoteSightings as never, {
        batch_id: batchId,
        sessions,
        times,
        digests,
        repeats: JSON.stringify(batch.repeats),
      });
    }
    if (accepted < batch.events) {
      ordinals = (
        prepared(store, eventsAcceptedOrdinals as never).all({ batch_id: batchId }) as { ordinal: number }[]
      ).map((row) => row.ordinal);
      range = get(eventsEventRange as never, { batch_id: batchId }) as unknown as typeof range;
    }
  }
  const evidence = evidenceOf(batch, ordinals);
  if (evidence !== undefined) run(batchesInsertEvidence as never, { batch_id: batchId, ...evidence });
  for (const letter of batch.letters) {
    run(eventsInsertDeadLetter as never, deadLetterParameters(letter, batchId, sourceId));
  }
  const last = get(batchesLastLink as never, {}) as unknown as Parameters<typeof sealOf>[2];
  const counts = sealCounts(batch, accepted, repeatCount(batch));
  run(batchesSealBatch as never, {
    batch_id: batchId,
    end_offset: batch.endOffset,
    ...counts,
    ...range,
    ...sealOf(batchId, digestOfBatch(batchId, batch, ordinals), last),
  });
  run(sourcesAdvanceSource as never, {
    source_id: sourceId,
    next_offset: batch.endOffset,
    prefix_digest: asBuffer(batch.prefixDigest),
    ...sourceParameters(request),
  });
  return {
    batchId,
    sourceId,
    read: counts.records_read,
    accepted,
    duplicate: counts.events_duplicate,
    rejected: counts.records_rejected,
    skipped: counts.records_skipped,
  };
}
