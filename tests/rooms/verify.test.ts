import t from "tap";
import type { Database } from "../../src/db/database.ts";
import { recordsOf } from "../../src/events/evidence-records.ts";
import { align, type Alignment } from "../../src/verify/align.ts";
import { verifyStore, type Verified, type VerifyOptions } from "../../src/verify/verify.ts";
import { breakStore, isNamed, liftGuards, mutate } from "../helpers/broken-store.ts";
import { shareOf } from "../helpers/cli.ts";
import { engines, filledStore, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { honestFiles, tamperedLog } from "../helpers/honest-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { loadContents } from "../helpers/load.ts";
import { openPlain } from "../helpers/plain.ts";
import { rewriteChain } from "../helpers/rewrite-chain.ts";
import { liveOn, type Life } from "../helpers/store-life.ts";
import { mutations } from "../helpers/tamper.ts";
import { randomFrom } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

const all = engines();
const nothing = { state: "clean", first: [], unproved: [] };
/** Mutations of one round; a batch or session has one of them at most. */
const mostAtOnce = 6;

await t.test("events that stand in another order than their records are those that are named", (test) => {
  const records = recordsOf(Buffer.from('{"a":1}\n{"b":2}\n{"c":3}\n{"d":4}'));
  if (records === undefined) throw new TypeError("these are records");
  const digests = records.starts.map((_start, index) => records.leaves.subarray(index * 32, index * 32 + 16));
  const placed = (...order: number[]): Alignment =>
    align(
      records,
      order.map((index) => digests[index] ?? Buffer.alloc(16)),
    );

  test.match(placed(0, 1, 2, 3), { isWhole: true, moved: [], unseen: [] });
  test.match(placed(0, 2, 1, 3), { isWhole: false, recordOf: [0, 2, 1, 3], moved: [2], unseen: [] });
  test.match(placed(3, 0, 1), { moved: [1, 2], unseen: [2] });
  test.match(placed(0, 9, 0), { recordOf: [0, -1, -1], moved: [], unseen: [1, 2, 3] });
  test.end();
});

for (const [number, engine] of all.entries()) {
  await t.test(`honest stores verify without an alarm (${engine.name})`, async (test) => {
    const count = shareOf(100, engine, all, 2);
    const lives: Life = { undone: 0, carried: 0, replayed: 0, purged: 0 };
    for (let index = 0; index < count; index++) {
      const store = await freshStore(engine);
      try {
        const random = randomFrom(1_000 * number + index);
        for (const files of honestFiles(random))
          await loadContents(store.database, files, { batchEvents: 1 + random(80), multiLine: true });
        const loaded = await verified(store.database, { full: true });
        const life = await liveOn(store.database, random);
        for (const name of Object.keys(lives) as (keyof Life)[]) lives[name] += life[name];
        const found = await verified(store.database, { full: true });
        await loadContents(store.database, honestFiles(random)[0] ?? [], { multiLine: true });
        const later = await verified(store.database, {});

        test.same(shown(loaded), nothing, `store ${index}`);
        test.same(shown(found), nothing, `store ${index}, later`);
        test.same(shown(later), nothing, `store ${index}, with another load`);
        test.equal(found.undone, life.undone);
        test.ok(found.events > 0 && found.letters > 0 && found.sessions > 0, `${found.events} events`);
      } finally {
        await store.dispose();
      }
    }
    test.ok(
      Object.values(lives).every((number) => number > 0),
      JSON.stringify(lives),
    );
  });

  await t.test(
    `a score of older risk rules is unproved, and nothing else is (${engine.name})`,
    async (test) => {
      const store = await loadedStore(engine);
      const { database } = store;
      try {
        await typed(database, "update risk_rules set score = score - 1 where score > 1");
        const changed = await verified(database, { full: true });
        await loadInProcess(database, "later.json", tamperedLog()[0] ?? Buffer.alloc(0), [40]);
        const loaded = await verified(database, { full: true });
        const plain = openPlain(store, { foreignKeys: false });
        await liftGuards(plain);
        const one = "session_id = (select min(session_id) from ~session_summaries)";
        await plain.run(`update ~session_summaries set risk_score = 77 where ${one}`);
        const scored = await verified(database, { full: true });
        await plain.run(`update ~session_summaries set login_attempts = 77 where ${one}`);
        const edited = await verified(database, { full: true });
        await plain.close();

        test.same([changed.state, loaded.state, scored.state], ["unproved", "unproved", "unproved"]);
        test.ok(
          changed.findings.unproved.every(({ reason }) => / (risk_score|high_risk) is not /.test(reason)),
        );
        test.ok(scored.findings.unprovedCount >= changed.findings.unprovedCount);
        test.equal(edited.state, "differences");
        test.same(
          edited.findings.first.map(({ column }) => column),
          ["login_attempts"],
        );
      } finally {
        await store.dispose();
      }
    },
  );

  await t.test(`every mutation is found and its table and batch are named (${engine.name})`, async (test) => {
    const count = shareOf(10_000, engine, all, 2 * mutations.length);
    const random = randomFrom(20_261_121 + number);
    const store = await loadedStore(engine);
    const broken = await breakStore(store);
    const missed: unknown[] = [];
    const names = new Set<string>();
    let found = 0;
    let turn = 0;
    try {
      while (found < count) {
        const { made, next } = await mutate(broken.plain, random, turn, Math.min(mostAtOnce, count - found));
        if (made.length === 0) break;
        turn = next;
        const result = await verified(store.database, { full: true });
        await broken.restore();
        found += made.length;
        for (const { name, expected } of made) {
          names.add(name);
          if (!isNamed(result, expected) && missed.length < 5)
            missed.push([turn, name, expected, shown(result)]);
        }
      }
      test.same(shown(await verified(store.database, { full: true })), nothing, "the store is as it was");
    } finally {
      await broken.plain.close();
      await store.dispose();
    }
    test.same(missed, [], "mutations that were not named");
    test.equal(found, count, "mutations made");
    const never = mutations.map(({ name }) => name).filter((name) => !names.has(name));
    test.same(never, [], "kinds that were never made");
  });

  await t.test(
    `a chain rewritten as a whole is found by its exported end alone (${engine.name})`,
    async (test) => {
      const store = await loadedStore(engine);
      try {
        const before = await verified(store.database, { full: true });
        const plain = openPlain(store, { foreignKeys: false });
        try {
          await liftGuards(plain);
          await plain.run("update ~ingest_batches set actor = 'somebody@else' where batch_id = 2");
        } finally {
          await plain.close();
        }
        await rewriteChain(store);

        const alone = await verified(store.database, { full: true });
        const against = await verified(store.database, { full: true, against: before.head });

        test.same(shown(alone), nothing);
        test.equal(against.state, "differences");
        test.ok(isNamed(against, { table: "ingest_batches", batch: before.head.batch_id }));
      } finally {
        await store.dispose();
      }
    },
  );

  await t.test(`a proved batch is not read again until all are (${engine.name})`, async (test) => {
    const store = await loadedStore(engine);
    try {
      const stop = { requested: false };
      const cut = await verified(store.database, {
        stop,
        onProgress: () => (stop.requested = true),
      });
      test.equal(cut.state, "interrupted");
      test.equal(cut.batches, 1);
      test.equal(typeof cut.next_batch_id, "number");

      const first = await verified(store.database, {});
      const second = await verified(store.database, {});
      test.equal(first.state, "clean");
      test.equal(first.batches + first.proved_before, first.links);
      test.same([second.batches, second.proved_before], [0, first.links]);

      const plain = openPlain(store, { foreignKeys: false });
      await liftGuards(plain);
      await plain.run(
        "update ~raw_events set flags = 'glued' where event_id = (select min(event_id) from ~raw_events)",
      );
      await plain.close();
      test.equal((await verified(store.database, {})).state, "clean", "an edit of an old batch is not seen");
      test.equal((await verified(store.database, { full: true })).state, "differences", "but by a full run");
      test.equal((await verified(store.database, {})).state, "differences", "and from then on by each");
    } finally {
      await store.dispose();
    }
  });

  await t.test(`a digest of another length is named, with its batch (${engine.name})`, async (test) => {
    const store = await loadedStore(engine);
    const plain = openPlain(store, { foreignKeys: false });
    try {
      await liftGuards(plain);
      for (const column of ["batch_digest", "record_digest", "chain_digest"])
        for (const digest of ["00", "11".repeat(33)]) {
          const [row] = await plain.rows(
            `select batch_id, ${column} as digest from ~ingest_batches where chain_position = 1`,
          );
          const { batch_id, digest: whole } = row as { batch_id: number | string; digest: Buffer };
          const put = async (hex: string): Promise<void> =>
            plain.run(
              `update ~ingest_batches set ${column} = ${plain.bytes(hex)} where batch_id = ${batch_id}`,
            );
          await put(digest);
          const { state, findings } = await verified(store.database, { full: true });
          await put(whole.toString("hex"));
          test.equal(state, "differences", `${column} of ${digest.length / 2} bytes`);
          test.ok(
            findings.first.some(
              (one) => one.table === "ingest_batches" && Number(one.batch_id) === Number(batch_id),
            ),
            `the batch of ${column} is named`,
          );
        }
      test.equal((await verified(store.database, { full: true })).state, "clean");
    } finally {
      await plain.close();
      await store.dispose();
    }
  });

  await t.test(
    `what the gate of today refuses is not proved; exit code 22 (${engine.name})`,
    async (test) => {
      const store = await loadedStore(engine);
      try {
        await typed(store.database, "delete from event_types where event_type = 'COW0005'");
        const outcome = await warm(["verify", "--full", "--json", "--db", store.db]);
        test.equal(outcome.code, 22, outcome.stderr);
        test.ok((JSON.parse(outcome.stdout) as { unproved: number }).unproved > 0);
      } finally {
        await store.dispose();
      }
    },
  );

  if (engine.dialect === "postgres")
    await t.test(`a generated column that was made a plain one is found (${engine.name})`, async (test) => {
      const store = await loadedStore(engine);
      try {
        const plain = openPlain(store);
        await liftGuards(plain);
        await plain.run("alter table ~raw_events alter column username drop expression");
        await plain.run("update ~raw_events set username = 'nobody' where username = 'root'");
        await plain.close();
        const found = await verified(store.database, { full: true });
        test.ok(found.findings.first.some(({ column }) => column === "username"));
      } finally {
        await store.dispose();
      }
    });
}

async function verified(database: Database, options: Partial<VerifyOptions>): Promise<Verified> {
  return verifyStore(database, { toolVersion: "test", ...options });
}

function shown(found: Verified): unknown {
  const { first, unproved } = found.findings;
  return { state: found.state, first: first.slice(0, 3), unproved: unproved.slice(0, 3) };
}

/** A small store with everything in it: several batches, letters long and short, sightings, flags. */
async function loadedStore(engine: Engine): Promise<TestStore> {
  return filledStore(engine, "tampered", async ({ database }) => {
    for (const [index, content] of tamperedLog().entries())
      await loadInProcess(database, `cowrie.json.${index}`, content, [23, 9, 31]);
  });
}
