import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "./cli.ts";

/** Resolves when it is time to kill, or soon after the program is over. */
export type Killer = (isOver: () => boolean) => Promise<unknown>;

/** Kills after so many milliseconds. */
export function atMs(ms: number): Killer {
  return async (isOver) => {
    const end = performance.now() + ms;
    while (!isOver() && performance.now() < end) await sleep(Math.min(20, end - performance.now()));
  };
}

/** Kills once `isReached` says so; it is asked every few milliseconds. */
export function onceReached(isReached: () => Promise<boolean>): Killer {
  return async (isOver) => {
    while (!isOver() && !(await isReached())) await sleep(5);
  };
}

/**
 * Runs the program and kills it when it is time; says whether it was at work until then. Throws where it had ended by itself
 * with none of the exit codes `ends`.
 */
export async function runAndKill(
  words: readonly string[],
  isTime: Killer,
  ends: readonly number[] = [0],
): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...words], { stdio: "ignore" });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (...end) => {
      resolve(end);
    });
  });
  let isOver = false;
  const watch = isTime(() => isOver).then(() => child.kill("SIGKILL"));
  const [code, signal] = await ended.finally(() => {
    isOver = true;
  });
  await watch;
  if (signal === null && !ends.includes(code ?? -1))
    throw new Error(`${words.slice(0, 2).join(" ")} ended by itself with ${code}.`);
  return signal === "SIGKILL";
}
