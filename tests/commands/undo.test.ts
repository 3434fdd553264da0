import t from "tap";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { contentsOf } from "../helpers/undone.ts";
import { warm } from "../helpers/warm.ts";

const lines = generatedLines(300, 9, 20);

/** Wrong use in this order: batch 1 is undone by the second case, and batch 3 then carries events for batch 2. */
const cases: { words: string[]; code: number; message: RegExp[] }[] = [
  {
    words: ["1"],
    code: 64,
    message: [/undoes batch 1 of .*: \d+ events? deleted/, /ingest undo --db .* 1 --confirm 1/],
  },
  { words: ["1", "--confirm", "1"], code: 0, message: [] },
  { words: ["1", "--confirm", "1"], code: 1, message: [/Batch 1 was undone at \d{4}-/, /cowriedb status/] },
  {
    words: ["3", "--confirm", "3"],
    code: 1,
    message: [/Batch 3 holds events for batch 2/, /ingest undo --db .* 2/],
  },
  { words: ["99", "--confirm", "99"], code: 1, message: [/has no batch 99/, /cowriedb status/] },
  { words: ["2", "--confirm", "3"], code: 64, message: [/undoes batch 2/, /--confirm 2/] },
  { words: ["2", "--reload"], code: 64, message: [/undoes batch 2/, /undo --db .* 2 --reload --confirm 2/] },
  { words: ["2", "--confirm"], code: 64, message: [/--confirm is given without a value/, /--help/] },
  { words: [], code: 64, message: [/needs the number of one batch/, /ingest undo --help/] },
  { words: ["1", "2"], code: 64, message: [/needs the number of one batch/, /--help/] },
  { words: ["0x1"], code: 64, message: [/needs the number of one batch/, /--help/] },
  { words: ["9007199254740993"], code: 64, message: [/needs the number of one batch/, /--help/] },
];

for (const engine of engines()) {
  await t.test(`wrong use is refused and changes nothing (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    try {
      await loadInProcess(store.database, "a", logOf(lines.slice(0, 200)), [500]);
      await loadInProcess(store.database, "b\u001b[31m", logOf(lines.slice(150)), [500]);
      for (const { words, code, message } of cases) {
        const before = JSON.stringify(await contentsOf(store.database));
        const outcome = await warm(["ingest", "undo", ...words, "--db", store.db]);

        const said = `ingest undo ${words.join(" ")}`;
        test.equal(outcome.code, code, said);
        for (const part of message) test.match(outcome.stderr, part, said);
        test.notMatch(outcome.stderr + outcome.stdout, /\u001b/, "no byte of a path reaches the terminal");
        const after = JSON.stringify(await contentsOf(store.database));
        test.equal(after === before, code !== 0, "what the store holds");
      }
    } finally {
      await store.dispose();
    }
  });

  await t.test(`a dry run tells what the undo then does (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    try {
      await loadInProcess(store.database, "a", logOf(lines.slice(0, 200)), [500]);
      await loadInProcess(store.database, "b", logOf(lines.slice(150)), [500]);
      const run = async (words: string[]): Promise<Record<string, unknown>> => {
        const outcome = await warm(["ingest", "undo", "1", "--json", "--reload", "--db", store.db, ...words]);
        test.equal(outcome.code, 0, outcome.stderr);
        return JSON.parse(outcome.stdout) as Record<string, unknown>;
      };

      const planned = await run(["--dry-run"]);
      const [offset] = await typed(store.database, "select next_offset as n from sources order by source_id");
      const done = await run(["--confirm", "1"]);

      test.ok(Number(offset?.["n"]) > 0, "a dry run changes nothing");
      const [carry] = done["carry_batches"] as { events: number }[];
      test.ok((carry?.events ?? 0) > 0, "events are carried");
      test.same(done, {
        ...planned,
        dry_run: false,
        carry_batches: [{ batch_id: 3, carried_for_batch_id: 2, events: carry?.events }],
      });
      const sources = await typed(
        store.database,
        "select next_offset, state from sources order by source_id",
      );
      test.equal(Number(sources[0]?.["next_offset"]), 0, "its file is to be read again");
      test.ok(Number(sources[1]?.["next_offset"]) > 0, "the other file is not");
      const again = { batch_id: 1, events_deleted: 0, reload: true, was_undone: true };
      test.match(await run(["--dry-run"]), { ...again, dry_run: true }, "undone, it can be read again only");
      test.match(await run([]), { ...again, dry_run: false }, "which loses nothing and asks nobody");
    } finally {
      await store.dispose();
    }
  });
}

for (const engine of engines()) {
  await t.test(`audit list shows what was done, newest first (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    try {
      await loadInProcess(store.database, "a", logOf(lines), [500]);
      await typed(
        store.database,
        "update settings set value = 11, unit = '\u001b[2J' where setting = 'breaker_percent'",
      );
      await warm(["ingest", "undo", "1", "--confirm", "1", "--db", store.db]);
      const list = async (...words: string[]): Promise<Record<string, unknown>[]> => {
        const outcome = await warm(["audit", "list", "--json", "--db", store.db, ...words]);
        test.equal(outcome.code, 0, outcome.stderr);
        return (JSON.parse(outcome.stdout) as { entries: Record<string, unknown>[] }).entries;
      };

      const batches = await list("--table", "ingest_batches");
      const settings = await list("--actor", "direct SQL", "--since", "2026-01-01");
      const text = await warm(["audit", "list", "--table", "settings", "--db", store.db]);

      test.match(batches, [{ command: "ingest undo", row_key: "1", before: { undone_at: null } }]);
      test.match(settings, [
        { command: null, table_name: "settings", before: { value: 10 }, after: { value: 11 } },
      ]);
      test.equal(settings.length, 1);
      test.equal((await list("--limit", "3")).length, 3);
      test.same(await list("--since", "2999-01-01T00:00:00.5Z"), []);
      test.match(text.stdout, /direct SQL.*update settings breaker_percent/);
      test.notMatch(text.stdout, /\u001b/, "values of the store are shown without their control bytes");
      for (const since of ["yesterday", "2026-02-30", "2026-1-5"]) {
        test.equal((await warm(["audit", "list", "--since", since, "--db", store.db])).code, 64, since);
      }
    } finally {
      await store.dispose();
    }
  });
}
