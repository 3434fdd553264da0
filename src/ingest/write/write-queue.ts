import { ingestBatch } from "../../telemetry/measured.ts";
import type { ReadBatch } from "../read/batch.ts";
import type { BatchOutcome, BatchWriter, WriteRequest } from "./writer.ts";

/** A batch that is committed. */
export interface WrittenBatch {
  batch: ReadBatch;
  packedBytes: number;
  outcome: BatchOutcome;
  /** How long the store was at it, without the time that it was at the batch before. */
  ms: number;
}

/** The batches of a file on their way into the store, oldest first. */
export interface WriteQueue {
  /** Hands a batch to the writer; waits while as many as it takes at once are on their way. */
  add(batch: ReadBatch, packedBytes: number): Promise<void>;
  /** Waits until all are committed. Throws what the first failure threw. */
  drain(): Promise<void>;
  /** Waits until none is on its way, whatever becomes of them. */
  settled(): Promise<void>;
  /** Batches that are not known to be committed; after a failure those that are not stored. */
  pending(): number;
  /** The source of the file; null while the store does not have it. */
  sourceId(): number | null;
}

/** Makes a queue; `onWritten` is called for every batch in its turn. */
export function writeQueue(
  writer: BatchWriter,
  file: Omit<WriteRequest, "batch">,
  onWritten: (done: WrittenBatch) => void,
): WriteQueue {
  const writes: { batch: ReadBatch; packedBytes: number; began: number; outcome: Promise<BatchOutcome> }[] =
    [];
  let { sourceId } = file;
  let lastDone = 0;

  async function finishOldest(): Promise<void> {
    const [oldest] = writes;
    if (oldest === undefined) return;
    const outcome = await oldest.outcome;
    writes.shift();
    sourceId = outcome.sourceId;
    const now = performance.now();
    const ms = now - Math.max(oldest.began, lastDone);
    lastDone = now;
    onWritten({ batch: oldest.batch, packedBytes: oldest.packedBytes, outcome, ms });
  }

  return {
    add: async (batch, packedBytes) => {
      const outcome = ingestBatch(writer.database.dialect, batch.events, () =>
        writer.write({ ...file, sourceId, batch }),
      );
      // It is awaited in its turn; until then its failure is no news.
      outcome.catch(() => undefined);
      writes.push({ batch, packedBytes, began: performance.now(), outcome });
      // The first batch makes the source that the next ones belong to.
      while (writes.length >= (sourceId === null ? 1 : writer.atOnce)) await finishOldest();
    },
    drain: async () => {
      while (writes.length > 0) await finishOldest();
    },
    settled: async () => {
      await Promise.allSettled(writes.map((write) => write.outcome));
    },
    pending: () => writes.length,
    sourceId: () => sourceId,
  };
}
