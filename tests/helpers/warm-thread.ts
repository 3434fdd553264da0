import { Writable } from "node:stream";
import { format } from "node:util";
import { parentPort } from "node:worker_threads";
import { program } from "./cli.ts";

/** What the thread is asked to run. */
export interface Asked {
  words: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** What a run gave. */
export interface Given {
  code: number;
  stdout: string;
  stderr: string;
}

let runs = 0;

// Says what it is given to the stream that stands for standard output now, not to the one of the first run.
Object.assign(console, {
  log: (...words: unknown[]) => void process.stdout.write(`${format(...words)}\n`),
});

parentPort?.on("message", ({ words, env }: Asked) => {
  void run(words, env).then((given) => {
    parentPort?.postMessage(given);
  });
});

/** Runs the program anew, whose rooms have been read before. */
async function run(words: readonly string[], env: NodeJS.ProcessEnv): Promise<Given> {
  const known = { ...process.env };
  const [stdout, stderr] = [caught(), caught()];
  Object.defineProperty(process, "stdout", { value: stdout.stream, configurable: true });
  Object.defineProperty(process, "stderr", { value: stderr.stream, configurable: true });
  process.argv = [process.execPath, program, ...words];
  process.exitCode = undefined;
  Object.assign(process.env, env);
  try {
    const module = (await import(`../../src/program.js?run=${++runs}`)) as { ended: Promise<void> };
    await module.ended;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  }
  for (const name of Object.keys(process.env))
    if (!(name in known)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, known);
  return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
}

function caught(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}
