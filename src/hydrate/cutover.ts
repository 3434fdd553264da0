import { inWriting } from "../db/writing.ts";
import { hydrateClearJournal, hydrateNotePhase, hydrateSetState } from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import { drain, refuseChanges } from "./journal.ts";
import { nowText } from "./now.ts";
import { setAside } from "./objects.ts";
import type { Run } from "./run.ts";

/** Keys that may be left when writers are stopped. */
const fewKeys = 200;
/** A writer that is faster than the copy would go on for ever. */
const mostRounds = 30;

/**
 * Has the target take the place of the source: what has changed since the copy follows it in rounds while writers go on; then they
 * wait for the last of it, and find the source retired. From then on until `finish` opens the target nobody writes anywhere; one row
 * says which store is in use. `isOpen` is false where a run that has died had come so far.
 */
export async function cutOver(
  run: Run,
  isOpen: boolean,
  finish: (run: Run, state: "open") => Promise<void>,
): Promise<void> {
  const { source, target, options, tables, hydrationId } = run;
  await inWriting(target, async (writing) => {
    await none(writing, hydrateNotePhase, { hydration_id: hydrationId, phase: "following" });
    await setAside(writing, hydrationId, tables, [], false);
    await none(writing, hydrateSetState, {
      state: "hydrating",
      moved_to: null,
      actor: options.actor,
      now: nowText(),
    });
  });
  let [lastId, before] = [0, Infinity];
  for (let round = 0; isOpen && round < mostRounds; round++) {
    const drained = await drain(source, target, tables, hydrationId, lastId);
    run.counts.rows_copied += drained.rows;
    lastId = drained.lastId;
    if (options.stop.requested) return;
    // What a round leaves to the next one grows less no more.
    if (drained.rows < fewKeys || drained.rows > 0.7 * before) break;
    before = drained.rows;
  }
  const began = performance.now();
  if (isOpen)
    await inWriting(source, async () => {
      const { rows } = await drain(source, target, tables, hydrationId, lastId);
      run.counts.rows_copied += rows;
      await none(source, hydrateClearJournal, {});
      await refuseChanges(source, tables);
      await none(source, hydrateSetState, {
        state: "retired",
        moved_to: target.name,
        actor: options.actor,
        now: nowText(),
      });
    });
  // From here on there is no way back but forward: whoever dies here finds the source retired, and goes on.
  run.pauseMs = 0;
  await finish(run, "open");
  run.pauseMs = Math.round(performance.now() - began);
}
