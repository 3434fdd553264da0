import {
  copyIntoPostgres,
  inPostgresTransaction,
  type Postgres,
  type PostgresTransaction,
} from "../../db/postgres.ts";
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
  lettersKnown,
  lettersResolveReplayed,
  sourcesAdvanceSource,
  sourcesCandidates,
  sourcesCreateSource,
  type BatchesSealBatchParameters,
} from "../../sql/generated.ts";
import { countPostgres, manyPostgres } from "../../sql/run.ts";
import { copyRows } from "./copy-rows.ts";
import { lookParameters } from "../known-source.ts";
import { assertNoOther, overtaken } from "../overtaken.ts";
import { knownLettersOf, withoutKnown } from "./known-letters.ts";
import { newAttempt, type Turn } from "./turns.ts";
import {
  asBuffer,
  deadLetterParameters,
  digestOfBatch,
  evidenceOf,
  insertParameters,
  lettersTaken,
  openParameters,
  repeatCount,
  type BatchOutcome,
  type BatchWriter,
  type ReplayRequest,
  withRetry,
  type WriteRequest,
} from "./writer.ts";
import type { ReadBatch } from "../read/batch.ts";
import { isDuplicate } from "../../db/database-error.ts";
import { contentOf, sealOf, type OpenedBatch, type SealedValues } from "./seal.ts";
import { outcomeOf, sealCounts, sourceParameters } from "./write-parameters.ts";

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
    walOf: null,
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
  };
}

interface Habit {
  repeatsEvents: boolean;
}

async function writeBatch(
  connection: PostgresTransaction,
  request: WriteRequest | ReplayRequest,
  habit: Habit,
  turn: { inserted: () => void; mine: () => Promise<void> },
): Promise<BatchOutcome> {
  const { file } = request;
  const sourceId =
    request.file === null
      ? request.sourceId
      : (request.sourceId ??
        ((
          await manyPostgres(connection, sourcesCreateSource, sourceParameters(request.file, request.batch))
        )[0]?.source_id as number));
  const batch = await withNewLetters(connection, request);
  const opened = await manyPostgres(connection, batchesOpenBatch, openParameters(request, sourceId));
  const batchOpened = opened[0] as OpenedBatch;
  const batchId = batchOpened.batch_id;
  const held = await holdEvents(connection, batchId, batch, habit);
  turn.inserted();
  const evidence = evidenceOf(batch, held.ordinals);
  if (evidence !== undefined)
    await countPostgres(connection, batchesInsertEvidence, { batch_id: batchId, ...evidence });
  for (const letter of batch.letters) {
    await countPostgres(connection, eventsInsertDeadLetter, deadLetterParameters(letter, batchId, sourceId));
  }
  if (request.file === null) await settleLetters(connection, batchId, request.letters);
  // Whoever holds the lock of the chain has nothing left to work out.
  const digests = {
    batch: digestOfBatch(batchId, batch, held.ordinals),
    content: contentOf(batchOpened, batch, held.ordinals, evidence?.lines),
  };
  await turn.mine();
  const counts = sealCounts(batch, held.accepted, repeatCount(batch));
  await seal(connection, batchOpened, digests, { end_offset: batch.endOffset, ...counts, ...held.range });
  if (file !== null) await moveSource(connection, request, sourceId);
  return outcomeOf(batchId, sourceId, counts);
}

/** The batch of a request without the letters that the store has of its records. */
async function withNewLetters(
  connection: PostgresTransaction,
  { batch, sourceId }: WriteRequest | ReplayRequest,
): Promise<ReadBatch> {
  const asked = knownLettersOf(batch, sourceId);
  return asked === undefined
    ? batch
    : withoutKnown(batch, await manyPostgres(connection, lettersKnown, asked));
}

/** Moves the source on, behind the lock of the chain: whatever another program has made of it is committed by now. */
async function moveSource(
  connection: PostgresTransaction,
  request: WriteRequest,
  sourceId: number,
): Promise<void> {
  const { batch, file } = request;
  if (request.sourceId === null) {
    const rows = await manyPostgres(connection, sourcesCandidates, lookParameters(file));
    assertNoOther(request, sourceId, rows);
  }
  const moved = await countPostgres(connection, sourcesAdvanceSource, {
    source_id: sourceId,
    first_offset: batch.firstOffset,
    next_offset: batch.endOffset,
    prefix_digest: asBuffer(batch.prefixDigest),
    ...sourceParameters(file, batch),
  });
  if (moved !== 1) throw overtaken(file);
}

async function settleLetters(
  connection: PostgresTransaction,
  batchId: number,
  letters: readonly number[],
): Promise<void> {
  const settled = await countPostgres(connection, lettersResolveReplayed, {
    batch_id: batchId,
    letters: JSON.stringify(letters),
  });
  if (settled !== letters.length) throw lettersTaken(letters.length, settled);
}

async function seal(
  connection: PostgresTransaction,
  opened: OpenedBatch,
  digests: { batch: Buffer; content: Buffer },
  values: SealedValues & Omit<BatchesSealBatchParameters, keyof ReturnType<typeof sealOf> | "batch_id">,
): Promise<void> {
  const [locked] = await manyPostgres(connection, batchesLockChain, {});
  const [last] = await manyPostgres(connection, batchesLastLink, {});
  await countPostgres(connection, batchesSealBatch, {
    batch_id: opened.batch_id,
    ...values,
    ...sealOf(
      opened,
      values,
      { ...digests, sealedAt: locked?.locked_at as string },
      last as Parameters<typeof sealOf>[3],
    ),
  });
}

/** What the store holds of a batch. */
interface HeldEvents {
  accepted: number;
  /** Undefined where all events are new. */
  ordinals: number[] | undefined;
  range: { first_event_at: string | null; last_event_at: string | null };
}

/** Inserts the new events of a batch and notes the known ones. */
async function holdEvents(
  connection: PostgresTransaction,
  batchId: number,
  batch: ReadBatch,
  habit: Habit,
): Promise<HeldEvents> {
  const range = { first_event_at: batch.firstEventAt, last_event_at: batch.lastEventAt };
  if (batch.events === 0) return { accepted: 0, ordinals: undefined, range };
  const accepted = await insertEvents(connection, batchId, batch, habit);
  if (accepted < batch.events || batch.repeats.length > 0) {
    const { sessions, times, digests } = insertParameters(batch);
    await countPostgres(connection, eventsNoteSightings, {
      batch_id: batchId,
      sessions,
      times,
      digests,
      repeats: JSON.stringify(batch.repeats),
    });
  }
  if (accepted === batch.events) return { accepted, ordinals: undefined, range };
  const rows = await manyPostgres(connection, eventsAcceptedOrdinals, { batch_id: batchId });
  const [left] = await manyPostgres(connection, eventsEventRange, { batch_id: batchId });
  return { accepted, ordinals: rows.map((row) => Number(row.ordinal)), range: left as HeldEvents["range"] };
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
