import { targetOf } from "../config.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { toolVersion } from "../migrate/files/files.ts";
import { readRunbook, runbookNames } from "../runbook/files.ts";
import { checkRunbook, helps, type Problem } from "../runbook/check.ts";
import type { Direction } from "../runbook/plan.ts";
import { dryRun, recordedRun, recordedRuns, resumeRun, runRunbook, type RunRequest } from "../runbook/run.ts";
import type { Dialect, Runbook } from "../runbook/parse.ts";
import { undoOf, type UndoKind } from "../runbook/undo.ts";
import { signalled, type Talk } from "../runbook/walk.ts";
import { counted, green, red, table, visible } from "../term.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { ask, canAsk } from "./question.ts";
import { dryRunText, recordText, resultText, documentOf } from "./runbook-text.ts";
import { stopOnSignals } from "./signals.ts";

/** Options of `runbook run` and `runbook resume`. */
export interface WalkOptions extends CommonOptions {
  set: string | string[];
  yes: boolean;
  undo?: boolean;
  "dry-run"?: boolean;
  "take-over"?: boolean;
}

/** `cowriedb runbook list`: the runbooks, or with `--runs` what was recorded in the store. */
export async function list(options: CommonOptions & { runs: boolean }): Promise<void> {
  if (options.runs) {
    const runs = await recordedRuns(targetOf(options.db), 50);
    answer(options, { runs: runs.map(documentOf) }, () =>
      runs.length === 0
        ? "No run is recorded."
        : table(
            runs.map((run) => [
              ...[run.runbook_run_id, visible(run.runbook), run.direction, run.state],
              ...[run.started_at, run.finished_at ?? "", visible(run.actor)],
            ]),
            ["run", "runbook", "direction", "state", "begun", "ended", "by"],
          ),
    );
    return;
  }
  const runbooks = runbookNames().map((name) => {
    const runbook = readRunbook(name);
    const { title, sections } = runbook;
    const purpose = sections.find(({ heading }) => heading === "Purpose")?.text.replaceAll("\n", " ") ?? "";
    return { name, title, purpose, undo: undos(runbook) };
  });
  answer(options, { runbooks }, () => table(runbooks.map(({ name, title }) => [name, title])));
}

/** `cowriedb runbook show NAME|RUN`: the page, or what was recorded of a run. */
export async function show(words: readonly string[], options: CommonOptions): Promise<void> {
  const [name = ""] = words;
  if (words.length !== 1)
    throw usageError(
      "runbook show needs the name of a runbook or the number of a run.",
      "Run: cowriedb runbook list",
    );
  if (/^[0-9]+$/.test(name)) {
    const { run, steps } = await recordedRun(targetOf(options.db), numberOf(name));
    answer(options, { ...documentOf(run), steps }, () => recordText(run, steps));
    return;
  }
  const runbook = readRunbook(name);
  const { title, digest, variables, text } = runbook;
  const document = { name: runbook.name, title, digest, variables, undo: undos(runbook), text };
  answer(options, document, () => text.trimEnd().split("\n").map(visible).join("\n"));
}

/** What going back is on each engine. */
function undos(runbook: Runbook): Record<Dialect, UndoKind | null> {
  return { sqlite: undoOf(runbook, "sqlite") ?? null, postgres: undoOf(runbook, "postgres") ?? null };
}

/** `cowriedb runbook run NAME`: walks through it, or with `--dry-run` checks its gates. */
export async function run(words: readonly string[], options: WalkOptions): Promise<ExitCode> {
  const [name = ""] = words;
  if (words.length !== 1)
    throw usageError("runbook run needs the name of one runbook.", "Run: cowriedb runbook list");
  const request = {
    ...requestOf(options),
    runbook: readRunbook(name),
    direction: (options.undo === true ? "undo" : "forward") as Direction,
  };
  if (options["dry-run"] === true) {
    const found = await dryRun(request);
    answer(
      options,
      {
        runbook: request.runbook.name,
        direction: request.direction,
        gates: found.gates,
        commands: found.commands,
        is_open: found.isOpen,
      },
      () => dryRunText(found),
    );
    return found.isOpen ? exitCodes.done : exitCodes.needsPerson;
  }
  return withTalk(options, async (talk) => {
    const result = await runRunbook(request, talk);
    const isOffered = result.state === "stopped" && request.direction === "forward" && !talk.stop.requested;
    answer(options, documentOf(result), () => resultText(result, options.db));
    if (!isOffered || (await talk.ask?.("Walk through its Undo now?")) !== "yes") return result.exitCode;
    const undone = await runRunbook({ ...request, direction: "undo" }, talk);
    answer(options, documentOf(undone), () => resultText(undone, options.db));
    return result.exitCode;
  });
}

/** `cowriedb runbook resume [RUN]`: goes on at the step where a run stopped. */
export async function resume(words: readonly string[], options: WalkOptions): Promise<ExitCode> {
  const [word] = words;
  if (words.length > 1)
    throw usageError("runbook resume takes the number of one run.", "Run: cowriedb runbook list --runs");
  const request = requestOf(options);
  const found = await recordedRun(request.target, word === undefined ? undefined : numberOf(word));
  return withTalk(options, async (talk) => {
    const result = await resumeRun(found, request, options["take-over"] === true, talk);
    answer(options, documentOf(result), () => resultText(result, options.db));
    return result.exitCode;
  });
}

/** `cowriedb runbook check [NAME…]`: whether each can be run; exit code 20 where one cannot. */
export async function check(words: readonly string[], options: CommonOptions): Promise<ExitCode> {
  const names = words.length > 0 ? words : runbookNames();
  const help = helps();
  const target = targetOf(options.db);
  const problems: Problem[] = [];
  for (const name of names) problems.push(...(await checkRunbook(readRunbook(name), target, help)));
  answer(options, { checked: names.length, problems }, () =>
    problems.length === 0
      ? `${green("✔")} ${counted(names.length, "runbook")} can be run.`
      : problems
          .map(({ runbook, line, problem }) => `${red("✘")} ${runbook}, line ${line}: ${visible(problem)}`)
          .join("\n"),
  );
  return problems.length === 0 ? exitCodes.done : exitCodes.differences;
}

function requestOf(options: WalkOptions): Omit<RunRequest, "runbook" | "direction"> {
  const environment = process.env["COWRIEDB_URL"] ?? "";
  const db = options.db !== "" ? options.db : environment !== "" ? environment : "cowrie.sqlite";
  return { target: targetOf(db), db, given: settings(options.set), toolVersion };
}

/** What `--set NAME=VALUE` gives, as often as it is there. */
function settings(set: string | string[]): Map<string, string> {
  const given = new Map<string, string>();
  for (const text of [set].flat().filter((word) => word !== "")) {
    const [, name = "", value = ""] = /^([A-Z][A-Z0-9_]*)=([\s\S]*)$/.exec(text) ?? [];
    if (name === "" || name === "DB" || given.has(name))
      throw usageError(
        `--set ${JSON.stringify(text)} is no variable with a value.`,
        "Write each once, as --set JOB=7; the store is --db.",
      );
    given.set(name, value);
  }
  return given;
}

/** Makes what a walk talks through, and listens for signals while it lasts. */
async function withTalk(options: WalkOptions, work: (talk: Talk) => Promise<ExitCode>): Promise<ExitCode> {
  if (!options.yes && !canAsk())
    throw usageError(
      "Nobody can be asked here, and --yes is not given.",
      "Add --yes to run every step without a question, or --dry-run.",
    );
  const stop = stopOnSignals();
  const talk: Talk = {
    say: (text) => {
      say(options, text);
    },
    hear: (line) => {
      say(options, `   | ${line}`);
    },
    ...(options.yes ? {} : { ask: askToGoOn }),
    stop,
    leash: {},
  };
  stop.onRequested = () => {
    signalled(talk);
  };
  try {
    return await work(talk);
  } finally {
    stop.release();
  }
}

const answers = ["yes", "skip", "no"] as const;

/** Who leaves the prompt says no. */
async function askToGoOn(question: string): Promise<(typeof answers)[number]> {
  const meant = (typed: string): (typeof answers)[number] | undefined =>
    answers.find((word) => word === typed.toLowerCase() || word[0] === typed.toLowerCase());
  return (await ask(`   ${question} [y]es, [s]kip, [n]o: `, meant)) ?? "no";
}

function numberOf(word: string): number {
  const number = Number(word);
  if (!/^[0-9]+$/.test(word) || !Number.isSafeInteger(number) || number < 1)
    throw usageError(`${JSON.stringify(word)} is no number of a run.`, "Run: cowriedb runbook list --runs");
  return number;
}
