import { compareSessions, type CompareResult, type Missing } from "../compare/compare.ts";
import { targetOf } from "../config.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { jobProgress } from "../telemetry/progress.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { counted, green, grouped, red, table, visible } from "../term.ts";
import { wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import { stopOnSignals } from "./signals.ts";
import { withStore } from "./store.ts";

const usualRows = 20;
const mostRows = 1_000_000;

/** Options of `cowriedb compare`. */
export interface CompareOptions extends CommonOptions {
  with: string;
  limit: string;
}

/** `cowriedb compare --with DATABASE`: sessions that one has and the other lacks; exit code 20 where there are any. */
export async function compare(options: CompareOptions): Promise<ExitCode> {
  if (options.with === "") throw usageError("compare needs --with.", "Run: cowriedb compare --help");
  const target = targetOf(options.with, {}, "--with");
  const limit = wholeNumber("--limit", options.limit, usualRows, mostRows);
  const stop = stopOnSignals();
  const first: JobStatus = { state: "running", phase: "comparing", unit: "session", current: 0, total: null };
  const progress = jobProgress("Comparing", options.quiet, first);
  const onProgress = (current: number): void => {
    progress.show({ ...first, current });
  };
  const result = await withStore(options, async (database) =>
    compareSessions(database, target, { limit, stop, onProgress }),
  ).finally(() => {
    progress.end();
    stop.release();
  });
  answer(options, result, () => textOf(result));
  if (result.interrupted) return stop.exitCode;
  return differs(result) ? exitCodes.differences : exitCodes.done;
}

function differs({ missing_there, missing_here, event_counts }: CompareResult): boolean {
  return missing_there.sessions + missing_here.sessions + (event_counts?.sessions ?? 0) > 0;
}

const kinds = {
  store: "another store",
  cowrie: "a database of Cowrie's own outputs",
  old: "a database of the old system",
} as const;

function textOf(result: CompareResult): string {
  const { ours, theirs, both, event_counts: counts } = result;
  const head = `${counted(ours, "session")} here, ${grouped(theirs)} in ${visible(result.with)}, ${kinds[result.kind]}; ${grouped(both)} in both.`;
  if (result.interrupted) return `${head}\nStopped by a signal; what is behind was not compared.`;
  if (!differs(result)) return `${green("✔")} ${head}`;
  return [
    `${red("✘")} ${head}`,
    ...missingLines("They lack", result.missing_there),
    ...missingLines("We lack", result.missing_here),
    ...(counts === null || counts.sessions === 0
      ? []
      : [
          `${counted(counts.sessions, "session")} with another number of events:`,
          table(
            counts.first.map((one) => [`  ${visible(one.session_id)}`, one.ours, one.theirs]),
            ["  session", "ours", "theirs"],
          ),
          ...moreLine(counts.sessions, counts.first.length),
        ]),
  ].join("\n");
}

function missingLines(who: string, { sessions, first }: Missing): string[] {
  if (sessions === 0) return [];
  return [
    `${who} ${counted(sessions, "session")}:`,
    table(
      first.map(({ session_id, began_at }) => [`  ${visible(session_id)}`, began_at ?? ""]),
      ["  session", "began"],
    ),
    ...moreLine(sessions, first.length),
  ];
}

function moreLine(all: number, shown: number): string[] {
  return all > shown ? [`  The first ${grouped(shown)} are shown; --limit lists more.`] : [];
}
