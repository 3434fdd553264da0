import { inPostgresTransaction, type Postgres, type PostgresConnection } from "../db/postgres.ts";
import {
  batchesInsertEvidence,
  batchesLastLink,
  batchesLockChain,
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
import { countPostgres, manyPostgres } from "../sql/run.ts";
import {
  asBuffer,
  deadLetterParameters,
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

/** A writer of batches into a PostgreSQL store. */
export function postgresWriter(store: Postgres): BatchWriter {
  return {
    database: store,
    write: (request) =>
      withRetry(store.name, () =>
        inPostgresTransaction(store, (connection) => writeBatch(connection, request)),
      ),
    close: () => Promise.resolve(),
  };
}

async function writeBatch(connection: PostgresConnection, request: WriteRequest): Promise<BatchOutcome> {
  const { batch } = request;
  const sourceId =
    request.sourceId ??
    ((await manyPostgres(connection, sourcesCreateSource, sourceParameters(request)))[0]
      ?.source_id as number);
  const opened = await manyPostgres(connection, batchesOpenBatch, {
    source_id: sourceId,
    run_id: request.runId,
    first_offset: batch.firstOffset,
    actor: request.actor,
  });
  const batchId = opened[0]?.batch_id as number;
  let accepted = 0;
  let ordinals: number[] | undefined;
  let range = { first_event_at: batch.firstEventAt, last_event_at: batch.lastEventAt };
  if (batch.events > 0) {
    const parameters = insertParameters(batch);
    accepted = await countPostgres(connection, eventsInsertBatch, { batch_id: batchId, ...parameters });
    if (accepted < batch.events || batch.repeats.length > 0) {
      const { sessions, times, digests } = parameters;
      await countPostgres(connection, eventsNoteSightings, {
        batch_id: batchId,
        sessions,
        times,
        digests,
        repeats: JSON.stringify(batch.repeats),
      });
    }
    if (accepted < batch.events) {
      const rows = await manyPostgres(connection, eventsAcceptedOrdinals, { batch_id: batchId });
      ordinals = rows.map((row) => Number(row.ordinal));
      range = (await manyPostgres(connection, eventsEventRange, { batch_id: batchId }))[0] as typeof range;
    }
  }
  const evidence = evidenceOf(batch, ordinals);
  if (evidence !== undefined)
    await countPostgres(connection, batchesInsertEvidence, { batch_id: batchId, ...evidence });
  for (const letter of batch.letters) {
    await countPostgres(connection, eventsInsertDeadLetter, deadLetterParameters(letter, batchId, sourceId));
  }
  await manyPostgres(connection, batchesLockChain, {});
  const [last] = await manyPostgres(connection, batchesLastLink, {});
  const counts = sealCounts(batch, accepted, repeatCount(batch));
  await countPostgres(connection, batchesSealBatch, {
    batch_id: batchId,
    end_offset: batch.endOffset,
    ...counts,
    ...range,
    ...sealOf(batchId, batch, ordinals, last as Parameters<typeof sealOf>[3]),
  });
  await countPostgres(connection, sourcesAdvanceSource, {
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
