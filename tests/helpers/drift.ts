import { hash } from "blake3";
import type { Database } from "../../src/db/database.ts";
import { releaseJob } from "../../src/jobs/lease.ts";
import { takeRun, type TakenRun } from "../../src/reconcile/lease.ts";
import { reconcileTaken, type Reconciled, type RunOptions } from "../../src/reconcile/reconcile.ts";
import { allFindings, type ShownFinding } from "../../src/reconcile/findings.ts";
import type { Mode } from "../../src/reconcile/run.ts";
import { filledStore, typed, type Engine, type TestStore } from "./database.ts";
import { generatedLines, logOf } from "./generated-logs.ts";
import { loadInProcess } from "./in-process.ts";

/** A reconciliation with all it has found. */
export interface Found extends Reconciled {
  findings: ShownFinding[];
}

/** Reconciles a store as the command does. */
export async function reconciled(
  database: Database,
  mode: Mode = "nightly",
  options: {
    stop?: { requested: boolean };
    onProgress?: (progress: { done: number }) => void;
    repair?: boolean;
    maxRepair?: number;
    /** The day on which it is to have begun. */
    day?: string;
  } = {},
): Promise<Found> {
  const { day, repair = false } = options;
  const taken = await takeRun(database, {
    ...{ mode, repair, toolVersion: "test", schemaVersion: "test", actor: "test" },
  });
  if (day !== undefined)
    await typed(
      database,
      `update reconcile_runs set started_at = '${day}T02:30:00.000000Z' where run_id = ${taken.runId}`,
    );
  const found = await finished(taken, options);
  const findings: ShownFinding[] = [];
  for await (const finding of allFindings(database, found.run.run_id)) findings.push(finding);
  return { ...found, findings };
}

/** Does a run that was taken, and lets it go. */
export async function finished(taken: TakenRun, options: RunOptions = {}): Promise<Reconciled> {
  try {
    return await reconcileTaken(taken, options);
  } finally {
    await releaseJob(taken);
  }
}

/** What matters of a run, for a message. */
export function shownRun(found: Found): unknown {
  return {
    exit: found.exit,
    residual: found.residual,
    findings: found.findings.slice(0, 5),
    in_flight: found.run.in_flight,
  };
}

/** Lines whose sessions lie in many ranges, as those of Cowrie do. */
export function spreadLines(count: number, seed: number, sessions: number): string[] {
  return generatedLines(count, seed, sessions).map((line) =>
    line.replace(
      /"session":"(0{6}[0-9a-f]{6})"/,
      (_all, id: string) => `"session":"${Buffer.from(hash(id)).toString("hex").slice(0, 12)}"`,
    ),
  );
}

/** A store with sessions in many ranges and on two days, of several batches, with sightings and letters. */
export async function spreadStore(engine: Engine, lines = 1_500, sessions = 150): Promise<TestStore> {
  return filledStore(engine, `spread ${lines} ${sessions}`, async ({ database }) => {
    const all = spreadLines(lines, 4_711, sessions);
    await loadInProcess(database, "cowrie.json.1", logOf(all), [230, 90, 310]);
    await loadInProcess(database, "cowrie.json.2", logOf(all.slice(0, 60)), [100]);
  });
}

const typeCounts = [
  ...["closed_count", "command_inputs", "command_successes", "command_failures", "login_attempts"],
  ...["ssh_key_inputs", "ssh_key_successes", "ssh_key_failures", "login_successes"],
  ...["file_downloads", "file_uploads"],
];

/** The class that a mutation of `tamper.ts` must get, by its name; undefined where it is not of a derived row. */
export function classOf(name: string): string | undefined {
  const [, table, column] =
    /^(session_summaries|command_stats|session_files)\.(\w+) is edited$/.exec(name) ?? [];
  if (table === "command_stats") return "wrong_command";
  if (table === "session_files") return "wrong_file";
  if (column === "event_count") return "wrong_event_count";
  if (column === "first_event_at") return "wrong_first_at";
  if (column === "last_event_at") return "wrong_last_at";
  if (column !== undefined) return typeCounts.includes(column) ? "wrong_type_count" : "wrong_merge_field";
  const kinds = { session_summaries: "summary", command_stats: "command", session_files: "file" };
  const [, of, what] = /^a row of (\w+) is (deleted|invented)$/.exec(name) ?? [];
  const kind = kinds[of as keyof typeof kinds] as string | undefined;
  return kind === undefined ? undefined : `${what === "deleted" ? "missing" : "orphan"}_${kind}`;
}
