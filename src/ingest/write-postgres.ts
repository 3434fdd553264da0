import {
  copyIntoPostgres,
  inPostgresTransaction,
  type Postgres,
  type PostgresTransaction,
} from "../db/postgres.ts";
import {
  batchesInsertEvidence,
  batchesLastLink,
  batchesLockChain,
  batchesOpenBatch,
  batchesSealBatch,
  eventsAcceptedOrdinals,
  eventsCopyBatch,
  eventsEventRange,
  eventsInsertBatch,
  eventsInsertDeadLetter,
  eventsNoteSightings,
  sourcesAdvanceSource,
  sourcesCreateSource,
} from "../sql/generated.ts";
import { countPostgres, manyPostgres } from "../sql/run.ts";
import { copyRows } from "./copy-rows.ts";
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
import type { ReadBatch } from "./batch.ts";
import { isDuplicate } from "../db/database-error.ts";
import { sealCounts, sourceParameters } from "./write-parameters.ts";

/**
 * A writer of batches into a PostgreSQL store. With two connections the events of a batch are inserted while the batch
 * before is sealed; it is sealed only once that one is committed, so a source's offset moves in order.
 */
export function postgresWriter(store: Postgres): BatchWriter {
  // A file that repeats one event mostly repeats the next ones too.
  const habit = { repeatsEvents: false };
  let last: Turn | undefined;
  return {
    database: store,
    atOnce: Math.min(2, store.sql.options.max),
    write: async (request) => {
      const before = last;
      const turn: Turn = { attempt: newAttempt() };
      last = turn;
      try {
        return await withRetry(store.name, async () => {
          // What the batch before has inserted is committed or gone before this one waits for it in turn.
          const leader = before?.attempt;
          await leader?.inserted;
          try {
            const outcome = await inPostgresTransaction(store, (connection) =>
              writeBatch(connection, request, habit, {
                inserted: turn.attempt.reportInserted,
                mine: () => leader?.committed ?? Promise.resolve(),
              }),
            );
            turn.attempt.reportCommitted();
            return outcome;
          } catch (error) {
            const failed = turn.attempt;
            turn.attempt = newAttempt();
            failed.fail(error);
            throw error;
          }
        });
      } catch (error) {
        turn.attempt.fail(error);
        throw error;
      }
    },
    walOf: null,
  };
}

/** A batch in the queue: its current try, for the batch behind it to follow. */
interface Turn {
  attempt: Attempt;
}

interface Attempt {
  inserted: Promise<void>;
  committed: Promise<void>;
  reportInserted(): void;
  reportCommitted(): void;
  /** Who waits for either fails with the same error, so it is rolled back too and tries again where that may help. */
  fail(error: unknown): void;
}

function newAttempt(): Attempt {
  const [inserted, committed] = [deferred(), deferred()];
  return {
    inserted: inserted.promise,
    committed: committed.promise,
    reportInserted: inserted.resolve,
    reportCommitted: committed.resolve,
    fail: (error) => {
      inserted.reject(error);
      committed.reject(error);
    },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let settle = { resolve: (): void => undefined, reject: (_error: unknown): void => undefined };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // A batch that no other one follows fails alone.
  promise.catch(() => undefined);
  return { promise, ...settle };
}

interface Habit {
  repeatsEvents: boolean;
}

async function writeBatch(
  connection: PostgresTransaction,
  request: WriteRequest,
  habit: Habit,
  turn: { inserted: () => void; mine: () => Promise<void> },
): Promise<BatchOutcome> {
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
  const { accepted, ordinals, range } = await storeEvents(connection, batchId, batch, habit);
  turn.inserted();
  const evidence = evidenceOf(batch, ordinals);
  if (evidence !== undefined)
    await countPostgres(connection, batchesInsertEvidence, { batch_id: batchId, ...evidence });
  for (const letter of batch.letters) {
    await countPostgres(connection, eventsInsertDeadLetter, deadLetterParameters(letter, batchId, sourceId));
  }
  // Whoever holds the lock of the chain has nothing left to work out.
  const digest = digestOfBatch(batchId, batch, ordinals);
  await turn.mine();
  await manyPostgres(connection, batchesLockChain, {});
  const [last] = await manyPostgres(connection, batchesLastLink, {});
  const counts = sealCounts(batch, accepted, repeatCount(batch));
  await countPostgres(connection, batchesSealBatch, {
    batch_id: batchId,
    end_offset: batch.endOffset,
    ...counts,
    ...range,
    ...sealOf(batchId, digest, last as Parameters<typeof sealOf>[2]),
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

/** Stores what is new and notes what is not; `ordinals` are those of the accepted events, undefined where all are. */
async function storeEvents(
  connection: PostgresTransaction,
  batchId: number,
  batch: ReadBatch,
  habit: Habit,
): Promise<{
  accepted: number;
  ordinals: number[] | undefined;
  range: { first_event_at: string | null; last_event_at: string | null };
}> {
  const range = { first_event_at: batch.firstEventAt, last_event_at: batch.lastEventAt };
  if (batch.events === 0) return { accepted: 0, ordinals: undefined, range };
  const accepted = await insertEvents(connection, batchId, batch, habit);
  const isAll = accepted === batch.events;
  if (!isAll || batch.repeats.length > 0) {
    const { sessions, times, digests } = insertParameters(batch);
    const repeats = JSON.stringify(batch.repeats);
    await countPostgres(connection, eventsNoteSightings, {
      batch_id: batchId,
      sessions,
      times,
      digests,
      repeats,
    });
  }
  if (isAll) return { accepted, ordinals: undefined, range };
  const rows = await manyPostgres(connection, eventsAcceptedOrdinals, { batch_id: batchId });
  const [stored] = await manyPostgres(connection, eventsEventRange, { batch_id: batchId });
  return { accepted, ordinals: rows.map((row) => Number(row.ordinal)), range: stored as typeof range };
}

/**
 * Inserts the events that the store does not have yet; gives their number. A stream is the fastest, but one known event
 * refuses it whole, and then the slower statement that passes over known events takes its place.
 */
async function insertEvents(
  connection: PostgresTransaction,
  batchId: number,
  batch: ReadBatch,
  habit: Habit,
): Promise<number> {
  if (!habit.repeatsEvents) {
    try {
      await connection.savepoint(async (inner) =>
        copyIntoPostgres(inner, eventsCopyBatch.postgres, (write) => copyRows(batch, batchId, write)),
      );
      return batch.events;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }
  const accepted = await countPostgres(connection, eventsInsertBatch, {
    batch_id: batchId,
    ...insertParameters(batch),
  });
  habit.repeatsEvents = accepted < batch.events;
  return accepted;
}
