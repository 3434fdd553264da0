import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { cowriedb, type Outcome } from "../helpers/cli.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import {
  newestJob,
  pausedJob,
  slowDown,
  spoilAll,
  started,
  storeOfSessions,
  until,
  workerOf,
} from "../helpers/jobs.ts";
import { openPlain } from "../helpers/plain.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { fence, writePage, type Page } from "../helpers/pages.ts";
import { warm } from "../helpers/warm.ts";

interface Told {
  runbook_run_id: number | null;
  state: string;
  exit_code: number;
  stopped_at: { step_number: number } | null;
  why: string | null;
  is_recorded: boolean;
  steps: { step_number: number; outcome: string; what: string; exit_code: number | null }[];
}

async function told(store: TestStore, ...words: string[]): Promise<Outcome & { document: Told }> {
  const outcome = await warm(["runbook", ...words, "--json", "--db", store.db]);
  return { ...outcome, document: JSON.parse(outcome.stdout) as Told };
}

async function fresh(test: Test, engine: (typeof all)[number]): Promise<TestStore> {
  test.testdir({});
  const store = await freshStore(engine);
  test.teardown(store.dispose);
  return store;
}

const all = engines();
const look = fence("sh", 'cowriedb status --quiet --db "$DB"');
const closed = fence("sql", "select 'no' as reason, 7 as count");
const openGate = fence("sql", "select setting from settings where setting = 'none'");
/** Passes from the moment that somebody has made the setting. */
const waits = fence(
  "sql",
  "select 'not yet' as reason where not exists (select 1 from runbook_runs where actor = 'dba')",
);

for (const engine of all) {
  void t.test(engine.name, async (t) => {
    await t.test("a run does its steps in order and records each", async (t) => {
      const store = await fresh(t, engine);
      const page = writePage(t, {
        before: openGate,
        run: `1. Look.\n${look}\n2. Tell the others.`,
        verify: look,
      });

      const { code, document } = await told(store, "run", page, "--yes");

      t.equal(code, 0);
      t.match(document, { state: "done", exit_code: 0, stopped_at: null, is_recorded: true });
      const steps = await typed(store.database, "select * from runbook_steps order by step_number");
      t.match(steps, [
        { section: "Before", kind: "gate", outcome: "done", exit_code: null },
        {
          section: "Run",
          label: "1",
          kind: "command",
          outcome: "done",
          exit_code: 0,
          what: /^cowriedb status/,
        },
        { section: "Run", label: "2", kind: "person", outcome: "passed_over" },
        { section: "Verify", kind: "command", outcome: "done", output: /events/ },
      ]);
      t.match(await typed(store.database, "select * from runbook_runs"), [
        { runbook: page, direction: "forward", state: "done", step_count: 4 },
      ]);
    });

    await t.test("a closed gate stops it before the command, and the Undo is offered", async (t) => {
      const store = await fresh(t, engine);
      const page = writePage(t, { before: closed, run: look, undo: look });

      const { code, document } = await told(store, "run", page, "--yes");
      const text = await warm(["runbook", "run", page, "--yes", "--db", store.db]);

      t.equal(code, 24);
      t.match(document, { state: "stopped", stopped_at: { step_number: 1, section: "Before" } });
      t.equal(document.steps.length, 1);
      t.match(text.stderr, /reason +count\n +no +7/, "its rows are shown");
      t.match(text.stdout, /--undo --db /);
      t.match(text.stdout, /cowriedb runbook resume \d+ --db /);
      const undone = await told(store, "run", page, "--undo", "--yes");
      t.match(undone, { code: 0, document: { direction: "undo", state: "done" } });
    });

    await t.test("an exit code or an answer that is not expected stops it", async (t) => {
      const store = await fresh(t, engine);
      const wrong = (says: string): Page => ({
        run: `1. Look. ${says}\n${fence("sh", 'cowriedb jobs show 7 --db "$DB"')}`,
      });

      const failed = await told(store, "run", writePage(t, wrong(""), "a.md"), "--yes");
      const expected = await told(store, "run", writePage(t, wrong("Expect exit code 1."), "b.md"), "--yes");
      const answer = writePage(t, { run: `1. Expect \`nothing like it\` in the answer.\n${look}` }, "c.md");
      const unanswered = await told(store, "run", answer, "--yes");
      const busy = writePage(
        t,
        { run: fence("sh", 'cowriedb rebuild summaries --session x --db "$DB"') },
        "d.md",
      );
      await pausedJob(store);
      const taken = await told(store, "run", busy, "--yes");

      t.match(failed, { code: 24, document: { why: /exit code 1 where 0 is expected/ } });
      t.equal(expected.code, 0);
      t.match(unanswered, { code: 24, document: { why: /does not have "nothing like it"/ } });
      t.ok([24, 75].includes(taken.code ?? 0), `a job that is taken: ${taken.code}`);
      t.equal(taken.document.exit_code, taken.code);
    });

    await t.test("a run that stopped goes on at its step, and does nothing twice", async (t) => {
      const store = await fresh(t, engine);
      const page = writePage(t, { run: `1. Look.\n${look}\n2. Wait.\n${waits}\n3. Look.\n${look}` });
      const stopped = await told(store, "run", page, "--yes");
      const id = String(stopped.document.runbook_run_id);

      const still = await told(store, "resume", "--yes");
      await typed(store.database, "update runbook_runs set actor = 'dba'");
      const done = await told(store, "resume", id, "--yes");
      const over = await warm(["runbook", "resume", id, "--yes", "--db", store.db]);

      t.match(stopped, { code: 24, document: { stopped_at: { step_number: 2 } } });
      t.match(still, { code: 24, document: { stopped_at: { step_number: 2 }, runbook_run_id: Number(id) } });
      t.match(done, { code: 0, document: { state: "done" } });
      t.same(
        (
          await typed(store.database, "select step_number, attempt, outcome from runbook_steps order by 1, 2")
        ).map((row) => Object.values(row).join(" ")),
        ["1 1 done", "2 1 failed", "2 2 failed", "2 3 done", "3 1 done"],
      );
      t.match(over, { code: 1, stderr: /is done/ });
    });

    for (const isForAll of [false, true]) {
      const who = isForAll ? "every process" : "the program";
      await t.test(`a signal to ${who} ends the run politely, and it goes on`, async (t) => {
        const store = await storeOfSessions(t, engine, 60);
        t.testdir({});
        await spoilAll(store);
        const plain = openPlain(store);
        t.teardown(plain.close);
        await slowDown(plain, 60);
        const rebuild = fence("sh", 'cowriedb rebuild summaries --batch-size 1 --db "$DB"');
        const page = writePage(t, { run: `${rebuild}`, verify: look });
        const { child, ended } = started(t, ["runbook", "run", page, "--yes", "--json", "--db", store.db]);
        const worker = await workerOf(store);
        await until("some are done", async () => Number((await newestJob(store))["processed"]) > 2);

        const command = Number(worker.split(":")[1]);
        if (isForAll) process.kill(command, "SIGTERM");
        child.kill("SIGTERM");
        const { code, stdout } = await ended;

        t.equal(code, 143);
        t.match(JSON.parse(stdout), { state: "stopped", stopped_at: { step_number: 1 } });
        t.throws(() => process.kill(command, 0), "its command is gone too");
        const job = await newestJob(store);
        t.match(job, { state: "running", worker: null }, "and has given its job back: it was not killed");
        await plain.run(
          plain.dialect === "sqlite"
            ? "drop trigger dba_slow"
            : "drop trigger dba_slow on ~session_summaries",
        );
        t.match(await told(store, "resume", "--yes"), { code: 0, document: { state: "done" } });
        t.equal((await typed(store.database, "select job_id from jobs")).length, 1, "one job in all");
      });
    }

    await t.test("a changed file is not gone on with, nor a run that is at work", async (t) => {
      const store = await fresh(t, engine);
      const page = writePage(t, { run: closed });
      await told(store, "run", page, "--yes");
      const resume = async (...words: string[]): Promise<Outcome> =>
        warm(["runbook", "resume", "--yes", ...words, "--db", store.db]);

      await typed(store.database, `update runbook_runs set state = 'running', worker = 'elsewhere:7'`);
      const elsewhere = await resume();
      const over = await resume("--take-over");
      writePage(t, { run: `${closed}\nSee above.` });
      const changed = await resume();

      t.match(elsewhere, { code: 75, stderr: /process 7 of elsewhere[\s\S]*--take-over/ });
      t.equal(over.code, 24, "it goes on, to the same gate");
      t.match(changed, { code: 1, stderr: /was changed since run 1 began/ });
    });

    await t.test("a dry run checks the gates before the first command, and changes nothing", async (t) => {
      const store = await fresh(t, engine);
      const good = writePage(t, { before: openGate, run: look, verify: closed }, "good.md");
      const bad = writePage(t, { before: closed, run: look }, "bad.md");

      const open = await warm(["runbook", "run", good, "--dry-run", "--db", store.db]);
      const shut = await warm(["runbook", "run", bad, "--dry-run", "--db", store.db]);

      t.match(open, { code: 0, stdout: /Before, step 1: open[\s\S]*cowriedb status --quiet/ });
      t.match(shut, { code: 24, stdout: /Before, step 1: closed[\s\S]*no +7/ });
      t.same(await typed(store.database, "select * from runbook_runs"), []);
    });

    await t.test("values of variables are neither run, split nor taken for SQL", async (t) => {
      const store = await fresh(t, engine);
      const folder = join(t.testdirName, "logs");
      const name = `a "b' $(touch x) \`touch y\`;\n* $DB --quiet`;
      t.testdir({ logs: {} });
      writeFileSync(join(folder, name), sessionLines(sessionId(1)));
      const page = writePage(t, {
        need: "- `$LOG`, `$RUN`: a log and a run.",
        before: fence("sql", "select $LOG as log where $LOG = 'x' or cast($LOG as text) = ''''"),
        run: `1. Load. \`$RUN\` is \`run_id\` of the answer.\n${fence("sh", 'cowriedb ingest bulk "$LOG" --json --db "$DB"')}`,
        verify: fence(
          "sql",
          "select 1 where not exists (select 1 from ingest_batches where cast(run_id as text) = $RUN)",
        ),
      });
      const set = `LOG=${join(folder, name)}`;

      const outcome = await cowriedb(
        ["runbook", "run", page, "--yes", "--json", "--set", set, "--db", store.db],
        {
          cwd: folder,
        },
      );

      t.equal(outcome.code, 0, outcome.stderr);
      t.same(await typed(store.database, "select events_accepted from ingest_batches"), [
        { events_accepted: 5 },
      ]);
      t.same(readdirSync(folder), [name], "nothing was run");
      for (const value of ["--repair", "", "x\u0000y".slice(0, 0), "y".repeat(5_000)]) {
        const refused = await warm(["runbook", "run", page, "--yes", `--set=LOG=${value}`, "--db", store.db]);
        t.match(refused, { code: 64, stderr: /value of LOG cannot be used/ });
      }
      const secret = await warm([
        "runbook",
        "run",
        page,
        "--yes",
        "--set",
        "LOG=postgres://me:hush@host/db",
        "--db",
        store.db,
      ]);
      t.match(secret, { code: 64, stderr: /has a password in it/ });
      t.notMatch(secret.stderr, /hush/);
      const gate = fence("sql", "select batch_id from ingest_batches where batch_id = cast($LOG as bigint)");
      const numbers = writePage(t, { need: "`$LOG`", run: gate }, "numbers.md");
      const dropped = await told(store, "run", numbers, "--yes", "--set", "LOG=7; drop table runbook_steps");
      t.ok([0, 24].includes(dropped.code ?? -1));
      t.ok((await typed(store.database, "select * from runbook_steps")).length > 0);
    });

    await t.test("a gate cannot write, and is one query", async (t) => {
      const store = await storeOfSessions(t, engine, 10);
      t.testdir({});
      const before = await typed(store.database, "select count(*) as n from session_summaries");
      const texts = [
        "delete from session_summaries returning session_id",
        "select 1; delete from session_summaries",
        "select 1) as x; delete from session_summaries; select * from (select 1",
        "commit",
        "with gone as (delete from session_summaries returning 1) select * from gone",
        ...(store.target.dialect === "postgres"
          ? [
              "select set_config('transaction_read_only', 'off', true)",
              "select nextval('event_types_event_type_id_seq')",
            ]
          : ["pragma user_version = 7", "attach 'x.sqlite' as x"]),
      ];
      for (const text of texts) {
        const page = writePage(t, { run: fence("sql", text) });
        t.match(
          await told(store, "run", page, "--yes"),
          { code: 24, document: { why: /cannot be checked/ } },
          text,
        );
      }
      if (store.target.dialect === "postgres") {
        await told(store, "run", writePage(t, { run: fence("sql", "select lo_create(0)") }), "--yes");
        t.same(await typed(store.database, "select oid from pg_largeobject_metadata"), []);
      }
      t.same(await typed(store.database, "select count(*) as n from session_summaries"), before);
    });

    await t.test("who cannot be asked must say --yes, and variables must be known", async (t) => {
      const store = await fresh(t, engine);
      const page = writePage(t, { need: "`$JOB`", run: fence("sh", 'cowriedb jobs show "$JOB" --db "$DB"') });
      const run = async (...words: string[]): Promise<Outcome> =>
        warm(["runbook", "run", page, ...words, "--db", store.db]);

      t.match(await run("--set", "JOB=7"), { code: 64, stderr: /--yes/ });
      t.match(await run("--yes"), { code: 64, stderr: /needs \$JOB[\s\S]*--set JOB=/ });
      t.match(await run("--yes", "--set", "JOB=7", "--set", "X=7"), { code: 64, stderr: /no variable X/ });
      t.match(await run("--yes", "--set", "JOB"), { code: 64, stderr: /no variable with a value/ });
      t.match(await run("--yes", "--set", "DB=x"), { code: 64 });
      t.same(await typed(store.database, "select * from runbook_runs"), [], "nothing was begun");
    });

    await t.test("runs are listed and shown, and the page too", async (t) => {
      const store = await fresh(t, engine);
      const page = writePage(t, { run: closed });
      await told(store, "run", page, "--yes");

      const listed = await warm(["runbook", "list", "--runs", "--db", store.db]);
      const shown = await warm(["runbook", "show", "1", "--db", store.db]);
      const text = await warm(["runbook", "show", "rebuild-summaries"]);
      const none = await warm(["runbook", "show", "../README"]);

      t.match(listed, { code: 0, stdout: /forward +stopped/ });
      t.match(shown, { code: 0, stdout: /Run 1[\s\S]*failed[\s\S]*no +7/ });
      t.match(text, { code: 0, stdout: /^# Rebuild summaries/ });
      t.match(none, { code: 1, stderr: /no runbook "\.\.\/README"/ });
    });

    await t.test("check finds what cannot be run", async (t) => {
      const store = await fresh(t, engine);
      const page = writePage(t, {
        before: fence("sql", "select nothing from nowhere"),
        run: fence("sh", "cowriedb status --frob", "cowriedb rebuild everything", "cowriedb status --json"),
      });

      const found = await warm(["runbook", "check", page, "--db", store.db]);
      const good = await warm(["runbook", "check", "--db", store.db]);

      t.equal(found.code, 20);
      t.match(found.stdout, /line 23: the gate cannot be prepared/);
      t.match(found.stdout, /cowriedb status has no option --frob/);
      t.match(found.stdout, /no command "rebuild everything"/);
      t.match(found.stdout, /its Undo has no command and no gate on sqlite/);
      t.match(found.stdout, /its Undo has no command and no gate on postgres/);
      t.equal(found.stdout.trim().split("\n").length, 5);
      t.match(good, { code: 0, stdout: /runbooks? can be run/ }, good.stdout);
    });
  });
}

void t.test("a store that is locked is not recorded in, and the run goes on", async (t) => {
  const [engine] = all;
  if (engine === undefined) throw new Error("There is no engine.");
  const store = await fresh(t, engine);
  const page = writePage(t, {
    run: [look, look, look].map((block, index) => `${index + 1}. Look.\n${block}`).join("\n"),
  });
  if (store.database.dialect === "sqlite") store.database.handle.exec("begin immediate");

  const locked = await told(store, "run", page, "--yes");
  if (store.database.dialect === "sqlite") store.database.handle.exec("commit");
  const later = await told(store, "run", page, "--yes");

  t.match(locked, {
    code: 0,
    stderr: /Not recorded for now: .*holds the write lock/,
    document: { is_recorded: false },
  });
  t.equal(locked.document.steps.length, 3);
  t.match(later, { code: 0, document: { is_recorded: true } });
});

void t.test("a store that is only made by the run gets the record of what went before", async (t) => {
  t.testdir({});
  const db = join(t.testdirName, "store.sqlite");
  const page = writePage(t, {
    before: `1. There is none. Expect exit code 1.\n${look}`,
    run: fence("sh", 'cowriedb init --db "$DB"'),
    verify: look,
  });

  const outcome = await warm(["runbook", "run", page, "--yes", "--json", "--db", db]);

  t.equal(outcome.code, 0, outcome.stderr);
  t.notOk(existsSync(join(t.testdirName, "cowrie.sqlite")));
  const shown = await warm(["runbook", "show", "1", "--json", "--db", db]);
  t.match(JSON.parse(shown.stdout), {
    state: "done",
    steps: [{ outcome: "done", exit_code: 1 }, { outcome: "done", exit_code: 0 }, { outcome: "done" }],
  });
});
