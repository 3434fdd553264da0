import type { Database, Parameter } from "../db/database.ts";
import {
  eventsGateEventTypes,
  eventsGateIdentifiers,
  recountCommandRows,
  recountFileRows,
  recountRiskRules,
  recountSessionRows,
} from "../sql/generated.ts";
import { many, type Query } from "../sql/run.ts";
import { compareRecount, type Comparison } from "./compare.ts";
import { recountFiles } from "./recount.ts";
import type { Recount, RecountOptions } from "./types.ts";

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
