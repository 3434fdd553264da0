import { timedRun, type TimedRun } from "./timed-run.ts";

/** Makes a store and loads files into it with the program itself; what the load took. Throws as `timedRun`. */
export function timedLoad(store: string, files: readonly string[]): TimedRun {
  timedRun(["init", "--db", store]);
  return timedRun(["ingest", "bulk", ...files, "--db", store, "-q"]);
}
