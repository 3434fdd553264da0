import t, { type Test } from "tap";
import { contentsOf, differing, type Contents } from "../helpers/contents.ts";
import { isNightly, scaled } from "../helpers/cli.ts";
import { engines, freshStore, type Engine } from "../helpers/database.ts";
import { faultyRun, madeUpLogs, wholeBatches } from "../helpers/faults.ts";
import { ownServer } from "../helpers/servers.ts";
import { randomNumbers } from "../helpers/random.ts";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import type { Server } from "../../src/dev/server.ts";

const files = madeUpLogs(3, isNightly ? 1_500 : 600);
const stops = scaled(50);
const random = randomNumbers(20_261_122);

for (const each of engines().filter(({ dialect }) => dialect === "postgres")) {
  await t.test(
    `${each.name}: a load that loses its server ${stops} times and is run again is an undisturbed load`,
    async (test) => {
      const { server, engine } = await ownServer(each);
      test.teardown(server.stop);
      const whole = await undisturbed(engine);
      test.comment(`a whole run takes ${Math.round(whole.ms)} ms`);
      let done = 0;
      let within = 0;
      while (done < stops) {
        const load = await stoppedLoad(test, engine, server, whole.ms, stops - done);
        done += load.stops;
        within += load.within;
        test.same(differing(load.contents, whole.contents), [], `tables after ${load.stops} stops`);
      }
      test.comment(`${within} of ${done} stops fell between the first batch and the last`);
      test.ok(within > 0, "a stop fell in the middle of the work");
    },
  );
}

function wordsFor(db: string): string[] {
  return ["ingest", "bulk", ...files, "--db", db, "--batch-size", "150"];
}

async function undisturbed(engine: Engine): Promise<{ contents: Contents; ms: number }> {
  const store = await freshStore(engine);
  try {
    const began = performance.now();
    const run = await faultyRun(wordsFor(store.db));
    if (run.code !== 0) throw new Error(run.stderr);
    return { ms: performance.now() - began, contents: await contentsOf(store.database) };
  } finally {
    await store.dispose();
  }
}

/** One load from the first line to the last, whose server is stopped again and again, at most so many times. */
async function stoppedLoad(
  test: Test,
  engine: Engine,
  server: Server,
  wholeMs: number,
  mostStops: number,
): Promise<{ contents: Contents; stops: number; within: number }> {
  const store = await freshStore(engine);
  try {
    let [done, within, before] = [0, 0, 0];
    while (done < mostStops) {
      const run = await runAndStop(wordsFor(store.db), server, 200 + random() * Math.max(0, wholeMs - 200));
      const after = await inView(store.db, async (view) => wholeBatches(test, view, "after a stop"));
      const present = after - before;
      test.ok(
        run.acknowledged <= present && present <= run.acknowledged + 2,
        `of ${run.acknowledged} batches acknowledged ${present} are there; the last answer may have been lost`,
      );
      before = after;
      if (run.code === 0) break;
      done++;
      if (present > 0) within++;
      test.match(
        run,
        {
          code: 1,
          error: {
            code: /^db\.(connection_lost|unreachable)$/,
            hint: /[Rr]un the (same )?command again|that the server runs/,
          },
        },
        `a lost server is told: ${run.stderr}`,
      );
    }
    const last = await faultyRun(wordsFor(store.db));
    test.equal(last.code, 0, last.stderr);
    return { contents: await inView(store.db, contentsOf), stops: done, within };
  } finally {
    await store.dispose();
  }
}

/** Looks at a store through a pool of its own: one that has lived through a stop is closed. */
async function inView<T>(db: string, look: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ dialect: "postgres", url: db, shown: db });
  try {
    return await look(database);
  } finally {
    await closeDatabase(database);
  }
}

/** Starts a load, stops the server at once after so many milliseconds, and starts the server when the load has ended. */
async function runAndStop(
  words: readonly string[],
  server: Server,
  afterMs: number,
): ReturnType<typeof faultyRun> {
  let stopped: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const run = await faultyRun(words, {
    meanwhile: () => {
      timer = setTimeout(() => {
        stopped = server.crash();
      }, afterMs);
    },
  });
  clearTimeout(timer);
  if (stopped !== undefined) {
    await stopped;
    await server.restart();
  }
  return run;
}
