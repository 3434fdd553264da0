import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import t from "tap";
import type { Test } from "tap";
import { canonicalTables } from "../helpers/canonical.ts";
import { cowriedb, isMetInShort, type Outcome } from "../helpers/cli.ts";
import { engines, freshStore, type Engine, type TestStore } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { warm } from "../helpers/warm.ts";

interface Loaded {
  run_id: string;
  interrupted: boolean;
  files: {
    path: string;
    status: string;
    unread_bytes: number;
    damage: string | null;
    events_accepted: number;
  }[];
  batches: number;
  records_read: number;
  events_accepted: number;
  events_duplicate: number;
  records_rejected: number;
  records_skipped: number;
  elapsed_ms: number;
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a file is loaded once; the second run says that nothing is new", async (t) => {
      const { store, folder } = await place(t, engine);
      const file = join(folder, "cowrie.json.2026-01-05");
      writeFileSync(file, sessionLines(sessionId(1)));

      const first = await warm(["ingest", "bulk", file, "--db", store.db]);
      const second = await warm(["ingest", "bulk", file, "--db", store.db]);

      t.match(first, {
        code: 0,
        stdout: /5 events from 1 file in.*records read +5.*Next: cowriedb report daily/s,
        stderr: "",
      });
      t.match(second, {
        code: 0,
        stdout: /Nothing new\. The file was loaded before; the store is as it was\./,
      });
    });

    await t.test("--json gives every count of the load and of each file", async (t) => {
      const { store, folder } = await place(t, engine);
      const file = join(folder, "cowrie.json.2026-01-05");
      writeFileSync(file, `${sessionLines(sessionId(1))}${sessionLines(sessionId(1))}\n{"broken": \n`);

      const loaded = documentOf(await warm(["ingest", "bulk", file, "--db", store.db, "--json"]));

      t.match(loaded, {
        run_id: /^[0-9a-f-]{36}$/,
        interrupted: false,
        batches: 1,
        records_read: 12,
        events_accepted: 5,
        events_duplicate: 5,
        records_rejected: 1,
        records_skipped: 1,
        elapsed_ms: Number,
        files: [
          { path: file, status: "loaded", batches: 1, records_read: 12, unread_bytes: 0, damage: null },
        ],
      });
      t.same(Object.keys(loaded.files[0] ?? {}), [
        "path",
        "status",
        "batches",
        "records_read",
        "events_accepted",
        "events_duplicate",
        "records_rejected",
        "records_skipped",
        "unread_bytes",
        "damage",
      ]);
    });

    await t.test("a folder, a pattern and a list of files are all the same files", async (t) => {
      const found: unknown[] = [];
      for (const way of ["folder", "pattern", "list", "wrong order"]) {
        const { store, folder } = await place(t, engine);
        mkdirSync(join(folder, "deeper"));
        const files = [
          "cowrie.json.2026-01-05",
          "cowrie.json.2026-01-06",
          "deeper/cowrie.json.2026-01-07",
        ].map((name, day) => {
          writeFileSync(join(folder, name), sessionLines(sessionId(1), `2026-01-0${5 + day}`));
          return join(folder, name);
        });
        writeFileSync(join(folder, "notes.txt"), "no log\n");
        const paths = {
          folder: [folder],
          pattern: [join(folder, "**/*.json.2026-01-0?")],
          list: files,
          "wrong order": files.toReversed(),
        }[way];

        const loaded = documentOf(
          await warm(["ingest", "bulk", ...(paths ?? []), "--db", store.db, "--json"]),
        );

        t.equal(loaded.events_accepted, 15, way);
        t.same(
          loaded.files.map(({ path }) => path),
          files,
          `${way}: in the order of the first event`,
        );
        found.push(await canonicalTables(store.database));
      }
      for (const tables of found.slice(1)) t.same(tables, found[0]);
    });

    await t.test("a dash is standard input", async (t) => {
      const { store } = await place(t, engine);
      const input = Buffer.from(sessionLines(sessionId(1)));

      const loaded = documentOf(
        await cowriedb(["ingest", "bulk", "-", "--db", store.db, "--json"], { input }),
      );
      const again = documentOf(
        await cowriedb(["ingest", "bulk", "-", "--db", store.db, "--json"], { input }),
      );

      t.equal(loaded.events_accepted, 5);
      t.equal(loaded.files[0]?.path, "standard input");
      t.match(again, { events_accepted: 0, events_duplicate: 5 });
    });

    for (const [kind, pack] of packers()) {
      await t.test(
        `a ${kind} file gives what the plain file gives`,
        { skip: whyNot(engine, kind, pack) },
        async (t) => {
          const { store, folder } = await place(t, engine);
          const plain = join(folder, "cowrie.json.2026-01-05");
          writeFileSync(plain, sessionLines(sessionId(1)));
          writeFileSync(`${plain}.${kind}`, pack?.(plain) ?? "");

          const packed = documentOf(
            await warm(["ingest", "bulk", `${plain}.${kind}`, "--db", store.db, "--json"]),
          );
          const unpacked = documentOf(await warm(["ingest", "bulk", plain, "--db", store.db, "--json"]));

          t.match(packed, { events_accepted: 5, records_rejected: 0 });
          t.equal(unpacked.events_accepted, 0, "the plain file holds nothing new");
        },
      );
    }

    await t.test("an unfinished last line waits until it is whole", async (t) => {
      const { store, folder } = await place(t, engine);
      const file = join(folder, "cowrie.json");
      const text = sessionLines(sessionId(1));
      writeFileSync(file, text.slice(0, -20));

      const shown = await warm(["ingest", "bulk", file, "--db", store.db]);
      const waiting = documentOf(await warm(["ingest", "bulk", file, "--db", store.db, "--json"]));
      appendFileSync(file, text.slice(-20));
      const whole = documentOf(await warm(["ingest", "bulk", file, "--db", store.db, "--json"]));

      t.match(shown, {
        code: 0,
        stdout: /4 events.*1 file ends in an unfinished line; it is left for the next run/s,
      });
      t.match(waiting, { events_accepted: 0, records_rejected: 0 });
      t.ok((waiting.files[0]?.unread_bytes ?? 0) > 0, "the unread bytes are told");
      t.match(whole, { events_accepted: 1, events_duplicate: 0, records_read: 1 });
    });

    await t.test("a file that is damaged in the middle gives what came before, and says so", async (t) => {
      const { store, folder } = await place(t, engine);
      const file = join(folder, "cowrie.json.2026-01-05.gz");
      const packed = gzipSync(
        Array.from({ length: 400 }, (_, index) => sessionLines(sessionId(index * 7919))).join(""),
      );
      writeFileSync(file, packed.subarray(0, packed.length - 200));

      const outcome = await warm(["ingest", "bulk", file, "--db", store.db]);

      t.match(outcome, { code: 0, stderr: /is damaged \(.*\); what came before was loaded/ });
      t.match(outcome.stdout, /events from 1 file in/);
    });

    await t.test("a small --batch-size makes more batches of the same rows", async (t) => {
      const { store, folder } = await place(t, engine);
      const file = join(folder, "cowrie.json.2026-01-05");
      writeFileSync(file, [1, 2, 3].map((number) => sessionLines(sessionId(number))).join(""));

      const loaded = documentOf(
        await warm(["ingest", "bulk", file, "--batch-size", "4", "--db", store.db, "--json"]),
      );

      t.equal(loaded.events_accepted, 15);
      t.ok(loaded.batches >= 4, `${loaded.batches} batches`);
    });

    await t.test("one file that is no log is left out of several, and named", async (t) => {
      const { store, folder } = await place(t, engine);
      writeFileSync(join(folder, "cowrie.json.2026-01-05"), sessionLines(sessionId(1)));
      writeFileSync(join(folder, "shopping.json"), "bread\nbutter\n");

      const outcome = await warm(["ingest", "bulk", folder, "--db", store.db]);

      t.match(outcome, {
        code: 0,
        stdout: /5 events/,
        stderr: /shopping\.json is no Cowrie log; it was left out/,
      });
    });

    await t.test("--quiet says nothing beside the answer", async (t) => {
      const { store, folder } = await place(t, engine);
      writeFileSync(join(folder, "cowrie.json.2026-01-05"), sessionLines(sessionId(1)));
      writeFileSync(join(folder, "shopping.json"), "bread\nbutter\n");

      const outcome = await warm(["ingest", "bulk", folder, "--db", store.db, "--quiet"]);

      t.match(outcome, { code: 0, stderr: "" });
    });
  });
}

async function place(t: Test, engine: Engine): Promise<{ store: TestStore; folder: string }> {
  const store = await freshStore(engine);
  t.teardown(async () => store.dispose());
  return { store, folder: t.testdir({}) };
}

function documentOf(outcome: Outcome): Loaded {
  if (outcome.code !== 0) throw new Error(`exit code ${outcome.code}: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout) as Loaded;
}

/** Why a kind of file is not tried: how it is unpacked is no matter of the engine. */
function whyNot(engine: Engine, kind: string, pack: unknown): string | false {
  if (pack === undefined) return `no program for ${kind}`;
  return kind !== "gz" && !isMetInShort(engine) && "the reader's work alone: on SQLite, and nightly";
}

/** How to pack a file, where the machine has the program. */
function packers(): [string, ((path: string) => Buffer) | undefined][] {
  const program = (name: string): ((path: string) => Buffer) | undefined => {
    if (spawnSync(name, ["--version"], { input: "" }).error !== undefined) return undefined;
    return (path) => spawnSync(name, ["-q", "-c"], { input: readFileSync(path) }).stdout;
  };
  return [
    ["gz", (path) => gzipSync(readFileSync(path))],
    ["bz2", program("bzip2")],
    ["zst", program("zstd")],
  ];
}
