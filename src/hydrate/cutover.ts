import { inSnapshot } from "../db/snapshot.ts";
import { inWriting } from "../db/writing.ts";
import { hydrateClearJournal, hydrateNotePhase, hydrateSetState, hydrateState } from "../sql/generated.ts";
import { none, one } from "../sql/run.ts";
import { touch, type Touched } from "./parts/followed.ts";
import { drain, dropJournal, refuseChanges, type Following } from "./parts/journal.ts";
import { nowText } from "../instant.ts";
import { bringBackAtOnce, setAside } from "./objects.ts";
import { keepOrphansOut, keepTouchedOut, type Sorting } from "./orphans.ts";
import type { Run } from "./run.ts";
import { tablesToProve } from "./rows/tables.ts";

/** Rows that may be left when writers are stopped. */
const fewRows = 200;
/** A writer that changes so much each time would have all looked at for ever. */
const mostLooks = 3;
/** A writer that is faster than the copy would go on for ever. */
const mostRounds = 30;

/** Keys that are kept in memory, to look at what they refer to. */
const mostTouched = 50_000;

/** What has followed so far: up to an entry of the journal, and what it has touched since all references were looked at. */
interface State {
  following: Following;
  lastId: number;
  touched: Touched;
  /** How many keys that are; above the most all references are to be looked at, and the keys are not kept. */
  keys: number;
}

/** Brings what the journal says; the source must not change meanwhile. Gives how many rows that were. */
async function follow(run: Run, state: State): Promise<number> {
  const { sqlite: source, server } = run.pair;
  let all = 0;
  for (;;) {
    const { lastId, rows, touched } = await drain(source, server, state.following, state.lastId);
    run.followed = (run.followed ?? 0) + rows;
    if (rows === 0) return all;
    all += rows;
    run.counts.rows_copied += rows;
    state.lastId = lastId;
    state.keys += rows;
    if (state.keys > mostTouched) state.touched.clear();
    else for (const [table, keys] of touched) touch(state.touched, table, keys);
  }
}

/** Follows in rounds until a few rows are left, or no fewer than before; writers go on meanwhile. */
export async function inRounds({ options }: Run, round: () => Promise<number>): Promise<void> {
  for (let rounds = 0, before = Infinity; rounds < mostRounds && !options.stop.requested; rounds++) {
    const rows = await round();
    // What a round leaves to the next one grows less no more.
    if (rows < fewRows || rows > 0.7 * before) return;
    before = rows;
  }
}

async function followInRounds(run: Run, state: State): Promise<void> {
  await inRounds(run, async () => inSnapshot(run.pair.sqlite, async () => follow(run, state)));
}

/** Looks at all references, as the source is at one moment; that takes the longer the larger the tables are. */
async function lookAtAll(run: Run, state: State): Promise<void> {
  await inSnapshot(run.pair.sqlite, async () => {
    await follow(run, state);
    await keepOrphansOut(sorting(run));
    state.touched.clear();
    state.keys = 0;
  });
}

function sorting({ pair, tables, hydrationId }: Run): Sorting {
  return { reader: pair.sqlite, target: pair.server, tables, hydrationId };
}

/**
 * Has the target take the place of the source: what has changed since the copy follows it in rounds while writers go on; then they
 * wait for the last of it, and find the source retired. Each round compares what it has brought with the moment it saw; a row that
 * changes behind that is in the next one, so that in the end every row was compared as it is. From then on until the target is opened
 * nobody writes anywhere; one row says which store is in use. `isOpen` is false where a run that has died had come so far. What rows
 * refer to is looked at before, and of what came last behind it; what old rows refer to is checked again while writers go on.
 */
export async function cutOver(run: Run, isOpen: boolean): Promise<void> {
  const { target, options, tables, hydrationId } = run;
  const { sqlite: source } = run.pair;
  const proved = options.proof === null ? [] : await tablesToProve(source, target);
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
  const state = { following: { tables, proved, hydrationId }, lastId: 0, touched: new Map(), keys: Infinity };
  if (isOpen) {
    await followInRounds(run, state);
    for (let looks = 0; looks < mostLooks && state.keys > mostTouched && !options.stop.requested; looks++) {
      await lookAtAll(run, state);
      await followInRounds(run, state);
    }
    if (options.stop.requested) return;
  }
  const began = performance.now();
  if (isOpen)
    await inWriting(source, async () => {
      await follow(run, state);
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
  const knows = isOpen && state.keys <= mostTouched;
  await (knows ? keepTouchedOut(sorting(run), state.touched) : keepOrphansOut(sorting(run)));
  await publish(run);
  run.pauseMs = Math.round(performance.now() - began);
}

/** Has a source that was retired for a store which is lost name the target, which is to take its place. */
export async function noteTaker({ source, target, options }: Run): Promise<void> {
  const { state, moved_to } = await one(source, hydrateState, {});
  if (state !== "retired" || moved_to === target.name) return;
  await inWriting(source, async (writing) =>
    none(writing, hydrateSetState, {
      ...{ state, moved_to: target.name },
      ...{ actor: options.actor, now: nowText() },
    }),
  );
}

/** Opens the target in one transaction, with all that it goes by. */
async function publish({ target, options, tables, hydrationId }: Run): Promise<void> {
  await none(target, hydrateNotePhase, { hydration_id: hydrationId, phase: "indexing" });
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
