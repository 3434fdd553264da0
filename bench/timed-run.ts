import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a run of the program took. */
export interface TimedRun {
  seconds: number;
  /** Seconds of both cores, in the program and in the system; not a number where the machine has no `time -v`. */
  cpu: number;
  memory: string;
  stdout: string;
}

/** Runs the program itself. Throws with what it said where it fails. */
export function timedRun(words: readonly string[]): TimedRun {
  const program = [fileURLToPath(new URL("../src/cli.js", import.meta.url)), ...words];
  const began = performance.now();
  const options = { encoding: "utf8", maxBuffer: 1 << 28 } as const;
  const timed = spawnSync("/usr/bin/time", ["-v", process.execPath, ...program], options);
  const run = timed.error === undefined ? timed : spawnSync(process.execPath, program, options);
  const seconds = (performance.now() - began) / 1000;
  if (run.status !== 0) throw new Error(run.stderr);
  const told = (what: RegExp): number => Number(what.exec(run.stderr)?.[1]);
  const kilobytes = told(/Maximum resident set size \(kbytes\): (\d+)/);
  return {
    seconds,
    cpu: told(/User time \(seconds\): ([0-9.]+)/) + told(/System time \(seconds\): ([0-9.]+)/),
    memory: Number.isNaN(kilobytes) ? "–" : `${Math.round(kilobytes / 1024)} MiB`,
    stdout: run.stdout,
  };
}
