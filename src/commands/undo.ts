import { usageError } from "../errors.ts";
import { planUndo, undoBatch, type UndoResult } from "../ingest/undo/undo.ts";
import { bold, counted, green, visible } from "../term.ts";
import { answer, type CommonOptions } from "./output.ts";
import { confirmLoss } from "./question.ts";
import { withStore } from "./store.ts";

const greatestBatch = 8_589_934_591;

/** `cowriedb ingest undo BATCH`: removes one batch as if it had never been, after a confirmation by number. */
export async function undo(
  words: readonly string[],
  options: CommonOptions & { confirm: string; "dry-run": boolean; reload: boolean },
): Promise<void> {
  const [word = ""] = words;
  const batchId = Number(word);
  if (words.length !== 1 || !/^[0-9]+$/.test(word) || batchId < 1 || batchId > greatestBatch)
    throw usageError("ingest undo needs the number of one batch.", "Run: cowriedb ingest undo --help");
  const how = { reload: options.reload };
  await withStore(options, async (database) => {
    const plan = await planUndo(database, batchId, how);
    if (options["dry-run"]) {
      answer(options, plan, () => `${plan.was_undone ? "" : "Would undo "}${lossOf(plan)}.\n${nextOf(plan)}`);
      return;
    }
    // Nothing is lost by reading a file again.
    if (!plan.was_undone)
      await confirmLoss(options.confirm, {
        name: String(plan.batch_id),
        loss: `This undoes ${lossOf(plan)}.`,
        nothing: "Nothing was undone.",
        command: `ingest undo ${plan.batch_id}${plan.reload ? " --reload" : ""}`,
      });
    const result = await undoBatch(database, batchId, how);
    answer(
      options,
      result,
      () => `${green("✔")} ${result.was_undone ? "" : "Undid "}${lossOf(result)}.\n${nextOf(result)}`,
    );
  });
}

function lossOf(plan: UndoResult): string {
  if (plan.was_undone)
    return `${bold(`batch ${plan.batch_id}`)} of ${visible(plan.source)} was undone before`;
  const parts = [
    counted(plan.events_deleted, "event deleted", "events deleted"),
    `${counted(plan.events_carried, "event")} kept in ${counted(plan.carry_batches.length, "other batch", "other batches")}`,
    counted(plan.dead_letters, "dead letter resolved", "dead letters resolved"),
    ...(plan.dead_letters_reopened > 0
      ? [counted(plan.dead_letters_reopened, "dead letter open again", "dead letters open again")]
      : []),
    counted(plan.sessions_refolded, "session derived anew", "sessions derived anew"),
    counted(plan.sessions_removed, "session removed", "sessions removed"),
  ];
  return `${bold(`batch ${plan.batch_id}`)} of ${visible(plan.source)}: ${parts.join(", ")}`;
}

function nextOf(plan: UndoResult): string {
  const reload = plan.reload ? " --reload" : "";
  if (plan.dry_run && plan.was_undone)
    return `Next: cowriedb ingest undo ${plan.batch_id} --reload   (has the file read again from its start)`;
  if (plan.dry_run) return `Next: cowriedb ingest undo ${plan.batch_id}${reload} --confirm ${plan.batch_id}`;
  return plan.reload
    ? `Next: cowriedb ingest bulk PATH   (the file is read again from its start)`
    : "Next: cowriedb status   (the file is not read again; what it holds stays away)";
}
