import t, { type Test } from "tap";
import { contentsOf, differing } from "../helpers/contents.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, onServer, typed } from "../helpers/database.ts";
import { faultyRun, madeUpLogs, wholeBatches } from "../helpers/faults.ts";
import { broughtBack, ownServer, smallSteps } from "../helpers/servers.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";

const files = madeUpLogs(2, 1_500);
const mebibyte = 1 << 20;

for (const each of engines().filter(({ dialect }) => dialect === "postgres")) {
  await t.test(
    `${each.name}: a load that fills the server's disk goes on when there is room`,
    async (test) => {
      const disk = smallDisk(1_024 * mebibyte);
      if (disk === undefined) {
        test.comment("This user may not mount a disk: the server says 53100 by hand instead.");
        await refusedLoad(test, each.url ?? "");
        return;
      }
      const { server, engine } = await ownServer(each, { ...smallSteps, folder: disk.path });
      test.teardown(async () => {
        await server.stop();
        disk.remove();
      });
      const undisturbed = await freshStore(engine);
      await onServer(server.url, async (sql) => sql.unsafe("checkpoint"));
      const usedBefore = disk.usedBytes();
      const first = await faultyRun(wordsFor(undisturbed.db));
      test.equal(first.code, 0, first.stderr);
      const expected = await contentsOf(undisturbed.database);
      const needed = disk.usedBytes() - usedBefore;
      await undisturbed.dispose();

      const sizes = scaled(20);
      for (let size = 1; size <= sizes; size++) {
        // From next to nothing to most of what the whole load needs.
        const room = Math.floor((needed * 0.75 * size) / sizes);
        const store = await freshStore(engine);
        await onServer(server.url, async (sql) => sql.unsafe("checkpoint"));
        disk.resize(disk.usedBytes() + room);

        const run = await faultyRun(wordsFor(store.db));
        disk.resize(1_024 * mebibyte);
        await broughtBack(server);

        // A server that cannot write its log ends every connection: that is a lost one, seen from outside.
        test.match(
          run,
          { code: 1, error: { code: /^db\.(disk_full|connection_lost|unreachable)$/, hint: /.+/ } },
          `${room} of ${needed} bytes: ${run.stderr}`,
        );
        const again = await freshView(store.db);
        const present = await wholeBatches(test, again.database, "after a full disk");
        test.ok(
          run.acknowledged <= present && present <= run.acknowledged + 2,
          `of ${run.acknowledged} batches acknowledged ${present} are there; the last answer may have been lost`,
        );
        const last = await faultyRun(wordsFor(store.db));
        test.equal(last.code, 0, last.stderr);
        test.same(
          differing(await contentsOf(again.database), expected),
          [],
          "tables when there was room again",
        );
        await again.close();
        await store.dispose();
      }
    },
  );
}

function wordsFor(db: string): string[] {
  return ["ingest", "bulk", ...files, "--db", db, "--batch-size", "150"];
}

async function freshView(db: string): Promise<{ database: Database; close: () => Promise<void> }> {
  const database = await openDatabase({ dialect: "postgres", url: db, shown: db });
  return { database, close: () => closeDatabase(database) };
}

/** Where no disk can be made: the server refuses a statement with the same words. */
async function refusedLoad(test: Test, url: string): Promise<void> {
  const store = await freshStore({ name: "PostgreSQL", dialect: "postgres", url });
  test.teardown(store.dispose);
  await typed(
    store.database,
    `create function no_room() returns trigger language plpgsql as $$
     begin raise exception using errcode = '53100', message = 'could not extend file'; end $$`,
  );
  await typed(
    store.database,
    "create trigger no_room before insert on batch_evidence for each row execute function no_room()",
  );

  const run = await faultyRun(wordsFor(store.db));

  test.match(run, { code: 1, acknowledged: 0, error: { code: "db.disk_full", hint: /Free some space/ } });
  await typed(store.database, "drop trigger no_room on batch_evidence");
  test.match(await faultyRun(wordsFor(store.db)), { code: 0 });
}
