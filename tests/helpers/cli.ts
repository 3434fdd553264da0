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

/** `full` in a nightly run, else a tenth of it, one at least. */
export function scaled(full: number): number {
  return process.env["COWRIEDB_NIGHTLY"] === "1" ? full : Math.max(1, Math.ceil(full / 10));
}
