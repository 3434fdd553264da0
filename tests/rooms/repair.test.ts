import t from "tap";
import { breakStore } from "../helpers/broken-store.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { shareOf } from "../helpers/cli.ts";
import { differing } from "../helpers/contents.ts";
import { damage } from "../helpers/damage.ts";
import { engines } from "../helpers/database.ts";
import { classOf, reconciled, shownRun, spreadStore } from "../helpers/drift.ts";
import {
  fillSnapshots,
  numbersOf,
  repaired,
  repairsOf,
  smallStore,
  snapshotsOf,
  withoutSnapshots,
} from "../helpers/repairs.ts";
import { mutations } from "../helpers/tamper.ts";
import type { Turn } from "../helpers/tamper-rows.ts";
import { randomFrom } from "../helpers/random.ts";

const all = engines();
const mostAtOnce = 30;

for (const [number, engine] of all.entries()) {
  await t.test(
    `a damaged store is repaired to what a fresh load gives; snapshots stay (${engine.name})`,
    async (test) => {
      const count = shareOf(60, engine, all);
      for (let seed = 1 + number * 100; seed <= number * 100 + count; seed++) {
        const store = await smallStore(engine);
        try {
          await fillSnapshots(store);
          if (seed % 2 === 0) await reconciled(store.database);
          const fresh = withoutSnapshots(await canonicalTables(store.database));
          await damage(store, seed);
          test.notSame(withoutSnapshots(await canonicalTables(store.database)), fresh);
          const snapshots = await snapshotsOf(store);
          const wrong = await reconciled(store.database, "full");
          const sessions = new Set(wrong.findings.map((finding) => finding.session_id));
          sessions.delete("");
          const found = await repaired(store, seed % 3 === 0 ? "full" : "nightly");
          const next = await reconciled(store.database, "full");

          test.equal(wrong.exit, 20);
          const applied = sessions.size;
          test.same(numbersOf(found), { applied, refused: 0, failed: 0, reverified: applied, exit: 21 });
          test.same(withoutSnapshots(await canonicalTables(store.database)), fresh, `seed ${seed}`);
          const now = await snapshotsOf(store);
          test.same(
            [...snapshots].filter(
              ([session, kept]) => !session.startsWith("stray") && now.get(session) !== kept,
            ),
            [],
            "snapshots",
          );
          test.ok(found.certificate !== null && found.residual === 0);
          test.same(
            shownRun(next),
            { exit: 0, residual: 0, findings: [], in_flight: 0 },
            "as told by a full run",
          );
          test.equal(next.repair.applied, 0);
        } finally {
          await store.dispose();
        }
      }
    },
  );
}

for (const [number, engine] of all.entries()) {
  await t.test(`every mutation of a derived row is repaired (${engine.name})`, async (test) => {
    const kinds = mutations.filter(({ name }) => classOf(name) !== undefined);
    const count = shareOf(2_000, engine, all, kinds.length);
    const random = randomFrom(20_261_122 + number);
    const store = await spreadStore(engine, 900, 110);
    const pristine = await canonicalTables(store.database);
    const broken = await breakStore(store);
    const wrong: unknown[] = [];
    let made = 0;
    try {
      for (let at = 0; made < count;) {
        const turn: Turn = { pick: random, batches: new Set(), sessions: new Set() };
        for (let index = 0; index < mostAtOnce; index++, at++) {
          const mutation = kinds[at % kinds.length];
          const expected = await mutation?.apply(broken.plain, turn).catch(() => undefined);
          if (expected?.session !== undefined) turn.sessions.add(expected.session);
          if (expected?.key !== undefined) turn.sessions.add(expected.key);
          if (expected !== undefined) made += 1;
        }
        const found = await repaired(store);
        // From the third night on the same classes need a person, though all was repaired.
        const isOver = found.exit === 21 || found.exit === 24;
        if (!isOver || found.repair.failed > 0 || found.repair.applied !== found.repair.reverified)
          wrong.push(numbersOf(found));
        const differs = differing(await canonicalTables(store.database), pristine);
        if (differs.length > 0) wrong.push(differs);
      }
      test.same(wrong, []);
      test.ok(made >= kinds.length);
      test.ok((await repairsOf(store)) > kinds.length / 2);
      const last = await reconciled(store.database, "full");
      test.equal(last.exit, 0);
      test.same(last.findings, [], "no bucket differs from what the repair has left");
    } finally {
      await broken.plain.close();
      await store.dispose();
    }
  });
}
