import t from "tap";
import { crewOf } from "../../src/db/crew.ts";
import { inSnapshot } from "../../src/db/snapshot.ts";
import { readAhead } from "../../src/reconcile/ahead.ts";
import { proveSession } from "../../src/reconcile/prove.ts";
import { proveRange, type RangeProof } from "../../src/reconcile/range.ts";
import { factsOf, ledgerStep } from "../../src/reconcile/run.ts";
import { liftGuards } from "../helpers/broken-store.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { reconciled, spreadStore } from "../helpers/drift.ts";
import { openPlain } from "../helpers/plain.ts";

for (const engine of engines()) {
  await t.test(`readers ahead prove what a run by itself proves (${engine.name})`, async (test) => {
    const store = await spreadStore(engine, 600, 80);
    const plain = openPlain(store, { foreignKeys: false });
    try {
      const { run } = await reconciled(store.database);
      await liftGuards(plain);
      await plain.run("update ~session_summaries set risk_score = 99 where session_id < '4'");
      await plain.run("delete from ~session_summaries where session_id > 'c'");
      const asked = await factsOf(store.database, run.run_id, true);
      const ahead = readAhead(store.database, asked, 0);
      const differing = new Set<string>();
      try {
        for (let number = 0; number < ledgerStep; number++) {
          const [proof, alone] = [await ahead.prove(number), await proveRange(store.database, asked, number)];
          for (const { session_id: session } of proof.findings) differing.add(session);
          if (shown(proof) !== shown(alone)) test.same(proof, alone, `range ${number}`);
        }
      } finally {
        await ahead.close();
      }
      test.ok(differing.size > 10, `${differing.size} sessions differ`);
    } finally {
      await plain.close();
      await store.dispose();
    }
  });

  await t.test(
    `of a bucket the parts that changed are not proved, the others are (${engine.name})`,
    async (test) => {
      const store = await spreadStore(engine, 900, 300);
      const plain = openPlain(store, { foreignKeys: false });
      try {
        await reconciled(store.database);
        await liftGuards(plain);
        // Two sessions of a range and a day, in two parts: the third digit differs.
        const [pair] = await typed(
          store.database,
          "select a.session_id as one, b.session_id as other from session_lines as a join session_lines as b on b.day = a.day " +
            "and substr(b.session_id, 1, 2) = substr(a.session_id, 1, 2) and substr(b.session_id, 3, 1) > substr(a.session_id, 3, 1) " +
            "order by a.session_id, b.session_id limit 1",
        );
        const [one, other] = [String(pair?.["one"]), String(pair?.["other"])];
        await plain.run(`update ~session_summaries set risk_score = 97 where session_id = '${one}'`);
        const states = [
          (await proveSession(store.database, one)).state,
          (await proveSession(store.database, other)).state,
        ];
        const bucket = (await proveSession(store.database, other)).bucket_digest;
        await plain.run("update ~reconcile_buckets set part_digests = " + plain.bytes("ee".repeat(33)));
        const tampered = await proveSession(store.database, other);

        test.same(states, ["differs", "proved"]);
        test.match(bucket, /^[0-9a-f]{64}$/);
        test.equal(tampered.state, "not_proved");
      } finally {
        await plain.close();
        await store.dispose();
      }
    },
  );
}

/** What must be the same, whoever has read it. */
function shown({ snapshotMs: _, buckets, ...proof }: RangeProof): string {
  const hexOf = (bytes: Buffer | null): string | undefined => bytes?.toString("hex");
  return JSON.stringify([
    proof,
    buckets.map((row) => ({ ...row, digest: hexOf(row.digest), part_digests: hexOf(row.part_digests) })),
  ]);
}

void t.test("readers that are closed with work waiting leave no connection behind", async (t) => {
  for (const engine of engines()) {
    const { database, dispose } = await freshStore(engine);
    t.teardown(dispose);
    if (database.dialect === "sqlite") continue;
    const others = async (): Promise<number> => {
      const [row] = await typed(
        database,
        "select count(*) as others from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      return Number(row?.["others"]);
    };
    const before = await others();
    for (let round = 0; round < 5; round += 1) {
      const crew = crewOf<number, number>(await database.another(), 2, async (store, piece) =>
        inSnapshot(store, async (snapshot) => {
          await typed(snapshot, "select pg_sleep(0.05)");
          return piece;
        }),
      );
      const answers = [1, 2, 3, 4, 5, 6].map(async (piece) => crew.ask(piece));
      await answers[0];
      await crew.close();

      const seen = await Promise.all(answers);
      t.equal(seen[0], 1);
      t.equal(seen.at(-1), undefined, "who waits is sent away");
    }
    for (let looks = 0; (await others()) > before && looks < 100; looks += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    t.ok((await others()) <= before, engine.name);
  }
});
