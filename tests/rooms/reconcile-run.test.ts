import t from "tap";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { CowriedbError } from "../../src/errors.ts";
import { certificateFindings } from "../../src/reconcile/certificate.ts";
import { proveSession } from "../../src/reconcile/prove.ts";
import { takeRun } from "../../src/reconcile/lease.ts";
import { verdict } from "../../src/reconcile/verdict.ts";
import { liftGuards } from "../helpers/broken-store.ts";
import { cowriedb, shareOf } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { reconciled, shownRun, spreadLines, spreadStore } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { openPlain, outcomeOf, type Plain } from "../helpers/plain.ts";
import { warm } from "../helpers/warm.ts";

const all = engines();
const edit =
  "update ~session_summaries set risk_score = 99 where session_id = (select min(session_id) from ~session_summaries)";

void t.test(
  "the first of person, drift, unproved and repaired that applies is the exit code",
  async (test) => {
    const codes: number[] = [];
    for (let bits = 0; bits < 16; bits++) {
      const bit = (of: number): number => (bits & of) / of;
      codes.push(verdict({ person: bit(8), drift: bit(4), unproved: bit(2), repaired: bit(1) }));
    }
    test.same(codes, [0, 21, 22, 22, 20, 20, 20, 20, 24, 24, 24, 24, 24, 24, 24, 24]);
  },
);

const bucketQuery =
  "select day, range_number, sessions, events, digest from reconcile_buckets order by day, range_number";

for (const engine of all) {
  await t.test(`a store that is loaded meanwhile has no finding (${engine.name})`, async (test) => {
    const runs = shareOf(1_000, engine, all, 12);
    const folder = mkdtempSync(join(tmpdir(), "cowriedb-live-"));
    const store = await freshStore(engine);
    let isDone = false;
    let hasFailed = false;
    let loads = 0;
    const loading = (async (): Promise<void> => {
      while (!isDone) {
        const path = join(folder, `cowrie.json.${loads}`);
        writeFileSync(path, logOf(spreadLines(600, loads, 100 + 100 * (loads % 5))));
        const words = ["ingest", "bulk", path, "--db", store.db, "--batch-size", "40"];
        const outcome = await warm(words);
        hasFailed = outcome.code !== 0;
        if (hasFailed) throw new Error(outcome.stderr);
        loads++;
      }
    })();
    try {
      const alarms: unknown[] = [];
      let events = 0;
      // A busy machine may not have begun to load when the runs are through.
      for (let index = 0; index < runs || (events === 0 && !hasFailed); index++) {
        const mode = index % 50 === 10 ? "full" : index % 10 === 0 ? "nightly" : "quick";
        const found = await reconciled(store.database, mode);
        if (found.exit !== 0 || found.findings.length > 0) alarms.push([index, mode, shownRun(found)]);
        events = Math.max(events, found.run.raw_events ?? 0);
        // The load is another process: it must get its turns.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      test.same(alarms, []);
      test.ok(events > 0, `${events} events, ${loads} loads`);
    } finally {
      isDone = true;
      await loading;
      await store.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  await t.test(
    `a session is proved up to the root, until it or its bucket changes (${engine.name})`,
    async (test) => {
      const store = await spreadStore(engine, 400, 60);
      const plain = openPlain(store, { foreignKeys: false });
      try {
        await liftGuards(plain);
        const [row] = await typed(store.database, "select min(session_id) as id from session_summaries");
        const session = String(row?.["id"]);
        const before = await proveSession(store.database, session);
        const run = await reconciled(store.database);
        const proved = await proveSession(store.database, session);
        const word = await warm(["reconcile", "prove", "--session", session, "--json", "--db", store.db]);
        await plain.run(`update ~session_summaries set risk_score = 98 where session_id = '${session}'`);
        const differs = await proveSession(store.database, session);
        await reconciled(store.database);
        await plain.run(
          `update ~session_summaries set risk_score = (select risk_score from ~session_recount where session_id = '${session}') where session_id = '${session}'`,
        );
        const dirty = await proveSession(store.database, session);
        await reconciled(store.database);
        const again = await proveSession(store.database, session);
        await plain.run("update ~reconcile_days set digest = " + plain.bytes("ee".repeat(32)));
        const broken = await proveSession(store.database, session);

        test.same(
          [before, proved, differs, dirty, again, broken].map(({ state, exit }) => [state, exit]),
          [
            ["not_proved", 22],
            ["proved", 0],
            ["differs", 20],
            ["not_proved", 22],
            ["proved", 0],
            ["broken_certificate", 24],
          ],
        );
        test.equal(proved.certificate?.root, run.certificate?.root);
        test.equal(
          (JSON.parse(word.stdout) as { certificate: { root: string } }).certificate.root,
          run.certificate?.root,
        );
        test.equal(word.code, 0);
        test.same(
          differs.findings.map((finding) => finding.class),
          ["wrong_merge_field"],
        );
        await test.rejects(proveSession(store.database, "nobody"), { code: "jobs.no_session" });
      } finally {
        await plain.close();
        await store.dispose();
      }
    },
  );

  await t.test(`an altered certificate, bucket, day or run is found (${engine.name})`, async (test) => {
    const other = "'f' || substr(ACTOR, 2)".replace("ACTOR", "actor");
    const tampers = [
      "update ~reconcile_certificates set root = BYTES where run_id = 2",
      "update ~reconcile_certificates set previous_root = BYTES where run_id = 3",
      'update ~reconcile_certificates set facts = replace(facts, \'"mode":"nightly"\', \'"mode":"full"\') where run_id = 1',
      "delete from ~reconcile_certificates where run_id = 2",
      "delete from ~reconcile_certificates where run_id = 3",
      "update ~reconcile_buckets set digest = BYTES where range_number = (select min(range_number) from ~reconcile_buckets)",
      "update ~reconcile_buckets set sessions = sessions + 1 where range_number = (select max(range_number) from ~reconcile_buckets)",
      "update ~reconcile_buckets set deep_run_id = 3 where deep_run_id = 1",
      "delete from ~reconcile_buckets where range_number = (select max(range_number) from ~reconcile_buckets)",
      "update ~reconcile_buckets set part_digests = PARTS where range_number = (select min(range_number) from ~reconcile_buckets)",
      "update ~reconcile_days set digest = BYTES where day = (select min(day) from ~reconcile_days)",
      "delete from ~reconcile_days where day = (select min(day) from ~reconcile_days)",
      "update ~reconcile_runs set events = events + 1 where run_id = 2",
      `update ~reconcile_runs set actor = ${other} where run_id = 1`,
    ];
    const tables = ["certificates", "buckets", "days", "runs"].map((name) => `reconcile_${name}`);
    const store = await spreadStore(engine, 120, 30);
    const plain = openPlain(store, { foreignKeys: false });
    try {
      for (let night = 0; night < 3; night++) await reconciled(store.database);
      await liftGuards(plain);
      for (const table of tables)
        await plain.run(`create table ~pristine_${table} as select * from ~${table}`);
      for (const tamper of tampers) {
        await plain.run(
          tamper
            .replace("BYTES", plain.bytes("ee".repeat(32)))
            .replace("PARTS", plain.bytes("ee".repeat(33))),
        );
        const found = await certificateFindings(store.database);
        for (const table of tables) {
          await plain.run(`delete from ~${table}`);
          await plain.run(`insert into ~${table} select * from ~pristine_${table}`);
        }
        test.ok(found.length > 0, tamper);
      }
      test.same(await certificateFindings(store.database), [], "the store is as it was");
      await plain.run("update ~reconcile_days set digest = " + plain.bytes("ee".repeat(32)));
      const found = await reconciled(store.database);
      test.ok(found.findings.some((finding) => finding.class === "certificate_mismatch"));
      test.equal(found.exit, 24);
      test.equal(found.run.deep_sessions, found.run.sessions, "nothing is believed then");
    } finally {
      await plain.close();
      await store.dispose();
    }
  });

  await t.test(`a certificate cannot be changed, replaced or deleted (${engine.name})`, async (test) => {
    const store = await spreadStore(engine, 60, 10);
    const plain = openPlain(store);
    try {
      await reconciled(store.database);
      const zeros = plain.bytes("00".repeat(32));
      test.equal(await outcomeOf(plain, ["update ~reconcile_certificates set facts = '{}'"]), "WR050");
      test.equal(await outcomeOf(plain, ["delete from ~reconcile_certificates"]), "WR051");
      if (engine.dialect === "postgres")
        test.equal(await outcomeOf(plain, ["truncate ~reconcile_certificates"]), "WR051");
      else {
        const replace = `insert or replace into reconcile_certificates (run_id, previous_root, root, facts) values (1, ${zeros}, ${zeros}, '{}')`;
        test.equal(await outcomeOf(plain, [replace]), "WR051");
      }
    } finally {
      await plain.close();
      await store.dispose();
    }
  });

  await t.test(`the same class for three nights needs a person (${engine.name})`, async (test) => {
    await withPlain(engine, async (store, plain) => {
      await reconciled(store.database);
      await plain.run(edit);
      const codes: number[] = [];
      // A night without a run says nothing.
      for (const day of ["2026-03-01", "2026-03-02", "2026-03-04"])
        codes.push((await reconciled(store.database, "nightly", { day })).exit);
      const quick = await reconciled(store.database, "quick", { day: "2026-03-04" });
      test.same([...codes, quick.exit], [20, 20, 24, 20]);
    });
  });

  await t.test(`many runs of one day are one night (${engine.name})`, async (test) => {
    await withPlain(engine, async (store, plain) => {
      await plain.run(edit);
      const codes: number[] = [];
      for (const day of ["2026-03-01", "2026-03-02", "2026-03-02", "2026-03-02", "2026-03-03"])
        codes.push((await reconciled(store.database, "nightly", { day })).exit);
      test.same(codes, [20, 20, 20, 20, 24]);
    });
  });

  await t.test(
    `a run that is stopped goes on where it was, and comes to the same (${engine.name})`,
    async (test) => {
      await withPlain(engine, async (store, plain) => {
        await plain.run(edit);
        const stop = { requested: false };
        let reached = 0;
        const cut = await reconciled(store.database, "nightly", {
          stop,
          onProgress: ({ done }) => {
            reached = done;
            stop.requested = done >= 100;
          },
        });
        const whole = await reconciled(store.database);
        const buckets = await typed(store.database, bucketQuery);
        const next = await reconciled(store.database, "full");

        test.ok(reached >= 100 && reached < 200, `${reached} ranges`);
        test.same(
          [cut.exit, cut.is_stopped, cut.steps_left, cut.certificate],
          [20, true, 257 - reached, null],
        );
        test.same([whole.is_resumed, whole.run.run_id, whole.exit], [true, cut.run.run_id, 20]);
        test.equal(whole.run.sessions, next.run.sessions);
        test.same(await typed(store.database, bucketQuery), buckets);
        const [pending] = await typed(store.database, "select count(*) as n from reconcile_pending_buckets");
        test.equal(Number(pending?.["n"]), 0);
      });
    },
  );

  await t.test(`nothing wrong so far, but stopped: exit code 22 (${engine.name})`, async (test) => {
    await withPlain(engine, async (store) => {
      const stop = { requested: false };
      const cut = await reconciled(store.database, "nightly", {
        stop,
        onProgress: () => (stop.requested = true),
      });
      test.equal(cut.exit, 22);
    });
  });

  await t.test(`one run at a time; who was killed holds up nobody (${engine.name})`, async (test) => {
    await withPlain(engine, async (store, plain) => {
      const beginning = { mode: "nightly" as const, toolVersion: "test", schemaVersion: "test", actor: "x" };
      const lease = await takeRun(store.database, beginning);
      const busy = await reconciled(store.database).catch((error: unknown) => error);
      const quick = await reconciled(store.database, "quick").catch((error: unknown) => error);
      const spawned = await cowriedb(["reconcile", "--db", store.db]);
      // A process of this machine that has ended.
      await plain.run(`update ~jobs set worker = '${hostname()}:${await endedProcess()}:x'`);
      const taken = await reconciled(store.database);
      await takeRun(store.database, { ...beginning, mode: "full" });
      await plain.run(
        "update ~jobs set worker = 'elsewhere:1:x', heartbeat_at = '2020-01-01T00:00:00.000000Z' where state = 'running'",
      );
      const later = await reconciled(store.database, "quick");

      for (const error of [busy, quick]) {
        test.ok(error instanceof CowriedbError);
        test.match(error, { code: "reconcile.busy", exitCode: 75 });
      }
      test.equal(spawned.code, 75, spawned.stderr);
      test.same([taken.is_resumed, taken.run.job_id, taken.exit], [true, lease.jobId, 0]);
      test.equal(later.exit, 0);
    });
  });

  await t.test(`a range that cannot be read is not proved, the others are (${engine.name})`, async (test) => {
    await withPlain(engine, async (store, plain) => {
      await reconciled(store.database);
      await plain.run("create table ~kept as select * from ~reconcile_ranges where range_number = 171");
      await plain.run("delete from ~reconcile_buckets where range_number = 171");
      await plain.run("delete from ~reconcile_ranges where range_number = 171");
      const lacking = await reconciled(store.database);
      await plain.run("insert into ~reconcile_ranges select * from ~kept");
      const whole = await reconciled(store.database);

      test.same(
        lacking.findings.filter((finding) => finding.class === "unproved").map(({ item }) => item),
        ["range 171"],
      );
      test.ok(lacking.run.sessions > 0);
      test.ok(whole.findings.every((finding) => finding.class !== "unproved"));
    });
  });
}

async function withPlain(
  engine: Engine,
  work: (store: TestStore, plain: Plain) => Promise<void>,
): Promise<void> {
  const store = await spreadStore(engine, 400, 60);
  const plain = openPlain(store);
  try {
    await work(store, plain);
  } finally {
    await plain.close();
    await store.dispose();
  }
}

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid ?? 0;
}
