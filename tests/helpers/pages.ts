import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";

/** The sections of a made-up runbook; each is as it stands in the file. */
export interface Page {
  need?: string;
  before?: string;
  run?: string;
  verify?: string;
  undo?: string;
}

/** A runbook with the fixed headings. */
export function pageOf({ need = "", before = "", run = "", verify = "", undo = "" }: Page): string {
  return [
    "# Do something",
    ["## Purpose", "Something is done."],
    ["## When", "In tests."],
    ["## Impact", "None."],
    ["## You need", need],
    ["## Before", before],
    ["## Run", run],
    ["## Watch", "Nothing."],
    ["## Verify", verify],
    ["## Undo", undo],
    ["## If it stops", "It stops."],
    ["## After", "Nothing."],
    ["## Rehearsed", "Never."],
  ]
    .flat()
    .map((part) => `${part}\n\n`)
    .join("");
}

/** Writes a made-up runbook into the folder of a test; gives its path. */
export function writePage(test: Test, page: Page, name = "page.md"): string {
  const path = join(test.testdirName, name);
  writeFileSync(path, pageOf(page));
  return path;
}

/** A fenced block. */
export function fence(info: string, ...lines: string[]): string {
  return `\n\`\`\`${info}\n${lines.join("\n")}\n\`\`\`\n`;
}
