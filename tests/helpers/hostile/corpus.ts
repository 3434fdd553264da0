import { addressCases } from "./addresses.ts";
import { archiveCases } from "./archives.ts";
import { asciiJson, type Draft } from "./build.ts";
import { durationCases } from "./durations.ts";
import { fieldCases } from "./fields.ts";
import { grammarCases } from "./grammar.ts";
import { injectionCases } from "./injection.ts";
import { keyCases } from "./keys.ts";
import { limitCases } from "./limits.ts";
import { lineCases } from "./lines.ts";
import { recordCases } from "./records.ts";
import { sessionCases } from "./sessions.ts";
import { textCases } from "./text.ts";
import { timeCases } from "./times.ts";
import type { HostileCase } from "./types.ts";

/** Every case by row; within a row the letters follow the order of writing, so new ones go behind the others. */
export function buildCorpus(): HostileCase[] {
  const drafts = [
    ...lineCases(),
    ...recordCases(),
    ...grammarCases(),
    ...textCases(),
    ...injectionCases(),
    ...limitCases(),
    ...keyCases(),
    ...fieldCases(),
    ...durationCases(),
    ...timeCases(),
    ...sessionCases(),
    ...addressCases(),
    ...archiveCases(),
  ];
  const perRow = new Map<number, number>();
  return drafts
    .sort((left, right) => left.row - right.row)
    .map((draft: Draft) => {
      const index = perRow.get(draft.row) ?? 0;
      perRow.set(draft.row, index + 1);
      const { row, ...rest } = draft;
      return { id: `${row}${letters(index)}`, ...rest };
    });
}

/** The text of corpus.json: one case a line, printable ASCII only. */
export function corpusText(): string {
  return `[\n${buildCorpus().map(asciiJson).join(",\n")}\n]\n`;
}

function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : `${letters(Math.floor(index / 26) - 1)}${last}`;
}
