import t from "tap";
import { verdict } from "../../src/reconcile/verdict.ts";
import { liftGuards } from "../helpers/broken-store.ts";
import { engines, typed } from "../helpers/database.ts";
import { reconciled, spreadLines, spreadStore } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { cure, poison, setSetting } from "../helpers/jobs.ts";
import { openPlain } from "../helpers/plain.ts";
import {
  derivedRows,
  numbersOf,
  repaired,
  repairsOf,
  sessionsOf,
  smallStore,
  spoil,
} from "../helpers/repairs.ts";
import { warm } from "../helpers/warm.ts";

await t.test(
  "a person comes before a difference, that before what is unproved, that before repairs",
  (test) => {
    const all = { person: 1, drift: 1, unproved: 1, repaired: 1 };

    test.equal(verdict(all), 24);
    test.equal(verdict({ ...all, person: 0 }), 20);
    test.equal(verdict({ ...all, person: 0, drift: 0 }), 22);
    test.equal(verdict({ ...all, person: 0, drift: 0, unproved: 0 }), 21);
    test.equal(verdict({ person: 0, drift: 0, unproved: 0, repaired: 0 }), 0);
    test.end();
  },
);

for (const engine of engines()) {
  await t.test(
    `more than may be repaired: nothing is, and a person is asked for (${engine.name})`,
    async (test) => {
      const store = await smallStore(engine);
      try {
        await spoil(store, await sessionsOf(store, 11));
        const before = await derivedRows(store);
        const found = await reconciled(store.database, "nightly", { repair: true });
        const words = await warm(["reconcile", "--repair", "--max-repair", "10", "--db", store.db]);
        const after = await derivedRows(store);
        const none = await repairsOf(store);
        await setSetting(store, "reconcile_max_repair_percent", 50);
        const allowed = await reconciled(store.database, "quick", { repair: true });

        test.same(numbersOf(found), { applied: 0, refused: 11, failed: 0, reverified: 0, exit: 24 });
        test.equal(found.repair.most, 10, "ten are always allowed, a hundredth of forty is none");
        test.equal(words.code, 24);
        test.match(words.stdout, /11 sessions to repair, at most 10 allowed: none was touched/);
        test.ok(words.stdout.trim().split("\n").length <= 12);
        test.same([after, none], [before, 0]);
        test.same(numbersOf(allowed), { applied: 11, refused: 0, failed: 0, reverified: 11, exit: 21 });
      } finally {
        await store.dispose();
      }
    },
  );

  await t.test(
    `ten may always be repaired, and the exit code can be forgiven (${engine.name})`,
    async (test) => {
      const store = await smallStore(engine);
      try {
        const sessions = await sessionsOf(store, 10);
        const codes: (number | null)[] = [];
        await spoil(store, sessions);
        codes.push((await warm(["reconcile", "--repair", "--db", store.db])).code);
        await spoil(store, sessions.slice(0, 2));
        const told = await warm([
          "reconcile",
          "--repair",
          "--exit-zero-on",
          "repaired",
          "--json",
          "--db",
          store.db,
        ]);
        codes.push(told.code, (await warm(["reconcile", "--repair", "--db", store.db])).code);

        test.same(codes, [21, 0, 0]);
        const document = JSON.parse(told.stdout) as { repair: unknown; repaired: unknown; exit: number };
        test.same(document.repair, {
          ...{ attempted: 2, applied: 2, refused: 0, failed: 0, reverified: 2, most: 10, failed_first: [] },
        });
        test.same(document.repaired, { wrong_event_count: 2, wrong_type_count: 2 });
        test.equal(document.exit, 21, "the document keeps what was forgiven");
      } finally {
        await store.dispose();
      }
    },
  );

  await t.test(
    `a session that cannot be repaired is named, the others are repaired (${engine.name})`,
    async (test) => {
      const store = await smallStore(engine);
      const plain = openPlain(store);
      try {
        const sessions = await sessionsOf(store, 8);
        const [, second = "", , fourth = ""] = sessions;
        await spoil(store, sessions);
        await poison(plain, [second, fourth], "no entry");
        const found = await repaired(store);
        const named = found.repair.failed_first;
        const text = await warm(["reconcile", "--repair", "--db", store.db]);
        await cure(plain);
        const again = await repaired(store);

        test.same(numbersOf(found), { applied: 6, refused: 0, failed: 2, reverified: 6, exit: 24 });
        test.same(
          named.map((row) => row.session_id),
          [second, fourth],
        );
        for (const { error } of named) test.match(error, /no entry/);
        test.equal(text.code, 24);
        test.match(text.stdout, new RegExp(`2 still wrong: ${second}, ${fourth}`));
        test.equal(again.repair.failed, 0);
        test.equal(again.repair.reverified, 2);
      } finally {
        await plain.close();
        await store.dispose();
      }
    },
  );

  await t.test(
    `what no rebuild mends is not touched, and keeps its exit code (${engine.name})`,
    async (test) => {
      const store = await spreadStore(engine, 300, 40);
      const plain = openPlain(store, { foreignKeys: false });
      try {
        await liftGuards(plain);
        const [session = ""] = await sessionsOf(store, 1);
        await spoil(store, [session]);
        await plain.run(
          "update ~ingest_batches set events_accepted = events_accepted + 1 where batch_id = 1",
        );
        const found = await repaired(store);
        const drift = found.findings.filter((finding) => finding.class !== "trigger_bypassed");
        const [batch] = await typed(
          store.database,
          "select events_accepted from ingest_batches where batch_id = 1",
        );
        const accepted = Number(batch?.["events_accepted"]);
        await plain.run("update ~reconcile_certificates set facts = '{}' where run_id = 1");
        await spoil(store, [session]);
        const person = await repaired(store);

        test.same(numbersOf(found), { applied: 1, refused: 0, failed: 0, reverified: 1, exit: 20 });
        test.same(
          drift.map((finding) => [finding.class, finding.item, Number(finding.stored)]),
          [["wrong_batch_count", "1", accepted]],
        );
        test.same(numbersOf(person), { applied: 1, refused: 0, failed: 0, reverified: 1, exit: 24 });
      } finally {
        await plain.close();
        await store.dispose();
      }
    },
  );

  await t.test(
    `the same class in three nights needs a person, though all was repaired (${engine.name})`,
    async (test) => {
      const store = await smallStore(engine);
      try {
        const sessions = await sessionsOf(store, 4);
        const exits: number[] = [];
        // Another session each night, and one of them twice; of a day's runs one has found it.
        for (const [day, from, to] of [
          ["2026-03-01", 0, 1],
          ["2026-03-02", 1, 2],
          ["2026-03-02", 1, 1],
          ["2026-03-03", 1, 2],
        ] as const) {
          if (to > from) await spoil(store, sessions.slice(from, to));
          exits.push((await repaired(store, "nightly", day)).exit);
        }
        const calm = (await repaired(store, "nightly", "2026-03-04")).exit;
        await spoil(store, sessions.slice(0, 1));
        const later = await repaired(store, "nightly", "2026-03-05");

        test.same(exits, [21, 21, 0, 24]);
        test.equal(calm, 0);
        test.equal(later.exit, 21, "a calm night ends the row");
      } finally {
        await store.dispose();
      }
    },
  );

  await t.test(`what was loaded since is repaired by a quick run (${engine.name})`, async (test) => {
    const store = await smallStore(engine);
    try {
      await reconciled(store.database);
      await loadInProcess(store.database, "later.json", logOf(spreadLines(200, 99, 30)), [200]);
      const [last] = await typed(
        store.database,
        "select session_id from raw_events where session_id <> '' order by event_id desc limit 1",
      );
      await typed(
        store.database,
        `delete from session_summaries where session_id = '${String(last?.["session_id"])}'`,
      );
      const found = await reconciled(store.database, "quick");
      const quick = await reconciled(store.database, "quick", { repair: true });
      const full = await reconciled(store.database, "full");

      test.same([found.exit, found.findings.length, found.repair.applied], [20, 1, 0]);
      test.same(numbersOf(quick), { applied: 1, refused: 0, failed: 0, reverified: 1, exit: 21 });
      test.equal(quick.certificate, null);
      test.equal(full.exit, 0);
    } finally {
      await store.dispose();
    }
  });
}
