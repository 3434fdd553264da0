import t from "tap";
import { addressesText, summariesText } from "../../bench/made-up.ts";
import { failuresOf, openJob } from "../../src/jobs/jobs.ts";
import { releaseJob } from "../../src/jobs/lease.ts";
import { runTaken, takeJob, type TakenJob } from "../../src/jobs/loop.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { everything, poison } from "../helpers/jobs.ts";
import { openPlain } from "../helpers/plain.ts";
import { randomNumbers } from "../helpers/random.ts";

const sessions = scaled(200_000);
const batchSize = 5_000;
const words = "no such luck";
const seed = 20_261_122;
const random = randomNumbers(seed);

for (const engine of engines()) {
  void t.test(
    `${engine.name}: one poison row among ${sessions} sessions is found in 13 splits, named and left out`,
    async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const plain = openPlain(store);
      t.teardown(plain.close);
      await typed(store.database, summariesText(engine.dialect, sessions));
      await typed(store.database, addressesText(engine.dialect, 500));
      const at = Math.floor(random() * sessions);
      t.comment(`seed ${seed}, session ${at} of ${sessions}`);
      const [row] = await typed(
        store.database,
        `select session_id from session_places order by summary_id limit 1 offset ${at}`,
      );
      const bad = String(row?.["session_id"]);
      await poison(plain, [bad], words);

      const how = { batchSize, stop: { requested: false } };
      const opened = await openJob(store.database, "backfill_snapshots", everything, {
        batchSize,
        actor: "test",
      });
      const taken = await takeJob(store.database, opened, how);
      const tried = watched(taken);
      const job = await runTaken(taken);
      await releaseJob(taken);

      t.ok(
        splitsOf(tried) <= Math.ceil(Math.log2(batchSize)),
        `${splitsOf(tried)} splits of ${tried.length} batches`,
      );
      t.match(job, { state: "needs_attention", failed_batches: 1 });
      t.equal(Number(job.processed), sessions - 1);
      t.match(await failuresOf(store.database, job.job_id, 10), [
        { session_id: bad, error: new RegExp(words) },
      ]);
      t.same(
        await typed(store.database, "select session_id from session_summaries where snapshot_status is null"),
        [{ session_id: bad }],
        "all others have a snapshot",
      );
    },
  );
}

/** A batch that was tried. */
interface Tried {
  size: number;
  isWell: boolean;
}

/** Notes each batch of a job that is tried. */
function watched(taken: TakenJob): Tried[] {
  const tried: Tried[] = [];
  const { note, failed } = taken.servo;
  Object.assign(taken.servo, {
    note: (size: number, ms: number) => {
      tried.push({ size, isWell: true });
      note(size, ms);
    },
    failed: (size: number) => {
      tried.push({ size, isWell: false });
      failed(size);
    },
  });
  return tried;
}

/** How often the sessions among which the poison row is were split, from the batch that failed to the row alone. */
function splitsOf(tried: readonly Tried[]): number {
  const first = tried.findIndex(({ isWell }) => !isWell);
  let suspects = tried[first]?.size ?? 0;
  let splits = 0;
  for (const { size, isWell } of tried.slice(first + 1)) {
    if (suspects <= 1) break;
    splits++;
    suspects = isWell ? suspects - size : size;
  }
  if (suspects !== 1) throw new Error(`${suspects} sessions were left.`);
  return splits;
}
