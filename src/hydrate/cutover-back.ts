import { inWriting } from "../db/writing.ts";
import type { Database } from "../db/database.ts";
import { hydrateClearJournal, hydrateNotePhase, hydrateSetState } from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import { prepare } from "./begin.ts";
import { inRounds } from "./cutover.ts";
import { followBack, inWritingAgain } from "./follow-back.ts";
import { refuseChanges } from "./parts/journal.ts";
import { nowText } from "../instant.ts";
import type { Run } from "./run.ts";
import type { CopiedTable } from "./rows/tables.ts";

/** Has a store refuse every change, once all who write now have ended, and name the one that takes its place. */
export async function retire(
  store: Database,
  tables: readonly CopiedTable[],
  { movedTo, actor }: { movedTo: string; actor: string },
): Promise<void> {
  await inWritingAgain(store, async (writing) => {
    await refuseChanges(writing, tables);
    await none(writing, hydrateSetState, { state: "retired", moved_to: movedTo, actor, now: nowText() });
  });
}

/**
 * Has a SQLite store take the place of one on a server, which it is a copy of: what has changed since follows in rounds while
 * writers go on; then they are stopped, the last of it comes, and the SQLite store opens. In between nobody writes anywhere.
 * `isOpen` is false where a run that has died had come so far.
 */
export async function cutOverBack(
  run: Run,
  isOpen: boolean,
  finish: (run: Run, state: "open") => Promise<void>,
): Promise<void> {
  const { source, target, options, tables, hydrationId } = run;
  await none(target, hydrateNotePhase, { hydration_id: hydrationId, phase: "following" });
  await inWriting(target, async (writing) => prepare(run, writing, []));
  if (isOpen) {
    await inRounds(run, async () => followBack(run));
    if (options.stop.requested) return;
  }
  const began = performance.now();
  if (isOpen) await retire(source, tables, { movedTo: target.name, actor: options.actor });
  // From here on the server's store is retired, and whoever goes on opens the other one.
  run.pauseMs = 0;
  await followBack(run);
  await finish(run, "open");
  run.pauseMs = Math.round(performance.now() - began);
  await none(source, hydrateClearJournal, {});
}
