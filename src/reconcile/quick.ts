import type { Database } from "../db/database.ts";
import { inRangeSnapshot } from "../db/snapshot.ts";
import { inWriting } from "../db/writing.ts";
import {
  reconcileCloseFindingsOfSession,
  reconcileNextBatches,
  reconcileNoteFinding,
  reconcileOpenSessions,
  reconcileSessionsOfBatch,
} from "../sql/generated.ts";
import { many, none } from "../sql/run.ts";
import { confirm, differencesOf } from "./differences.ts";
import type { Run } from "./run.ts";
import { noCounts, noteStep, refresh } from "./notes.ts";

/** Events whose sessions one step of a quick run proves: half a second on SQLite. */
const eventsAtOnce = 20_000;

/**
 * Proves the sessions of the next batches, and once, with the first, those of open findings. Gives whether batches are left.
 */
export async function quickStep(database: Database, run: Run, busyMs: () => number): Promise<boolean> {
  const { next_step: after, since_position: since, watermark_position: upTo, run_id } = run.row;
  const began = performance.now();
  const open = new Set<string>();
  for (const row of await many(database, reconcileOpenSessions, {})) open.add(row.session_id);
  const look = await inRangeSnapshot(database, async (snapshot) => {
    const { sessions, events, position } = await nextSessions(snapshot, after, upTo);
    if (after === since) for (const session of open) sessions.add(session);
    const found = await differencesOf(snapshot, [...sessions]);
    return { sessions, events, position, suspects: new Set(found.map((finding) => finding.session_id)) };
  });
  const lookMs = performance.now() - began;
  const { findings, inFlight, snapshotMs } = await confirm(database, [...look.suspects]);
  await inWriting(database, async (writing) => {
    for (const finding of findings) await none(writing, reconcileNoteFinding, { ...finding, run_id });
    for (const session of open) {
      if (look.sessions.has(session))
        await none(writing, reconcileCloseFindingsOfSession, { run_id, session_id: session });
    }
    const counts = {
      ...{ ...noCounts, next_step: look.position, sessions: look.sessions.size, events: look.events },
      ...{ deep_sessions: look.sessions.size, differed_once: look.suspects.size },
      ...{ in_flight: inFlight.size, snapshot_ms: Math.round(Math.max(lookMs, snapshotMs)) },
    };
    await noteStep(writing, run, counts, busyMs());
  });
  await refresh(database, run);
  return look.position < upTo;
}

async function nextSessions(
  snapshot: Database,
  after: number,
  upTo: number,
): Promise<{ sessions: Set<string>; events: number; position: number }> {
  const sessions = new Set<string>();
  let events = 0;
  let position = after;
  const batches = await many(snapshot, reconcileNextBatches, {
    after_position: after,
    up_to_position: upTo,
  });
  for (const batch of batches) {
    if (events >= eventsAtOnce) break;
    for (const row of await many(snapshot, reconcileSessionsOfBatch, { batch_id: batch.batch_id }))
      sessions.add(row.session_id);
    events += batch.events_accepted ?? 0;
    position = batch.chain_position ?? position;
  }
  return { sessions, events, position: batches.length === 0 ? upTo : position };
}
