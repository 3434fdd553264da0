import { hash } from "blake3";
import fc from "fast-check";
import t from "tap";
import type { Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { CowriedbError } from "../../src/errors.ts";
import { replayLetters, type ReplayResult } from "../../src/ingest/replay.ts";
import { bytesOfLetter, listLetters, showLetter } from "../../src/letters/letters.ts";
import { purgeLetters } from "../../src/letters/purge.ts";
import { canonicalEvents, canonicalTables } from "../helpers/canonical.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { evidenceLines } from "../helpers/evidence.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { logLine, sessionId, sessionLines } from "../helpers/lines.ts";

const seed = 20_261_122;
const everything = { reason: null, source: null, since: null, until: null };
const newTypes = "('COW0098', 'cowrie.command.input'), ('COW0099', 'cowrie.login.success')";

/** A line that passes once its numbered event id is registered. */
function numberedLine(number: number, second: number, eventid = "COW0098"): string {
  return logLine({
    eventid,
    session: sessionId(number),
    timestamp: `2026-01-05T11:00:${String(second).padStart(2, "0")}.000000Z`,
    src_ip: "192.0.2.9",
    input: `id ${number}`,
    username: "root",
    password: "guess",
  });
}

/** Lines of every kind: events, what a changed registry lets through, and what nothing does. */
const mixed = [
  sessionLines(sessionId(1)),
  numberedLine(1, 1),
  "no json\u001b[31m\n",
  numberedLine(2, 2, "COW0099"),
  numberedLine(3, 3, "KIPP0099"),
  '{"eventid":"cowrie.login.failed","session":"x"}\n',
  // Two values on one line pass together or not at all.
  `${numberedLine(4, 4).trim()}${numberedLine(4, 5).trim()}\n`,
  `${numberedLine(5, 4).trim()}${numberedLine(5, 5, "KIPP0099").trim()}\n`,
  numberedLine(1, 1),
].join("");

for (const engine of engines()) {
  await t.test(`what a changed registry lets through becomes events, once (${engine.name})`, async (test) => {
    const { database } = await storeOf(test, engine, [mixed, numberedLine(2, 2, "COW0099")]);
    const straight = await storeOf(test, engine, [mixed, numberedLine(2, 2, "COW0099")], async (changed) =>
      register(changed),
    );
    const before = await typed(database, "select source_id, next_offset, state from sources order by 1");
    await register(database);

    const dry = await replay(database, { dryRun: true });
    const first = await replay(database);
    const tables = await canonicalTables(database);
    const second = await replay(database);

    test.match(dry, { dry_run: true, tried: 9, replayed: 5, still_refused: 4, batches: 0 });
    test.match(first, { tried: 9, replayed: 5, still_refused: 4, batches: 2 });
    test.match(first, { events_accepted: 4, events_duplicate: 2 });
    test.match(second, { tried: 4, replayed: 0, still_refused: 4, batches: 0 });
    test.same(await canonicalTables(database), tables, "a second replay changes nothing");
    test.same(tables, await canonicalTables(straight.database), "derived tables are those of the other way");
    test.same(await canonicalEvents(database), await canonicalEvents(straight.database));
    test.same(
      await typed(database, "select source_id, next_offset, state from sources order by 1"),
      before,
      "no source moves",
    );
    await conserved(test, database);
    await chained(test, database);
  });

  await t.test(
    `a letter is tried three times under one version of the rules (${engine.name})`,
    async (test) => {
      const { database } = await storeOf(test, engine, ["no json\n"]);

      const tries = [];
      for (let run = 0; run < 5; run++) tries.push((await replay(database)).tried);
      const spent = await replay(database);
      await register(database);
      const anew = await replay(database);
      const [letter] = await typed(database, "select attempts, version_attempts from dead_letter_events");

      test.same(tries, [1, 1, 1, 0, 0]);
      test.match(spent, { tried: 0, exhausted: 1 });
      test.match(anew, { tried: 1, still_refused: 1 });
      test.not(anew.rules_version, spent.rules_version);
      test.same([Number(letter?.["attempts"]), Number(letter?.["version_attempts"])], [4, 1]);
    },
  );

  await t.test(
    `pages of a list hold each letter once, whatever their size (${engine.name})`,
    async (test) => {
      const { database } = await storeOf(test, engine, [
        mixed,
        "more\n",
        mixed.replaceAll("192.0.2.9", "192.0.2.8"),
      ]);
      const all = (await listLetters(database, everything, { state: "all", after: 0, limit: 1_000 })).letters;

      for (const limit of [1, 4, all.length]) {
        const seen: number[] = [];
        let after: number | null = 0;
        while (after !== null) {
          const page = await listLetters(database, everything, { state: "all", after, limit });
          seen.push(...page.letters.map(({ letter }) => letter));
          after = page.next_after;
        }
        test.same(
          seen,
          all.map(({ letter }) => letter),
          `pages of ${limit}`,
        );
      }
      for (const [filters, kept] of [
        [{ reason: "bad_json" }, (one: (typeof all)[0]) => one.reason === "bad_json"],
        [{ source: "file-1" }, (one: (typeof all)[0]) => one.source === "file-1"],
        [
          { source: String(all[0]?.source_id) },
          (one: (typeof all)[0]) => one.source_id === all[0]?.source_id,
        ],
        [{ since: "2999-01-01T00:00:00.000000Z" }, () => false],
        [{ until: "2999-01-01T00:00:00.000000Z" }, () => true],
      ] as const) {
        const page = await listLetters(
          database,
          { ...everything, ...filters },
          { state: "open", after: 0, limit: 1_000 },
        );
        test.same(page.letters, all.filter(kept), JSON.stringify(filters));
      }
      test.equal(all.length, 17);
      await test.rejects(
        listLetters(database, { ...everything, reason: "x" }, { state: "all", after: 0, limit: 1 }),
        {
          code: "config.usage",
        },
      );
    },
  );

  await t.test(`a purge removes bytes and nothing else (${engine.name})`, async (test) => {
    const { database } = await storeOf(test, engine, [mixed]);
    await register(database);
    await replay(database);
    const columns =
      "dead_letter_id, batch_id, record_bytes, record_digest, reason, detail, attempts, resolved_batch_id";
    const before = await typed(database, `select ${columns} from dead_letter_events order by 1`);
    const settled = { ...everything, before: null };
    const old = { ...everything, before: "2999-01-01T00:00:00.000000Z" };

    const dry = await purgeLetters(database, settled, { dryRun: true, confirmed: 0 });
    await test.rejects(purgeLetters(database, settled, { dryRun: false, confirmed: 3 }), {
      code: "config.usage",
    });
    const first = await purgeLetters(database, settled, { dryRun: false, confirmed: 4 });
    const rest = await purgeLetters(database, old, { dryRun: false, confirmed: 4 });
    const none = await purgeLetters(database, old, { dryRun: true, confirmed: 0 });
    const states = await typed(
      database,
      "select resolution, count(*) as n, sum(length(record)) as bytes from dead_letter_events group by 1 order by 1",
    );

    test.match(dry, { letters: 4, open: 0 });
    test.match(first, { letters: 4, open: 0 });
    test.match(rest, { letters: 4, open: 4 });
    test.match(none, { letters: 0, bytes: 0 });
    test.same(
      states.map((row) => [row["resolution"], Number(row["n"]), Number(row["bytes"])]),
      [
        ["purged", 4, 0],
        ["replayed", 4, 0],
      ],
    );
    test.same(await typed(database, `select ${columns} from dead_letter_events order by 1`), before);
    test.match(await replay(database), { tried: 0 }, "nothing is left to replay");
    await test.rejects(bytesOfLetter(database, 1), { code: "letters.not_whole" });
    await conserved(test, database);
  });

  await t.test(`a long record is shown by its ends and not replayed (${engine.name})`, async (test) => {
    const long = numberedLine(1, 1).replace("id 1", "x".repeat(70_000));
    const { database } = await storeOf(test, engine, [long, "\u001b[31m\u202e\u0000 odd\n"]);
    await register(database);

    const result = await replay(database);
    const shown = await showLetter(database, 1);
    const odd = await showLetter(database, 2);

    test.match(result, { tried: 1, replayed: 0, cut: 1 });
    test.match(shown, { bytes: long.length - 1, advice: /load its source again/, resolution: null });
    test.equal(shown.record.length + (shown.record_tail ?? "").length, 8_192);
    test.equal(odd.record, "\\x1b[31m\\u202e\\x00 odd");
    test.same(await bytesOfLetter(database, 2), Buffer.from("\u001b[31m\u202e\u0000 odd"));
    await test.rejects(bytesOfLetter(database, 1), { code: "letters.not_whole" });
    await test.rejects(showLetter(database, 99), { code: "letters.not_found" });
  });

  await t.test(
    `a letter that another program settles meanwhile is not settled twice (${engine.name})`,
    async (test) => {
      const { database } = await storeOf(test, engine, [mixed]);
      await register(database);

      const both = await Promise.allSettled([replay(database), replay(database)]);
      const taken = both.filter((one) => one.status === "rejected");
      await replay(database);

      for (const { reason } of taken) {
        test.ok(reason instanceof CowriedbError && reason.code === "letters.taken", String(reason));
      }
      await conserved(test, database);
      await chained(test, database);
    },
  );

  await t.test(`replays at any moment give what the last registry gives (${engine.name})`, async (test) => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant("load" as const),
        lines: fc.array(fc.nat(7), { minLength: 1, maxLength: 6 }),
      }),
      fc.constant({ kind: "replay" as const }),
      fc.constant({ kind: "register" as const }),
    );
    const pool = mixed.split("\n").slice(4, 12);

    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const files = steps.flatMap((one) => (one.kind === "load" ? [one.lines] : []));
        const texts = files.map((lines) => lines.map((line) => `${pool[line] ?? ""}\n`).join(""));
        const straight = await storeOf(test, engine, texts, async (changed) => register(changed));
        const { database } = await storeOf(test, engine, []);
        let file = 0;
        for (const one of steps) {
          if (one.kind === "load")
            await loadInProcess(database, `file-${file}`, Buffer.from(texts[file++] ?? ""), [3]);
          else if (one.kind === "replay") await replay(database);
          else await register(database);
        }
        await register(database);
        await replay(database);
        test.same(await canonicalTables(database), await canonicalTables(straight.database));
        test.same(await canonicalEvents(database), await canonicalEvents(straight.database));
        await conserved(test, database);
      }),
      { seed, numRuns: scaled(30) },
    );
  });
}

/** A store that has loaded these texts as files, removed with the test. */
async function storeOf(
  test: Test,
  engine: Engine,
  texts: readonly string[],
  prepare: (database: Database) => Promise<void> = async () => Promise.resolve(),
): Promise<{ database: Database }> {
  const store = await freshStore(engine);
  test.teardown(async () => store.dispose());
  await prepare(store.database);
  for (const [index, text] of texts.entries()) {
    await loadInProcess(store.database, `file-${index}`, Buffer.from(text), [4]);
  }
  return store;
}

/** Makes two numbered event ids known; a second time changes nothing. */
async function register(database: Database): Promise<void> {
  await typed(
    database,
    `insert into event_types (event_type, legacy_of, since, meaning)
      select v.column1, v.column2, '2026-01', 'by hand' from (values ${newTypes}) as v
      where v.column1 not in (select event_type from event_types)`,
  );
}

async function replay(database: Database, options: { dryRun?: boolean } = {}): Promise<ReplayResult> {
  return replayLetters(database, { ...everything, letter: null }, { dryRun: options.dryRun ?? false });
}

/** Every letter is open, replayed, purged or undone, and the batches' own counts stay true. */
async function conserved(test: Test, database: Database): Promise<void> {
  const [letters] = await typed(
    database,
    `select count(*) as n, (select coalesce(sum(records_rejected), 0) from ingest_batches) as rejected
      from dead_letter_events`,
  );
  const { by_reason } = await listLetters(database, everything, { state: "all", after: 0, limit: 1 });
  const sum = (pick: (row: (typeof by_reason)[0]) => number): number =>
    by_reason.reduce((total, row) => total + pick(row), 0);

  test.equal(Number(letters?.["n"]), Number(letters?.["rejected"]), "as many letters as were refused");
  test.equal(
    sum((row) => row.letters),
    Number(letters?.["n"]),
  );
  test.equal(
    sum((row) => row.open + row.replayed + row.purged + row.undone),
    sum((row) => row.letters),
  );
  const wrong = await typed(
    database,
    `select dead_letter_id from dead_letter_events as d where resolution = 'replayed' and not exists (
      select 1 from ingest_batches as b where b.batch_id = d.resolved_batch_id and b.kind = 'replay'
        and b.sealed_at is not null and b.source_id = d.source_id)`,
  );
  test.same(wrong, [], "a replayed letter names the batch that has it");
}

/** Every batch, replays too, has its evidence and its link in the chain. */
async function chained(test: Test, database: Database): Promise<void> {
  const evidence = await evidenceLines(database);
  const batches = await typed(
    database,
    "select batch_id, events_accepted, batch_digest, chain_digest from ingest_batches order by chain_position",
  );
  let previous: Buffer = Buffer.alloc(32);
  for (const batch of batches) {
    const id = Number(batch["batch_id"]);
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(BigInt(id));
    const digest = Buffer.from(batch["batch_digest"] as Uint8Array);
    previous = Buffer.from(hash(Buffer.concat([previous, number, digest])));
    test.equal(
      Buffer.from(batch["chain_digest"] as Uint8Array).toString("hex"),
      previous.toString("hex"),
      `link of batch ${id}`,
    );
    test.equal((evidence.get(id) ?? []).length, Number(batch["events_accepted"]), `evidence of batch ${id}`);
  }
}
