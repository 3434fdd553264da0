import { setTimeout as sleep } from "node:timers/promises";
import { deltaPass } from "./delta.ts";
import { addCounts, newFollowing, settleTail, type FollowOptions, type Following } from "./following.ts";
import { hasClosedName } from "../files.ts";
import { readOne } from "./follow-read.ts";
import { scanFolders } from "./follow-scan.ts";
import type { LoadResult } from "../load-result.ts";
import type { PatientStore } from "./patience.ts";
import { placeKey } from "../place.ts";
import { closeTail } from "./tail.ts";

/** Least time between two turns, so that lines that come one by one share a batch. */
const gatherMs = 100;

/** Most files that are opened before anything is written to them. */
const mostOpened = 16;

/**
 * Loads what is new, then follows the files until a stop is asked for: each line is loaded as it is written. Gives what
 * was loaded in all. A store that is away is waited for.
 */
export async function follow(
  store: PatientStore,
  paths: readonly string[],
  options: FollowOptions,
): Promise<LoadResult> {
  const state = await newFollowing(store, paths, options);
  options.stop.onRequested = state.watch.wake;
  try {
    await pass(state);
    forgetWritten(state);
    await scanFolders(state);
    if (!options.stop.requested) options.onReady(state.tails.size);
    while (!isStopping(state)) await turn(state);
    await state.passing;
    for (const tail of state.tails.values()) await settleTail(state, tail);
  } finally {
    state.watch.close();
    for (const tail of state.tails.values()) closeTail(tail);
  }
  return { ...state.result, elapsed_ms: Math.round(performance.now() - state.startedAt) };
}

function isStopping({ options, failure }: Following): boolean {
  if (failure !== undefined) throw failure.error;
  return options.stop.requested;
}

/** Waits for news, then reads them. */
async function turn(state: Following): Promise<void> {
  const { stop } = state.options;
  if (!state.isBehind) {
    await state.watch.wait(state.scanAt - performance.now());
    const early = state.turnAt + gatherMs - performance.now();
    if (early > 0 && !stop.requested) await sleep(early);
  }
  if (stop.requested) return;
  state.turnAt = performance.now();
  if (state.watch.takeRenames() || state.turnAt >= state.scanAt) await scanFolders(state);
  state.isBehind = false;
  for (const tail of state.tails.values()) {
    if (stop.requested) return;
    await readOne(state, tail);
  }
  if ((state.needsPass || state.turnAt >= state.passAt) && state.passing === undefined) startPass(state);
}

/** Has the files opened that are probably being written, so that their next lines are loaded at once. */
function forgetWritten(state: Following): void {
  const newest = [...state.written.entries()].sort(([, left], [, right]) => right.changedUs - left.changedUs);
  for (const [key] of newest.slice(0, mostOpened)) state.seen.delete(key);
  state.written.clear();
}

/** Begins a pass beside the following. */
function startPass(state: Following): void {
  state.needsPass = false;
  state.passAt = Number.POSITIVE_INFINITY;
  state.passing = pass(state)
    .catch((error: unknown) => {
      state.failure = { error };
    })
    .finally(() => {
      state.passing = undefined;
      state.watch.wake();
    });
}

/** Loads what is new in the files that are not followed. */
async function pass(state: Following): Promise<void> {
  const { store, paths, options, breaker } = state;
  const done = await deltaPass(store, paths, options, new Set(state.tails.keys()));
  addCounts(state, done);
  for (const { path, place } of done.listed) {
    if (!state.tails.has(placeKey(place))) state.seen.set(placeKey(place), place);
    if (!hasClosedName(path)) state.written.set(placeKey(place), place);
  }
  if (done.files.some(({ status }) => status === "tripped")) {
    state.passAt = performance.now() + breaker.probe_seconds * 1_000;
  }
  state.needsPass ||= done.files.some(({ status }) => status === "gone");
  state.hasWaiting = done.files.some(({ unread_bytes }) => unread_bytes > 0);
  options.onPass(done);
}
