import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CowriedbError, usageError } from "../../errors.ts";
import { visible } from "../../term.ts";
import { costsOf, readCosts } from "../costs/costs.ts";
import { readScript, readFolder, scriptDigest } from "../files/folder-files.ts";
import { lintFile, type Finding, type IsSmall } from "./lint.ts";
import { lintRules } from "./rules.ts";
import type { Allowance, LintFile } from "./statements.ts";
import { maybeTextOf, scriptName, type Dialect } from "../files/names.ts";

/** What lint says of files. */
export interface LintResult {
  files: number;
  findings: Finding[];
  /** What was found and is allowed, with the reason. */
  allowed: (Finding & { reason: string })[];
}

/** The rows of a table in the database that sizes are asked of; undefined where that has none of the name. */
export type RowsOf = (table: string, dialect: Dialect) => number | undefined;

/** A line of `lint.tsv`: what is allowed to a migration whose files were applied, and so cannot be edited. */
interface Kept extends Allowance {
  dialect: string;
  migration: string;
}

/** A table with fewer rows is small: nothing that is done to it takes a time that anybody notices. */
const smallRows = 10_000;
/** Where nobody knows the rows of a table, it has so many. */
const usualRows = 1_000_000;
/** A lock that was measured to be held for less may be held. */
const shortMs = 1_000;

const dialects: readonly Dialect[] = ["sqlite", "postgres"];

/** Looks at all files of a folder, of both dialects. Throws `migrate.no_folder`. */
export function lintFolder(folder: string, shown: string, rowsOf: RowsOf): LintResult {
  const files = dialects.flatMap((dialect) => filesIn(folder, shown, dialect));
  if (files.length === 0) {
    throw new CowriedbError("migrate.no_folder", `${visible(shown)} has no migration to look at.`, {
      hint: "Give the folder that has sqlite/ or postgres/ with NNNN_name.up.sql in it: --dir FOLDER",
    });
  }
  const result = looked(folder, shown, { files, beside: files }, rowsOf);
  const misnamed = dialects.flatMap((dialect) =>
    namesIn(join(folder, dialect)).length === 0
      ? []
      : refusedBy(() => readFolder(folder, "lint", dialect), "migrate.name", join(shown, dialect)),
  );
  return { ...result, findings: [...misnamed, ...result.findings] };
}

/** What `migrate up` would refuse before it sends anything is found too. */
function refusedBy(read: () => unknown, code: string, file: string): Finding[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof CowriedbError)) throw error;
    if (error.code !== code) return [];
    const common = { file, line: 1, rule: "refused", severity: "error" as const, table: null };
    return [{ ...common, statement: "", why: error.message, remedy: error.hint ?? "" }];
  }
}

/** Looks at these files, each in a folder `sqlite` or `postgres`. */
export function lintPaths(paths: readonly string[], rowsOf: RowsOf): LintResult {
  const byFolder = new Map<string, { files: LintFile[]; beside: readonly LintFile[] }>();
  for (const path of paths) {
    const folder = dirname(dirname(resolve(path)));
    const dialect = basename(dirname(resolve(path))) as Dialect;
    const name = dialects.includes(dialect) ? scriptName.exec(basename(path))?.[1] : undefined;
    const beside = filesIn(folder, dirname(dirname(path)), dialect);
    const file = beside.find((one) => one.name === name && path.endsWith(`.${one.direction}.sql`));
    if (file === undefined) {
      throw usageError(
        !existsSync(path)
          ? `There is no file ${visible(path)}.`
          : `${visible(path)} is no migration: a file sqlite/NNNN_name.up.sql, .down.sql, or the same in postgres/.`,
        "Run: cowriedb migrate lint --help",
      );
    }
    const before = byFolder.get(folder)?.files ?? [];
    const all = dialects.flatMap((one) => (one === dialect ? beside : filesIn(folder, folder, one)));
    byFolder.set(folder, { files: [...before, { ...file, shown: path }], beside: all });
  }
  const results = [...byFolder].map(([folder, { files, beside }]) =>
    looked(folder, dirname(dirname(files[0]?.shown ?? "")), { files, beside }, rowsOf),
  );
  return {
    files: paths.length,
    findings: results.flatMap(({ findings }) => findings),
    allowed: results.flatMap(({ allowed }) => allowed),
  };
}

function filesIn(folder: string, shown: string, dialect: Dialect): LintFile[] {
  const names = namesIn(join(folder, dialect));
  return names.sort().flatMap((file) => {
    const [, name, direction] = scriptName.exec(file) ?? [];
    if (name === undefined) return [];
    return [
      {
        ...{ dialect, name, direction: direction as "up" | "down", shown: join(shown, dialect, file) },
        text: readFileSync(join(folder, dialect, file), "utf8"),
        hasDown: names.includes(`${name}.down.sql`),
      },
    ];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A folder may have one dialect alone.
    return [];
  }
}

/** Looks at files of a folder, with all that lie in it. */
function looked(
  folder: string,
  shown: string,
  { files, beside }: { files: readonly LintFile[]; beside: readonly LintFile[] },
  rowsOf: RowsOf,
): LintResult {
  const isSmall = sizesOf(folder, rowsOf);
  const kept = keptIn(folder, shown).filter((one) =>
    files.some(({ dialect, name }) => dialect === one.dialect && name === one.migration),
  );
  const used = new Set<Allowance>();
  const result: LintResult = { files: files.length, findings: [], allowed: [] };
  const all: Allowance[] = [...kept];
  for (const file of files) {
    const { findings, allowances } = lintFile(file, isSmall, beside);
    const { name, direction, dialect, shown: path } = file;
    const script = join(folder, dialect, `${name}.${direction}.sql`);
    result.findings.push(
      ...refusedBy(() => readScript(readFileSync(script), dialect, path), "migrate.bad_header", path),
    );
    all.push(...allowances);
    for (const { index, ...finding } of findings) {
      const allowance = [...allowances, ...kept.filter((one) => isOf(one, file))].find(
        ({ rule, reason, statement }) =>
          rule === finding.rule && reason !== "" && (statement === undefined || statement === index),
      );
      if (allowance === undefined) result.findings.push(finding);
      else {
        used.add(allowance);
        result.allowed.push({ ...finding, reason: allowance.reason });
      }
    }
  }
  result.findings.push(...all.filter((allowance) => !used.has(allowance)).map(unusedFinding));
  return result;
}

function isOf(kept: Kept, file: LintFile): boolean {
  return kept.dialect === file.dialect && kept.migration === file.name;
}

/** What is known of sizes: the rows in a database, and what was measured of the very text of a file. */
function sizesOf(folder: string, rowsOf: RowsOf): IsSmall {
  const costs = new Map(dialects.map((dialect) => [dialect, readCosts(join(folder, "costs.tsv"), dialect)]));
  return (table, { dialect, name, text }) => {
    const rows = rowsOf(table, dialect);
    if (rows !== undefined && rows < smallRows) return true;
    const measured = costsOf(costs.get(dialect) ?? [], name, scriptDigest(text)).filter((cost) =>
      isNamed(cost.table, table, dialect),
    );
    const isMeasured = measured.some((cost) => Number(/(\d+) rows$/.exec(cost.measured)?.[1]) >= smallRows);
    const millions = (rows ?? usualRows) / 1_000_000;
    return (
      isMeasured &&
      measured.every(({ fixed_ms, per_million_ms }) => fixed_ms + per_million_ms * millions < shortMs)
    );
  };
}

/** Whether the catalog's name of a table is what a statement calls it. */
function isNamed(name: string, called: string, dialect: Dialect): boolean {
  return dialect === "sqlite"
    ? name.toLowerCase() === called.toLowerCase()
    : name === called || name.endsWith(`.${called}`);
}

/** The lines of `lint.tsv`: dialect, migration, rule and reason. */
function keptIn(folder: string, shown: string): Kept[] {
  const text = maybeTextOf(join(folder, "lint.tsv")) ?? "";
  const lines = text.trimEnd().split(/\r?\n/);
  return lines.slice(1).map((line, index) => {
    const [dialect = "", migration = "", rule = "", reason = ""] = line.split("\t");
    const common = { file: join(shown, "lint.tsv"), line: index + 2, statement: undefined };
    return { ...common, dialect, migration, rule, reason: reason.trim() };
  });
}

/** An allowance that allows nothing is a finding: it would hide the next one. */
function unusedFinding({ file, line, rule, reason }: Allowance): Finding {
  const isKnown = lintRules().some((one) => one.rule === rule);
  const why = !isKnown
    ? `There is no rule ${visible(rule)}.`
    : reason === ""
      ? `It allows ${rule} and does not say why.`
      : `It allows ${rule}, which finds nothing there.`;
  const remedy =
    isKnown && reason === "" ? `Write the reason: -- lint: ${rule}: because …` : "Take the line out.";
  const common = { file, line, severity: "error" as const, table: null };
  return { ...common, rule: "allowance-unused", statement: "", why, remedy };
}
