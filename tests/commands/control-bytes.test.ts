import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Test } from "tap";
import { isMetInShort, isNightly, program, type Outcome } from "../helpers/cli.ts";
import { engines, freshStore, type Engine, type TestStore } from "../helpers/database.ts";
import { sessionId } from "../helpers/lines.ts";
import { warm } from "../helpers/warm.ts";

/** What a log may hold so that a terminal, a table or a page takes it for something else. */
const hostile = [
  "\u001b[31mred\u001b[2J\u001b]0;title\u0007",
  "\u001b]8;;http://192.0.2.1/\u001b\\link\u001b]8;;\u001b\\",
  "\u009b31m\u0085\u008d\u0090",
  "\u202egnp.exe\u2066\u200b\u200d\u2028\u2029\ufeff\u{e0041}",
  "nul\u0000and\u0008\u007f",
  "two\r\nlines\tand a tab",
  '=HYPERLINK("http://192.0.2.1/")',
  "<script>alert(1)</script> | `code` | **bold**",
].join(" ");

/** The first runs of the list show what is in the log. */
const dataRuns = 15;

const shasum = "a".repeat(64);
// The name of a file cannot hold NUL or a slash.
const evilName = "cowrie.json.\u001b[31m\nevil\u202e\u009b2026-01-05";

// What a command prints hangs little on the version of the server: the short run sees one of them.
const seen = engines().slice(0, isNightly ? undefined : 2);

for (const engine of seen) {
  void t.test(engine.name, async (t) => {
    const { store, folder, file } = await hostileStore(t, engine);
    const missing = join(folder, `missing${evilName}`);
    const runs: string[][] = [
      ["ingest", "bulk", file],
      ["ingest", "bulk", folder],
      ["recount", file],
      ["status"],
      ["report", "daily"],
      ["status", "--verbose"],
      ["dlq", "list"],
      ["dlq", "show", "1"],
      ["dlq", "show", "2"],
      ["dlq", "replay", "--dry-run"],
      ["registry", "unknown"],
      ["ingest", "undo", "1", "--dry-run"],
      ["audit", "list"],
      ["verify"],
      ["reconcile"],
      ["reconcile", "prove", evilName],
      ["reconcile", "--mode", evilName],
      ["registry", "list", evilName],
      ["ingest", "bulk", missing, "--verbose"],
      ["ingest", "bulk", join(folder, "*\u001b[31m*nothing")],
      ["recount", missing, "--verbose"],
      ["dlq", "list", "--reason", evilName],
      ["dlq", "list", "--source", evilName, "--since", evilName],
      ["report", "daily", "--day", evilName],
      ["report", "daily", "--limit", evilName],
      ["ingest", "bulk", "x", "--batch-size", evilName],
      ["migrate", "status"],
      ["migrate", "plan"],
      ["migrate", "verify"],
      ["migrate", "up"],
      ["migrate", "down", "--confirm", evilName],
      ["init"],
      ["version"],
      [evilName],
      ["status", `--${evilName}`],
    ];

    // What does not show the log is the same on every engine.
    const seen = engine.dialect === "sqlite" ? runs : runs.slice(0, dataRuns);

    await t.test("no control byte of the log reaches a pipe", async (t) => {
      for (const words of seen) {
        for (const more of [[], ["--json"]]) {
          const outcome = await warm([...words, ...more, "--db", store.db]);

          const isJson = more.includes("--json");
          t.same(harmful(outcome.stdout, isJson), [], `stdout of ${shown([...words, ...more])}`);
          t.same(harmful(outcome.stderr, false), [], `stderr of ${shown([...words, ...more])}`);
          if (isJson && outcome.stdout !== "")
            t.ok(JSON.parse(outcome.stdout) as unknown, "one JSON document");
        }
      }
    });

    const isSkipped = isMetInShort(engine) ? noTerminal() : "on SQLite, and nightly";
    await t.test("no control byte of the log reaches a terminal", { skip: isSkipped }, (t) => {
      const texts = onTerminal(seen.map((words) => [...words, "--db", store.db]));
      t.equal(texts.length, seen.length);
      for (const [index, text] of texts.entries()) t.same(harmful(text, false), [], shown(seen[index] ?? []));
      t.end();
    });

    await t.test("a difference that recount finds is shown without control bytes", async (t) => {
      const other = await freshStore(engine);
      t.teardown(async () => other.dispose());

      const text = await warm(["recount", file, "--db", other.db]);
      const json = await warm(["recount", file, "--db", other.db, "--json"]);

      t.equal(text.code, 20, text.stderr);
      t.same(harmful(text.stdout, false), []);
      t.same(harmful(json.stdout, true), []);
    });
  });
}

void t.test("a store whose own path holds control bytes is named without them", async (t) => {
  const db = join(t.testdir({}), "st\u001b[31m\nore\u202e.sqlite");
  const outcomes: Outcome[] = [];
  for (const words of [
    ["status"],
    ["init"],
    ["init"],
    ["status"],
    ["report", "daily"],
    ["migrate", "verify"],
  ]) {
    for (const more of [[], ["--json"]]) outcomes.push(await warm([...words, ...more, "--db", db]));
  }
  outcomes.push(await warm(["status", "--db", "postgres://x\u001b[31m@127.0.0.1:1/y\u202e"]));
  outcomes.push(await warm(["status", "--db", "odd\u001b://x\u001b[31m"]));

  for (const { stdout, stderr } of outcomes) {
    t.same(harmful(stdout, stdout.startsWith("{")), []);
    t.same(harmful(stderr, false), []);
  }
});

/**
 * Characters that a terminal acts on. Text may hold the newline alone; JSON also what JSON.stringify leaves as it is,
 * which no control character below U+0020 is. Our own colours and the redrawn line are taken away first.
 */
function harmful(text: string, isJson: boolean): string[] {
  // eslint-disable-next-line no-control-regex
  const ours = text.replace(/\r?\u001b\[2K|\u001b\[(1|2|22|31|32|33|39)m|\r(?=\n)/g, "");
  const bad = isJson
    ? // eslint-disable-next-line no-control-regex
      /[\u0000-\u0009\u000b-\u001f]/gu
    : // eslint-disable-next-line no-control-regex
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
  return [...ours.matchAll(bad)].map((match) => {
    const around = ours.slice(Math.max(0, match.index - 20), match.index + 20);
    return JSON.stringify(around);
  });
}

function shown(words: readonly string[]): string {
  return JSON.stringify(words.join(" "));
}

async function hostileStore(
  t: Test,
  engine: Engine,
): Promise<{ store: TestStore; folder: string; file: string }> {
  const store = await freshStore(engine);
  t.teardown(async () => store.dispose());
  const folder = join(t.testdir({}), "lo\u001b[32mgs\n");
  mkdirSync(folder);
  const file = join(folder, evilName);
  writeFileSync(file, hostileLines());
  writeFileSync(join(folder, `not-json\u001b[31m\n.json`), "bread\nbutter\n");
  const outcome = await warm(["ingest", "bulk", folder, "--db", store.db]);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return { store, folder, file };
}

/** One session whose every field is hostile, hostile event ids, and records that are refused. */
function hostileLines(): string {
  const common = {
    session: `${sessionId(1)}${hostile}`,
    sensor: hostile,
    src_ip: hostile,
    protocol: hostile,
    message: hostile,
  };
  const events: Record<string, unknown>[] = [
    { eventid: "cowrie.session.connect", src_port: hostile },
    { eventid: "cowrie.client.version", version: hostile },
    { eventid: "cowrie.client.kex", hassh: hostile },
    { eventid: "cowrie.login.success", username: hostile, password: hostile },
    { eventid: "cowrie.command.input", input: hostile },
    { eventid: "cowrie.session.file_download", url: hostile, shasum, destfile: hostile },
    {
      eventid: "cowrie.session.file_download",
      url: `http://192.0.2.1/${hostile}`,
      shasum: hostile,
      filename: hostile,
    },
    { eventid: `cowrie.${hostile}` },
  ];
  const lines = events.map((event, second) =>
    JSON.stringify({
      ...event,
      ...common,
      timestamp: `2026-01-05T10:00:0${second}.000000Z`,
      [hostile]: hostile,
    }),
  );
  return `${[...lines, `{"a": "${hostile}`, `\u001b[31m ${hostile}`, JSON.stringify({ eventid: hostile, timestamp: hostile })].join("\n")}\n`;
}

function noTerminal(): string | false {
  const tried = spawnSync("script", ["-qec", "true", "/dev/null"], { input: "" });
  return tried.error === undefined && tried.status === 0 ? false : "no program script";
}

/**
 * What a terminal gets from each run of the program, one after another; the words go through the environment, so that no shell
 * reads them.
 */
function onTerminal(runs: readonly (readonly string[])[]): string[] {
  const end = "that is all of it";
  const starter = `const {spawnSync} = require("node:child_process"); for (const words of JSON.parse(process.env.COWRIEDB_WORDS)) { spawnSync(process.execPath, words, {stdio: "inherit"}); console.log("${end}"); }`;
  const { stdout } = spawnSync("script", ["-qec", `"${process.execPath}" -e '${starter}'`, "/dev/null"], {
    input: "",
    encoding: "utf8",
    env: {
      ...process.env,
      ...{ TERM: "xterm", NO_COLOR: "" },
      COWRIEDB_WORDS: JSON.stringify(runs.map((words) => [program, ...words])),
    },
  });
  return stdout.split(end).slice(0, -1);
}
