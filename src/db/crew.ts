import { parentPort, Worker, workerData } from "node:worker_threads";
import { closeDatabase } from "./open.ts";
import type { Postgres } from "./postgres.ts";
import { openSqlite, type Sqlite } from "./sqlite.ts";

/** Readers of a store, each with a connection of its own. */
export interface Crew<P, A> {
  /** Asks the next reader that is free; undefined where it failed: whoever asks then does the work, and meets the cause. */
  ask(piece: P): Promise<A | undefined>;
  close(): Promise<void>;
}

/** A crew of threads. */
export interface Threads<P, A> extends Crew<P, A> {
  /** Ends all but so many, which must be free, and gives their memory back; each is asked `farewell` before. */
  shrink(size: number, farewell: P): Promise<void>;
}

/** Told to a thread instead of a piece: it answers what it was asked before, closes its connection and ends. */
const leave = "leave";

/**
 * Lets so many at once work on a PostgreSQL store through a pool of that many connections, which it closes in the end.
 *
 * Trap: postgres.js 3.4.9 makes a new connection for what still waits for one when its pool is closed, asks nothing, and
 * never closes it, so that the program does not end. So nothing waits in the pool, and who waits here is sent away.
 */
export function crewOf<P, A>(
  pool: Postgres,
  size: number,
  work: (store: Postgres, piece: P) => Promise<A>,
): Crew<P, A> {
  let isClosing = false;
  const { lend } = lender(Array.from({ length: size }, () => pool));
  return {
    ask: async (piece) =>
      lend(async (store) => (isClosing ? undefined : work(store, piece).catch(() => undefined))),
    close: async () => {
      isClosing = true;
      await closeDatabase(pool);
    },
  };
}

/**
 * Starts threads that run `script`, a module that calls `serve`: SQLite reads in the thread that asks. Where all are free, as
 * many questions at once reach each of them.
 */
export function startCrew<P, A>(
  script: URL,
  path: string,
  size: number,
  maxOldGenerationSizeMb = 32,
): Threads<P, A> {
  const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb };
  const workers = Array.from(
    { length: size },
    () => new Worker(script, { workerData: { path }, resourceLimits }),
  );
  const { lend, take } = lender(workers);
  const end = async (worker: Worker): Promise<void> => {
    worker.postMessage(leave);
    await ended(worker);
  };
  return {
    ask: async (piece) => lend(async (worker) => answerOf<P, A>(worker, piece)),
    shrink: async (left, farewell) => {
      for (let worker = take(left); worker !== undefined; worker = take(left)) {
        await answerOf<P, A>(worker, farewell);
        await end(worker);
      }
    },
    close: async () => {
      await Promise.all(workers.map(end));
    },
  };
}

/**
 * Lends things to who asks, each to one at a time; who finds none free waits in the order of asking. The one that came back last goes
 * first, so that those that are not needed grow no further.
 */
function lender<T>(things: readonly T[]): {
  lend: <A>(work: (thing: T) => Promise<A>) => Promise<A>;
  /** Takes away one that is free, where more than so many are. */
  take: (left: number) => T | undefined;
} {
  const idle = [...things];
  const waiting: ((thing: T) => void)[] = [];
  const lend = async <A>(work: (thing: T) => Promise<A>): Promise<A> => {
    const thing = idle.pop() ?? (await new Promise<T>((resolve) => waiting.push(resolve)));
    try {
      return await work(thing);
    } finally {
      const taker = waiting.shift();
      if (taker === undefined) idle.push(thing);
      else taker(thing);
    }
  };
  return { lend, take: (left) => (idle.length > left ? idle.shift() : undefined) };
}

async function ended(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return;
  await new Promise<void>((resolve) => {
    worker.once("exit", () => {
      resolve();
    });
  });
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

/** Answers what the thread that started this one asks, through a connection whose cache may have a size of its own. */
export function serve<P, A>(work: (store: Sqlite, piece: P) => Promise<A>, cacheKibibytes?: number): void {
  const store = openSqlite((workerData as { path: string }).path, { readonly: true });
  if (cacheKibibytes !== undefined) store.handle.pragma(`cache_size = ${-cacheKibibytes}`);
  parentPort?.on("message", (piece: P | typeof leave) => {
    if (piece === leave) {
      store.handle.close();
      parentPort?.close();
      return;
    }
    void work(store, piece)
      .then((answer) => ({ answer }))
      .catch(() => null)
      .then((answer) => parentPort?.postMessage(answer));
  });
}
