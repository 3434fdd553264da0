import t from "tap";
import { canonicalTables } from "../helpers/canonical.ts";
import { scaled } from "../helpers/cli.ts";
import { damage } from "../helpers/damage.ts";
import { engines, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { reconciled, shownRun, spreadStore, type Found } from "../helpers/drift.ts";
import { cure, poison, setSetting } from "../helpers/jobs.ts";
import { openPlain, outcomeOf } from "../helpers/plain.ts";
import { derivedRows, fillSnapshots, repaired, snapshotsOf, withoutSnapshots } from "../helpers/repairs.ts";

const all = engines();

/** What one repair came to, in numbers. */
function numbersOf({ repair, exit }: Found): unknown {
  const { applied, refused, failed, reverified } = repair;
  return { applied, refused, failed, reverified, exit };
}

async function repairsOf(store: TestStore): Promise<number> {
  const [row] = await typed(store.database, "select count(*) as n from repairs");
  return Number(row?.["n"]);
}

async function smallStore(engine: Engine): Promise<TestStore> {
  return spreadStore(engine, 300, 40);
}

for (const [number, engine] of all.entries()) {
  await t.test(
    `a damaged store is repaired to what a fresh load gives; snapshots stay (${engine.name})`,
    async (test) => {
      const count = Math.ceil(scaled(60) / all.length);
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
void [cure, poison, setSetting, openPlain, outcomeOf, derivedRows, repairsOf];
