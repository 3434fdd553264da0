import { actorName, workerName } from "../actor.ts";
import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { databaseError } from "../db/database-error.ts";
import { closeDatabase, openDatabase } from "../db/open.ts";
import { inWriting } from "../db/writing.ts";
import type { CowriedbError } from "../errors.ts";
import {
  runbookBeginRun,
  runbookGiveUp,
  runbookHasTables,
  runbookNoteStep,
  runbookSetRun,
  type RunbookNoteStepParameters,
} from "../sql/generated.ts";
import { none, one, maybe } from "../sql/run.ts";
import { nowText } from "../instant.ts";
import type { Direction } from "./plan.ts";

export type RunState = "running" | "stopped" | "done";

/** An attempt at a step, as `runbook_steps` keeps it. */
export type StepNote = Omit<RunbookNoteStepParameters, "runbook_run_id">;

/** What a run is, and what of it the store does not have yet. */
export interface RunRecord {
  target: Target;
  /** Null until the store has it: a store that is being made or mended has no place for it. */
  runId: number | null;
  runbook: string;
  direction: Direction;
  digest: string;
  toolVersion: string;
  stepCount: number;
  variables: ReadonlyMap<string, string>;
  startedAt: string;
  notes: StepNote[];
  unwritten: Set<StepNote>;
}

/**
 * Writes what the store does not have yet, in one transaction. Gives undefined, or why nothing could be written: a run must
 * go on where a store is missing, locked or full, since that may be what it mends.
 */
export async function writeRecord(record: RunRecord, state: RunState): Promise<CowriedbError | undefined> {
  try {
    return await withDatabase(record.target, async (database) => {
      if (!(await canRecord(database))) return undefined;
      await inWriting(database, async (writing) => writeAll(writing, record, state));
      record.unwritten.clear();
      return undefined;
    });
  } catch (error) {
    const known = databaseError(error, "record the run", "the store");
    if (known.code === "db.no_store") return undefined;
    if (known.code.startsWith("db.")) return known;
    throw known;
  }
}

/** Whether the store has the tables for it. */
export async function canRecord(database: Database): Promise<boolean> {
  return Number((await one(database, runbookHasTables, {})).found) === 2;
}

/** Opens a store whatever its schema, runs `work` and closes it: a command may replace the store between two steps. */
export async function withDatabase<T>(target: Target, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(target, { connections: 1 });
  try {
    return await work(database);
  } finally {
    await closeDatabase(database);
  }
}

async function writeAll(database: Database, record: RunRecord, state: RunState): Promise<void> {
  const stored = storedVariables(record.variables);
  let { runId } = record;
  if (runId !== null) {
    const changed = await maybe(database, runbookSetRun, {
      runbook_run_id: runId,
      state,
      variables: stored,
      worker: workerName(),
      finished_at: state === "done" ? nowText() : null,
    });
    if (changed === undefined) runId = null;
  }
  if (runId === null) {
    const { runbook, direction } = record;
    await none(database, runbookGiveUp, { runbook, direction });
    const begun = await one(database, runbookBeginRun, {
      runbook,
      direction,
      digest: record.digest,
      tool_version: record.toolVersion,
      step_count: record.stepCount,
      variables: stored,
      actor: actorName(),
      worker: workerName(),
      started_at: record.startedAt,
    });
    runId = begun.runbook_run_id;
    // A migration that was taken back has taken the record along: it is written anew, as a whole.
    for (const note of record.notes) record.unwritten.add(note);
    if (state !== "running") {
      await maybe(database, runbookSetRun, {
        runbook_run_id: runId,
        state,
        variables: stored,
        worker: workerName(),
        finished_at: state === "done" ? nowText() : null,
      });
    }
  }
  for (const note of record.unwritten)
    await none(database, runbookNoteStep, { runbook_run_id: runId, ...note });
  record.runId = runId;
}

/** `$DB` is the store itself, and is given anew with every run. */
function storedVariables(variables: ReadonlyMap<string, string>): string {
  return JSON.stringify(Object.fromEntries([...variables].filter(([name]) => name !== "DB")));
}
