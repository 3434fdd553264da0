import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { CowriedbError } from "../../errors.ts";
import { serveReader } from "./serve.ts";
import type { FailedCheckpoint, FromReader, ReadJob, ToReader } from "./reader-messages.ts";

/** Reads for a loader: a thread, or this one's other end of `port`. */
export type Reader = Worker | MessagePort;

/**
 * So many bytes of plain files are read in the loader's own thread, since another takes 0.1 s to start. Measured, processor
 * time of a load into SQLite: of one line 10 ms, and 110 with a thread; of 300 lines 22 and 139, of 1,000 lines 40 and 212.
 */
const littleBytes = 256 << 10;

/** Starts a reader for so many bytes; undefined where nobody knows how many they are. */
export function startReader(bytes: number | undefined): Reader {
  return bytes !== undefined && bytes <= littleBytes ? startNearReader() : startReaderThread();
}

/** Starts a reader in this thread; it is not asked for checkpoints. */
export function startNearReader(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serveReader(port2);
  return port1;
}

/** Starts the thread that reads, checks, hashes and sorts, so that the loader's own only writes. */
export function startReaderThread(): Worker {
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
export function checkpointWatch(reader: Reader): () => CowriedbError | undefined {
  let failure: CowriedbError | undefined;
  reader.on("message", (message: FromReader | FailedCheckpoint) => {
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
export async function endReader(reader: Reader): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, farewellMs);
    reader.once(reader instanceof Worker ? "exit" : "close", () => {
      clearTimeout(timer);
      resolve();
    });
    reader.postMessage({ kind: "leave" } satisfies ToReader);
    // One that has ended already says nothing more, and this changes nothing.
    if (hasEnded(reader)) resolve();
  });
  if (reader instanceof Worker) await reader.terminate();
  else reader.close();
}

/** Gives a reader one file; its messages until the file has ended. */
export async function* conversation(reader: Reader, job: ReadJob): AsyncGenerator<FromReader> {
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
  reader.on("message", onMessage);
  reader.on("error", onError);
  reader.on("exit", onExit);
  if (hasEnded(reader)) onExit();
  reader.postMessage({ kind: "read", job } satisfies ToReader);
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
    reader.off("message", onMessage);
    reader.off("error", onError);
    reader.off("exit", onExit);
  }
}

/** Whether a reader has a thread of its own. */
export function isBeside(reader: Reader): boolean {
  return reader instanceof Worker;
}

function hasEnded(reader: Reader): boolean {
  return reader instanceof Worker && reader.threadId === -1;
}
