import { parentPort, Worker, workerData } from "node:worker_threads";
import { openSqlite, type Sqlite } from "./sqlite.ts";

/** Threads that read a SQLite store, each with a connection of its own: SQLite reads in the thread that asks. */
export interface Crew<P, A> {
  /** Asks the next thread that is free; undefined where it failed: whoever asks then does the work, and meets the cause. */
  ask(piece: P): Promise<A | undefined>;
  close(): Promise<void>;
}

/** Starts threads that run `script`, a module that calls `serve`. */
export function startCrew<P, A>(script: URL, path: string, size: number): Crew<P, A> {
  const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 };
  const workers = Array.from(
    { length: size },
    () => new Worker(script, { workerData: { path }, resourceLimits }),
  );
  const idle = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  const release = (worker: Worker): void => {
    const taker = waiting.shift();
    if (taker === undefined) idle.push(worker);
    else taker(worker);
  };
  return {
    ask: async (piece) => {
      const free = idle.shift();
      const worker = free ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)));
      const answer = await answerOf<P, A>(worker, piece);
      release(worker);
      return answer;
    },
    close: async () => {
      await Promise.all(workers.map(async (worker) => worker.terminate()));
    },
  };
}

async function answerOf<P, A>(worker: Worker, piece: P): Promise<A | undefined> {
  if (worker.threadId === -1) return undefined;
  return new Promise((resolve) => {
    const answered = (answer?: { answer: A } | null): void => {
      worker.off("message", answered).off("error", failed).off("exit", failed);
      resolve(answer?.answer);
    };
    const failed = (): void => {
      answered();
    };
    worker.on("message", answered).on("error", failed).on("exit", failed);
    worker.postMessage(piece);
  });
}

/** Answers what the thread that started this one asks. */
export function serve<P, A>(work: (store: Sqlite, piece: P) => Promise<A>): void {
  const store = openSqlite((workerData as { path: string }).path, { readonly: true });
  // A reader in the order of session ids meets a page of events once; a sort keeps as much as the cache.
  store.handle.pragma("cache_size = -12000");
  parentPort?.on("message", (piece: P) => {
    void work(store, piece)
      .then((answer) => ({ answer }))
      .catch(() => null)
      .then((answer) => parentPort?.postMessage(answer));
  });
}
