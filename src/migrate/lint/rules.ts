import { readFileSync } from "node:fs";
import { packageFolder, type Dialect } from "../files/files.ts";
import { patternOf } from "../files/lock-rules.ts";

/** What a condition of a rule asks of a statement and of what stands around it. */
export type Condition =
  /** A table that it names is not made in the same file. */
  | "live"
  /** It holds a lock that stops writers while it reads or writes all of a live table that is not small. */
  | "held"
  /** No rule before it has found anything in the statement. */
  | "otherwise"
  /** The table is not known to be small. */
  | "large"
  /** The file runs in a transaction, with others. */
  | "together"
  /** The file runs outside of any transaction. */
  | "alone"
  /** It is not the first statement of its file. */
  | "second"
  /** A statement before it in the transaction holds a lock that stops others at a live table, and this one works on rows. */
  | "behind-lock"
  /** The file's header does not say `Phase: contract`. */
  | "no-contract"
  /** The first text in it stands in a statement behind it too, which the same transaction may run. */
  | "used-behind"
  /** No rule of locks knows it. */
  | "unknown"
  /** It is asked of each comment, not of a statement. */
  | "comment"
  /** It is asked of a file: it has no down file, and no Undo in its header. */
  | "no-down";

/** A line of `migrations/lint-rules.tsv`. */
export interface LintRule {
  rule: string;
  dialects: readonly Dialect[];
  /** `error`: it will fail or break something; `warning`: it stops others, or surprises. */
  severity: "error" | "warning";
  /** Of up files alone, or of all. */
  files: "up" | "all";
  statement: RegExp;
  /** Patterns of which none may fit; what stands in parentheses is left out. */
  unless: readonly RegExp[];
  /** A statement before it that fits; what both name by one word is the same. */
  after: RegExp | undefined;
  /** A statement behind it that makes it good. */
  unlessLater: RegExp | undefined;
  /** Statements of which one in any up file of the folder makes it good. */
  unlessInFolder: readonly RegExp[];
  when: readonly Condition[];
  why: string;
  remedy: string;
  /** A file in which no rule finds anything, and one in which this one does and no other; `\n` is a line's end. */
  good: string;
  bad: string;
}

let known: readonly LintRule[] | undefined;

/** The rules, in the order of the file. */
export function lintRules(): readonly LintRule[] {
  known ??= readFileSync(`${packageFolder}migrations/lint-rules.tsv`, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map(ruleOf);
  return known;
}

function listed(patterns: string): RegExp[] {
  return patterns === "" ? [] : patterns.split(" || ").map(patternOf);
}

function ruleOf(line: string): LintRule {
  const cells = line.split("\t");
  const [rule = "", dialect = "", severity, files, statement = "", unless = "", after = ""] = cells;
  const [unlessLater = "", unlessInFolder = "", when = ""] = cells.slice(7);
  const [why = "", remedy = "", good = "", bad = ""] = cells.slice(10);
  const maybe = (pattern: string): RegExp | undefined => (pattern === "" ? undefined : patternOf(pattern));
  return {
    rule,
    dialects: dialect === "both" ? ["sqlite", "postgres"] : [dialect as Dialect],
    severity: severity as LintRule["severity"],
    files: files as LintRule["files"],
    statement: patternOf(statement),
    unless: listed(unless),
    after: maybe(after),
    unlessLater: maybe(unlessLater),
    unlessInFolder: listed(unlessInFolder),
    when: when.split(" ").filter((word) => word !== "") as Condition[],
    why,
    remedy,
    good: good.replaceAll("\\n", "\n"),
    bad: bad.replaceAll("\\n", "\n"),
  };
}
