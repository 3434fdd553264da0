import { Worker } from "node:worker_threads";
import type { FromReader, ReadJob, ToReader } from "./reader-messages.ts";

/** Starts the thread that reads, checks, hashes and sorts, so that the loader's own only writes. */
export function startReader(): Worker {
  return new Worker(new URL("./reader-worker.js", import.meta.url), {
    // Its descriptors come from here; it closes them.
    trackUnmanagedFds: false,
    resourceLimits: { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 128 },
  });
}

/** Gives a reader one file; its messages until the file has ended. */
export async function* conversation(worker: Worker, job: ReadJob): AsyncGenerator<FromReader> {
  const queue: FromReader[] = [];
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const onMessage = (message: FromReader): void => {
    queue.push(message);
    wake();
  };
  const onError = (error: Error): void => {
    failure = error;
    wake();
  };
  worker.on("message", onMessage);
  worker.on("error", onError);
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
  }
}
