import { randomUUID } from "node:crypto";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { columnsGiven, type Columns } from "../inventory/columns.ts";
import {
  importInventory,
  type FileResult,
  type ImportProgress,
  type ImportResult,
} from "../inventory/import.ts";
import { jobProgress } from "../telemetry/progress.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { bold, counted, green, grouped, table, visible, yellow } from "../term.ts";
import { nowText } from "../instant.ts";
import { instant, optional, wholeNumber } from "./options.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { reported, type ReportOptions } from "./reported.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";
import { withStore } from "./store.ts";

const usualBatchRows = 500;
const mostBatchRows = 10_000;
const mostText = 200;

/** Options of `cowriedb inventory import`. */
export interface ImportCommandOptions extends CommonOptions, ReportOptions {
  "as-of": string;
  label: string;
  source: string;
  columns: string;
  "batch-size": string;
  "dry-run": boolean;
}

/** `cowriedb inventory import FILE…`: what files say of addresses, networks and files, into the inventory. */
export async function importFiles(
  paths: readonly string[],
  options: ImportCommandOptions,
): Promise<ExitCode> {
  if (paths.length === 0)
    throw usageError("inventory import needs a file.", "Run: cowriedb inventory import --help");
  const how = {
    asOf: instant("--as-of", options["as-of"]),
    now: nowText(),
    label: optional(shortText("--label", options.label)),
    source: optional(shortText("--source", options.source)) ?? "import",
    columns: columnsOption(options.columns),
    batchRows: wholeNumber("--batch-size", options["batch-size"], usualBatchRows, mostBatchRows),
    dryRun: options["dry-run"],
  };
  const stop = stopOnSignals();
  const first: JobStatus = { state: "running", phase: "importing", unit: "row", current: 0, total: null };
  const run = { kind: "inventory_import", id: randomUUID(), first, stop };
  const result = await reported(options, run, async (note) => {
    const progress = jobProgress("Importing", options.quiet, first);
    const onProgress = (now: ImportProgress): void => {
      const standing = { ...first, phase: now.file, current: now.rowsRead };
      progress.show(standing);
      note(standing);
    };
    const done = await withStore(options, async (database) =>
      importInventory(database, paths, { ...how, stop, onProgress }),
    ).finally(progress.end);
    return { result: done, counts: countsOf(done), exitCode: exitCodeOf(stop) };
  }).finally(stop.release);
  for (const file of result.files) warnOf(options, file);
  answer(options, result, () => textOf(result));
  return exitCodeOf(stop);
}

function exitCodeOf(stop: StopRequest): ExitCode {
  return stop.requested ? stop.exitCode : exitCodes.done;
}

function shortText(option: string, text: string): string {
  if (text.length > mostText) throw usageError(`${option} has at most ${mostText} characters.`);
  return text;
}

function columnsOption(text: string): Columns | undefined {
  if (text === "") return undefined;
  const columns = columnsGiven(text);
  if (typeof columns !== "string") return columns;
  throw usageError(
    `--columns names ${JSON.stringify(columns)}, which is not known.`,
    "Name columns as in a header: ip, network, first, last, asn, asn_name, country, label; - for one to pass over.",
  );
}

function countsOf({ files, addresses, networks, verdicts }: ImportResult): Record<string, number> {
  const sum = (name: "rows_read" | "rows_refused"): number =>
    files.reduce((all, file) => all + file[name], 0);
  const all = [addresses, networks, verdicts];
  return {
    rows_read: sum("rows_read"),
    rows_refused: sum("rows_refused"),
    added: all.reduce((total, { added }) => total + added, 0),
    changed: all.reduce((total, { changed }) => total + changed, 0),
  };
}

/** Names the first rows that were refused. */
function warnOf(options: CommonOptions, { path, rows_refused, refused }: FileResult): void {
  if (rows_refused === 0) return;
  say(
    options,
    yellow(`${counted(rows_refused, "row")} of ${path} ${rows_refused === 1 ? "was" : "were"} refused:`),
  );
  for (const { line, reason } of refused) say(options, `  ${path}:${line}: ${visible(reason)}`);
}

function textOf(result: ImportResult): string {
  const { files, dry_run } = result;
  const tables = (["addresses", "networks", "verdicts"] as const).filter((name) => result[name].rows > 0);
  const read = files.reduce((sum, file) => sum + file.rows_read, 0);
  const refused = files.reduce((sum, file) => sum + file.rows_refused, 0);
  const from = `${counted(read, "row")} of ${counted(files.length, "file")}`;
  const changed = tables.some((name) => result[name].added + result[name].changed + result[name].history > 0);
  const lines = [
    changed
      ? `${green("✔")} ${dry_run ? "Would import" : "Imported"} ${bold(from)}, ${grouped(refused)} refused.`
      : `${bold("Nothing new.")} ${from}, ${grouped(refused)} refused; the inventory ${dry_run ? "would stay" : "is"} as it was.`,
  ];
  if (tables.length > 0) {
    lines.push(
      table(
        tables.map((name) => {
          const { rows, added, changed: altered, history } = result[name];
          return [`  ${name}`, rows, added, altered, history];
        }),
        ["  table", "rows", "added", "changed", "older versions"],
      ),
    );
  }
  const uncovered = files.filter(
    ({ kind, rows_read, covered, addresses }) =>
      kind !== "sqlite" && kind !== "postgres" && rows_read > 0 && covered === 0 && addresses.rows === 0,
  );
  if (tables.length === 0 && uncovered.length > 0)
    lines.push("Ranges are kept for addresses that sessions came from; none of them is covered.");
  if (result.interrupted)
    lines.push("Stopped by a signal after the batch at hand. Run the same command to go on.");
  return lines.join("\n");
}
