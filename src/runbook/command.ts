import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { shownUrl } from "../config.ts";
import { visible } from "../term.ts";

/** The program itself, the only one that a runbook runs. */
const program = fileURLToPath(new URL("../cli.js", import.meta.url));
/** What is kept of an answer to look for texts and values in. */
const mostAnswer = 1024 * 1024;
/** What is kept of all that a command writes, its beginning and its end. */
const mostOfEach = 3000;

/** How a command ended. */
export interface CommandOutcome {
  exitCode: number;
  /** Its standard output, the first MiB. */
  answer: string;
  /** The beginning and the end of all that it wrote, as visible text without secrets. */
  output: string;
}

/** Who can ask a command to stop; see `runCommand`. */
export interface Leash {
  stop?: (as: "SIGINT" | "SIGTERM") => void;
}

/**
 * Runs `cowriedb` with `words`: no shell, no terminal, no input. `hear` is given whole lines as they come. The command is
 * out of reach of the terminal's signals and is asked to stop through `leash`; where this process dies, the channel between
 * the two closes and the command stops as on SIGTERM.
 */
export async function runCommand(
  words: readonly string[],
  hear: (line: string) => void,
  leash: Leash = {},
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
    env: { ...process.env, NO_COLOR: "1" },
  });
  leash.stop = (as) => {
    if (child.connected) child.send(as, () => undefined);
  };
  const kept = keeper();
  let answer = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    if (answer.length < mostAnswer) answer += text;
  });
  for (const stream of [child.stdout, child.stderr]) {
    byLines(stream?.setEncoding("utf8"), (line) => {
      const shown = cleaned(line);
      kept.add(shown);
      hear(shown);
    });
  }
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  delete leash.stop;
  return { exitCode, answer, output: kept.text() };
}

/** A line as it may be shown and kept: visible, without a password. */
export function cleaned(line: string): string {
  const password = process.env["PGPASSWORD"] ?? "";
  const urls = line.replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => shownUrl(url));
  return visible(password === "" ? urls : urls.replaceAll(password, "***"));
}

function byLines(stream: NodeJS.ReadableStream | undefined, take: (line: string) => void): void {
  let rest = "";
  stream?.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(-mostAnswer);
    for (const line of lines) take(line);
  });
  stream?.on("end", () => {
    if (rest !== "") take(rest);
  });
}

function keeper(): { add: (line: string) => void; text: () => string } {
  let [head, tail, isCut] = ["", "", false];
  return {
    add: (line) => {
      if (tail === "" && head.length + line.length < mostOfEach) {
        head += `${line}\n`;
        return;
      }
      tail += `${line}\n`;
      if (tail.length > mostOfEach) [tail, isCut] = [tail.slice(-mostOfEach), true];
    },
    text: () => (isCut ? `${head}…\n${tail}` : head + tail).trimEnd(),
  };
}
