import { span } from "../telemetry/spans.ts";
import type { ReadBatch } from "./batch.ts";
import type { InputFile } from "./files.ts";
import { addOutcome, type FileResult } from "./load-result.ts";
import { adapt, giveCredit, isStopped, type Load } from "./load.ts";
import type { ToReader } from "./reader-messages.ts";
import type { BatchOutcome } from "./writer.ts";

/** The batches of a file on their way into the store, oldest first. */
export interface WriteQueue {
  /** Hands a batch to the writer; waits while as many as it takes at once are on their way. */
  add(batch: ReadBatch, packedBytes: number): Promise<void>;
  /** Waits until all are committed. Throws what the first failure threw. */
  drain(): Promise<void>;
  /** Waits until none is on its way, whatever becomes of them. */
  settled(): Promise<void>;
  sourceId(): number | null;
}

interface Write {
  batch: ReadBatch;
  packedBytes: number;
  began: number;
  outcome: Promise<BatchOutcome>;
}

/** Commits between two checkpoints: one copies an index page once that all of them have changed. */
const commitsBetween = 4;

/** Starts the queue of one file; what is committed is added to `result` and to the load's progress. */
export function writeQueue(
  load: Load,
  file: InputFile,
  result: FileResult,
  knownSource: number | null,
): WriteQueue {
  const writes: Write[] = [];
  const bytesBefore = load.progress.bytesDone;
  let sourceId = knownSource;
  let lastDone = 0;

  async function finishOldest(): Promise<void> {
    const { batch, packedBytes, began, outcome } = writes[0] as Write;
    const done = await outcome;
    writes.shift();
    sourceId = done.sourceId;
    addOutcome(result, done);
    const now = performance.now();
    adapt(load, batch.events, now - Math.max(began, lastDone));
    lastDone = now;
    giveCredit(load, batch.text.buffer as ArrayBuffer);
    const path = load.writer.walOf;
    if (path !== null && result.batches % commitsBetween === 0) tell(load, { kind: "checkpoint", path });
    if (isStopped(load)) tell(load, { kind: "stop" });
    load.progress.bytesDone = bytesBefore + Math.min(packedBytes, file.sizeBytes);
    load.progress.events += done.accepted;
    load.progress.elapsedMs = now - load.started;
    load.options.onProgress?.(load.progress);
  }

  return {
    drain: async () => {
      while (writes.length > 0) await finishOldest();
    },
    add: async (batch, packedBytes) => {
      const request = { batch, file, sourceId, runId: load.runId, actor: load.actor };
      const outcome = span("ingest.batch", { "cowriedb.events": batch.events }, () =>
        load.writer.write(request),
      );
      // It is awaited in its turn; until then its failure is no news.
      outcome.catch(() => undefined);
      writes.push({ batch, packedBytes, began: performance.now(), outcome });
      // The first batch makes the source that the next ones belong to.
      while (writes.length >= (sourceId === null ? 1 : load.writer.atOnce)) await finishOldest();
    },
    settled: async () => {
      await Promise.allSettled(writes.map((write) => write.outcome));
    },
    sourceId: () => sourceId,
  };
}

function tell(load: Load, message: ToReader): void {
  load.reader.postMessage(message);
}
