import { timedRun } from "./timed-run.ts";

/**
 * Makes a store and loads files into it with the program itself; seconds of the load, and its peak memory where the
 * machine has `time -v`. Throws with what the program said when it fails.
 */
export function timedLoad(store: string, files: readonly string[]): { seconds: number; memory: string } {
  timedRun(["init", "--db", store]);
  return timedRun(["ingest", "bulk", ...files, "--db", store, "-q"]);
}
