import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../../db/database.ts";
import { databaseError, isAway, isBusy } from "../../db/database-error.ts";
import { announceWait, letWaiterIn, withdrawWait } from "../../db/hand-over.ts";
import { untilLost } from "../../db/lost-connection.ts";
import { renewPool } from "../../db/postgres.ts";
import { CowriedbError } from "../../errors.ts";
import { rateLimit } from "./rate.ts";
import { sourcesHasReached } from "../../sql/generated.ts";
import { maybe } from "../../sql/run.ts";
import { postgresWriter } from "../write/write-postgres.ts";
import { sqliteWriter } from "../write/write-sqlite.ts";
import { asBuffer, type BatchOutcome, type BatchWriter, type WriteRequest } from "../write/writer.ts";

/** How a program waits for a store that is away. */
export interface Patience {
  stop: { requested: boolean };
  /** Called once when the store has been away for a while, with the reason. */
  onAway(why: CowriedbError): void;
  /** Called when a store that was said to be away is back. */
  onBack(): void;
  /** Most records a second; 0 is no limit. */
  recordsPerSecond: number;
}

/** A store that is waited for. */
export interface PatientStore {
  database: Database;
  /** Runs work on the store, again where the store was away; the work must bear being done twice. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
  writer: BatchWriter;
}

/** What has been said of a store that is away, whoever waits for it. */
interface Absence {
  hasSaid: boolean;
}

/** A lock that is held for longer than this is worth a word; a server that is gone is worth one at once. */
const worthAWordMs = 5_000;
const shortestMs = 2;
const longestMs = 250;
/** Who has asked for a stop need not wait longer for a lock that somebody else holds; the server rolls back. */
const mostAfterStopMs = 1_000;
const watchMs = 100;

/**
 * Makes a store patient: whoever works with it waits until it is back, or until a stop is asked for, which throws
 * `ingest.stopped`. A SQLite store no longer waits for its lock by itself, because that would hold up the whole program.
 */
export function patientStore(database: Database, patience: Patience): PatientStore {
  if (database.dialect === "sqlite") database.handle.pragma("busy_timeout = 0");
  const absence: Absence = { hasSaid: false };
  const patiently = async <T>(work: () => Promise<T>): Promise<T> =>
    untilBack(database, patience, absence, work);
  const writer = patientWriter(database, patiently);
  const limit = rateLimit(patience.recordsPerSecond, patience.stop);
  return {
    database,
    patiently,
    writer: {
      ...writer,
      write: async (request) => {
        await limit(request.batch.recordsRead);
        return writer.write(request);
      },
    },
  };
}

async function untilBack<T>(
  database: Database,
  patience: Patience,
  absence: Absence,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let hasAnnounced = 0;
  for (let tries = 0; ; tries++) {
    try {
      const result = await onceThere(database, patience.stop, work);
      if (absence.hasSaid) patience.onBack();
      absence.hasSaid = false;
      if (hasAnnounced > 0 && database.dialect === "sqlite") withdrawWait(database);
      return result;
    } catch (error) {
      if (!isAway(error)) throw error;
      const waited = performance.now() - began;
      if (patience.stop.requested) throw stopped(database);
      if (!absence.hasSaid && (!isBusy(error) || waited > worthAWordMs)) {
        absence.hasSaid = true;
        patience.onAway(databaseError(error, "write", database.name));
      }
      if (database.dialect === "sqlite" && performance.now() - hasAnnounced > 500) {
        hasAnnounced = performance.now();
        announceWait(database);
      }
    }
    await sleep(stepOf(database, tries));
  }
}

/** Short steps for a file at first: a load beside this one lets go of the lock for milliseconds between two batches. */
function stepOf({ dialect }: Database, tries: number): number {
  return Math.min(longestMs, dialect === "sqlite" ? shortestMs + Math.floor(tries / 250) : 20 * (tries + 1));
}

/** Runs work on the store; a pool that has lost a connection is replaced first. */
async function onceThere<T>(
  database: Database,
  stop: { requested: boolean },
  work: () => Promise<T>,
): Promise<T> {
  if (database.dialect === "sqlite") return work();
  await renewPool(database);
  let stoppedFor = 0;
  const watch = setInterval(() => {
    if (stop.requested && ++stoppedFor * watchMs === mostAfterStopMs) void database.sql.end({ timeout: 0 });
  }, watchMs);
  try {
    return await untilLost(database.loss, work);
  } finally {
    clearInterval(watch);
  }
}

function stopped(database: Database): CowriedbError {
  return new CowriedbError(
    "ingest.stopped",
    `Stopped while ${database.name} was away; what was read and not written will be read again.`,
    { hint: "Run the same command again: it goes on where it stopped." },
  );
}

function patientWriter(database: Database, patiently: PatientStore["patiently"]): BatchWriter {
  if (database.dialect === "sqlite") {
    const inner = sqliteWriter(database, (work) => patiently(async () => Promise.resolve(work())));
    return {
      ...inner,
      write: async (request) => {
        await letWaiterIn(database);
        return saying(database, () => inner.write(request));
      },
    };
  }
  return {
    database,
    atOnce: 1,
    walOf: null,
    write: async (request) => {
      let hasFailed = false;
      return patiently(async () => {
        // A connection that broke while the answer was awaited leaves open whether the batch was committed.
        const written =
          hasFailed && request.file !== null ? await writtenAlready(database, request) : undefined;
        if (written !== undefined) return written;
        hasFailed = true;
        // A queue that has failed once fails for good, so every try has its own.
        return postgresWriter(database).write(request);
      });
    },
  };
}

async function saying<T>(database: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw databaseError(error, "write a batch", database.name);
  }
}

async function writtenAlready(
  database: Database,
  { batch, runId }: WriteRequest,
): Promise<BatchOutcome | undefined> {
  const row = await maybe(database, sourcesHasReached, {
    next_offset: batch.endOffset,
    prefix_digest: asBuffer(batch.prefixDigest),
    run_id: runId,
  });
  if (row === undefined) return undefined;
  return {
    batchId: row.batch_id,
    sourceId: row.source_id,
    read: row.records_read ?? 0,
    accepted: row.events_accepted ?? 0,
    duplicate: row.events_duplicate ?? 0,
    rejected: row.records_rejected ?? 0,
    skipped: row.records_skipped ?? 0,
  };
}
