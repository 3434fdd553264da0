import { spawn } from "node:child_process";
import { program } from "./cli.ts";

/**
 * Runs the program and kills it after `afterMs`; says whether it was at work until then. Throws where it had ended by itself
 * with none of the exit codes `ends`.
 */
export async function runAndKill(
  words: readonly string[],
  afterMs: number,
  ends: readonly number[] = [0],
): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...words], { stdio: "ignore" });
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (...end) => {
      resolve(end);
    });
  });
  clearTimeout(timer);
  if (signal === null && !ends.includes(code ?? -1))
    throw new Error(`${words.slice(0, 2).join(" ")} ended by itself with ${code}.`);
  return signal === "SIGKILL";
}
