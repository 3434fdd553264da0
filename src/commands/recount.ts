import type { Database } from "../db/database.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { compareRecount, type Comparison } from "../recount/compare.ts";
import { recountFiles } from "../recount/recount.ts";
import type { Recount, RecountOptions } from "../recount/types.ts";
import {
  eventsGateEventTypes,
  eventsGateIdentifiers,
  recountCommandRows,
  recountFileRows,
  recountRiskRules,
  recountSessionRows,
} from "../sql/generated.ts";
import type { Parameter } from "../db/database.ts";
import { many, type Query } from "../sql/run.ts";
import { green, grouped, red, table, visible } from "../term.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";

/** `cowriedb recount PATH…`: derives the tables from the files alone and holds them against the store. */
export async function recount(
  paths: readonly string[],
  options: CommonOptions & { "multi-line": boolean },
): Promise<ExitCode> {
  if (paths.length === 0)
    throw usageError("recount needs the files that were loaded.", "Run: cowriedb recount --help");
  return withStore(options, async (database) => {
    const { recounted, comparison } = await recountAgainst(database, paths, options["multi-line"]);
    answer(options, documentOf(recounted, comparison), () => textOf(recounted, comparison));
    return comparison.total === 0 ? exitCodes.done : exitCodes.differences;
  });
}

/** Recounts files with the store's rules and compares every row of the derived tables. */
export async function recountAgainst(
  database: Database,
  paths: readonly string[],
  multiLine: boolean,
): Promise<{ recounted: Recount; comparison: Comparison }> {
  const recounted = await recountFiles(paths, await recountOptions(database, multiLine));
  const comparison = await compareRecount(recounted, {
    session_summaries: pages(database, recountSessionRows, { after_session: "" }, (row) => ({
      after_session: row["session_id"] ?? "",
    })),
    command_stats: pages(database, recountCommandRows, { after_session: "", after_command: "" }, (row) => ({
      after_session: row["session_id"] ?? "",
      after_command: row["command"] ?? "",
    })),
    session_files: pages(database, recountFileRows, { after_session: "", after_shasum: "" }, (row) => ({
      after_session: row["session_id"] ?? "",
      after_shasum: row["shasum"] ?? "",
    })),
  });
  return { recounted, comparison };
}

async function recountOptions(database: Database, multiLine: boolean): Promise<RecountOptions> {
  const types = await many(database, eventsGateEventTypes, {});
  const rules = await many(database, recountRiskRules, {});
  const identifiers = await many(database, eventsGateIdentifiers, {});
  return {
    riskRules: rules.map((rule) => ({ ...rule, score: Number(rule.score) })),
    legacyTypes: new Map(
      types.flatMap(({ event_type, legacy_of }) =>
        legacy_of === null ? [] : [[event_type, legacy_of] as const],
      ),
    ),
    sessionIdentifiers: identifiers,
    multiLine,
  };
}

const pageRows = 5_000;

/** All rows of a query, page by page in key order. */
async function* pages(
  database: Database,
  query: Query<Record<string, Parameter>, object>,
  first: Record<string, Parameter>,
  after: (row: Record<string, Parameter>) => Record<string, Parameter>,
): AsyncGenerator<object> {
  let position = first;
  for (;;) {
    const rows = (await many(database, query, { ...position, row_limit: pageRows })) as Record<
      string,
      Parameter
    >[];
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    position = after(last);
  }
}

function documentOf(recounted: Recount, comparison: Comparison): unknown {
  return {
    events: recounted.events,
    duplicates: recounted.duplicates,
    rejected: Object.fromEntries(recounted.rejected),
    skipped: Object.fromEntries(recounted.skipped),
    sessions: recounted.sessions.size,
    differences: comparison.total,
    tables: comparison.totals,
    first: comparison.differences,
  };
}

/** What a recount found, for people. */
export function textOf(recounted: Recount, comparison: Comparison): string {
  const rows = Object.values(comparison.totals).reduce((sum, { compared }) => sum + compared, 0);
  if (comparison.total === 0) {
    return `${green("✔")} Counted again from the files by other code: ${grouped(recounted.events)} events, ${grouped(rows)} derived rows, 0 differences.`;
  }
  return [
    `${red("✘")} ${grouped(comparison.total)} differences in ${grouped(rows)} derived rows.`,
    table(
      comparison.differences
        .slice(0, 20)
        .map(({ table: name, key, column, store, recounted: counted }) => [
          name,
          visible(key.join(" ")).slice(0, 40),
          column ?? "row",
          visible(String(store)).slice(0, 40),
          visible(String(counted)).slice(0, 40),
        ]),
      ["table", "key", "column", "store", "files"],
    ),
  ].join("\n");
}
