import type pg from "pg";
import { isBusy } from "../db/database-error.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { sessionBlockers, type SessionBlockersRow } from "../sql/generated.ts";
import { cut, visible } from "../term.ts";

/** How often a transaction is tried that others keep from its locks, and how long it waits between: twice as long each time. */
export interface Patience {
  tries: number;
  pauseMs: number;
  /** Is told who is waited for. */
  tell: (text: string) => void;
}

/** A connection that changes a schema. */
export interface Session {
  client: pg.Client;
  /** The server's process. */
  pid: number;
  url: string;
  /** As it may be printed. */
  shown: string;
  patience: Patience;
}

export const usualPatience: Patience = { tries: 5, pauseMs: 1000, tell: () => undefined };

/** A watcher looks for the first time when work has taken so long, and again after as long. */
const lookMs = 1000;

/**
 * Does work whose failure leaves nothing behind, and does it again where others held a lock or it was the victim of a deadlock.
 * The pause between has a random part, so that two who met do not meet again. Throws `db.locked` with the name of who is in the
 * way.
 */
export async function patiently<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { patience, shown } = session;
  for (let attempt = 1; ; attempt++) {
    const seen: { blockers: SessionBlockersRow[] } = { blockers: [] };
    try {
      return await watched(session, seen, work);
    } catch (error) {
      if (!isBusy(error)) throw error;
      const who = blockersText(seen.blockers);
      if (attempt >= patience.tries) throw lockedError(error, shown, attempt, seen.blockers);
      const pauseMs = patience.pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
      patience.tell(`A lock was not to be had${who}. Trying again in ${(pauseMs / 1000).toFixed(1)} s.`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function lockedError(
  cause: unknown,
  shown: string,
  tries: number,
  blockers: readonly SessionBlockersRow[],
): CowriedbError {
  const [first] = blockers;
  const end = first === undefined ? "" : `, or end it: select pg_terminate_backend(${first.pid})`;
  return new CowriedbError(
    "db.locked",
    `Cannot change the schema in ${shown}: a lock was not to be had in ${tries} tries${blockersText(blockers)}.`,
    {
      exitCode: exitCodes.busy,
      hint: `Nothing of the transaction was changed. Wait until it ends${end}; then run the command again.`,
      cause,
    },
  );
}

/** Runs `work` while another connection looks whom it waits for. */
async function watched<T>(
  session: Session,
  seen: { blockers: SessionBlockersRow[] },
  work: () => Promise<T>,
): Promise<T> {
  let watcher: Promise<pg.Client | undefined> | undefined;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    watcher ??= watcherOf(session.url);
    const client = await watcher;
    const found = await client
      ?.query<SessionBlockersRow>(sessionBlockers.postgres, [session.pid])
      .catch(() => undefined);
    if (found !== undefined && found.rows.length > 0) seen.blockers = found.rows;
    isLooking = false;
  };
  const timer = setInterval(() => void look(), lookMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await (await watcher)?.end().catch(() => undefined);
  }
}

/** A second connection; undefined where the server has none left, since a change is worth more than the name of who is in its way. */
async function watcherOf(url: string): Promise<pg.Client | undefined> {
  // Every command imports this file; the driver takes longer to import than most of them to run.
  const { default: driver } = await import("pg");
  const client = new driver.Client({
    connectionString: url,
    application_name: "cowriedb migrate watch",
    connectionTimeoutMillis: 5000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch {
    return undefined;
  }
}

/** `: pid 4121 (psql, bob, idle in transaction for 192 s): select …`, or nothing. */
function blockersText(blockers: readonly SessionBlockersRow[]): string {
  if (blockers.length === 0) return "";
  const texts = blockers.slice(0, 3).map(({ pid, application_name, user_name, state, seconds, query }) => {
    const who = [application_name, user_name].filter((word) => word !== "").map(visible);
    const doing = `${visible(state)} for ${seconds} s`;
    return `pid ${pid} (${[...who, doing].join(", ")}): ${cut(visible(query.replaceAll(/\s+/g, " ").trim()), 120)}`;
  });
  const more = blockers.length > texts.length ? ` and ${blockers.length - texts.length} more` : "";
  return `; in the way is ${texts.join("; ")}${more}`;
}
