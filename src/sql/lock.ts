import { locksHolder, locksTake } from "./generated.ts";
import type { Query } from "./run.ts";

/** The locks of a PostgreSQL store: one program at a time changes its schema, one copies into it. */
export const locks = { schema: 0, copy: 3 } as const;

const lockWaitMs = 10_000;
const lockPollMs = 250;

/** How the connection that is to hold the lock asks. */
export type Ask = <P, R>(query: Query<P, R>, parameters: P) => Promise<R[]>;

/**
 * Takes a lock for as long as the connection of `ask` lives; gives undefined, or who still holds it after 10 s: the lock of a
 * program that was killed is free once the server has noticed. It is polled, because waiting inside SQL deadlocks with
 * CREATE INDEX CONCURRENTLY.
 */
export async function takeLock(ask: Ask, lock: number): Promise<string | undefined> {
  for (let waited = 0; ; waited += lockPollMs) {
    const [row] = await ask(locksTake, { lock });
    if (row?.is_taken === true) return undefined;
    if (waited >= lockWaitMs) break;
    await new Promise((resolve) => setTimeout(resolve, lockPollMs));
  }
  const [holder] = await ask(locksHolder, { lock });
  return holder === undefined
    ? "another connection"
    : `pid ${holder.pid}, ${holder.application}, since ${holder.since}`;
}
