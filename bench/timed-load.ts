import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Makes a store and loads files into it with the program itself; seconds of the load, and its peak memory where the
 * machine has `time -v`. Throws with what the program said when it fails.
 */
export function timedLoad(store: string, files: readonly string[]): { seconds: number; memory: string } {
  const program = fileURLToPath(new URL("../src/cli.js", import.meta.url));
  const prepared = spawnSync(process.execPath, [program, "init", "--db", store], { encoding: "utf8" });
  if (prepared.status !== 0) throw new Error(prepared.stderr);
  const words = [program, "ingest", "bulk", ...files, "--db", store, "-q"];
  const began = performance.now();
  const timed = spawnSync("/usr/bin/time", ["-v", process.execPath, ...words], { encoding: "utf8" });
  const run = timed.error === undefined ? timed : spawnSync(process.execPath, words, { encoding: "utf8" });
  const seconds = (performance.now() - began) / 1000;
  if (run.status !== 0) throw new Error(run.stderr);
  const kilobytes = /Maximum resident set size \(kbytes\): (\d+)/.exec(run.stderr)?.[1];
  return { seconds, memory: kilobytes === undefined ? "–" : `${Math.round(Number(kilobytes) / 1024)} MiB` };
}
