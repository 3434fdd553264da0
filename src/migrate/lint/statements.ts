import type { Dialect } from "../files/files.ts";
import { plainName, ruledLocks, type RuledLock } from "../files/lock-rules.ts";
import { statementsOf, tokensOf } from "../files/statements.ts";

/** A file that is looked at. */
export interface LintFile {
  /** As it may be printed. */
  shown: string;
  dialect: Dialect;
  /** The migration. */
  name: string;
  direction: "up" | "down";
  text: string;
  hasDown: boolean;
}

/** What a comment, or a line of `lint.tsv`, allows. */
export interface Allowance {
  /** The file or the table of allowances that it stands in. */
  file: string;
  line: number;
  rule: string;
  reason: string;
  /** The statement that it is for, by its place in the file; undefined where it is for the whole file. */
  statement: number | undefined;
}

/** A statement with what lint knows of it. */
export interface Known {
  index: number;
  line: number;
  words: string;
  /** The texts in it. */
  texts: string[];
  locks: RuledLock[] | undefined;
  allowances: Allowance[];
}

/** Where something was found. */
export interface Place {
  index: number;
  line: number;
  words: string;
}

/** Names of what a file makes; `schema.name` is known as `name` too. */
export function madeIn(statements: readonly Known[]): Set<string> {
  const pattern =
    /^(?:create (?:(?:unlogged|temp|temporary|global|local|foreign|virtual|or replace|materialized|recursive) )*(?:table|view)|create (?:unique )?index(?: concurrently)?) (?:if not exists )?(\S+)/;
  const renamed = /^alter (?:table|view|materialized view) (?:if exists )?\S+ rename to (\S+)/;
  const names = statements.flatMap(({ words }) => pattern.exec(words)?.[1] ?? renamed.exec(words)?.[1] ?? []);
  return new Set(
    names.map(plainName).flatMap((name) => [name, lastOf(name)].flatMap((one) => [one, one.toLowerCase()])),
  );
}

/** Whether a table is one of them. */
export function isMade(made: ReadonlySet<string>, table: string): boolean {
  return made.has(table) || made.has(lastOf(table));
}

/** `name` of `schema.name`. */
export function lastOf(name: string): string {
  return name.split(".").at(-1) ?? name;
}

const read = new WeakMap<LintFile, Known[]>();

/** The statements of a file that say something. */
export function knownOf(file: LintFile): Known[] {
  const known = read.get(file) ?? statementsIn(file);
  read.set(file, known);
  return known;
}

function statementsIn(file: LintFile): Known[] {
  const found: Known[] = [];
  let line = 1;
  for (const { text, words } of statementsOf(file.text, file.dialect)) {
    const leading = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0] ?? "";
    const index = found.length;
    if (words !== "")
      found.push({
        index,
        line: line + linesIn(leading),
        words,
        texts: tokensOf(text, file.dialect).filter((token) => token.startsWith("'")),
        locks: ruledLocks({ text, words }, file.dialect),
        allowances: allowancesIn(leading, file.shown, line, index),
      });
    line += linesIn(text);
  }
  return found;
}

function linesIn(text: string): number {
  return text.split("\n").length - 1;
}

/** `-- lint: RULE: reason`: in the comment that heads the file it is for all of it, else for the statement behind it. */
function allowancesIn(leading: string, shown: string, from: number, index: number): Allowance[] {
  const lines = leading.split("\n");
  const end = index === 0 ? lines.findIndex((line) => !line.startsWith("--")) : 0;
  return lines.flatMap((line, offset) => {
    const match = /^\s*--\s*lint:\s*([^\s:]*):?\s*(.*)$/.exec(line);
    if (match === null) return [];
    const [, rule = "", reason = ""] = match;
    const statement = offset < end ? undefined : index;
    return [{ file: shown, line: from + offset, rule, reason: reason.trim(), statement }];
  });
}

/** Its comments of a line each. */
export function commentsOf(text: string): Place[] {
  return text.split("\n").flatMap((line, index) => {
    const comment = /^\s*--\s*(.*)$/.exec(line)?.[1];
    if (comment === undefined) return [];
    return [
      { index: -1, line: index + 1, words: `-- ${comment.trim().toLowerCase().replaceAll(/\s+/g, " ")}` },
    ];
  });
}
