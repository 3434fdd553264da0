import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CowriedbError } from "../errors.ts";
import { visible } from "../term.ts";
import { parseRunbook, type Runbook } from "./parse.ts";

/** The runbooks that come with the program. */
const folder = fileURLToPath(new URL("../../../runbooks/", import.meta.url));
const mostBytes = 1024 * 1024;

/** The names of the runbooks that come with the program, in order; other pages stand beside them and have no steps. */
export function runbookNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length))
    .filter((name) => /^## Run$/m.test(readFileSync(`${folder}${name}.md`, "utf8")))
    .sort();
}

/**
 * Reads a runbook: one that comes with the program by its name, one of one's own by a path that ends in `.md`. Throws
 * `runbook.unknown` and `runbook.bad_file`.
 */
export function readRunbook(name: string): Runbook {
  if (name.endsWith(".md")) {
    const path = resolve(name);
    return parseRunbook(visible(path), textOf(path, name));
  }
  if (!/^[a-z0-9-]+$/.test(name) || !runbookNames().includes(name)) throw unknown(name);
  return parseRunbook(name, textOf(`${folder}${name}.md`, name));
}

function textOf(path: string, name: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length <= mostBytes) return bytes.toString("utf8").replaceAll("\r\n", "\n");
  } catch {
    // What cannot be read is as good as not there.
  }
  throw unknown(name);
}

function unknown(name: string): CowriedbError {
  return new CowriedbError(
    "runbook.unknown",
    `There is no runbook ${JSON.stringify(name)} that can be read.`,
    {
      hint: "Run: cowriedb runbook list",
    },
  );
}
