import { databaseError } from "../db/database-error.ts";
import { exitCodes, type ExitCode } from "../errors.ts";
import { nowText } from "../instant.ts";
import { cleaned, runCommand, type CommandOutcome, type Leash } from "./command.ts";
import { runGate } from "./gate.ts";
import type { Action } from "./plan.ts";
import { withDatabase, writeRecord, type RunRecord, type StepNote } from "./record.ts";
import { filledIn } from "./words.ts";

/** How a run talks with whoever walks through it. */
export interface Talk {
  /** Shows the next step, or how it ended. */
  say: (text: string) => void;
  /** Shows a line that a command has written. */
  hear: (line: string) => void;
  /** Asks whether to do a step; not there where nobody is to be asked. */
  ask?: (question: string) => Promise<"yes" | "skip" | "no">;
  /** Whether the run is asked to stop, and who passes that on to a command. */
  stop: { requested: boolean; exitCode: ExitCode };
  leash: Leash;
}

/** How a step ended. */
export interface StepResult {
  step_number: number;
  section: string;
  label: string;
  kind: string;
  what: string;
  outcome: "done" | "failed" | "skipped" | "passed_over";
  exit_code: number | null;
  /** Why it failed; null where it did not. */
  why: string | null;
}

/** How a walk ended. */
export interface WalkResult {
  state: "done" | "stopped";
  exitCode: ExitCode;
  steps: StepResult[];
  /** Where it stopped, and why. */
  at: Action | undefined;
  why: string | undefined;
  isRecorded: boolean;
}

/** What of a plan is done already, and how often each step was begun. */
export interface Progress {
  done: ReadonlySet<number>;
  attempts: ReadonlyMap<number, number>;
}

/** Passes a request to stop on to the command that is running. */
export function signalled({ stop, leash }: Talk): void {
  leash.stop?.(stop.exitCode === exitCodes.interrupted ? "SIGINT" : "SIGTERM");
}

/** How long a store is left alone that could not take a record. */
const pauseMs = 30_000;

interface Ended {
  outcome: StepResult["outcome"];
  exitCode: number | null;
  output: string;
  why: string | undefined;
}

/** Walks through the steps of a plan that are not done, and records each before it begins and when it has ended. */
export async function walk(
  record: RunRecord,
  plan: readonly Action[],
  progress: Progress,
  variables: Map<string, string>,
  talk: Talk,
): Promise<WalkResult> {
  const steps: StepResult[] = [];
  let [section, warned, pausedUntil] = ["", false, 0];
  const keep = async (state: "running" | "stopped" | "done"): Promise<void> => {
    // Each attempt at a store that is locked waits for ten seconds: what is not written now is written later.
    if (state === "running" && performance.now() < pausedUntil) return;
    const problem = await writeRecord(record, state);
    pausedUntil = problem === undefined ? 0 : performance.now() + pauseMs;
    if (problem !== undefined && !warned) talk.say(`Not recorded for now: ${problem.message}`);
    warned = problem !== undefined;
  };
  const end = async (exitCode: ExitCode, at?: Action, why?: string): Promise<WalkResult> => {
    const state = at === undefined ? "done" : "stopped";
    await keep(state);
    return {
      state,
      exitCode,
      steps,
      at,
      why,
      isRecorded: record.runId !== null && record.unwritten.size === 0,
    };
  };
  for (const action of plan.filter(({ number }) => !progress.done.has(number))) {
    if (talk.stop.requested) return end(talk.stop.exitCode, action, "it was asked to stop");
    if (action.section !== section) talk.say(`\n## ${(section = action.section)}`);
    if (action.shown !== "") talk.say(`\n${action.label}. ${action.shown}`);
    const note = begun(record, action, (progress.attempts.get(action.number) ?? 0) + 1, variables);
    await keep("running");
    const ended = await act(record, action, variables, talk);
    finish(record, note, ended);
    const { outcome, exitCode, why } = ended;
    const { number, label, kind } = action;
    steps.push({
      ...{ step_number: number, section, label, kind, what: note.what ?? "" },
      ...{ outcome, exit_code: exitCode, why: why ?? null },
    });
    if (outcome === "failed")
      return end(talk.stop.requested ? talk.stop.exitCode : codeOf(exitCode), action, why);
  }
  return end(exitCodes.done);
}

/** What asks to be tried later, or was stopped, says so; all else needs a person. */
function codeOf(exitCode: number | null): ExitCode {
  const told = [exitCodes.busy, exitCodes.interrupted, exitCodes.terminated].find(
    (code) => code === exitCode,
  );
  return told ?? exitCodes.needsPerson;
}

function begun(
  record: RunRecord,
  action: Action,
  attempt: number,
  variables: ReadonlyMap<string, string>,
): StepNote {
  const { number, section, label, kind } = action;
  const note: StepNote = {
    ...{ step_number: number, attempt, section, label, kind },
    ...{ what: whatOf(action, variables), outcome: "running", exit_code: null, output: "" },
    ...{ started_at: nowText(), finished_at: null },
  };
  record.notes.push(note);
  record.unwritten.add(note);
  return note;
}

function finish(record: RunRecord, note: StepNote, { outcome, exitCode, output }: Ended): void {
  Object.assign(note, { outcome, exit_code: exitCode, output, finished_at: nowText() });
  record.unwritten.add(note);
}

/** The command as a person would type it, the query, or the first words of the note. */
export function whatOf(action: Action, variables: ReadonlyMap<string, string>): string {
  if (action.kind === "command")
    return ["cowriedb", ...filledIn(action.words, variables)].map((word) => quoted(cleaned(word))).join(" ");
  return action.kind === "gate" ? action.text : action.text.slice(0, 500);
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

async function act(
  record: RunRecord,
  action: Action,
  variables: Map<string, string>,
  talk: Talk,
): Promise<Ended> {
  if (action.kind === "gate") return gate(record, action, variables, talk);
  const isNote = action.kind === "person";
  if (!isNote) talk.say(`\n   $ ${whatOf(action, variables)}`);
  else if (action.shown !== action.text) talk.say(`\n   ${action.text.replaceAll("\n", "\n   ")}`);
  const said = await talk.ask?.(isNote ? "Done?" : "Run it?");
  if (said === "no") return failed("it was refused");
  if (said === "skip") return { outcome: "skipped", exitCode: null, output: "", why: undefined };
  if (isNote)
    return {
      outcome: said === undefined ? "passed_over" : "done",
      exitCode: null,
      output: "",
      why: undefined,
    };
  const result = await runCommand(filledIn(action.words, variables), talk.hear, talk.leash);
  const why = wrongWith(action, result, variables);
  return { outcome: why === undefined ? "done" : "failed", ...result, why };
}

async function gate(
  record: RunRecord,
  action: Action,
  variables: ReadonlyMap<string, string>,
  talk: Talk,
): Promise<Ended> {
  try {
    const { count, shown } = await withDatabase(record.target, async (database) =>
      runGate(database, action.text, variables),
    );
    if (count === 0) {
      talk.say("   ✔ Checked: nothing stands in the way.");
      return { outcome: "done", exitCode: null, output: "", why: undefined };
    }
    talk.say(`   ${shown.replaceAll("\n", "\n   ")}`);
    return { ...failed("a gate is closed: see the rows above"), output: shown };
  } catch (error) {
    const { message } = databaseError(error, "check the gate", "the store");
    return { ...failed(`a gate cannot be checked: ${message}`), output: cleaned(message) };
  }
}

function failed(why: string): Ended {
  return { outcome: "failed", exitCode: null, output: "", why };
}

/** What differs from what the step expects; takes the values that are wanted from the answer. */
function wrongWith(
  action: Action,
  { exitCode, answer }: CommandOutcome,
  variables: Map<string, string>,
): string | undefined {
  if (!action.exitCodes.includes(exitCode))
    return `exit code ${exitCode} where ${action.exitCodes.join(" or ")} is expected`;
  const missing = action.expected.find((text) => !answer.includes(text));
  if (missing !== undefined) return `the answer does not have ${JSON.stringify(missing)}`;
  for (const { variable, path } of action.captures) {
    const value = valueAt(answer, path);
    if (value === undefined) return `the answer has no ${path.join(".")} for $${variable}`;
    variables.set(variable, value);
  }
  return undefined;
}

/** A number or text of a JSON document; undefined where there is none that can be a word of a command. */
function valueAt(text: string, path: readonly string[]): string | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  if (typeof found !== "string" && typeof found !== "number") return undefined;
  const value = String(found);
  return value === "" || value.startsWith("-") || value.includes("\u0000") ? undefined : value;
}
