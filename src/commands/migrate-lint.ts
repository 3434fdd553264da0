import { targetOf } from "../config.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { packageFolder } from "../migrate/files/files.ts";
import { readRelations } from "../migrate/costs/live.ts";
import { lintFolder, lintPaths, type LintResult, type RowsOf } from "../migrate/lint/files.ts";
import { ownSchemasOf } from "../migrate/prove/own-path.ts";
import { readingOnly } from "../migrate/store.ts";
import { counted, cut, green, red, visible, yellow } from "../term.ts";
import { answer, type CommonOptions } from "./output.ts";

/** Options of `cowriedb migrate lint`. */
export interface LintOptions extends CommonOptions {
  dir: string;
}

/** `cowriedb migrate lint`: what in files of migrations will fail, stop others or lose data; exit code 20 where there is any. */
export async function lint(paths: readonly string[], options: LintOptions): Promise<ExitCode> {
  if (paths.length > 0 && options.dir !== "")
    throw usageError("Files and --dir are given both.", "Give files, or a folder with --dir.");
  const found = await withSizes(options.db, (rowsOf) => {
    if (paths.length > 0) return lintPaths(paths, rowsOf);
    if (options.dir !== "") return lintFolder(options.dir, options.dir, rowsOf);
    return lintFolder(`${packageFolder}migrations`, "migrations", rowsOf);
  });
  answer(options, found, () => textOf(found, options.verbose));
  return found.findings.length === 0 ? exitCodes.done : exitCodes.differences;
}

/** Without `--db` nobody knows how many rows a table has. */
async function withSizes(db: string, look: (rowsOf: RowsOf) => LintResult): Promise<LintResult> {
  if (db === "") return look(() => undefined);
  const target = targetOf(db);
  const schemas = await ownSchemasOf(target);
  return readingOnly(target, async (database) => {
    const relations = await readRelations(database, schemas);
    return look((table, dialect) => {
      const live = dialect === database.dialect ? relations.tableOf(table, false) : undefined;
      return live === undefined ? undefined : relations.rowsOf(live);
    });
  });
}

function textOf({ files, findings, allowed }: LintResult, isWhole: boolean): string {
  const lines = findings.flatMap(({ file, line, rule, severity, table, statement, why, remedy }) => [
    `${visible(file)}:${line}: ${severity === "error" ? red(severity) : yellow(severity)} ${rule}${table === null ? "" : ` (${visible(table)})`}`,
    ...(statement === "" ? [] : [`  ${cut(visible(statement), 120)}`]),
    `  ${visible(why)}`,
    `  Do: ${remedy}`,
  ]);
  const shown = isWhole
    ? allowed.map(
        ({ file, line, rule, reason }) =>
          `${visible(file)}:${line}: ${green("allowed")} ${rule}: ${visible(reason)}`,
      )
    : [];
  const sum = `${counted(files, "file")}, ${counted(findings.length, "finding")}, ${allowed.length} allowed.`;
  return [...shown, ...lines, findings.length === 0 ? `${green("✔")} ${sum}` : sum].join("\n");
}
