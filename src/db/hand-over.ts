import { rmSync, statSync, writeFileSync } from "node:fs";
import type { Database } from "./database.ts";
import { isLocked } from "./database-error.ts";
import type { Sqlite } from "./sqlite.ts";

// SQLite gives the write lock to whoever happens to ask when it is free, and a load that begins its next transaction at
// once is nearly always the first. So who waits says so in a file beside the store, and who holds the lock looks for it
// between two transactions and steps back for a moment. The file is a hint: what it says when it is wrong costs a moment.

/** The file that says that somebody waits to write. */
function waiterOf(store: Sqlite): string {
  return `${store.path}-waiter`;
}

const stepMs = 2;
/** Longest step back between two transactions: enough for who waits to come to its turn on a busy machine too. */
const longestMs = 250;
/** A waiter says anew that it waits, more often than this. */
const staleMs = 2_000;

/** Says that this program waits to write; to be repeated while it does. */
export function announceWait(store: Sqlite): void {
  if (store.journal === "memory") return;
  try {
    writeFileSync(waiterOf(store), "");
  } catch {
    // Without the hint it only takes longer.
  }
}

/** Says that this program waits no more. */
export function withdrawWait(store: Sqlite): void {
  try {
    rmSync(waiterOf(store), { force: true });
  } catch {
    // It grows stale by itself.
  }
}

/** Steps back from the write lock while somebody else waits for it; says whether somebody did. */
export async function letWaiterIn(store: Sqlite): Promise<boolean> {
  if (store.journal === "memory") return false;
  const began = performance.now();
  let hasWaited = false;
  while (performance.now() - began < longestMs) {
    const status = statSync(waiterOf(store), { throwIfNoEntry: false });
    if (status === undefined) return hasWaited;
    if (Math.abs(Date.now() - status.mtimeMs) > staleMs) {
      withdrawWait(store);
      return false;
    }
    hasWaited = true;
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
  return true;
}

const patienceMs = 10_000;
/** SQLite's own wait sleeps for longer than the lock is free between two transactions of a load. */
const shortWaitMs = 20;
const announceMs = 500;

/**
 * Runs `work`, one statement that writes, in its turn: while another program holds the write lock it says that it waits, and
 * tries again. Throws what `work` throws, and SQLite's own error where the lock was not to be had for ten seconds.
 */
export async function inTurn<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (database.dialect === "postgres") return work();
  const began = performance.now();
  let announced = -announceMs;
  database.handle.pragma(`busy_timeout = ${shortWaitMs}`);
  try {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const waited = performance.now() - began;
        if (!isLocked(error) || waited > patienceMs) throw error;
        if (waited - announced > announceMs) {
          announced = waited;
          announceWait(database);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, stepMs));
    }
  } finally {
    database.handle.pragma(`busy_timeout = ${patienceMs}`);
    if (announced >= 0) withdrawWait(database);
  }
}
