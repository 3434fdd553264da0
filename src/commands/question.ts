import { createInterface } from "node:readline/promises";
import { usageError } from "../errors.ts";

/** Whether somebody sits at a terminal who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** What a question is asked through. */
interface Terminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/**
 * Asks until `meant` understands what was typed, and gives what it made of it; undefined where the prompt was left, by Ctrl-C or
 * the end of the input.
 */
export async function ask<T>(
  question: string,
  meant: (typed: string) => T | undefined,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<T | undefined> {
  const lines = createInterface(terminal);
  // At a prompt Ctrl-C and the end of input reach nobody else, and the question would never be answered.
  const left = new Promise<undefined>((resolve) => {
    lines.on("SIGINT", () => {
      const isHeard = process.emit("SIGINT", "SIGINT");
      if (!isHeard) process.kill(process.pid, "SIGINT");
      lines.close();
    });
    lines.on("close", () => {
      resolve(undefined);
    });
  });
  try {
    for (;;) {
      const typed = await Promise.race([lines.question(question), left]);
      const found = typed === undefined ? undefined : meant(typed.trim());
      if (typed === undefined || found !== undefined) return found;
    }
  } finally {
    lines.close();
  }
}

/**
 * Returns where `--confirm`, as `given`, names what is about to be lost, or somebody at a terminal types that name. Throws
 * `config.usage` else, with the command that goes on; `nothing` says what was not done after a no.
 */
export async function confirmLoss(
  given: string,
  { name, loss, nothing, command }: { name: string; loss: string; nothing: string; command: string },
): Promise<void> {
  if (given === name) return;
  const isAsked = given === "" && canAsk();
  if (isAsked && (await ask(`${loss}\nType ${name} to go on: `, (typed) => typed)) === name) return;
  throw usageError(isAsked ? nothing : loss, `To go on, run: cowriedb ${command} --confirm ${name}`);
}
