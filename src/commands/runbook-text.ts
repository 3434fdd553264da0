import type { DryRun, RecordedRun, RecordedStep, RunResult } from "../runbook/run.ts";
import { counted, green, red, table, visible } from "../term.ts";

/** A run as the JSON answers show it. */
export function documentOf(run: RunResult | RecordedRun): Record<string, unknown> {
  if ("runbook_run_id" in run) return { ...run, variables: JSON.parse(run.variables) as unknown };
  const { runId, runbook, direction, state, exitCode, steps, at, why, isRecorded } = run;
  return {
    runbook_run_id: runId,
    runbook,
    direction,
    state,
    exit_code: exitCode,
    stopped_at: at === undefined ? null : { step_number: at.number, section: at.section, label: at.label },
    why: why ?? null,
    is_recorded: isRecorded,
    steps,
  };
}

/** How a run ended, and what to do next. */
export function resultText(result: RunResult, db: string): string {
  const { runbook, runId, direction, steps, at, why } = result;
  const of = `${visible(runbook)}${direction === "undo" ? ", undo" : ""}${runId === null ? "" : `, run ${runId}`}`;
  if (at === undefined) {
    const passed = steps.filter(({ outcome }) => outcome === "passed_over").length;
    const left = passed === 0 ? "" : ` ${counted(passed, "note was", "notes were")} left to a person.`;
    return `${green("✔")} ${of}: ${counted(steps.length, "step")} done.${left}${unrecorded(result)}`;
  }
  const store = db === "" ? "" : ` --db ${visible(db)}`;
  return [
    `${red("✘")} ${of}: stopped at ${at.section}, step ${at.label} (line ${at.line}): ${visible(why ?? "")}.${unrecorded(result)}`,
    ...(runId === null ? [] : [`To go on at this step: cowriedb runbook resume ${runId}${store}`]),
    ...(direction === "forward"
      ? [`To take it back: cowriedb runbook run ${visible(runbook)} --undo${store}`]
      : []),
  ].join("\n");
}

function unrecorded({ isRecorded }: RunResult): string {
  return isRecorded ? "" : " The store has no record of it.";
}

/** What a dry run found. */
export function dryRunText({ gates, commands, isOpen }: DryRun): string {
  return [
    ...gates.map(({ section, label, rows, shown }) =>
      rows === 0
        ? `${green("✔")} ${section}, step ${label}: open`
        : `${red("✘")} ${section}, step ${label}: closed\n${shown}`,
    ),
    gates.length === 0 ? "There is no gate before the first command." : "",
    isOpen ? "Would run:" : "Would stop at the closed gate; behind it:",
    ...commands.map((command) => `  ${command}`),
  ]
    .filter((line) => line !== "")
    .join("\n");
}

/** A recorded run and its steps. */
export function recordText(run: RecordedRun, steps: readonly RecordedStep[]): string {
  const { runbook_run_id: id, runbook, direction, state, started_at: begun, actor, variables } = run;
  return [
    `Run ${id} of ${visible(runbook)} (${direction}): ${state}; begun ${begun} by ${visible(actor)}, ${visible(variables)}`,
    "",
    table(
      steps.map((step) => [
        step.step_number,
        step.attempt,
        `${step.section} ${step.label}`,
        step.outcome,
        step.exit_code ?? "",
        step.started_at,
        visible(step.what.split("\n")[0] ?? ""),
      ]),
      ["step", "attempt", "place", "outcome", "code", "begun", "what"],
    ),
    ...steps
      .filter(({ outcome, output }) => outcome === "failed" && output !== "")
      .map(
        ({ step_number, output }) => `\nStep ${step_number}:\n${output.split("\n").map(visible).join("\n")}`,
      ),
  ].join("\n");
}
