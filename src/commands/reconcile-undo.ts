import { actorName } from "../actor.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { planUndoRepairs, undoRepairsOf, type UndoneRepairs } from "../reconcile/undo.ts";
import { counted, cut, green, grouped, visible, yellow } from "../term.ts";
import { rowNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import { confirmLoss } from "./question.ts";
import { stopOnSignals } from "./signals.ts";
import { withStore } from "./store.ts";

/** `cowriedb reconcile undo RUN`: puts back what the repairs of a run have replaced, after a confirmation by number. */
export async function undoRepairs(
  words: readonly string[],
  options: CommonOptions & { confirm: string; "dry-run": boolean },
): Promise<ExitCode> {
  const runId = rowNumber(words);
  if (runId === undefined)
    throw usageError("reconcile undo takes the number of one run.", "Run: cowriedb reconcile undo --help");
  return withStore(options, async (database) => {
    const plan = await planUndoRepairs(database, runId);
    if (options["dry-run"]) {
      answer(options, documentOf(plan), () => `Would put back ${lossOf(plan)}.`);
      return exitCodes.done;
    }
    await confirmLoss(options.confirm, {
      name: String(plan.run_id),
      loss: `This puts back ${lossOf(plan)}.`,
      nothing: "Nothing was put back.",
      command: `reconcile undo ${plan.run_id}`,
    });
    const stop = stopOnSignals();
    const result = await undoRepairsOf(database, runId, actorName(), stop).finally(stop.release);
    answer(options, documentOf(result), () => textOf(result));
    if (result.is_stopped && stop.requested) return stop.exitCode;
    return result.left > 0 ? exitCodes.needsPerson : exitCodes.done;
  });
}

function lossOf(plan: UndoneRepairs): string {
  const changed = plan.left > 0 ? `; ${counted(plan.left, "session")} that changed since would be left` : "";
  return `${counted(plan.undone, "session")} as before run ${plan.run_id}, with the differences it had${changed}`;
}

function textOf(result: UndoneRepairs): string {
  const { run_id: run, undone, left, left_first: named } = result;
  const lines = [
    `${left > 0 ? yellow("!") : green("✔")} ${counted(undone, "session")} of run ${run} put back as before the repair; ${grouped(left)} left.`,
  ];
  for (const { session_id: session, error } of named)
    lines.push(`  ${cut(visible(session), 40)}: ${cut(visible(error), 80)}`);
  lines.push(
    result.is_stopped
      ? `It was stopped before its end. Next: cowriedb reconcile undo ${run} --confirm ${run}   (it goes on)`
      : "Next: cowriedb reconcile   (it finds the differences again)",
  );
  return lines.join("\n");
}

function documentOf(result: UndoneRepairs): Record<string, unknown> {
  const left_first = result.left_first.map(({ session_id: session, error }) => ({
    session_id: visible(session),
    error: visible(error),
  }));
  return { schema: "reconcile/1", ...result, left_first };
}
