import { inSnapshot } from "../db/snapshot.ts";
import { inWriting } from "../db/writing.ts";
import { hydrateClearJournal, hydrateNotePhase, hydrateSetState } from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import { drain, dropJournal, refuseChanges } from "./journal.ts";
import { nowText } from "../instant.ts";
import { bringBackAtOnce, setAside } from "./objects.ts";
import { keepOrphansOut } from "./orphans.ts";
import type { Run } from "./run.ts";
import { tablesToProve } from "./tables.ts";

/** Keys that may be left when writers are stopped. */
const fewKeys = 200;
/** A writer that is faster than the copy would go on for ever. */
const mostRounds = 30;

function followed(run: Run, rows: number): void {
  run.followed = (run.followed ?? 0) + rows;
  run.counts.rows_copied += rows;
}

/**
 * Has the target take the place of the source: what has changed since the copy follows it in rounds while writers go on; then they
 * wait for the last of it, and find the source retired. Each round compares what it has brought with the moment it saw; a row that
 * changes behind that is in the next one, so that in the end every row was compared as it is. From then on until the target is opened
 * nobody writes anywhere; one row says which store is in use. `isOpen` is false where a run that has died had come so far. What old
 * rows refer to is left to be looked at while writers go on.
 */
export async function cutOver(run: Run, isOpen: boolean): Promise<void> {
  const { target, options, tables, hydrationId } = run;
  const { sqlite: source, server } = run.pair;
  const proved = options.proof === null ? [] : await tablesToProve(source, target);
  const following = { tables, proved, hydrationId };
  await inWriting(target, async (writing) => {
    await none(writing, hydrateNotePhase, { hydration_id: hydrationId, phase: "following" });
    await setAside(writing, hydrationId, tables, [], false);
    await refuseChanges(writing, tables);
    await none(writing, hydrateSetState, {
      state: "hydrating",
      moved_to: null,
      actor: options.actor,
      now: nowText(),
    });
  });
  let [lastId, before] = [0, Infinity];
  for (let round = 0; isOpen && round < mostRounds; round++) {
    const from = lastId;
    const drained = await inSnapshot(source, async () => drain(source, server, following, from));
    followed(run, drained.rows);
    lastId = drained.lastId;
    if (options.stop.requested) return;
    // What a round leaves to the next one grows less no more.
    if (drained.rows < fewKeys || drained.rows > 0.7 * before) break;
    before = drained.rows;
  }
  const began = performance.now();
  if (isOpen)
    await inWriting(source, async () => {
      followed(run, (await drain(source, server, following, lastId)).rows);
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
  await publish(run);
  run.pauseMs = Math.round(performance.now() - began);
}

/** Opens the target in one transaction, with all that it goes by. */
async function publish({ target, pair, options, tables, hydrationId }: Run): Promise<void> {
  await none(target, hydrateNotePhase, { hydration_id: hydrationId, phase: "indexing" });
  await keepOrphansOut({ reader: pair.sqlite, target: pair.server, tables, hydrationId });
  await inWriting(target, async (writing) => {
    await bringBackAtOnce(writing);
    await dropJournal(writing, tables);
    await none(writing, hydrateSetState, {
      state: "open",
      moved_to: null,
      actor: options.actor,
      now: nowText(),
    });
  });
}
