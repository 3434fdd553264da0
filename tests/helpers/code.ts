import { spawn, type ChildProcess } from "node:child_process";

/** The address of a compiled file of `src/`, as `telemetry/spans.js`. */
export function moduleUrl(path: string): string {
  return new URL(`../../src/${path}`, import.meta.url).href;
}

/** Starts a program of its own that runs a piece of code. */
export function startCode(code: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, ["--input-type=module", "--eval", code], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

/** Runs a piece of code to its end; gives the exit code or the signal. */
export async function runCode(code: string, env: NodeJS.ProcessEnv = {}): Promise<number | string | null> {
  const child = startCode(code, env);
  return new Promise((resolve) => {
    child.on("close", (exit, signal) => {
      resolve(signal ?? exit);
    });
  });
}
