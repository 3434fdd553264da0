import t from "tap";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { breakStore, liftGuards } from "../helpers/broken-store.ts";
import { shareOf } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { classOf, reconciled, shownRun, spreadLines, spreadStore } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { honestFiles } from "../helpers/honest-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { loadContents } from "../helpers/load.ts";
import { openPlain, type Plain } from "../helpers/plain.ts";
import { liveOn } from "../helpers/store-life.ts";
import { mutations, type Expected } from "../helpers/tamper.ts";
import type { Turn } from "../helpers/tamper-rows.ts";
import { randomFrom } from "../helpers/random.ts";

const all = engines();
const clean = { exit: 0, residual: 0, findings: [], in_flight: 0 };
const mostAtOnce = 30;
const digests = new Map<string, string>();

for (const [number, engine] of all.entries()) {
  await t.test(`an honest store has no finding in any mode (${engine.name})`, async (test) => {
    const count = shareOf(20, engine, all);
    for (let index = 0; index < count; index++) {
      const store = await freshStore(engine);
      try {
        const random = randomFrom(3_000 * number + index);
        for (const files of honestFiles(random))
          await loadContents(store.database, files, { batchEvents: 1 + random(80), multiLine: true });
        const first = await reconciled(store.database);
        const life = await liveOn(store.database, random);
        const second = await reconciled(store.database);
        const full = await reconciled(store.database, "full");
        const quick = await reconciled(store.database, "quick");

        test.ok(life.undone > 0);
        test.same(
          [shownRun(first), shownRun(second), shownRun(full)],
          [clean, clean, clean],
          `store ${index}`,
        );
        test.same(shownRun(quick), { ...clean, residual: null });
        test.ok(first.run.sessions > 0 && first.run.deep_sessions === first.run.sessions, "all at first");
        test.equal(full.run.deep_sessions, full.run.sessions);
      } finally {
        await store.dispose();
      }
    }
  });

  await t.test(
    `a bucket has one digest in every engine; a second night reads no clean one anew (${engine.name})`,
    async (test) => {
      const store = await spreadStore(engine);
      try {
        const first = await reconciled(store.database);
        const second = await reconciled(store.database);
        const rows = await typed(
          store.database,
          "select day, range_number, sessions, events, digest from reconcile_buckets order by day, range_number",
        );
        const text = rows
          .map((row) =>
            [
              row["day"],
              row["range_number"],
              row["sessions"],
              row["events"],
              Buffer.from(row["digest"] as Uint8Array).toString("hex"),
            ].join(" "),
          )
          .join("\n");
        digests.set(engine.name, text);

        test.ok(rows.length > 100, `${rows.length} buckets`);
        test.equal(text, digests.get("SQLite"));
        test.same([shownRun(first), shownRun(second)], [clean, clean]);
        test.equal(first.run.deep_buckets, rows.length);
        test.ok(second.run.deep_buckets >= rows.length / 28, "a 28th is read each night");
        test.ok(second.run.deep_buckets <= rows.length / 10, "and little more");
        // The query is one text for both engines, and a night takes PostgreSQL seconds.
        if (engine.dialect === "postgres") return;
        for (let night = 0; night < 30; night++) await reconciled(store.database);
        const [oldest] = await typed(store.database, "select min(deep_run_id) as n from reconcile_buckets");
        test.ok(Number(oldest?.["n"]) > 1, "all are read within 28 nights");
      } finally {
        await store.dispose();
      }
    },
  );

  await t.test(
    `every mutation of a derived row is found with its class and table (${engine.name})`,
    async (test) => {
      const kinds = mutations.filter(({ name }) => classOf(name) !== undefined);
      const count = shareOf(10_000, engine, all, kinds.length);
      const random = randomFrom(20_261_121 + number);
      const store = await spreadStore(engine);
      const first = await reconciled(store.database);
      const broken = await breakStore(store);
      const missed: unknown[] = [];
      const names = new Set<string>();
      let made = 0;
      let at = 0;
      try {
        while (made < count) {
          const turn: Turn = { pick: random, batches: new Set(), sessions: new Set() };
          const round: { name: string; expected: Expected }[] = [];
          for (let index = 0; index < mostAtOnce; index++, at++) {
            const mutation = kinds[at % kinds.length];
            const expected = await mutation?.apply(broken.plain, turn).catch(() => undefined);
            if (mutation === undefined || expected === undefined) continue;
            if (expected.session !== undefined) turn.sessions.add(expected.session);
            if (expected.key !== undefined) turn.sessions.add(expected.key);
            round.push({ name: mutation.name, expected });
          }
          const found = await reconciled(store.database);
          for (const { name, expected } of round) {
            names.add(name);
            const isNamed = found.findings.some(
              (finding) =>
                finding.class === classOf(name) &&
                finding.table === expected.table &&
                finding.session_id === expected.key,
            );
            if (!isNamed && missed.length < 5)
              missed.push([
                name,
                expected,
                found.findings.filter(({ session_id: session }) => session === expected.key),
              ]);
          }
          // Nothing that was not touched is named.
          const touched = new Set([...turn.sessions, ""]);
          const wrong = found.findings.filter((finding) => !touched.has(finding.session_id));
          if (wrong.length > 0 && missed.length < 5) missed.push(["not touched", wrong[0]]);
          if (found.exit !== 20 && found.exit !== 24) missed.push(["exit", found.exit]);
          made += round.length;
          await broken.restore();
        }
        const last = await reconciled(store.database);
        test.same(
          last.findings.filter((finding) => finding.class !== "trigger_bypassed"),
          [],
          "the store is as it was",
        );
        test.equal(last.exit, 0);
        test.ok(
          last.classes.some((row) => row.gone_findings > 0),
          "what was found is gone",
        );
      } finally {
        await broken.plain.close();
        await store.dispose();
      }
      test.equal(first.exit, 0);
      test.same(missed, [], "mutations that were not named");
      test.same(
        kinds.map(({ name }) => name).filter((name) => !names.has(name)),
        [],
        "kinds that were never made",
      );
    },
  );

  await t.test(
    `losses that cancel one another out are found, with exit code 20 (${engine.name})`,
    async (test) => {
      await withBroken(engine, async (store, plain) => {
        await reconciled(store.database);
        const [two] = await plain.rows(
          "select min(session_id) as gone, max(session_id) as copied from ~session_summaries where event_count = (select event_count from ~session_summaries group by event_count having count(*) > 1 order by event_count limit 1)",
        );
        const gone = String(two?.["gone"]);
        const columns = (await columnsOf(plain))
          .filter((column) => !["session_id", "summary_id"].includes(column))
          .join(", ");
        await plain.run(
          `insert into ~session_summaries (session_id, ${columns}) select 'zz', ${columns} from ~session_summaries where session_id = '${String(two?.["copied"])}'`,
        );
        await plain.run(`delete from ~session_summaries where session_id = '${gone}'`);
        const found = await reconciled(store.database);

        test.equal(found.residual, 0, "the totals agree");
        test.same(
          found.findings
            .filter((finding) => finding.class !== "trigger_bypassed")
            .map((finding) => `${finding.class} ${finding.session_id}`)
            .sort(),
          [`missing_summary ${gone}`, "orphan_summary zz"],
        );
        test.equal(found.exit, 20);
      });
    },
  );

  await t.test(
    `events that no batch accounts for are found, and the batch is named (${engine.name})`,
    async (test) => {
      await withBroken(engine, async (store, plain) => {
        await reconciled(store.database);
        const [event] = await plain.rows(
          "select min(event_id) as id from ~raw_events where session_id <> ''",
        );
        const id = Number(event?.["id"]);
        const [row] = await plain.rows(`select session_id from ~raw_events where event_id = ${id}`);
        await plain.run(`delete from ~raw_events where event_id = ${id}`);
        const nightly = await reconciled(store.database);
        const batch = String(Math.floor(id / 1_048_576));

        test.ok(
          nightly.findings.some((finding) => finding.class === "wrong_batch_count" && finding.item === batch),
        );
        test.ok(
          nightly.findings.some(
            (finding) =>
              /^(wrong_event_count|orphan_summary)$/.test(finding.class) &&
              finding.session_id === row?.["session_id"],
          ),
        );
        test.equal(nightly.exit, 20);
        test.ok((nightly.residual ?? 0) > 0);
      });
    },
  );

  await t.test(
    `one definition of a session id: an event under another id is found by a full run (${engine.name})`,
    async (test) => {
      await withBroken(engine, async (store, plain) => {
        const [row] = await plain.rows(
          "select session_id, event_count from ~session_summaries where session_id > '1' and session_id < 'g' order by session_id limit 1",
        );
        const [from, to] = [String(row?.["session_id"]), "ab0000000001"];
        for (const table of ["raw_events", "session_summaries", "command_stats", "session_files"])
          await plain.run(`update ~${table} set session_id = '${to}' where session_id = '${from}'`);
        const nightly = await reconciled(store.database);
        const full = await reconciled(store.database, "full");

        const mismatches = full.findings.filter((finding) => finding.class === "identity_mismatch");
        test.notOk(nightly.findings.some((finding) => finding.class === "identity_mismatch"));
        test.equal(mismatches.length, Number(row?.["event_count"]));
        test.ok(mismatches.every((finding) => finding.session_id === to && finding.expected === from));
        test.equal(full.exit, 20);
      });
    },
  );

  await t.test(
    `quick proves what was loaded since, and rows of old sessions are left to the night (${engine.name})`,
    async (test) => {
      await withStore(engine, async (store, plain) => {
        await reconciled(store.database);
        const lines = spreadLines(200, 99, 60);
        await loadInProcess(store.database, "later.json", logOf(lines), [40]);
        const before = await reconciled(store.database, "quick");
        await loadInProcess(store.database, "last.json", logOf(spreadLines(50, 100, 9)), [20]);
        const [row] = await typed(
          store.database,
          "select min(session_id) as id from raw_events where session_id <> '' and event_id / 1048576 = (select max(batch_id) from ingest_batches)",
        );
        const session = String(row?.["id"]);
        await plain.run(`update ~session_summaries set login_attempts = 99 where session_id = '${session}'`);
        const found = await reconciled(store.database, "quick");
        const again = await reconciled(store.database, "quick");
        await plain.run(
          `update ~session_summaries set login_attempts = (select login_attempts from ~session_recount where session_id = '${session}') where session_id = '${session}'`,
        );
        const healed = await reconciled(store.database, "quick");

        test.same(shownRun(before), { ...clean, residual: null });
        test.ok(before.run.sessions > 0 && before.run.sessions < 100, `${before.run.sessions} sessions`);
        test.same(
          found.findings.map((finding) => [finding.class, finding.session_id, finding.is_new]),
          [["wrong_type_count", session, true]],
        );
        test.equal(found.exit, 20);
        test.same(
          again.findings.map((finding) => [finding.class, finding.is_new]),
          [["wrong_type_count", false]],
        );
        test.equal(healed.exit, 0);
        test.equal(healed.classes.find((line) => line.class === "wrong_type_count")?.gone_findings, 1);
      });
    },
  );

  await t.test(
    `an undo and late events are accounted for; a hand's edit is not (${engine.name})`,
    async (test) => {
      await withStore(engine, async (store, plain) => {
        await reconciled(store.database);
        await undoBatch(store.database, 2, { reload: false });
        const undone = await reconciled(store.database);
        // An event before all others moves its session to another day.
        const [row] = await typed(
          store.database,
          "select max(session_id) as id from session_summaries where session_id < 'g' and first_event_at > '2026-01-06'",
        );
        const early = `{"eventid":"cowrie.login.failed","session":"${String(row?.["id"])}","username":"a","timestamp":"2026-01-02T10:00:00Z"}`;
        await loadInProcess(store.database, "early.json", Buffer.from(`${early}\n`), [1]);
        const moved = await reconciled(store.database);
        await plain.run(
          "update ~session_summaries set sensor = 'x', sensor_key = 'x' where session_id = (select max(session_id) from ~session_summaries)",
        );
        const edited = await reconciled(store.database);

        test.same([shownRun(undone), shownRun(moved)], [clean, clean]);
        test.equal(edited.findings.filter((finding) => finding.class === "trigger_bypassed").length, 1);
        test.equal(edited.exit, 20);
      });
    },
  );
}

/** A store with its guards, and a connection of somebody else. */
async function withStore(
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

/** A store whose guards are gone. */
async function withBroken(
  engine: Engine,
  work: (store: TestStore, plain: Plain) => Promise<void>,
): Promise<void> {
  const store = await spreadStore(engine, 400, 60);
  const plain = openPlain(store, { foreignKeys: false });
  try {
    await liftGuards(plain);
    await work(store, plain);
  } finally {
    await plain.close();
    await store.dispose();
  }
}

async function columnsOf(plain: Plain): Promise<string[]> {
  const rows = await plain.rows(
    plain.dialect === "sqlite"
      ? "select name from pragma_table_xinfo('session_summaries') where hidden = 0"
      : "select column_name as name from information_schema.columns where table_schema = 'cowrie' and table_name = 'session_summaries' and is_generated = 'NEVER'",
  );
  return rows.map(({ name }) => String(name));
}
