import { Worker } from "node:worker_threads";
import { CowriedbError } from "../../errors.ts";
import type { FailedCheckpoint, FromReader, ReadJob, ToReader } from "./reader-messages.ts";

/** Starts the thread that reads, checks, hashes and sorts, so that the loader's own only writes. */
export function startReader(): Worker {
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url), {
    // Its descriptors come from here; it closes them.
    trackUnmanagedFds: false,
    resourceLimits: { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 128 },
  });
  // A death between two files is met at the next one; unheard it would end the process.
  worker.on("error", () => undefined);
  return worker;
}

/** Gives the failure of a checkpoint, once there is one. */
export function checkpointWatch(worker: Worker): () => CowriedbError | undefined {
  let failure: CowriedbError | undefined;
  worker.on("message", (message: FromReader | FailedCheckpoint) => {
    if (message.kind !== "failed_checkpoint") return;
    const { code, hint } = message;
    failure ??= new CowriedbError(code, message.message, hint === undefined ? {} : { hint });
  });
  return () => failure;
}

/** A reader that waits for bytes that do not come, as on a terminal, is not waited for any longer. */
const farewellMs = 2_000;

/**
 * Ends a reader. It is asked to leave: Node 20 aborts the process when a thread is ended from outside just as it makes a
 * packer. Only a reader that does not answer is ended so; it waits for a file then.
 */
export async function endReader(worker: Worker): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, farewellMs);
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    worker.postMessage({ kind: "leave" } satisfies ToReader);
    // One that has ended already says nothing more, and this changes nothing.
    if (worker.threadId === -1) resolve();
  });
  await worker.terminate();
}

/** Gives a reader one file; its messages until the file has ended. */
export async function* conversation(worker: Worker, job: ReadJob): AsyncGenerator<FromReader> {
  const queue: FromReader[] = [];
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const onMessage = (message: FromReader | FailedCheckpoint): void => {
    if (message.kind === "failed_checkpoint") return;
    queue.push(message);
    wake();
  };
  const onError = (cause: unknown): void => {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    failure ??= new CowriedbError("ingest.reader_ended", `The reader's thread has ended too soon${why}.`, {
      hint: "Run the same command again: it goes on where it stopped. Report it where it happens again.",
      cause,
    });
    wake();
  };
  const onExit = (): void => {
    onError(undefined);
  };
  worker.on("message", onMessage);
  worker.on("error", onError);
  worker.on("exit", onExit);
  if (worker.threadId === -1) onExit();
  worker.postMessage({ kind: "read", job } satisfies ToReader);
  try {
    for (;;) {
      const message = queue.shift();
      if (message !== undefined) {
        yield message;
        if (message.kind !== "batch") return;
        continue;
      }
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (queue.length > 0 || failure !== undefined) resolve();
      });
    }
  } finally {
    worker.off("message", onMessage);
    worker.off("error", onError);
    worker.off("exit", onExit);
  }
}
