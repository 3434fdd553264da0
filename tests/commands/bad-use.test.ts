import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { cowriedb, program, type Outcome } from "../helpers/cli.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { warm } from "../helpers/warm.ts";

const [sqlite = { name: "SQLite", dialect: "sqlite" as const }] = engines();

interface Case {
  says: string;
  words: string[];
  code: number;
  /** What the message must hold: what failed, where and why; the last one is the next command or what to change. */
  message: RegExp[];
}

/** Wrong words, which no store is needed for. */
const wrongWords: Case[] = [
  {
    says: "an unknown command",
    words: ["frobnicate"],
    code: 64,
    message: [/There is no command "frobnicate"/, /Run: cowriedb --help/],
  },
  {
    says: "half a command",
    words: ["ingest"],
    code: 64,
    message: [/no command "ingest"/, /Run: cowriedb --help/],
  },
  {
    says: "a copy into an engine that is not known",
    words: ["hydrate", "--from", "a.sqlite", "--to", "ftp://x"],
    code: 64,
    message: [/--to names an engine that is not known/, /Use a file path/],
  },
  {
    says: "a copy within one engine",
    words: ["hydrate", "--from", "postgres://a@127.0.0.1/a", "--to", "postgres://a@127.0.0.1/b"],
    code: 64,
    message: [/--from and --to name the same engine/, /Name one of each/],
  },
  {
    says: "help for an unknown command",
    words: ["frobnicate", "--help"],
    code: 64,
    message: [/frobnicate/, /cowriedb --help/],
  },
  {
    says: "two sessions where one is proved",
    words: ["reconcile", "prove", "a1", "--session", "b2"],
    code: 64,
    message: [/takes one session id/, /Run: cowriedb reconcile prove/],
  },
  {
    says: "an unknown option",
    words: ["status", "--frob"],
    code: 64,
    message: [/no option --frob/, /cowriedb status --help/],
  },
  {
    says: "an option of another command",
    words: ["status", "--batch-size", "4"],
    code: 64,
    message: [/no option --batch-size/, /--help/],
  },
  { says: "a word too many", words: ["status", "everything"], code: 64, message: [/everything/, /--help/] },
  { says: "an option given twice", words: ["status", "--db", "a", "--db", "b"], code: 64, message: [/--db/] },
  {
    says: "ingest bulk without a path",
    words: ["ingest", "bulk"],
    code: 64,
    message: [/needs a file, a folder, a pattern or -/, /ingest bulk --help/],
  },
  {
    says: "recount without a path",
    words: ["recount"],
    code: 64,
    message: [/needs the files/, /recount --help/],
  },
  ...["5k", "0", "100001", "1.5", "1e3"].map((size) => ({
    says: `--batch-size ${size}`,
    words: ["ingest", "bulk", "x", "--batch-size", size],
    code: 64,
    message: [new RegExp(`--batch-size must be a whole number from 1 to 100000; got "${size}"`)],
  })),
  ...["x", "0", "10001", "2.5", "1e1", "0x5", "+5"].map((limit) => ({
    says: `--limit ${limit}`,
    words: ["report", "daily", "--limit", limit],
    code: 64,
    message: [
      new RegExp(`--limit must be a whole number from 1 to 10000; got "${limit.replace("+", "\\+")}"`),
    ],
  })),
  ...[
    ["status", "--db"],
    ["status", "--db="],
    ["status", "--db", ""],
    ["--db", "--quiet", "status"],
    ["report", "daily", "--limit"],
    ["report", "daily", "--day", "--limit", "5"],
    ["ingest", "bulk", "x", "--batch-size="],
    ["migrate", "down", "--confirm"],
  ].map((words) => ({
    says: `an option without its value: ${words.join(" ")}`,
    words,
    code: 64,
    message: [/--(db|limit|day|batch-size|confirm) is given without a value/, /Run: cowriedb .* --help/],
  })),
  {
    says: "rebuild without a word",
    words: ["rebuild"],
    code: 64,
    message: [/no command "rebuild"/, /cowriedb --help/],
  },
  {
    says: "a rebuild of something",
    words: ["rebuild", "everything"],
    code: 64,
    message: [/everything/, /cowriedb --help/],
  },
  ...["5k", "0", "100001"].map((size) => ({
    says: `rebuild --batch-size ${size}`,
    words: ["rebuild", "summaries", "--batch-size", size],
    code: 64,
    message: [new RegExp(`--batch-size must be a whole number from 1 to 100000; got "${size}"`)],
  })),
  ...["yesterday", "2026-02-30", "2026-1-5"].map((day) => ({
    says: `rebuild --from ${day}`,
    words: ["rebuild", "summaries", "--from", day],
    code: 64,
    message: [/--from/, new RegExp(day)],
  })),
  {
    says: "a rebuild of days that run backwards",
    words: ["rebuild", "command-stats", "--from", "2026-01-06", "--to", "2026-01-06"],
    code: 64,
    message: [/--from must be before --to/],
  },
  {
    says: "a rebuild of a session and of days",
    words: ["rebuild", "summaries", "--session", "abc", "--from", "2026-01-06"],
    code: 64,
    message: [/--session and a range of days exclude one another/, /Give one of them/],
  },
  {
    says: "a rebuild that is a dry run and a validation",
    words: ["rebuild", "summaries", "--dry-run", "--validate-only"],
    code: 64,
    message: [/--dry-run and --validate-only exclude one another/, /Give one of them/],
  },
  {
    says: "a sample of a rebuild",
    words: ["rebuild", "summaries", "--sample-events", "100"],
    code: 64,
    message: [/--sample-events goes with --validate-only/, /Add --validate-only/],
  },
  ...[["show"], ["pause", "x"], ["resume", "0"], ["cancel", "1.5"], ["show", "1", "2"]].map((words) => ({
    says: `jobs ${words.join(" ")}`,
    words: ["jobs", ...words],
    code: 64,
    message: [/needs the number of one job/, /Run: cowriedb jobs list/],
  })),
  {
    says: "jobs list with a word",
    words: ["jobs", "list", "1"],
    code: 64,
    message: [/"?1"?/, /--help/],
  },
  {
    says: "a password in the URL",
    words: ["status", "--db", "postgres://x:secret123@127.0.0.1:1/y"],
    code: 64,
    message: [/--db has a password in it/, /x:\*\*\*@127\.0\.0\.1/, /PGPASSWORD/],
  },
  {
    says: "a password with an at sign in the URL",
    words: ["status", "--db", "postgres://x:pa@secret123@127.0.0.1:1/y"],
    code: 64,
    message: [/--db has a password in it/, /PGPASSWORD/],
  },
  {
    says: "the passphrase of a key as a parameter of the URL",
    words: ["status", "--db", "postgres://x@127.0.0.1:1/y?sslmode=require&ssl_passphrase=secret123"],
    code: 64,
    message: [/--db has a password in it/, /PGPASSWORD/],
  },
  {
    says: "a password as a parameter of the URL",
    words: ["status", "--db", "postgres://x@127.0.0.1:1/y?password=secret123"],
    code: 64,
    message: [/--db has a password in it/, /PGPASSWORD/],
  },
  {
    says: "a URL of another engine",
    words: ["status", "--db", "mysql://x:secret123@127.0.0.1/y"],
    code: 64,
    message: [/engine that is not known/, /postgres:\/\/user@host\/database/],
  },
  {
    says: "a URL that is none",
    words: ["status", "--db", "postgres://x:secret123@127.0.0.1:999999/y"],
    code: 64,
    message: [/no valid URL/, /postgres:\/\/user@host:port\/database/],
  },
];

for (const { says, words, code, message } of wrongWords) {
  void t.test(`${says} is refused`, async (t) => {
    const outcome = await cowriedb(words, { cwd: t.testdir({}) });

    t.equal(outcome.code, code);
    t.equal(outcome.stdout, "", "nothing on stdout");
    for (const part of message) t.match(outcome.stderr, part);
    t.notMatch(outcome.stderr, /secret123/, "no password is shown");
    t.notMatch(outcome.stderr, /\n +at /, "no stack");
    t.notMatch(outcome.stderr, /\\x0a/, "no stack on one line");
  });
}

void t.test("a bad day is refused", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(async () => store.dispose());
  for (const day of ["2026-02-30", "today", "2026-1-5", "2026-01-05T00", "20260105"]) {
    const outcome = await warm(["report", "daily", "--day", day, "--db", store.db]);

    t.match(
      outcome,
      { code: 64, stdout: "", stderr: new RegExp(`"${day}" is no day\\..*Write it as YYYY-MM-DD`, "s") },
      day,
    );
  }
});

void t.test("a reason that no dead letter can have is refused", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(async () => store.dispose());
  for (const verb of ["list", "replay", "purge"]) {
    const outcome = await warm(["dlq", verb, "--reason", "bad_jsn", "--db", store.db]);

    t.match(outcome, { code: 64, stdout: "", stderr: /no reason "bad_jsn".*There are: bad_json, /s }, verb);
  }
});

void t.test("a report of an empty store says how to fill it", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(async () => store.dispose());

  const outcome = await warm(["report", "daily", "--db", store.db]);

  t.match(outcome, { code: 1, stdout: "", stderr: /holds no events yet.*Run: cowriedb ingest bulk/s });
});

void t.test("files that cannot be loaded are named, with the reason and what to do", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(async () => store.dispose());
  const folder = t.testdir({});
  writeFileSync(join(folder, "shopping.json"), "bread\nbutter\n");
  writeFileSync(join(folder, "list.json"), "eggs\nmilk\n");
  symlinkSync(join(folder, "nowhere"), join(folder, "link"));
  mkdirSync(join(folder, "empty"));
  const load = async (...names: string[]): Promise<Outcome> =>
    warm(["ingest", "bulk", ...names.map((name) => join(folder, name)), "--db", store.db]);

  const missing = await load("cowrie.json");
  const pattern = await load("*.nothing");
  const foreign = await load("shopping.json");
  const foreigners = await load("shopping.json", "list.json");
  const link = await load("link");
  const empty = await load("empty");
  const recount = await warm(["recount", join(folder, "cowrie.json"), "--db", store.db]);

  t.match(missing, { code: 1, stdout: "", stderr: /There is no file .*cowrie\.json\.\n +Check the path/ });
  t.match(pattern, { code: 1, stdout: "", stderr: /No file matches .*\*\.nothing\.\n +Check the pattern/ });
  t.match(foreign, {
    code: 1,
    stdout: "",
    stderr:
      /shopping\.json is no Cowrie log: none of its first 2 lines is JSON\.\n +Name the files that Cowrie writes/,
  });
  t.match(foreigners, {
    code: 1,
    stdout: "",
    stderr: /None of the 2 files is a Cowrie log\. First: .*\n +Name the files/,
  });
  t.match(link, { code: 1, stdout: "", stderr: /link is no regular file\.\n +Name a file or a folder/ });
  t.match(empty, { code: 1, stdout: "", stderr: /empty/ }, "a folder without a log");
  t.match(recount, { code: 1, stdout: "", stderr: /cowrie\.json.*cannot be read.*\n +Check the path/ });
});

void t.test("a failure leaves the store as it was", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(async () => store.dispose());
  const folder = t.testdir({ "shopping.json": "bread\n" });

  await warm(["ingest", "bulk", join(folder, "shopping.json"), "--db", store.db]);
  const status = await warm(["status", "--db", store.db, "--json"]);

  t.match(JSON.parse(status.stdout), { events: 0, batches: 0, sources: 0, rejected: 0 });
});

void t.test("with --json a failure is one document with code, message and hint", async (t) => {
  const folder = t.testdir({});

  const outcome = await warm(["status", "--json", "--db", join(folder, "none.sqlite")]);

  t.equal(outcome.code, 1);
  t.match(JSON.parse(outcome.stdout), {
    error: {
      code: "db.no_store",
      message: /There is no store at .*none\.sqlite/,
      hint: /Run: cowriedb init --db/,
    },
  });
  t.match(outcome.stderr, /There is no store/);
});

void t.test("--verbose shows the stack of a failure, a line a call", async (t) => {
  const missing = join(t.testdir({}), "a\u001b[31m\n    at forged.ts:1:1.sqlite");

  const outcome = await warm(["status", "--verbose", "--db", missing]);

  const [what = "", next = "", ...calls] = outcome.stderr.trimEnd().split("\n");
  t.match(what, /There is no store at .*\\x1b\[31m\\x0a {4}at forged/);
  t.match(next, /Run: cowriedb init/);
  t.ok(calls.length > 1, "several lines");
  for (const call of calls) t.match(call, /^ +at (?!forged)/);
});

void t.test("options may stand before the command", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(async () => store.dispose());

  const outcome = await warm(["--db", store.db, "status"]);

  t.equal(outcome.code, 0, outcome.stderr);
});

void t.test(
  "an answer that cannot be written is no success",
  { skip: process.platform !== "linux" && "no /dev/full" },
  async (t) => {
    const store = await freshStore(sqlite);
    t.teardown(async () => store.dispose());

    const outcome = spawnSync(
      "sh",
      ["-c", 'exec "$0" "$1" status --db "$2" > /dev/full', process.execPath, program, store.db],
      { encoding: "utf8" },
    );

    t.equal(outcome.status, 1);
  },
);

void t.test("a log given as --db is refused and left alone", async (t) => {
  const folder = t.testdir({ "cowrie.json": sessionLines(sessionId(1)) });
  const db = join(folder, "cowrie.json");

  for (const words of [["status"], ["init"], ["migrate", "up"], ["ingest", "bulk", db]]) {
    const outcome = await warm([...words, "--db", db]);

    t.match(
      outcome,
      { code: 1, stdout: "", stderr: /cowrie\.json: the file is no SQLite database.*\n +Check --db/ },
      words.join(" "),
    );
  }
  t.equal(readFileSync(db, "utf8"), sessionLines(sessionId(1)));
});

void t.test("--no-color is an option of every command, and takes the colour away", async (t) => {
  const run = await cowriedb(["version", "--no-color"], { env: { NO_COLOR: "", FORCE_COLOR: "1" } });

  t.match(run, { code: 0, stderr: "" });
  t.notMatch(run.stdout, /\u001b/);
});

void t.test("a fault of the program ends it with 70, and says where it is", async (t) => {
  const fault = "performance.now = () => { throw new TypeError('no clock') }";
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}` };
  const place = join(t.testdir({}), "store.sqlite");
  await warm(["init", "--db", place]);

  const outcome = await cowriedb(["reconcile", "--json", "--db", place], { env });

  t.match(outcome, { code: 70, stderr: /no clock\n +at / });
  t.match(JSON.parse(outcome.stdout), { error: { code: "internal", message: "no clock" } });
});
