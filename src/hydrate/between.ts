import type { Database } from "../db/database.ts";
import { closeDatabase } from "../db/open.ts";
import { makeDo } from "../db/sqlite.ts";
import { lockedConnection } from "./checks.ts";
import { namingStores, pairOf, type Pair } from "./pair.ts";
import { tablesToCopy, type CopiedTable } from "./rows/tables.ts";

/** What stands between two stores while one is copied into the other, or a cutover is taken back. */
interface Between {
  /** When it began, by the clock of the process. */
  began: number;
  pair: Pair;
  tables: CopiedTable[];
}

/** Of this thread's connection to SQLite: with those of the threads a run stays within 256 MB. */
const cacheKibibytes = 32_000;

/** Runs `work` with the lock that one run at a time has of both stores. Throws `hydrate.locked` and as `tablesToCopy`. */
export async function betweenStores<T>(
  source: Database,
  target: Database,
  work: (between: Between) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const pair = pairOf(source, target);
  const lock = await lockedConnection(pair.server);
  const restore = makeDo(pair.sqlite, cacheKibibytes);
  try {
    return await namingStores(pair, async () =>
      work({ began, pair, tables: await tablesToCopy(source, target) }),
    );
  } finally {
    restore();
    await closeDatabase(lock);
  }
}
