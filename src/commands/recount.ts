import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import type { Comparison } from "../recount/compare.ts";
import { recountAgainst } from "../recount/store.ts";
import type { Recount } from "../recount/types.ts";
import { counted, green, red, table, visible } from "../term.ts";
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
    return `${green("✔")} Counted again from the files by other code: ${counted(recounted.events, "event")}, ${counted(rows, "derived row")}, 0 differences.`;
  }
  return [
    `${red("✘")} ${counted(comparison.total, "difference")} in ${counted(rows, "derived row")}.`,
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
