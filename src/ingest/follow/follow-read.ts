import { forgive, probeRecords, tripWhereDue } from "./breaker.ts";
import type { ReadBatch } from "../read/batch.ts";
import { addCounts, countsOf, type Following } from "./following.ts";
import { wasOvertaken } from "../overtaken.ts";
import { ingestBatch } from "../../telemetry/measured.ts";
import { closeTail, isBehind, readTail, type Tail } from "./tail.ts";

/** Reads on in one followed file: a batch at most. */
export async function readOne(state: Following, tail: Tail): Promise<void> {
  const isProbe = tail.probeAt > 0;
  if (isProbe && performance.now() < tail.probeAt) return;
  if (isProbe && !isBehind(tail)) return;
  const usual = state.options.batchEvents;
  const found = readTail(tail, isProbe ? Math.min(usual, probeRecords(state.breaker)) : usual);
  if (found === "replaced" || found === "unlikely") {
    dropTail(state, tail, found);
    return;
  }
  if (found === undefined) return;
  if (isProbe) await beginProbe(state, tail);
  if (await wasOvertaken(write(state, tail, found))) {
    dropTail(state, tail, "replaced");
    return;
  }
  await askBreaker(state, tail, found, isProbe);
  state.isBehind ||= tail.probeAt === 0 && isBehind(tail);
}

/** Its bytes are others by now, another program has read on in it, or it is no log: whoever looks at it next begins anew. */
function dropTail(state: Following, tail: Tail, why: "replaced" | "unlikely"): void {
  state.tails.delete(tail.key);
  if (why === "unlikely" && tail.file.place !== null) state.seen.set(tail.key, tail.file.place);
  closeTail(tail);
  state.scanAt = 0;
}

async function write(state: Following, tail: Tail, batch: ReadBatch): Promise<void> {
  const { runId, actor, store } = state;
  const { file, sourceId, compared } = tail;
  const outcome = await ingestBatch(store.database.dialect, batch.events, () =>
    store.writer.write({ batch, file, sourceId, compared, runId, actor }),
  );
  tail.sourceId = outcome.sourceId;
  addCounts(state, countsOf(outcome));
}

async function beginProbe({ store }: Following, tail: Tail): Promise<void> {
  const { sourceId } = tail;
  if (sourceId !== null) await store.patiently(() => forgive(store.database, sourceId));
}

async function askBreaker(
  { store, breaker, options }: Following,
  tail: Tail,
  batch: ReadBatch,
  isProbe: boolean,
): Promise<void> {
  const { sourceId } = tail;
  const isTripped =
    sourceId !== null &&
    batch.letters.length > 0 &&
    (await store.patiently(() => tripWhereDue(store.database, sourceId, { isProbe })));
  if (isTripped && !isProbe) options.onTrip(tail.file.shown);
  if (!isTripped && isProbe) options.onResume(tail.file.shown);
  tail.probeAt = isTripped ? performance.now() + breaker.probe_seconds * 1_000 : 0;
}
