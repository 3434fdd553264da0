import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { LoadResult } from "../../src/ingest/load-result.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { isMetInShort } from "../helpers/cli.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";

const event = (index: number): string => sessionLines(sessionId(index)).split("\n")[0] ?? "";

interface Bench extends TestStore {
  path: string;
  load(options?: { multiLine?: boolean; batchEvents?: number }): Promise<LoadResult>;
}

for (const engine of engines()) {
  const bench = async (test: Test, name: string, content: string): Promise<Bench> => {
    const store = await freshStore(engine);
    const folder = mkdtempSync(join(tmpdir(), "cowriedb-resumed-"));
    const path = join(folder, name);
    writeFileSync(path, content);
    test.teardown(async () => {
      await store.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    const load: Bench["load"] = ({ multiLine = false, batchEvents = 1_000 } = {}) =>
      loadFiles(store.database, [path], { multiLine, batchEvents });
    return { ...store, path, load };
  };

  void t.test(engine.name, async (t) => {
    for (const [shown, end] of [
      ["a newline", "\n"],
      ["a carriage return and a newline", "\r\n"],
    ] as const) {
      await t.test(
        `${shown} that comes later ends a line that was read without it, and is no record`,
        async (t) => {
          const { path, load } = await bench(t, "cowrie.json", `${event(1)}\n${event(2)}`);
          t.match(await load(), { records_read: 2, events_accepted: 2 });

          appendFileSync(path, end);
          t.match(await load(), { records_read: 0, files: [{ status: "unchanged" }] });
          appendFileSync(path, `\n${event(3)}\n`);

          t.match(await load(), { records_read: 2, events_accepted: 1, records_skipped: 1 });
          t.match(await load(), { records_read: 0 });
        },
      );
    }

    await t.test(
      "lines that an endless object gave up are read once, however the file goes on",
      async (t) => {
        const { database, path, load } = await bench(
          t,
          "cowrie.json",
          `${event(1)}\n{\n${'"a":1,\n'.repeat(5_000)}{"eventid":`,
        );
        const first = await load({ multiLine: true });

        appendFileSync(path, `"cut"\n${event(2)}\n`);
        const second = await load({ multiLine: true });

        t.equal(first.records_read + second.records_read, 5_004);
        t.equal(second.records_read, 2);
        t.same(await strayLetters(database), []);
      },
    );

    await t.test("a batch ends behind the last line that it holds, inside an open object too", async (t) => {
      const { database, load } = await bench(
        t,
        "cowrie.json.2026-01-05",
        `${event(1)}\n${`{\n${'"a":1,\n'.repeat(5_000)}`.repeat(2)}`,
      );

      const result = await load({ multiLine: true, batchEvents: 10 });

      t.equal(result.records_read, 10_003);
      t.same(await strayLetters(database), []);
    });

    await t.test(
      "an element of an array that is too long is one refused record, and the next is read",
      { skip: !isMetInShort(engine) && "the reader's work alone: on SQLite, and nightly" },
      async (t) => {
        const long = `{"eventid":"cowrie.login.failed","pad":[\n${`"${"x".repeat(1_000)}]}\\"",\n`.repeat(17_000)}1]}`;
        const { database, load } = await bench(
          t,
          "cowrie.json.2026-01-05",
          `[\n${event(1)},\n${long},\n${event(2)}\n, "${"y".repeat(17 << 20)}" ,${event(3)}]\n`,
        );

        const result = await load();

        t.match(result, { records_read: 5, events_accepted: 3, records_rejected: 2, records_skipped: 0 });
        const letters = await typed(
          database,
          "select reason, record_bytes from dead_letter_events order by source_offset",
        );
        t.same(
          letters.map((row) => [row["reason"], Number(row["record_bytes"])]),
          [
            ["line_too_long", long.length],
            ["line_too_long", (17 << 20) + 2],
          ],
        );
      },
    );
  });
}

/** Letters that do not lie between the two ends of their batch. */
async function strayLetters(database: TestStore["database"]): Promise<Record<string, unknown>[]> {
  return typed(
    database,
    `select d.source_offset, b.first_offset, b.end_offset
     from dead_letter_events as d
     inner join ingest_batches as b on b.batch_id = d.batch_id
     where d.source_offset < b.first_offset or d.source_offset >= b.end_offset`,
  );
}
