import type { Database } from "../db/database.ts";
import { letWaiterIn } from "../db/hand-over.ts";
import { dataVersion } from "../db/sqlite.ts";

/** What a job and the others who write to its store do by turns. */
export interface Turns {
  /** Lets those in who wait to write, between two batches. */
  give(): Promise<void>;
  /** How long the next batch should take where one may take so long. */
  target(ms: number): number;
  /** How large the first batch should be where one was so large when it was known who else writes. */
  first(size: number): number;
}

/** For so long somebody who has written is expected to write again. */
const rememberedMs = 10_000;
/** For so long, from its begin on, a job does as if others wrote: they have had no time to show. */
const unknownMs = 1_000;
/** The part of its time that a batch takes while others write: the slowest of their commits waits for a whole batch. */
const sharedPart = 8;

/** The part that a batch takes which locks all its rows until its end: the slowest of hundreds takes three times as long as most. */
const lockedPart = 2;

/**
 * On SQLite one writes at a time, so batches are short while others write too. On PostgreSQL others wait for the rows alone that a
 * job writes; `writesAll` says that it writes every row that it looks at.
 */
export function turnsOf(database: Database, writesAll: boolean): Turns {
  if (database.dialect === "postgres") {
    const part = writesAll ? lockedPart : 1;
    return { give: async () => Promise.resolve(), target: (ms) => ms / part, first: (size) => size };
  }
  let version = dataVersion(database);
  let sharedUntil = performance.now() + unknownMs;
  return {
    give: async () => {
      const hasWaited = await letWaiterIn(database);
      // Who is quick gets in between two batches, and waits no more when it is looked for.
      const before = version;
      version = dataVersion(database);
      if (hasWaited || version !== before) sharedUntil = performance.now() + rememberedMs;
    },
    target: (ms) => (performance.now() < sharedUntil ? ms / sharedPart : ms),
    first: (size) => Math.max(1, Math.floor(size / sharedPart)),
  };
}
