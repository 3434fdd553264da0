import type { MessagePort, TransferListItem } from "node:worker_threads";
import { databaseError } from "../../db/database-error.ts";
import { checkpoint } from "../../db/sqlite.ts";
import { messageOf } from "../../errors.ts";
import { newArenas } from "./accumulator.ts";
import type { ReadBatch } from "./batch.ts";
import { readFile, type Outlet } from "./read-file.ts";
import type { FailedCheckpoint, FromReader, ReadJob, ToReader } from "./reader-messages.ts";

interface Served {
  port: MessagePort;
  outlet: Outlet;
  /** Batches that the loader has room for. */
  credits: number;
  wake: () => void;
}

/** Reads what the loader at the other end of `port` asks for, until it asks to leave; then the port is closed. */
export function serveReader(port: MessagePort): void {
  const outlet: Outlet = {
    batchEvents: 0,
    isStopping: false,
    spares: [],
    arenas: newArenas(),
    hand: async (batch, packedBytes) => hand(served, batch, packedBytes),
  };
  const served: Served = { port, outlet, credits: 1, wake: () => undefined };
  port.on("message", (message: ToReader) => {
    if (message.kind === "read") {
      outlet.batchEvents = message.job.batchEvents;
      outlet.isStopping = false;
      void read(served, message.job);
    } else if (message.kind === "credit") {
      served.credits++;
      outlet.spares.push(message.spare);
      outlet.batchEvents = message.batchEvents;
      served.wake();
    } else if (message.kind === "checkpoint") {
      checkpointOrTell(port, message.path);
    } else {
      outlet.isStopping = true;
      served.wake();
      // A thread ends when it has nothing left to do.
      if (message.kind === "leave") port.close();
    }
  });
}

async function read({ port, outlet }: Served, job: ReadJob): Promise<void> {
  try {
    tell(port, await readFile(job, outlet));
  } catch (error) {
    tell(port, {
      kind: "failed",
      message: messageOf(error),
      code: typeof error === "object" && error !== null && "code" in error ? String(error.code) : "",
    });
  }
}

function checkpointOrTell(port: MessagePort, path: string): void {
  try {
    checkpoint(path);
  } catch (error) {
    const { code, message, hint } = databaseError(error, "make a checkpoint", "the store");
    port.postMessage({ kind: "failed_checkpoint", code, message, hint } satisfies FailedCheckpoint);
  }
}

/** Waits until the loader has room for the batch; a stop drops it. */
async function hand(served: Served, batch: ReadBatch, packedBytes: () => number): Promise<void> {
  const { port, outlet } = served;
  while (served.credits === 0 && !outlet.isStopping) {
    await new Promise<void>((resolve) => {
      served.wake = resolve;
      if (served.credits > 0 || outlet.isStopping) resolve();
    });
  }
  if (outlet.isStopping) return;
  served.credits--;
  const transfer: TransferListItem[] = [
    batch.text,
    batch.times,
    batch.leaves,
    batch.digests,
    batch.spans,
  ].map((bytes) => bytes.buffer as ArrayBuffer);
  tell(port, { kind: "batch", batch, packedBytes: packedBytes() }, transfer);
  // Lets a message in, such as a changed batch size or a stop.
  await new Promise<void>((resolve) => setImmediate(resolve));
}

function tell(port: MessagePort, message: FromReader, transfer: TransferListItem[] = []): void {
  port.postMessage(message, transfer);
}
