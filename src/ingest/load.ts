import type { CowriedbError } from "../errors.ts";
import type { GateRules } from "../events/gate.ts";
import { addOutcome, type BatchCounts, type FileResult } from "./load-result.ts";
import type { ToReader } from "./read/reader-messages.ts";
import { isBeside, type Reader } from "./read/reader-thread.ts";
import type { WrittenBatch } from "./write/write-queue.ts";
import type { BatchWriter } from "./write/writer.ts";

/** How a load runs. */
export interface LoadOptions {
  multiLine: boolean;
  /** The UUID that every batch of the run carries; one is made where it is not given. */
  runId?: string;
  /** Most events in a batch; adapted downwards when a batch takes long. */
  batchEvents: number;
  /** Called after every batch. */
  onProgress?: (progress: LoadProgress) => void;
  /** Set to true by a signal: the batch at hand is finished, then the load ends. */
  stop?: { requested: boolean };
  /** Takes only what is new; `ingest delta`. */
  delta?: DeltaOptions;
}

/** What a load that takes only what is new does otherwise. */
export interface DeltaOptions {
  /** Writes the batches; it waits for a store that is away. */
  writer: BatchWriter;
  /** Runs a short piece of work on the store, and waits for a store that is away. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
}

/** How far a load is. */
export interface LoadProgress {
  /** What the batches came to so far. */
  counts: BatchCounts;
  files: number;
  filesDone: number;
  bytes: number;
  bytesDone: number;
  events: number;
  elapsedMs: number;
}

/** A load under way. */
export interface Load {
  /** Reads, checks, hashes and sorts; for more than a little in a thread of its own, so that this one only writes. */
  reader: Reader;
  /** Why a checkpoint of the reader has failed: then nothing more is written. */
  checkpointFailure: () => CowriedbError | undefined;
  writer: BatchWriter;
  rules: GateRules;
  options: LoadOptions;
  runId: string;
  actor: string;
  started: number;
  batchEvents: number;
  /** Where the files of this load lie, by `placeKey`. */
  places: ReadonlySet<string>;
  progress: LoadProgress;
}

/** Runs a short piece of work on the store; a load that takes only what is new waits for a store that is away. */
export async function onStore<T>({ options }: Load, work: () => Promise<T>): Promise<T> {
  return options.delta === undefined ? work() : options.delta.patiently(work);
}

/** Whether a signal has asked for the end. */
export function isStopped(load: Load): boolean {
  return load.options.stop?.requested === true;
}

/**
 * Events in a batch where nothing speaks against it. Measured on 1.28 million events: SQLite gains 4 % from 20,000 and
 * takes 64 MB more; PostgreSQL, whose rows lie in another process, gains 17 % from 20,000 over 5,000.
 */
export const defaultBatchEvents = { sqlite: 5_000, postgres: 20_000 } as const;
/** Commits between two checkpoints: one copies an index page once that all of them have changed. */
const commitsBetween = 8;
const leastBatchEvents = 1_000;

/**
 * Events in the first batch of a load. In SQLite it is small: who else writes to the store is known only once he waits,
 * and the first batches take longest, while nothing is warm. Measured beside a follower with every processor busy, 650 and
 * 730 ms for two of 5,000, and the third was on its way when they were done.
 */
export function firstBatchEvents(dialect: "sqlite" | "postgres", most: number): number {
  return dialect === "sqlite" ? Math.min(leastBatchEvents, most) : most;
}

/** A batch that takes longer is made smaller, so that other writers get their turn. */
const longBatchMs = 2_000;
/** So long may one take that another program waits for: a follower's lines should be there in half a second. */
const longBesideOtherMs = 100;

/** Allows the reader one more batch, which may use the memory of one that is written. */
export function giveCredit(load: Load, spare: ArrayBuffer): void {
  const message = { kind: "credit", batchEvents: load.batchEvents, spare } satisfies ToReader;
  load.reader.postMessage(message, [spare]);
}

/** Notes what a written batch came to, and tells the reader what follows from it. */
export function finishBatch(load: Load, result: FileResult, done: WrittenBatch): void {
  addOutcome(result, done.outcome);
  throwIfCheckpointFailed(load);
  adapt(load, done.batch.events, done.ms);
  giveCredit(load, done.batch.text.buffer as ArrayBuffer);
  const path = isBeside(load.reader) ? load.writer.walOf : null;
  if (path !== null && result.batches % commitsBetween === 0) tell(load, { kind: "checkpoint", path });
  if (isStopped(load)) tell(load, { kind: "stop" });
  load.progress.events += done.outcome.accepted;
  addOutcome(load.progress.counts, done.outcome);
  load.progress.elapsedMs = performance.now() - load.started;
}

/** Throws why a checkpoint has failed, where one has. */
export function throwIfCheckpointFailed(load: Load): void {
  const failure = load.checkpointFailure();
  if (failure !== undefined) throw failure;
}

/** Leaves the file at hand where it is. */
export function leaveFile(load: Load): void {
  tell(load, { kind: "stop" });
}

function tell(load: Load, message: ToReader): void {
  load.reader.postMessage(message);
}

/** Fits the size of the next batches to the time that the last one took; alone it soon has the size that was asked for. */
function adapt(load: Load, events: number, ms: number): void {
  const isShared = load.writer.isShared?.() === true;
  const longMs = isShared ? longBesideOtherMs : longBatchMs;
  if (ms > longMs && events > leastBatchEvents) {
    load.batchEvents = Math.max(leastBatchEvents, Math.floor(Math.min(events, load.batchEvents) / 2));
  } else if (ms < longMs / 3 && load.batchEvents < load.options.batchEvents) {
    load.batchEvents = Math.min(
      load.options.batchEvents,
      Math.ceil(load.batchEvents * (isShared ? 1.25 : 2)),
    );
  }
}
