import { workerName } from "../actor.ts";
import type { Target } from "../config.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import {
  runbookLastOpen,
  runbookLastRun,
  runbookRun,
  runbookRuns,
  runbookSteps,
  type RunbookRunRow,
  type RunbookStepsRow,
} from "../sql/generated.ts";
import { many, maybe } from "../sql/run.ts";
import { databaseError } from "../db/database-error.ts";
import { nowText } from "../instant.ts";
import { readRunbook } from "./files.ts";
import { runGate } from "./gate.ts";
import type { Runbook } from "./parse.ts";
import { checkVariables, neededVariables, planOf, type Action, type Direction } from "./plan.ts";
import { canRecord, withDatabase, type RunRecord } from "./record.ts";
import { walk, whatOf, type Progress, type Talk, type WalkResult } from "./walk.ts";

export type RecordedRun = RunbookRunRow;
export type RecordedStep = RunbookStepsRow;

/** What is asked of a run. */
export interface RunRequest {
  runbook: Runbook;
  direction: Direction;
  target: Target;
  /** What `--db` says, or would say. */
  db: string;
  /** What `--set` gives. */
  given: ReadonlyMap<string, string>;
  toolVersion: string;
}

/** A run and how it ended. */
export interface RunResult extends WalkResult {
  runId: number | null;
  runbook: string;
  direction: Direction;
}

/** Walks through a runbook from its first step. Throws `config.usage` where a variable is missing or unknown. */
export async function runRunbook(request: RunRequest, talk: Talk): Promise<RunResult> {
  const { plan, variables } = await prepare(request);
  return walkFrom(request, plan, variables, { done: new Set(), attempts: new Map() }, null, talk);
}

/** What a dry run found: the gates that were checked, and what would be run. */
export interface DryRun {
  gates: { section: string; label: string; rows: number; shown: string }[];
  commands: string[];
  isOpen: boolean;
}

/** Checks the gates that stand before the first command that changes something; changes and records nothing. */
export async function dryRun(request: RunRequest): Promise<DryRun> {
  const { plan, variables } = await prepare(request);
  const first = plan.find(({ section, kind }) => section !== "Before" && kind === "command")?.number;
  const gates: DryRun["gates"] = [];
  for (const action of plan.filter(({ kind, number }) => kind === "gate" && number < (first ?? Infinity))) {
    const outcome = await checkGate(request.target, action, variables);
    gates.push({ section: action.section, label: action.label, rows: outcome.count, shown: outcome.shown });
  }
  const shown = new Map(variables);
  // What an answer will give is shown by its name.
  for (const { captures } of plan)
    for (const { variable } of captures) if (!shown.has(variable)) shown.set(variable, `$${variable}`);
  const commands = plan.filter(({ kind }) => kind === "command").map((action) => whatOf(action, shown));
  return { gates, commands, isOpen: gates.every(({ rows }) => rows === 0) };
}

async function checkGate(
  target: Target,
  { text }: Action,
  variables: ReadonlyMap<string, string>,
): Promise<{ count: number; shown: string }> {
  try {
    return await withDatabase(target, async (database) => runGate(database, text, variables));
  } catch (error) {
    return { count: 1, shown: databaseError(error, "check the gate", "the store").message };
  }
}

/** A run that the store has, and its steps. Throws `runbook.no_run`. */
export async function recordedRun(
  target: Target,
  runId: number | undefined,
): Promise<{ run: RecordedRun; steps: RecordedStep[] }> {
  return withDatabase(target, async (database) => {
    const run = (await canRecord(database))
      ? runId === undefined
        ? await maybe(database, runbookLastOpen, {})
        : await maybe(database, runbookRun, { runbook_run_id: runId })
      : undefined;
    if (run === undefined) {
      throw new CowriedbError(
        "runbook.no_run",
        `${database.name} has no ${runId === undefined ? "run that can go on" : `run ${runId}`}.`,
        { hint: "Run: cowriedb runbook list --runs" },
      );
    }
    return { run, steps: await many(database, runbookSteps, { runbook_run_id: run.runbook_run_id }) };
  });
}

/** The newest runs that a store has recorded; none where it has no place for them. */
export async function recordedRuns(target: Target, limit: number): Promise<RecordedRun[]> {
  return withDatabase(target, async (database) =>
    (await canRecord(database)) ? many(database, runbookRuns, { row_limit: limit }) : [],
  );
}

/** Goes on with a run at the first step that is not done. Throws where its file was changed, or it is at work or over. */
export async function resumeRun(
  found: { run: RecordedRun; steps: RecordedStep[] },
  request: Omit<RunRequest, "runbook" | "direction">,
  isTaken: boolean,
  talk: Talk,
): Promise<RunResult> {
  const { run, steps } = found;
  if (run.state === "done" || run.state === "given_up")
    throw new CowriedbError(
      "runbook.over",
      `Run ${run.runbook_run_id} of ${run.runbook} is ${run.state === "done" ? "done" : "given up"}.`,
      {
        hint: `Begin another: cowriedb runbook run ${run.runbook}`,
      },
    );
  if (run.state === "running" && !isTaken) refuseIfAtWork(run);
  const runbook = readRunbook(run.runbook);
  if (runbook.digest !== run.digest)
    throw new CowriedbError(
      "runbook.changed_file",
      `The runbook ${run.runbook} was changed since run ${run.runbook_run_id} began on ${run.started_at}.`,
      {
        hint: `Look at what it did (cowriedb runbook show ${run.runbook_run_id}), then begin anew: cowriedb runbook run ${run.runbook}`,
      },
    );
  const stored = new Map(Object.entries(JSON.parse(run.variables) as Record<string, string>));
  const whole: RunRequest = {
    ...request,
    runbook,
    direction: run.direction as Direction,
    given: new Map([...stored, ...request.given]),
  };
  const { plan, variables } = await prepare(whole);
  const isDone = (outcome: string): boolean => ["done", "skipped", "passed_over"].includes(outcome);
  const progress = {
    done: new Set(steps.filter(({ outcome }) => isDone(outcome)).map(({ step_number }) => step_number)),
    attempts: new Map(steps.map(({ step_number, attempt }) => [step_number, attempt])),
  };
  return walkFrom(whole, plan, variables, progress, run, talk);
}

/** A run that is noted as running is only gone on with where its process is no more. */
function refuseIfAtWork({ runbook_run_id, worker }: RecordedRun): void {
  const [, host = "", pid = ""] = /^(.*):(\d+)$/.exec(worker) ?? [];
  const isHere = workerName().startsWith(`${host}:`);
  if (isHere && !isAlive(Number(pid))) return;
  throw new CowriedbError(
    "runbook.taken",
    `Run ${runbook_run_id} is at work, as process ${pid} of ${host}.`,
    {
      exitCode: exitCodes.busy,
      hint: isHere
        ? "Wait until it ends."
        : `Where that process is no more: cowriedb runbook resume ${runbook_run_id} --take-over`,
    },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The plan and the variables; those of an Undo are taken from the newest run forward where they are not given. */
async function prepare(request: RunRequest): Promise<{ plan: Action[]; variables: Map<string, string> }> {
  const { runbook, direction, target } = request;
  const plan = planOf(runbook, direction, target.dialect);
  const needed = neededVariables(plan);
  const isMissing = needed.some((name) => !request.given.has(name));
  const known =
    direction === "undo" && isMissing ? await lastVariables(target, runbook.name) : new Map<string, string>();
  const variables = new Map([...known, ...request.given, ["DB", request.db]]);
  checkVariables(runbook, variables, needed);
  return { plan, variables };
}

async function lastVariables(target: Target, runbook: string): Promise<Map<string, string>> {
  return withDatabase(target, async (database) => {
    if (!(await canRecord(database))) return new Map();
    const run = await maybe(database, runbookLastRun, { runbook, direction: "forward" });
    return new Map(Object.entries(JSON.parse(run?.variables ?? "{}") as Record<string, string>));
  });
}

async function walkFrom(
  request: RunRequest,
  plan: readonly Action[],
  variables: Map<string, string>,
  progress: Progress,
  run: RecordedRun | null,
  talk: Talk,
): Promise<RunResult> {
  const { runbook, direction } = request;
  const record: RunRecord = {
    target: request.target,
    runId: run?.runbook_run_id ?? null,
    runbook: runbook.name,
    direction,
    digest: runbook.digest,
    toolVersion: request.toolVersion,
    stepCount: plan.length,
    variables,
    startedAt: run?.started_at ?? nowText(),
    notes: [],
    unwritten: new Set(),
  };
  const result = await walk(record, plan, progress, variables, talk);
  return { ...result, runId: record.runId, runbook: runbook.name, direction };
}
