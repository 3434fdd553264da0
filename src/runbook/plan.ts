import { shownUrl } from "../config.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import { fileError } from "./file-error.ts";
import { parametersOf } from "./gate.ts";
import type { Block, BlockKind, Dialect, Runbook, Step } from "./parse.ts";
import { splitWords, variablesOf, type Word } from "./words.ts";

export type Direction = "forward" | "undo";

/** A variable that is taken from the JSON answer of a command. */
export interface Capture {
  variable: string;
  /** The keys that lead to it. */
  path: string[];
}

/** One thing to do: a gate, a command or a note, with what is expected of it. */
export interface Action {
  /** Its place in the run, counted from 1. */
  number: number;
  section: string;
  label: string;
  kind: BlockKind;
  /** The text of the step, where this is its first action. */
  shown: string;
  /** The command, the query, or the note. */
  text: string;
  words: Word[];
  exitCodes: number[];
  /** Texts that the answer must have. */
  expected: string[];
  captures: Capture[];
  line: number;
}

const sectionsOf: Record<Direction, readonly string[]> = {
  forward: ["Before", "Run", "Verify"],
  undo: ["Undo"],
};

/** What is done on one engine, in order. Throws `runbook.bad_file`. */
export function planOf(runbook: Runbook, direction: Direction, dialect: Dialect): Action[] {
  const actions = runbook.sections
    .filter(({ heading }) => sectionsOf[direction].includes(heading))
    .sort((a, b) => sectionsOf[direction].indexOf(a.heading) - sectionsOf[direction].indexOf(b.heading))
    .flatMap(({ heading, steps }) => steps.flatMap((step) => actionsOf(runbook, heading, step, dialect)));
  return actions.map((action, index) => ({ ...action, number: index + 1 }));
}

/** The variables that must be given before a plan can be walked through: those that no command gives in time. */
export function neededVariables(actions: readonly Action[]): string[] {
  const known = new Set(["DB"]);
  const needed = new Set<string>();
  for (const action of actions) {
    for (const name of usedBy(action)) if (!known.has(name)) needed.add(name);
    for (const { variable } of action.captures) known.add(variable);
  }
  return [...needed];
}

function actionsOf(runbook: Runbook, section: string, step: Step, dialect: Dialect): Action[] {
  const here = step.blocks.filter((block) => block.dialect === undefined || block.dialect === dialect);
  const base = { number: 0, section, label: step.label, exitCodes: [0], expected: [], captures: [] };
  if (step.blocks.length === 0) {
    if (step.text === "") return [];
    return [{ ...base, kind: "person", shown: step.text, text: step.text, words: [], line: step.line }];
  }
  const actions = here.flatMap((block) =>
    blockActions(runbook, block).map((action) => ({ ...base, ...action })),
  );
  return actions.map((action, index) => ({
    ...action,
    shown: index === 0 ? withoutCommands(step.text) : "",
  }));
}

/** Commands are shown when they run, with their variables filled in. */
function withoutCommands(text: string): string {
  return text
    .replaceAll(/^ *```sh[^\n]*\n[\s\S]*?^ *```$\n?/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

function blockActions(
  runbook: Runbook,
  block: Block,
): Omit<Action, "number" | "section" | "label" | "shown">[] {
  const expected = [...block.prose.matchAll(/Expect `([^`]+)` in the answer/g)].map(([, text = ""]) => text);
  const plain = { words: [], exitCodes: [0], expected: [], captures: [] };
  if (block.kind !== "command")
    return checked(runbook, block, [
      { ...plain, kind: block.kind, text: block.text.trim(), line: block.line },
    ]);
  const codes = /Expect exit code (\d+(?:(?:, | or )\d+)*)/.exec(block.prose)?.[1];
  const captures = [...block.prose.matchAll(/`\$([A-Z][A-Z0-9_]*)` is `([\w.]+)` of the answer/g)].map(
    ([, variable = "", path = ""]) => ({ variable, path: path.split(".") }),
  );
  const lines = block.text
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (captures.length > 0 && (lines.length !== 1 || !/ --json( |$)/.test(lines[0] ?? "")))
    throw fileError(
      runbook.name,
      block.line,
      "a variable is taken from the answer of one command with --json",
    );
  return checked(
    runbook,
    block,
    lines.map((line) => ({
      kind: "command",
      text: line,
      words: wordsOf(runbook, block, line),
      exitCodes: codes === undefined ? [0] : codes.split(/, | or /).map(Number),
      expected,
      captures,
      line: block.line,
    })),
  );
}

/** The words behind `cowriedb`, the one program that is run. */
function wordsOf(runbook: Runbook, block: Block, line: string): Word[] {
  try {
    const [program, ...words] = splitWords(line);
    const name = program?.map((part) => ("text" in part ? part.text : "$")).join("");
    if (name !== "cowriedb")
      throw fileError(runbook.name, block.line, `only cowriedb is run, not ${JSON.stringify(name)}`);
    return words;
  } catch (error) {
    if (error instanceof CowriedbError) throw error;
    throw fileError(runbook.name, block.line, messageOf(error));
  }
}

/** Sees that every variable is listed under *You need*. */
function checked<A extends Pick<Action, "kind" | "text" | "words" | "captures">>(
  runbook: Runbook,
  block: Block,
  actions: A[],
): A[] {
  for (const action of actions) {
    const names = [...usedBy(action), ...action.captures.map(({ variable }) => variable)];
    const unknown = names.find((name) => name !== "DB" && !runbook.variables.includes(name));
    if (unknown !== undefined)
      throw fileError(runbook.name, block.line, `$${unknown} is not listed under You need`);
  }
  return actions;
}

/** The variables that an action uses. */
function usedBy({ kind, text, words }: Pick<Action, "kind" | "text" | "words">): string[] {
  return kind === "gate" ? parametersOf(text) : variablesOf(words);
}

/** Throws `config.usage` unless each variable has one value that can be a word of a command, and none is unknown. */
export function checkVariables(
  runbook: Runbook,
  variables: ReadonlyMap<string, string>,
  needed: readonly string[],
): void {
  const refuse = (message: string, hint: string): never => {
    throw new CowriedbError("config.usage", message, { exitCode: exitCodes.usage, hint });
  };
  for (const [name, value] of variables) {
    if (name !== "DB" && !runbook.variables.includes(name))
      refuse(
        `The runbook ${runbook.name} has no variable ${name}.`,
        `Run: cowriedb runbook show ${runbook.name}`,
      );
    // What begins with a dash would be read as an option.
    if (value === "" || value.startsWith("-") || value.includes("\u0000") || value.length > 4096)
      refuse(
        `The value of ${name} cannot be used.`,
        "Give 1 to 4096 characters that do not begin with a dash.",
      );
    if (shownUrl(value) !== value)
      refuse(
        `The value of ${name} has a password in it.`,
        "Put the password into PGPASSWORD, or a file named by PGPASSFILE.",
      );
  }
  const missing = needed.filter((name) => !variables.has(name));
  if (missing.length > 0)
    refuse(
      `The runbook ${runbook.name} needs ${missing.map((name) => `$${name}`).join(", ")}.`,
      `Add: ${missing.map((name) => `--set ${name}=…`).join(" ")}   (see: cowriedb runbook show ${runbook.name})`,
    );
}
