import { headerOf, type Dialect } from "./files.ts";
import { lintRules, type Condition, type LintRule } from "./lint-rules.ts";
import { blockedBy, plainName, ruledLocks, type RuledLock } from "./lock-rules.ts";
import { lineAt, statementsOf } from "./statements.ts";

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

/** Whether a table is known to be so small, or a migration so fast on it, that nobody waits for it. */
export type IsSmall = (table: string, file: LintFile) => boolean;

/** What a rule has found. */
export interface Finding {
  file: string;
  line: number;
  rule: string;
  severity: "error" | "warning";
  /** The table that it is about, where there is one. */
  table: string | null;
  /** The statement's words, or the comment. */
  statement: string;
  why: string;
  remedy: string;
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
interface Known {
  index: number;
  line: number;
  words: string;
  /** Its words without what stands in parentheses. */
  outer: string;
  locks: RuledLock[] | undefined;
  allowances: Allowance[];
}

/** All that rules find in a file, allowed or not, and what it allows itself. */
export function lintFile(
  file: LintFile,
  isSmall: IsSmall,
): { findings: (Finding & { index: number })[]; allowances: Allowance[] } {
  const statements = knownOf(file);
  const made = madeIn(statements);
  const rules = lintRules().filter(
    ({ dialects, files }) => dialects.includes(file.dialect) && (files === "all" || file.direction === "up"),
  );
  const findings: (Finding & { index: number })[] = [];
  const found = (rule: LintRule, at: Place, table: string | null): void => {
    const { severity, why, remedy } = rule;
    const common = { file: file.shown, line: at.line, rule: rule.rule, severity, table };
    findings.push({ ...common, statement: at.words, why, remedy, index: at.index });
  };
  for (const rule of rules) {
    if (rule.when.includes("comment"))
      for (const comment of commentsOf(file.text))
        if (rule.statement.test(`${comment.words} `)) found(rule, comment, null);
    if (rule.when.includes("no-down") && !file.hasDown && headerOf(file.text, "Undo") === "")
      found(rule, { index: 0, line: 1, words: "" }, null);
  }
  for (const statement of statements) {
    const scene = { file, statements, made, isSmall, statement };
    for (const rule of rules.filter(({ when }) => !when.includes("comment") && !when.includes("no-down"))) {
      if (rule.when.includes("otherwise") && findings.some(({ index }) => index === statement.index))
        continue;
      const table = fits(rule, scene);
      if (table !== undefined) found(rule, statement, table);
    }
  }
  return { findings, allowances: statements.flatMap(({ allowances }) => allowances) };
}

interface Place {
  index: number;
  line: number;
  words: string;
}

interface Scene {
  file: LintFile;
  statements: readonly Known[];
  made: ReadonlySet<string>;
  isSmall: IsSmall;
  statement: Known;
}

/** The table that a rule has found something about, null where it is about none; undefined where it does not fit. */
function fits(rule: LintRule, scene: Scene): string | null | undefined {
  const { statement, statements } = scene;
  const match = rule.statement.exec(`${statement.words} `);
  if (match === null || rule.unless.some((pattern) => pattern.test(`${statement.outer} `))) return undefined;
  const groups = match.groups ?? {};
  const isThere = (pattern: RegExp, among: readonly Known[]): boolean =>
    among.some(({ words }) => agree(pattern.exec(`${words} `)?.groups, groups, pattern.test(`${words} `)));
  if (rule.after !== undefined && !isThere(rule.after, statements.slice(0, statement.index)))
    return undefined;
  if (rule.unlessLater !== undefined && isThere(rule.unlessLater, statements.slice(statement.index + 1)))
    return undefined;
  const named = groups["table"] === undefined ? undefined : plainName(groups["table"]);
  const tables = named === undefined ? (statement.locks ?? []).map(({ table }) => table) : [named];
  for (const condition of rule.when) if (!holds(condition, scene, tables)) return undefined;
  return heldTable(scene) ?? tables[0] ?? null;
}

/** Whether what two statements call by one name is the same. */
function agree(
  one: Record<string, string> | undefined,
  other: Record<string, string>,
  isMatch: boolean,
): boolean {
  return (
    isMatch &&
    Object.entries(one ?? {}).every(([name, value]) => other[name] === undefined || other[name] === value)
  );
}

function holds(condition: Condition, scene: Scene, tables: readonly string[]): boolean {
  const { file, statement, statements, made, isSmall } = scene;
  const isAlone = headerOf(file.text, "Transaction").startsWith("none");
  switch (condition) {
    case "live":
      return tables.some((table) => !isMade(made, table));
    case "large":
      return tables.some((table) => !isSmall(table, file));
    case "held":
      return heldTable(scene) !== undefined;
    case "together":
      return !/^(none|batches)/.test(headerOf(file.text, "Transaction"));
    case "alone":
      return isAlone;
    case "second":
      return statement.index > 0;
    case "behind-lock":
      return !isAlone && worksOnRows(scene) && statements.slice(0, statement.index).some(stopsOthers(made));
    case "no-contract":
      return !headerOf(file.text, "Phase").startsWith("contract");
    case "unknown":
      return statement.locks === undefined;
    default:
      return true;
  }
}

/** The live table that a statement reads or writes whole under a lock that stops writers. */
function heldTable({ file, statement, made, isSmall }: Scene): string | undefined {
  return statement.locks?.find(
    ({ table, lock, work }) =>
      (work === "scan" || work === "rewrite") &&
      blockedBy(lock).writes &&
      !isMade(made, table) &&
      !isSmall(table, file),
  )?.table;
}

function worksOnRows({ file, statement, made, isSmall }: Scene): boolean {
  const isOfMany = /^(update|delete|merge|with) /.test(statement.words);
  return (statement.locks ?? []).some(
    ({ table, work }) =>
      (work === "scan" || work === "rewrite" || (work === "rows" && isOfMany)) &&
      !isMade(made, table) &&
      !isSmall(table, file),
  );
}

/** In PostgreSQL; SQLite has one lock for the whole file, and each transaction holds it. */
function stopsOthers(made: ReadonlySet<string>): (statement: Known) => boolean {
  return ({ locks }) =>
    (locks ?? []).some(({ table, lock }) => blockedBy(lock).writes && !isMade(made, table));
}

/** Names of what a file makes; `schema.name` is known as `name` too. */
function madeIn(statements: readonly Known[]): Set<string> {
  const pattern =
    /^(?:create (?:(?:unlogged|temp|temporary|global|local|foreign|virtual|or replace|materialized|recursive) )*(?:table|view)|create (?:unique )?index(?: concurrently)?) (?:if not exists )?(\S+)/;
  const renamed = /^alter (?:table|view|materialized view) (?:if exists )?\S+ rename to (\S+)/;
  const names = statements.flatMap(({ words }) => pattern.exec(words)?.[1] ?? renamed.exec(words)?.[1] ?? []);
  return new Set(
    names.map(plainName).flatMap((name) => [name, lastOf(name)].flatMap((one) => [one, one.toLowerCase()])),
  );
}

function isMade(made: ReadonlySet<string>, table: string): boolean {
  return made.has(table) || made.has(lastOf(table));
}

function lastOf(name: string): string {
  return name.split(".").at(-1) ?? name;
}

function knownOf(file: LintFile): Known[] {
  let at = 0;
  let index = 0;
  return statementsOf(file.text, file.dialect)
    .filter(({ words }) => words !== "")
    .map(({ text, words }) => {
      const from = lineAt(file.text, at);
      const leading = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0] ?? "";
      const known = {
        index,
        line: lineAt(file.text, at + leading.length),
        words,
        outer: outerOf(words),
        locks: ruledLocks({ text, words }, file.dialect),
        allowances: allowancesIn(leading, file.shown, from, index),
      };
      at += text.length;
      index++;
      return known;
    });
}

/** Words at no depth of parentheses; those that are empty now stay. */
function outerOf(words: string): string {
  let depth = 0;
  return words
    .split(" ")
    .filter((word) => {
      if (word === ")") depth = Math.max(0, depth - 1);
      const isKept = depth === 0;
      if (word === "(") depth++;
      return isKept;
    })
    .join(" ");
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

function commentsOf(text: string): Place[] {
  return text.split("\n").flatMap((line, index) => {
    const comment = /^\s*--\s*(.*)$/.exec(line)?.[1];
    if (comment === undefined) return [];
    return [
      { index: -1, line: index + 1, words: `-- ${comment.trim().toLowerCase().replaceAll(/\s+/g, " ")}` },
    ];
  });
}
