import type { Test } from "tap";
import { freshStore, type Engine, type TestStore } from "./database.ts";
import { loadInProcess } from "./in-process.ts";
import { sessionId, sessionLines } from "./lines.ts";
import { warm } from "./warm.ts";

/** How a run of a runbook ended. */
export interface Told {
  state: string;
  exit_code: number;
  stopped_at: { section: string; label: string } | null;
  why: string | null;
  steps: { outcome: string }[];
}

/** Runs or resumes a runbook as a schedule does; gives what it says. */
export async function told(db: string, verb: string, ...words: string[]): Promise<Told> {
  const { stdout, stderr } = await warm(["runbook", verb, ...words, "--yes", "--json", "--db", db]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Told;
}

/** A small store with sessions, as runbooks about a store want one. */
export async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  const log = Array.from({ length: 20 }, (_, number) => sessionLines(sessionId(number + 1))).join("");
  await loadInProcess(store.database, "cowrie.json", Buffer.from(log), [50]);
  return store;
}
