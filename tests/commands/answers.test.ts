import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { Test } from "tap";
import { readMigrations, readProcedures, toolVersion } from "../../src/migrate/files/files.ts";
import { cowriedb } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { commands, sessionId, sessionLines } from "../helpers/lines.ts";
import { warm } from "../helpers/warm.ts";

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("migrate status and plan list every migration and procedure", async (t) => {
      const { store } = await loaded(t, engine);

      const status = await warm(["migrate", "status", "--db", store.db, "--json"]);
      const text = await warm(["migrate", "status", "--db", store.db]);
      const plan = await warm(["migrate", "plan", "--db", store.db, "--json"]);
      const dry = await warm(["migrate", "up", "--dry-run", "--db", store.db]);

      const found = JSON.parse(status.stdout) as {
        migrations: { name: string }[];
        procedures: { name: string }[];
      };
      t.same(
        found.migrations.map(({ name }) => name),
        readMigrations(engine.dialect).map(({ name }) => name),
      );
      t.equal(found.procedures.length, readProcedures(engine.dialect).length);
      t.match(found, { dialect: engine.dialect, tool_version: toolVersion, schema_version: /^\d{4}_/ });
      t.match(text, { code: 0, stdout: /0001_ingest_batches_create +applied +\d{4}-/, stderr: "" });
      const all = await warm(["migrate", "status", "--verbose", "--db", store.db]);
      t.notMatch(text.stdout, "open_job");
      t.match(text.stdout, new RegExp(`${found.procedures.length} procedures are applied`));
      t.match(all.stdout, /open_job +applied/);
      t.match(JSON.parse(plan.stdout), {
        migrations: [],
        procedures: [],
        steps: [],
        locks: [],
        predicted_ms: 0,
      });
      t.match(dry, { code: 0, stdout: /Nothing is pending/ });
    });

    await t.test("migrate plan shows why, which lock and what undo would lose", async (t) => {
      const { store } = await loaded(t, engine);
      const last = readMigrations(engine.dialect).at(-1)?.name ?? "";
      await warm(["migrate", "down", "--confirm", last, "--db", store.db]);

      const plan = await warm(["migrate", "plan", "--db", store.db]);
      const dry = await warm(["migrate", "up", "--dry-run", "--db", store.db, "--json"]);
      const verbose = await warm(["migrate", "plan", "--verbose", "--db", store.db]);
      const up = await warm(["migrate", "up", "--db", store.db, "--json"]);

      t.match(plan, {
        code: 0,
        stdout: new RegExp(`${last}\\n +Why: .*\\n +Locks: .*\\n +Undo: .*Next: cowriedb migrate up`, "s"),
      });
      t.match(JSON.parse(dry.stdout), {
        migrations: [
          {
            name: last,
            why: /\S/,
            locks: /\S/,
            undo: /\S/,
            statements: /^(create|alter|select|do|insert) /m,
          },
        ],
      });
      t.match(verbose.stdout, /^(create|alter|select|do|insert) /m);
      t.match(JSON.parse(up.stdout), {
        migrations: [{ name: last, duration_ms: Number }],
        schema_version: last,
      });
    });

    await t.test("every key of a JSON answer is snake case", async (t) => {
      const { store, file } = await loaded(t, engine);

      for (const words of [
        ["init"],
        ["ingest", "bulk", file],
        ["recount", file],
        ["dlq", "list"],
        ["dlq", "show", "1"],
        ["dlq", "replay"],
        ["dlq", "purge", "--dry-run"],
        ["registry", "list"],
        ["registry", "list", "cowrie.session.closed"],
        ["registry", "unknown"],
        ["status"],
        ["status", "--quality"],
        ["report", "daily"],
        ["migrate", "status"],
        ["migrate", "plan"],
        ["migrate", "verify"],
        ["reconcile"],
        ["reconcile", "--repair"],
        ["version"],
      ]) {
        const { stdout } = await warm([...words, "--db", store.db, "--json"]);

        const odd = keysOf(JSON.parse(stdout)).filter((key) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(key));
        t.same(odd, [], words.join(" "));
      }
    });

    await t.test("status counts what the store holds", async (t) => {
      const { store, file } = await loaded(t, engine);

      const json = await warm(["status", "--db", store.db, "--json"]);
      const text = await warm(["status", "--db", store.db]);

      t.match(JSON.parse(json.stdout), {
        store: store.db,
        dialect: engine.dialect,
        bytes: Number,
        sources: 1,
        batches: 1,
        events: 11,
        sessions: 2,
        unattributed: 0,
        duplicates: 0,
        rejected: 1,
        skipped: 0,
        rejects: [{ reason: "bad_json", letters: 1, meaning: /RFC 8259/ }],
        unknown_types: [{ event_type: "cowrie.made.up", events: 1 }],
        last_batch: {
          batch_id: 1,
          events_accepted: 11,
          source: file,
          last_event_at: "2026-01-05T10:00:09.000000Z",
        },
        schema_version: /^\d{4}_/,
      });
      t.match(text, { code: 0, stderr: "", stdout: /events +11\n.*bad_json +1 .*cowrie\.made\.up +1/s });
    });

    await t.test("status looks at the quality of the data when it is asked to", async (t) => {
      const { store } = await loaded(t, engine);
      await typed(store.database, "delete from session_summaries");

      const plain = await warm(["status", "--db", store.db, "--json"]);
      const json = await warm(["status", "--quality", "--db", store.db, "--json"]);
      const text = await warm(["status", "--quality", "--db", store.db]);

      t.match(JSON.parse(plain.stdout), { quality: null });
      const { quality } = JSON.parse(json.stdout) as { quality: Record<string, unknown>[] };
      t.equal(quality.length, 8);
      t.match(quality[0], {
        measure: "check_events_without_summary",
        findings: 2,
        is_alert: true,
        meaning: /no summary/,
      });
      t.same(
        quality.slice(1).filter(({ is_alert }) => is_alert !== false),
        [],
      );
      t.match(text, { code: 0, stdout: /check_events_without_summary +2 +ALERT .*\n.*top_rejects +1 /s });
    });

    await t.test("report daily counts one day, the newest by default", async (t) => {
      const { store } = await loaded(t, engine);

      const json = await warm(["report", "daily", "--db", store.db, "--json"]);
      const text = await warm(["report", "daily", "--day", "2026-01-05", "--db", store.db]);
      const other = await warm(["report", "daily", "--day", "2020-02-29", "--db", store.db, "--json"]);

      t.match(JSON.parse(json.stdout), {
        day: "2026-01-05",
        totals: {
          sessions: 2,
          addresses: 1,
          login_attempts: 4,
          login_successes: 2,
          commands: 2,
          downloads: 0,
          uploads: 0,
        },
        by_sensor: [{ sensor: "harbour", sessions: 2 }],
        top_commands: [{ command: "uname -a", occurrences: 2, sessions: 2 }],
        top_files: [],
      });
      const hours = (JSON.parse(json.stdout) as { sessions_by_hour: number[] }).sessions_by_hour;
      t.same(
        hours,
        Array.from({ length: 24 }, (_, hour) => (hour === 10 ? 2 : 0)),
      );
      t.match(text, { code: 0, stderr: "", stdout: /report of 2026-01-05 \(UTC\).*uname -a/s });
      t.match(JSON.parse(other.stdout), { day: "2020-02-29", totals: { sessions: 0 }, by_sensor: [] });
    });

    await t.test("recount finds no difference, and finds one that was made", async (t) => {
      const { store, file } = await loaded(t, engine);

      const sound = await warm(["recount", file, "--db", store.db, "--json"]);
      await typed(
        store.database,
        `update session_summaries set login_attempts = 99 where session_id = '${sessionId(1)}'`,
      );
      const broken = await warm(["recount", file, "--db", store.db, "--json"]);
      const text = await warm(["recount", file, "--db", store.db]);

      t.equal(sound.code, 0, sound.stderr);
      t.match(JSON.parse(sound.stdout), {
        events: 11,
        duplicates: 0,
        sessions: 2,
        differences: 0,
        first: [],
      });
      t.equal(broken.code, 20);
      t.match(JSON.parse(broken.stdout), {
        differences: 1,
        first: [
          {
            table: "session_summaries",
            key: [sessionId(1)],
            column: "login_attempts",
            store: 99,
            recounted: 2,
          },
        ],
      });
      t.match(text, { code: 20, stdout: /1 difference in.*login_attempts +99 +2/s });
    });
  });
}

void t.test("what a thread of a test says of a command is what the program says", async (t) => {
  const [sqlite] = engines();
  const { store } = await loaded(t, sqlite as Engine);
  const missing = join(t.testdir({}), "missing.sqlite");

  for (const words of [
    ["--version"],
    [],
    ["migrate"],
    ["status", "--help"],
    ["status", "--db", store.db],
    ["status", "--json", "--db", store.db],
    ["status", "--json", "--db", missing],
    ["dlq", "list", "--limit", "x"],
    ["reconcile", "prove", sessionId(1), "--db", store.db],
    ["recount", missing, "--db", store.db],
  ]) {
    const program = await cowriedb(words);
    t.same(await warm(words), program, words.join(" "));
  }
});

void t.test("version names the program and its schema", async (t) => {
  const json = await warm(["version", "--json"]);
  const text = await warm(["version"]);
  const flag = await warm(["--version"]);

  t.same(Object.keys(JSON.parse(json.stdout) as object), ["version", "schema_version", "node"]);
  t.match(text, {
    code: 0,
    stdout: `cowriedb ${toolVersion}, schema ${readMigrations("sqlite").at(-1)?.name ?? ""}\n`,
  });
  t.equal(flag.stdout, text.stdout);
});

void t.test("demo goes from nothing to a report, ends well and leaves nothing behind", async (t) => {
  const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("cowriedb-demo-"));
  const before = leftovers();

  const outcome = await cowriedb(["demo"], { env: { COWRIEDB_URL: "postgres://nobody@127.0.0.1:1/none" } });

  t.equal(outcome.code, 0, outcome.stderr);
  t.match(outcome.stdout, /Nothing new\. All 14 files.*0 differences.*Honeypot report of 2026-01-18/s);
  t.same(
    leftovers().filter((name) => !before.includes(name)),
    [],
  );
});

void t.test("the help of every command has a purpose, a usage, examples and the options", async (t) => {
  for (const words of commands) {
    const outcome = await warm([...words, "--help"]);

    t.equal(outcome.code, 0, words.join(" "));
    t.match(
      outcome.stdout,
      new RegExp(
        `Usage\\s+\\$ cowriedb ${words.join(" ")}.*--db.*--json.*Examples\\s+\\$ cowriedb ${words.join(" ")}`,
        "s",
      ),
    );
    t.equal(outcome.stderr, "", words.join(" "));
  }
});

void t.test("the program's help lists every command and the exit codes", async (t) => {
  for (const words of [[], ["--help"], ["-h"]]) {
    const outcome = await warm(words);

    t.equal(outcome.code, 0);
    for (const command of commands) t.match(outcome.stdout, new RegExp(`^ +${command.join(" ")} `, "m"));
    t.match(outcome.stdout, /Exit codes.*\b0 +done.*\b64 +used wrongly.*\b75 +locked/s);
  }
});

void t.test("the help of a group lists its commands and no others", async (t) => {
  for (const group of ["migrate", "ingest", "jobs"]) {
    const outcome = await warm([group, "--help"]);

    t.equal(outcome.code, 0, outcome.stderr);
    const listed = [...outcome.stdout.matchAll(/^ {4}(\w+ \w+) +[A-Z]/gm)].map(([, name]) => name);
    const known = commands.map((words) => words.join(" ")).filter((name) => name.startsWith(`${group} `));
    t.same(new Set(listed), new Set(known));
  }
});

/** The keys of a document, at every level. */
function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(keysOf);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

async function loaded(t: Test, engine: Engine): Promise<{ store: TestStore; file: string }> {
  const store = await freshStore(engine);
  t.teardown(async () => store.dispose());
  const file = join(t.testdir({}), "cowrie.json.2026-01-05");
  const unknown = {
    eventid: "cowrie.made.up",
    session: sessionId(2),
    timestamp: "2026-01-05T10:00:05.000000Z",
  };
  writeFileSync(
    file,
    `${sessionLines(sessionId(1))}${sessionLines(sessionId(2))}${JSON.stringify(unknown)}\n{"a": nonsense}\n`,
  );
  const outcome = await warm(["ingest", "bulk", file, "--db", store.db]);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return { store, file };
}
