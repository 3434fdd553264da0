import { replayLetters } from "../../src/ingest/replay.ts";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { purgeLetters } from "../../src/letters/purge.ts";
import type { Database } from "../../src/db/database.ts";
import { typed } from "./database.ts";

const everything = { reason: null, source: null, since: null, until: null };

/** Batches whose events others have seen, and that no replay holds back. */
const seenBatches = `select distinct d.event_id / 1048576 as batch_id from duplicate_sightings as d
  join ingest_batches as b on b.batch_id = d.event_id / 1048576
  where b.kind = 'load' and b.undone_at is null and d.batch_id != b.batch_id
  and not exists (select 1 from undo_shared_replays as r where r.undone_batch_id = b.batch_id) order by 1`;
const replayBatches =
  "select batch_id from ingest_batches where kind = 'replay' and undone_at is null order by 1";

/** What became of a store that was loaded from `honestFiles`. */
export interface Life {
  undone: number;
  carried: number;
  replayed: number;
  purged: number;
}

/**
 * Does to a loaded store what people do: registers event ids, replays letters, purges the settled ones, and undoes a
 * batch whose events others have seen, then one that a replay has made.
 */
export async function liveOn(database: Database, pick: (below: number) => number): Promise<Life> {
  await typed(
    database,
    `insert into event_types (event_type, legacy_of, since, meaning)
     values ('COW9999', 'cowrie.command.input', '2026-01', 'by hand'), ('cowrie.new.one', null, '2026-01', 'by hand')`,
  );
  const { replayed } = await replayLetters(database, { ...everything, letter: null }, { dryRun: false });
  const settled = { ...everything, before: null };
  const { letters } = await purgeLetters(database, settled, { dryRun: true, confirmed: 0 });
  if (letters > 0) await purgeLetters(database, settled, { dryRun: false, confirmed: letters });
  const life: Life = { undone: 0, carried: 0, replayed, purged: letters };
  for (const undoable of [seenBatches, replayBatches]) {
    const list = await typed(database, undoable);
    const batch = list[pick(Math.max(1, list.length))]?.["batch_id"];
    if (batch === undefined) continue;
    const result = await undoBatch(database, Number(batch), { reload: false });
    life.undone += result.batches.length;
    life.carried += result.events_carried;
  }
  return life;
}
