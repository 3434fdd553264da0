import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A run of the program: how long it took, and its peak memory where the machine has `time -v`. */
export interface TimedRun {
  seconds: number;
  memory: string;
}

/** Makes a store and loads files into it with the program itself; the time is that of the load. Throws as `timedRun`. */
export function timedLoad(store: string, files: readonly string[]): TimedRun {
  timedRun(["init", "--db", store]);
  return timedRun(["ingest", "bulk", ...files, "--db", store, "-q"]);
}

/** Runs the program itself. Throws with what the program said when it fails. */
export function timedRun(words: readonly string[]): TimedRun {
  const program = fileURLToPath(new URL("../src/cli.js", import.meta.url));
  const began = performance.now();
  const timed = spawnSync("/usr/bin/time", ["-v", process.execPath, program, ...words], { encoding: "utf8" });
  const run =
    timed.error === undefined
      ? timed
      : spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
  const seconds = (performance.now() - began) / 1000;
  if (run.status !== 0) throw new Error(run.stderr);
  const kilobytes = /Maximum resident set size \(kbytes\): (\d+)/.exec(run.stderr)?.[1];
  return { seconds, memory: kilobytes === undefined ? "–" : `${Math.round(Number(kilobytes) / 1024)} MiB` };
}
