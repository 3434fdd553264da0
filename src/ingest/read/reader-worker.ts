import { parentPort, type TransferListItem } from "node:worker_threads";
import { databaseError } from "../../db/database-error.ts";
import { checkpoint } from "../../db/sqlite.ts";
import { messageOf } from "../../errors.ts";
import type { ReadBatch } from "./batch.ts";
import { readFile, type Outlet } from "./read-file.ts";
import type { FailedCheckpoint, FromReader, ReadJob, ToReader } from "./reader-messages.ts";

let credits = 1;
let wake = (): void => undefined;
const outlet: Outlet = { batchEvents: 0, isStopping: false, spares: [], hand };

parentPort?.on("message", (message: ToReader) => {
  if (message.kind === "read") {
    outlet.batchEvents = message.job.batchEvents;
    outlet.isStopping = false;
    void read(message.job);
  } else if (message.kind === "credit") {
    credits++;
    outlet.spares.push(message.spare);
    outlet.batchEvents = message.batchEvents;
    wake();
  } else if (message.kind === "checkpoint") {
    checkpointOrTell(message.path);
  } else {
    outlet.isStopping = true;
    wake();
    // The thread ends when it has nothing left to do.
    if (message.kind === "leave") parentPort?.close();
  }
});

async function read(job: ReadJob): Promise<void> {
  try {
    tell(await readFile(job, outlet));
  } catch (error) {
    tell({
      kind: "failed",
      message: messageOf(error),
      code: typeof error === "object" && error !== null && "code" in error ? String(error.code) : "",
    });
  }
}

function checkpointOrTell(path: string): void {
  try {
    checkpoint(path);
  } catch (error) {
    const { code, message, hint } = databaseError(error, "make a checkpoint", "the store");
    parentPort?.postMessage({ kind: "failed_checkpoint", code, message, hint } satisfies FailedCheckpoint);
  }
}

/** Waits until the loader has room for the batch; a stop drops it. */
async function hand(batch: ReadBatch, packedBytes: () => number): Promise<void> {
  while (credits === 0 && !outlet.isStopping) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (credits > 0 || outlet.isStopping) resolve();
    });
  }
  if (outlet.isStopping) return;
  credits--;
  const transfer: TransferListItem[] = [
    batch.text,
    batch.times,
    batch.leaves,
    batch.digests,
    batch.spans,
  ].map((bytes) => bytes.buffer as ArrayBuffer);
  tell({ kind: "batch", batch, packedBytes: packedBytes() }, transfer);
  // Lets a message in, such as a changed batch size or a stop.
  await new Promise<void>((resolve) => setImmediate(resolve));
}

function tell(message: FromReader, transfer: TransferListItem[] = []): void {
  parentPort?.postMessage(message, transfer);
}
