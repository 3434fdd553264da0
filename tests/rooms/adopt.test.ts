import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import t, { type Test } from "tap";
import { adopt, type AdoptResult } from "../../src/adopt/adopt.ts";
import { targetOf } from "../../src/config.ts";
import { proveLedger } from "../../src/migrate/ledger.ts";
import { contentsOf, differing, type Contents } from "../helpers/contents.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { logLine } from "../helpers/lines.ts";
import { oldDatabase, putLines, type OldDatabase } from "../helpers/old-system.ts";

const now = "2026-06-01T00:00:00.000000Z";
const all = engines();

/** The other engine: an old database of one becomes a store of the other. */
function otherThan(engine: Engine): Engine {
  return all.find(({ dialect }) => dialect !== engine.dialect) ?? engine;
}

async function adopted(store: TestStore, old: OldDatabase, dryRun = false): Promise<AdoptResult> {
  return adopt(store.database, targetOf(old.from, {}), { dryRun, now, stop: { requested: false } });
}

/** What two stores must have alike; the place of a letter is a row in one and a byte in the other. */
async function alike(store: TestStore): Promise<Contents> {
  const contents = await contentsOf(store.database);
  return {
    ...contents,
    dead_letter_events: (contents["dead_letter_events"] ?? [])
      .map((text) => text.replace(/^\d+ /, ""))
      .sort(),
  };
}

function connect(session: string, address = "198.18.0.7", second = 0): string {
  const timestamp = `2026-01-05T10:00:${String(second).padStart(2, "0")}.000000Z`;
  return logLine({
    eventid: "cowrie.session.connect",
    session,
    timestamp,
    src_ip: address,
    sensor: "harbour",
  });
}

for (const engine of all) {
  await t.test(`an adopted store is a fresh load of the same lines (${engine.name})`, async (t) => {
    // A server takes no JSON that is none, as the old system did not either.
    const lines = generatedLines(150, 7).filter((line) => isJson(line));
    const old = await oldDatabase(t, otherThan(engine), { version: 17 });
    await putLines(
      old,
      lines.map((line, index) => ({ source: `/logs/cowrie.json.${index % 3}`, line })),
    );
    const [taken, loaded] = await twoStores(t, engine);

    const result = await adopted(taken, old);
    t.same((await proveLedger(taken.database)).broken, [], "the ledger holds");
    await loadInProcess(loaded.database, "cowrie.json", logOf(lines), [40]);

    t.equal(result.events.sources, 3);
    t.ok(result.events.events_accepted > 100 && result.events.records_rejected > 0);
    t.same(differing(await alike(taken), await alike(loaded)), []);
    const paths = await typed(taken.database, "select path_shown, state from sources order by path_shown");
    t.same(
      paths.map((row) => `${String(row["path_shown"])} ${String(row["state"])}`),
      [0, 1, 2].map((number) => `/logs/cowrie.json.${number} loaded`),
    );
  });

  await t.test(`a second adoption takes nothing, a third what has come since (${engine.name})`, async (t) => {
    const old = await oldDatabase(t, engine, { version: 12 });
    await putLines(
      old,
      ["a1", "a2", "a3"].map((session) => ({ source: "a.json", line: connect(session) })),
    );
    const store = await freshStore(engine);
    t.teardown(store.dispose);

    const first = await adopted(store, old);
    const once = await alike(store);
    const second = await adopted(store, old);
    const twice = await alike(store);
    await old.insert("raw_events", [{ source: "a.json", source_offset: 9, payload: connect("a4") }]);
    const third = await adopted(store, old);

    t.match(first.events, { rows: 3, rows_known: 0, events_accepted: 3, batches: 1 });
    t.match(second.events, { rows: 3, rows_known: 3, records_read: 0, batches: 0 });
    t.match(third.events, { rows: 4, rows_known: 3, events_accepted: 1, batches: 1 });
    t.same(differing(twice, once), []);
  });

  await t.test(`files that grew side by side are a batch each (${engine.name})`, async (t) => {
    const old = await oldDatabase(t, engine, { version: 17 });
    const lines = Array.from({ length: 40 }, (_none, index) => ({
      source: index % 2 === 0 ? "left.json" : "right.json",
      line: connect(`s${index}`),
    }));
    await putLines(old, lines);
    const store = await freshStore(engine);
    t.teardown(store.dispose);

    const result = await adopted(store, old);

    t.match(result.events, { sources: 2, batches: 2, events_accepted: 40 });
  });

  await t.test(`a copy that went another way is taken from its start (${engine.name})`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const make = async (sessions: readonly string[]): Promise<OldDatabase> => {
      const old = await oldDatabase(t, engine, { version: 17 });
      await putLines(
        old,
        sessions.map((session) => ({ source: "a.json", line: connect(session) })),
      );
      return old;
    };

    await adopted(store, await make(["a1", "a2", "a3"]));
    const result = await adopted(store, await make(["a1", "b2", "b3", "b4"]));

    t.match(result.events, { rows_known: 0, events_accepted: 3, events_duplicate: 1 });
  });

  await t.test(`what cannot be an event is a dead letter with its bytes (${engine.name})`, async (t) => {
    const old = await oldDatabase(t, engine, { version: 17 });
    const broken = '{"session":"a1","timestamp":"2026-01-05T10:00:00Z"}';
    await putLines(old, [
      { source: "a.json", line: connect("a1") },
      { source: "a.json", line: broken },
      { source: "a.json", line: "null" },
    ]);
    const store = await freshStore(engine);
    t.teardown(store.dispose);

    const result = await adopted(store, old);

    t.match(result.events, { events_accepted: 1, records_rejected: 2 });
    t.equal(
      result.events.refused.reduce((sum, { records }) => sum + records, 0),
      2,
    );
    const letters = await typed(
      store.database,
      "select record, source_offset from dead_letter_events order by source_offset",
    );
    t.same(
      letters.map(
        (row) => `${Number(row["source_offset"])} ${Buffer.from(row["record"] as Uint8Array).toString()}`,
      ),
      [`2 ${broken}`, "3 null"],
    );
  });

  await t.test(`a dry run says what an adoption comes to, and writes nothing (${engine.name})`, async (t) => {
    const old = await oldDatabase(t, engine, { version: 17 });
    await putLines(old, [
      { source: "a.json", line: connect("a1") },
      { source: "a.json", line: connect("a1") },
      { source: "b.json", line: "{}" },
    ]);
    await old.insert("ip_inventory", [
      {
        ip_address: "198.18.0.7",
        current_asn: 64_500,
        enrichment: "{}",
        enrichment_updated_at: "2026-01-01",
      },
    ]);
    const store = await freshStore(engine);
    t.teardown(store.dispose);

    const before = await alike(store);
    const dry = await adopted(store, old, true);
    const after = await alike(store);
    const real = await adopted(store, old);

    t.same(differing(after, before), []);
    t.same(dry.events, real.events);
    t.same(dry.inventory, real.inventory);
    t.equal(dry.job_id, null);
  });
}

await t.test("facts that are refused, however many, end no adoption", async (t) => {
  const old = await oldDatabase(t, engineOf("sqlite"), { version: 17 });
  await putLines(old, [{ source: "a.json", line: connect("a1") }]);
  const [hash, others] = ["ab".repeat(32), ["ZZ", "no hash", "x"]];
  await old.insert(
    "files",
    [hash, ...others].map((shasum) => ({ session_id: "a1", shasum, vt_malicious: true })),
  );
  const store = await freshStore(engineOf("sqlite"));
  t.teardown(store.dispose);

  const { events, inventory } = await adopted(store, old);

  t.match(events, { events_accepted: 1 });
  t.match(inventory, { rows_refused: others.length, verdicts: { rows: 1 } });
});

await t.test("a file is as it was, and nothing lies beside it", async (t) => {
  for (const mode of ["wal", "delete"]) {
    const old = await oldDatabase(t, engineOf("sqlite"), { version: 17 });
    await old.run(`pragma journal_mode = ${mode}`);
    await putLines(old, [{ source: "a.json", line: connect("a1") }]);
    await old.close();
    const store = await freshStore(engineOf("sqlite"));
    t.teardown(store.dispose);
    const look = (): unknown[] => {
      const { mtimeNs, ctimeNs } = statSync(old.from, { bigint: true });
      return [readFileSync(old.from).toString("base64"), mtimeNs, ctimeNs, readdirSync(dirname(old.from))];
    };

    const before = look();
    await adopted(store, old, true);
    await adopted(store, old);

    t.same(look(), before, mode);
  }
});

for (const engine of all.filter(({ dialect }) => dialect === "postgres")) {
  await t.test(`a database that lets nobody write is adopted (${engine.name})`, async (t) => {
    const old = await oldDatabase(t, engine, { version: 17, payload: "jsonb" });
    await putLines(old, [{ source: "a.json", line: connect("a1") }]);
    const name = new URL(old.from).pathname.slice(1);
    await old.run(`alter database ${name} set default_transaction_read_only = on`);
    const store = await freshStore(engine);
    t.teardown(store.dispose);

    t.match((await adopted(store, old)).events, { events_accepted: 1 });
  });
}

function engineOf(dialect: Engine["dialect"]): Engine {
  return all.find((engine) => engine.dialect === dialect) ?? { name: "SQLite", dialect: "sqlite" };
}

async function twoStores(t: Test, engine: Engine): Promise<[TestStore, TestStore]> {
  const stores: [TestStore, TestStore] = [await freshStore(engine), await freshStore(engine)];
  for (const store of stores) t.teardown(store.dispose);
  return stores;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return line.trim() !== "" && !line.startsWith("\ufeff");
  } catch {
    return false;
  }
}
