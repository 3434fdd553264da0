import type { Database } from "../db/database.ts";

/** Sessions that one statement counts again: SQLite reads all events for a list, so it is asked for one at a time. */
const sessionsAtOnce = { sqlite: 1, postgres: 500 } as const;

/** Session ids as JSON arrays, as many in each as a statement that counts sessions again should be asked for. */
export function* sessionLists({ dialect }: Database, sessions: readonly string[]): Generator<string> {
  const step = sessionsAtOnce[dialect];
  for (let at = 0; at < sessions.length; at += step) yield JSON.stringify(sessions.slice(at, at + step));
}
