import t from "tap";
import { liftGuards } from "../helpers/broken-store.ts";
import { cowriedb } from "../helpers/cli.ts";
import { engines, typed } from "../helpers/database.ts";
import { reconciled, spreadStore, type Found } from "../helpers/drift.ts";
import { openPlain } from "../helpers/plain.ts";

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a run that was stopped is taken up for six hours, then given up", async (t) => {
      const store = await spreadStore(engine, 400, 60);
      t.teardown(store.dispose);
      const began = async (minutesAgo: number): Promise<void> => {
        const instant = new Date(Date.now() - minutesAgo * 60_000).toISOString().replace("Z", "000Z");
        await typed(
          store.database,
          `update reconcile_runs set started_at = '${instant}' where finished_at is null`,
        );
      };
      const stoppedAt = async (range: number): Promise<Found> => {
        const stop = { requested: false };
        const onProgress = ({ done }: { done: number }): void => void (stop.requested ||= done >= range);
        return reconciled(store.database, "nightly", { stop, onProgress });
      };
      const first = await stoppedAt(50);
      await began(359);
      const second = await stoppedAt(150);
      await began(361);
      const third = await reconciled(store.database);
      const [given] = await typed(
        store.database,
        `select state, error from jobs where job_id = ${first.run.job_id}`,
      );

      t.same([second.is_resumed, second.run.run_id], [true, first.run.run_id]);
      t.same([third.is_resumed, third.exit, third.run.run_id], [false, 0, first.run.run_id + 1]);
      t.match(given, { state: "cancelled", error: "given up for a later run" });
    });

    await t.test("events that are in no session and no batch are a residual, and it is told", async (t) => {
      const store = await spreadStore(engine, 400, 60);
      t.teardown(store.dispose);
      const plain = openPlain(store, { foreignKeys: false });
      t.teardown(plain.close);
      await liftGuards(plain);
      await plain.run(
        "delete from ~raw_events where event_id in (select event_id from ~raw_events where session_id > '' order by event_id limit 3)",
      );
      const told = await cowriedb(["reconcile", "--mode", "nightly", "--db", store.db]);

      t.equal(told.code, 20, told.stderr);
      t.match(told.stdout, /; residual 6$/m, "neither the sessions nor the batches have them");
      t.ok(told.stdout.trimEnd().split("\n").length <= 12, told.stdout);
    });
  });
}
