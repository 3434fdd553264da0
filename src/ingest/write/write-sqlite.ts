import { letWaiterIn } from "../../db/hand-over.ts";
import { dataVersion, inTransaction, type Sqlite } from "../../db/sqlite.ts";
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
  lettersKnown,
  lettersResolveReplayed,
  sourcesAdvanceSource,
  sourcesCandidates,
  sourcesCreateSource,
  type LettersKnownRow,
  type SourcesCandidatesRow,
} from "../../sql/generated.ts";
import { prepared, type Query } from "../../sql/run.ts";
import type { ReadBatch } from "../read/batch.ts";
import { lookParameters } from "../known-source.ts";
import { knownLettersOf, withoutKnown } from "./known-letters.ts";
import { assertNoOther, overtaken } from "../overtaken.ts";
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
import { contentOf, sealOf, type OpenedBatch, type SealedValues } from "./seal.ts";
import { outcomeOf, sealCounts, sourceParameters } from "./write-parameters.ts";

/** A writer of batches into a SQLite store; `retry` runs a transaction until the write lock is had. */
export function sqliteWriter(store: Sqlite, retry?: Retry): BatchWriter {
  if (retry !== undefined) return writerWith(store, retry);
  let version = dataVersion(store);
  let sharedAt = Number.NEGATIVE_INFINITY;
  // Lets those in who wait to write, then waits as long as the store's `busy_timeout` says.
  const steppingBack: Retry = async (work) => {
    const hasWaited = await letWaiterIn(store);
    // One that is quick gets in between two transactions, and waits no more when it is looked for.
    const before = version;
    version = dataVersion(store);
    if (hasWaited || version !== before) sharedAt = performance.now();
    return withRetry(store.name, work);
  };
  const isShared = (): boolean => performance.now() - sharedAt < rememberedMs;
  return { ...writerWith(store, steppingBack), isShared };
}

/**
 * For so long a program that has written is expected to come again. Long, since small batches cost little: measured,
 * 35 µs an event in batches of 1,450, 34 in those of 5,500.
 */
const rememberedMs = 60_000;

function writerWith(store: Sqlite, retry: Retry): BatchWriter {
  return {
    database: store,
    atOnce: 1,
    walOf: store.journal === "wal" ? store.path : null,
    write: (request) => retry(() => inTransaction(store, () => writeBatch(store, request))),
  };
}

/** Runs a transaction again and again while the engine says that it may be tried again. */
export type Retry = <T>(work: () => T) => Promise<T>;

type Values = Record<string, unknown>;

function writeBatch(store: Sqlite, request: WriteRequest | ReplayRequest): BatchOutcome {
  const { file } = request;
  const sourceId =
    request.file === null ? request.sourceId : (request.sourceId ?? createSource(store, request));
  const batch = withNewLetters(store, request);
  const opened = get(store, batchesOpenBatch, openParameters(request, sourceId)) as OpenedBatch & Values;
  const batchId = opened.batch_id;
  const { accepted, ordinals, range } = insertEvents(store, batch, batchId);
  const evidence = evidenceOf(batch, ordinals);
  if (evidence !== undefined) run(store, batchesInsertEvidence, { batch_id: batchId, ...evidence });
  for (const letter of batch.letters) {
    run(store, eventsInsertDeadLetter, deadLetterParameters(letter, batchId, sourceId));
  }
  if (request.file === null) settleLetters(store, batchId, request.letters);
  const last = get(store, batchesLastLink, {}) as Parameters<typeof sealOf>[3];
  const counts = sealCounts(batch, accepted, repeatCount(batch));
  const values = { end_offset: batch.endOffset, ...counts, ...range } as SealedValues & Values;
  const digests = {
    batch: digestOfBatch(batchId, batch, ordinals),
    content: contentOf(opened, batch, ordinals, evidence?.lines),
    sealedAt: get(store, batchesLockChain, {})?.["locked_at"] as string,
  };
  run(store, batchesSealBatch, { batch_id: batchId, ...values, ...sealOf(opened, values, digests, last) });
  if (file !== null) {
    const moved = run(store, sourcesAdvanceSource, {
      source_id: sourceId,
      first_offset: batch.firstOffset,
      next_offset: batch.endOffset,
      prefix_digest: asBuffer(batch.prefixDigest),
      ...sourceParameters(file, batch),
    });
    if (moved !== 1) throw overtaken(file);
  }
  return outcomeOf(batchId, sourceId, counts);
}

/** The batch of a request without the letters that the store has of its records. */
function withNewLetters(store: Sqlite, { batch, sourceId }: WriteRequest | ReplayRequest): ReadBatch {
  const asked = knownLettersOf(batch, sourceId);
  if (asked === undefined) return batch;
  return withoutKnown(batch, prepared(store, lettersKnown as Named).all(asked) as LettersKnownRow[]);
}

function createSource(store: Sqlite, request: WriteRequest): number {
  const rows = prepared(store, sourcesCandidates as Named).all(lookParameters(request.file));
  assertNoOther(request, undefined, rows as SourcesCandidatesRow[]);
  return number(get(store, sourcesCreateSource, sourceParameters(request.file, request.batch)), "source_id");
}

function settleLetters(store: Sqlite, batchId: number, letters: readonly number[]): void {
  const values = { batch_id: batchId, letters: JSON.stringify(letters) };
  const settled = run(store, lettersResolveReplayed, values);
  if (settled !== letters.length) throw lettersTaken(letters.length, settled);
}

/** Inserts what is new; `ordinals` are those of the accepted events, undefined where all are. */
function insertEvents(
  store: Sqlite,
  batch: ReadBatch,
  batchId: number,
): { accepted: number; ordinals: number[] | undefined; range: Values } {
  const range = { first_event_at: batch.firstEventAt, last_event_at: batch.lastEventAt };
  if (batch.events === 0) return { accepted: 0, ordinals: undefined, range };
  const parameters = insertParameters(batch);
  const accepted = run(store, eventsInsertBatch, { batch_id: batchId, ...parameters });
  const isAll = accepted === batch.events;
  if (!isAll || batch.repeats.length > 0) {
    const { sessions, times, digests } = parameters;
    const repeats = JSON.stringify(batch.repeats);
    run(store, eventsNoteSightings, { batch_id: batchId, sessions, times, digests, repeats });
  }
  if (isAll) return { accepted, ordinals: undefined, range };
  const rows = prepared(store, eventsAcceptedOrdinals as Named).all({ batch_id: batchId });
  return {
    accepted,
    ordinals: (rows as { ordinal: number }[]).map((row) => row.ordinal),
    range: get(store, eventsEventRange, { batch_id: batchId }) ?? {},
  };
}

type Named = Query<never, unknown>;

function run<P>(store: Sqlite, query: Query<P, never>, values: Values): number {
  return prepared(store, query as unknown as Named).run(values).changes;
}

function get<P, R>(store: Sqlite, query: Query<P, R>, values: Values): Values | undefined {
  return prepared(store, query as unknown as Named).get(values) as Values | undefined;
}

function number(row: Values | undefined, column: string): number {
  return row?.[column] as number;
}
