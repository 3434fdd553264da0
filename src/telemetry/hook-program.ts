import { spawn, type ChildProcess } from "node:child_process";
import type { HookFailure } from "./hooks.ts";

const limitMs = 30_000;
const mostSaid = 500;

/**
 * Runs a program, without a shell, with a body on its standard input; undefined where it ended with 0. One that takes too
 * long is killed with whatever it has started.
 */
export async function runHook(
  [path = "", ...words]: readonly string[],
  event: string,
  body: string,
  limit = limitMs,
): Promise<HookFailure | undefined> {
  // A hook that runs the program itself must not be called by it again.
  const { COWRIEDB_HOOK: _, ...environment } = process.env;
  return new Promise((resolve) => {
    const child = spawn(path, words, {
      stdio: ["pipe", "ignore", "pipe"],
      env: { ...environment, COWRIEDB_EVENT: event },
      detached: true,
    });
    let isLate = false;
    let said = "";
    const timer = setTimeout(() => {
      isLate = true;
      killAll(child);
    }, limit);
    const end = (failure: HookFailure | undefined): void => {
      clearTimeout(timer);
      // What it has left behind may hold the pipe open.
      child.stderr.destroy();
      resolve(failure);
    };
    // It need not read what it is told.
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${body}\n`);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(0, mostSaid);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      end({ code: "hook.failed", detail: `it cannot be run: ${error.code ?? error.message}.` });
    });
    child.on("exit", (code, signal) => {
      const how = signal === null ? `it ended with ${code}` : `it was ended by ${signal}`;
      if (isLate)
        end({ code: "hook.timeout", detail: `it took more than ${limit / 1000} s and was killed.` });
      else if (code === 0) end(undefined);
      else
        setImmediate(() =>
          end({ code: "hook.failed", detail: `${how}${said === "" ? "" : `: ${said.trim()}`}.` }),
        );
    });
  });
}

function killAll(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
