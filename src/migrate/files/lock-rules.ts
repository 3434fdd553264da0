import { readFileSync } from "node:fs";
import { packageFolder, type Dialect } from "./files.ts";
import type { Statement } from "./statements.ts";

/** What a statement does to a table beside locking it: nothing more than the catalog, reading or writing all of it, or some rows. */
export type Work = "catalog" | "scan" | "rewrite" | "rows";

/** A line of `migrations/lock-rules.tsv`. */
export interface LockRule {
  dialect: Dialect;
  /** `first`: the first that fits is the statement's; `also`: each that fits adds to it. */
  kind: string;
  statement: string;
  /** `-` where it locks nothing that is there, `?` where that cannot be said, `MODE` where the statement says it. */
  lock: string;
  work: Work;
  source: string;
  example: string;
}

/** A lock that a statement takes on a table, as the statement names it. */
export interface RuledLock {
  table: string;
  lock: string;
  work: Work;
  /** Whether `table` is the name of an index, whose table it is. */
  isIndex: boolean;
}

/** From the weakest to the strongest: PostgreSQL's table of conflicts, and SQLite's one lock of a file. */
export const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;

const rules = new Map<Dialect, { rule: LockRule; pattern: RegExp }[]>();

/** The rules of a dialect, in their order. */
export function lockRules(dialect: Dialect): { rule: LockRule; pattern: RegExp }[] {
  let known = rules.get(dialect);
  if (known === undefined) {
    const lines = readFileSync(`${packageFolder}migrations/lock-rules.tsv`, "utf8").trimEnd().split("\n");
    known = lines.slice(1).flatMap((line) => {
      const [engine, kind = "", statement = "", lock = "", work = "", source = "", example = ""] =
        line.split("\t");
      if (engine !== dialect) return [];
      const rule = { dialect, kind, statement, lock, work: work as Work, source, example };
      return [{ rule, pattern: patternOf(statement) }];
    });
    rules.set(dialect, known);
  }
  return known;
}

/** The locks that a statement takes by the rules; undefined where no rule knows the statement. */
export function ruledLocks(statement: Statement, dialect: Dialect): RuledLock[] | undefined {
  const fitting = lockRules(dialect).flatMap(({ rule, pattern }) => {
    const match = pattern.exec(`${statement.words} `);
    return match === null ? [] : [{ rule, match }];
  });
  const first = fitting.find(({ rule }) => rule.kind === "first");
  if (first === undefined) return undefined;
  if (first.rule.lock === "?") return undefined;
  return [first, ...fitting.filter(({ rule }) => rule.kind === "also")].flatMap(({ rule, match }) => {
    if (rule.lock === "-") return [];
    const { table, tables, index, column } = match.groups ?? {};
    const names = index ?? tables ?? table ?? column?.replace(/\.[^.]*$/, "") ?? "";
    return names
      .trim()
      .split(" , ")
      .filter((name) => name !== "")
      .map((name) => ({
        table: dialect === "sqlite" ? plainName(name).toLowerCase() : plainName(name),
        lock: rule.lock === "MODE" ? modeOf(match) : rule.lock,
        work: rule.work,
        isIndex: index !== undefined,
      }));
  });
}

/** Who waits for a lock: those who read, those who write, or only who changes the schema. */
export function blockedBy(lock: string, isReadBlocked = false): { reads: boolean; writes: boolean } {
  if (lock === "WRITE") return { reads: isReadBlocked, writes: true };
  const strength = lockModes.indexOf(lock as (typeof lockModes)[number]);
  return { reads: lock === "ACCESS EXCLUSIVE", writes: strength >= lockModes.indexOf("SHARE") };
}

/** The mode that `lock table … in … mode` names. */
function modeOf(match: RegExpExecArray): string {
  return (match.groups?.["mode"] ?? "access exclusive").trim().toUpperCase();
}

/** `"A name"` as `A name`. */
export function plainName(name: string): string {
  return name
    .split(".")
    .map((part) =>
      part.startsWith('"') ? part.slice(1, -1).replaceAll("\u00a0", " ").replaceAll('""', '"') : part,
    )
    .join(".");
}

/**
 * A rule's statement as a pattern on words: `[only]` may be missing, `(a|b)` is one of them, `_` any word, `…` any words,
 * `~` any that begin no other action, `~word` any but that one, `<table>` a name, `$` the end.
 */
export function patternOf(statement: string): RegExp {
  const parts = statement.split(" ").map((part, index) => {
    if (part === "…") return index === 0 ? "(?:^|.* )" : "(?:\\S+ )*?";
    if (part === "~") return "(?:(?!(?:add|alter|drop) )\\S+ )*?";
    const barred = /^~(\w+)$/.exec(part)?.[1];
    if (barred !== undefined) return `(?:(?!${barred} )\\S+ )*?`;
    if (part === "_") return "\\S+ ";
    if (part === "[_]") return "(?:\\S+ )?";
    if (part === "$") return "$";
    const named = /^<(\w+)>$/.exec(part)?.[1];
    if (named === "tables") return "(?<tables>[^ ,]+ (?:, [^ ,]+ )*)";
    if (named === "mode") return "(?<mode>(?:access |row |share |update |exclusive )+)";
    if (named !== undefined) return `(?<${named}>\\S+) `;
    const optional = /^\[(.*)\]$/.exec(part)?.[1];
    if (optional !== undefined) return `(?:(?:${choiceOf(optional)}) )?`;
    const choice = /^\(([^)]+\|[^)]+)\)$/.exec(part)?.[1];
    if (choice !== undefined) return `(?:${choiceOf(choice)}) `;
    return `${escaped(part)} `;
  });
  return new RegExp(`${statement.startsWith("…") ? "" : "^"}${parts.join("")}`);
}

/** Words of which one is to be there; `_` is a blank, or itself. */
function choiceOf(words: string): string {
  return words
    .split("|")
    .map((word) => escaped(word).replaceAll("_", "[ _]"))
    .join("|");
}

function escaped(word: string): string {
  return word.replaceAll(/[()'+*?.]/g, "\\$&");
}
