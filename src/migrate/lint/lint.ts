import { clausesOf, outerOf } from "./clauses.ts";
import { headerOf } from "../files/files.ts";
import { lintRules, type Condition, type LintRule } from "./rules.ts";
import {
  commentsOf,
  isMade,
  knownOf,
  lastOf,
  madeIn,
  type Allowance,
  type Known,
  type LintFile,
  type Place,
} from "./statements.ts";
import { blockedBy, plainName } from "../files/lock-rules.ts";

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

/** All that rules find in a file, allowed or not, and what it allows itself; `folder` is what lies beside it, it too. */
export function lintFile(
  file: LintFile,
  isSmall: IsSmall,
  folder: readonly LintFile[] = [file],
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
    const scene = { file, folder, statements, made, isSmall, statement };
    for (const rule of rules.filter(({ when }) => !when.includes("comment") && !when.includes("no-down"))) {
      if (rule.when.includes("otherwise") && findings.some(({ index }) => index === statement.index))
        continue;
      const table = fits(rule, scene);
      if (table !== undefined) found(rule, statement, table);
    }
  }
  return { findings, allowances: statements.flatMap(({ allowances }) => allowances) };
}

interface Scene {
  file: LintFile;
  folder: readonly LintFile[];
  statements: readonly Known[];
  made: ReadonlySet<string>;
  isSmall: IsSmall;
  statement: Known;
}

/** The table that a rule has found something about, null where it is about none; undefined where it does not fit. */
function fits(rule: LintRule, scene: Scene): string | null | undefined {
  const { statement, statements } = scene;
  const groups = [statement.words, ...clausesOf(statement.words)].flatMap((words) => {
    const match = rule.statement.exec(`${words} `);
    const isExcused = match === null || rule.unless.some((pattern) => pattern.test(`${outerOf(words)} `));
    return isExcused ? [] : [match.groups ?? {}];
  })[0];
  if (groups === undefined) return undefined;
  const isThere = (pattern: RegExp, among: readonly Known[]): boolean =>
    among.some(({ words }) => agree(pattern.exec(`${words} `)?.groups, groups, pattern.test(`${words} `)));
  if (rule.after !== undefined && !isThere(rule.after, statements.slice(0, statement.index)))
    return undefined;
  if (rule.unlessLater !== undefined && isThere(rule.unlessLater, statements.slice(statement.index + 1)))
    return undefined;
  if (rule.unlessInFolder.some((pattern) => isInFolder(pattern, groups, scene))) return undefined;
  const named = groups["table"] === undefined ? undefined : plainName(groups["table"]);
  const tables = named === undefined ? (statement.locks ?? []).map(({ table }) => table) : [named];
  for (const condition of rule.when) if (!holds(condition, scene, tables)) return undefined;
  return heldTable(scene) ?? tables[0] ?? null;
}

/** Whether an up file of the folder has a statement that fits, about what is called by the same name, with its schema or without. */
function isInFolder(pattern: RegExp, groups: Record<string, string>, { file, folder }: Scene): boolean {
  const bare = (names: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(names).map(([key, name]) => [key, lastOf(plainName(name))]));
  return folder
    .filter(({ dialect, direction }) => dialect === file.dialect && direction === "up")
    .flatMap(knownOf)
    .some(({ words }) => {
      const match = pattern.exec(`${words} `);
      return agree(bare(match?.groups ?? {}), bare(groups), match !== null);
    });
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
    case "used-behind":
      return isUsedBehind(scene);
    case "unknown":
      return statement.locks === undefined;
    default:
      return true;
  }
}

/** Whether the first text of a statement stands in one behind it that the same transaction may run: in this file, or in the next ones. */
function isUsedBehind({ file, folder, statement, statements }: Scene): boolean {
  const [label] = statement.texts;
  const [, , type = ""] = statement.words.split(" ");
  // A type of the same transaction takes them at once.
  if (statements.some(({ words }) => words.startsWith(`create type ${type} `))) return false;
  const isOne = ({ text }: LintFile): boolean => /^(one|)$/.test(headerOf(text, "Transaction"));
  const next = folder.filter(
    ({ dialect, direction, name }) =>
      dialect === file.dialect && direction === file.direction && name > file.name,
  );
  const end = next.findIndex((one) => !isOne(one));
  const behind = [
    ...statements.slice(statement.index + 1),
    ...next.slice(0, end < 0 ? undefined : end).flatMap(knownOf),
  ];
  return behind.some(
    ({ words, texts }) => !/^(alter type|comment on) /.test(words) && texts.includes(label ?? ""),
  );
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
