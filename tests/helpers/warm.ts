import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Outcome } from "./cli.ts";
import type { Asked, Given } from "./warm-thread.ts";

let thread: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the program to its end in a thread of the test, which has read it before: a start of the program takes ten times what
 * most commands take. For what a command does and says. Where the process matters (signals, several at once, a terminal,
 * standard input, the folder it is called in) it is `cowriedb` of cli.ts. One run at a time.
 */
export async function warm(
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const mine = last.then(async () => asked({ words, env: options.env ?? {} }));
  last = mine.catch(() => undefined);
  return mine;
}

async function asked(question: Asked): Promise<Outcome> {
  const worker = (thread ??= startThread());
  // It is waited for while it works, and keeps no test from ending.
  worker.ref();
  const answer = once(worker, "message");
  worker.postMessage(question);
  const [given] = (await answer) as [Given];
  worker.unref();
  return { ...given, signal: null };
}

function startThread(): Worker {
  const worker = new Worker(new URL("./warm-thread.js", import.meta.url), {
    env: { ...process.env, NO_COLOR: "1" },
    // Descriptors go from the thread of a load to that of its reader.
    trackUnmanagedFds: false,
  });
  // The run that it dies of says why; the next one gets another.
  worker.once("exit", () => (thread = undefined));
  return worker;
}
