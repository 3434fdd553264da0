import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a run of the program gave. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The program's entry point. */
export const program = fileURLToPath(new URL("../../src/cli.js", import.meta.url));

/** Runs the program to its end. */
export async function cowriedb(
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: Uint8Array; cwd?: string } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    cwd: options.cwd ?? process.cwd(),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
  });
}

/** Whether everything is run in full. */
export const isNightly = process.env["COWRIEDB_NIGHTLY"] === "1";

/** `full` in a nightly run, else a tenth of it, one at least. */
export function scaled(full: number): number {
  return isNightly ? full : Math.max(1, Math.ceil(full / 10));
}

/**
 * Whether an engine is met with what no engine has a part in, as how a file is unpacked: in a short run SQLite alone, where it
 * takes least.
 */
export function isMetInShort(engine: { dialect: "sqlite" | "postgres" }): boolean {
  return isNightly || engine.dialect === "sqlite";
}

/**
 * The share of `scaled(full)` that an engine of several makes: the same for each in a nightly run. Else a server makes a
 * tenth, for what takes SQLite a moment takes a server a second, and SQLite the rest; each makes `least`.
 */
export function shareOf(
  full: number,
  engine: { dialect: "sqlite" | "postgres" },
  all: readonly unknown[],
  least = 1,
): number {
  const count = scaled(full);
  if (isNightly || all.length < 2) return Math.max(least, Math.ceil(count / all.length));
  const onServer = Math.max(least, Math.ceil(count / 10));
  return engine.dialect === "postgres" ? onServer : Math.max(least, count - onServer * (all.length - 1));
}
