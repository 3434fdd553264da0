import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import t from "tap";
import { compareSessions, type CompareResult } from "../../src/compare/compare.ts";
import { targetOf } from "../../src/config.ts";
import { cowriedb } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { logLine, sessionLines } from "../helpers/lines.ts";
import { emptyDatabase, oldDatabase, type OldDatabase } from "../helpers/old-system.ts";

const all = engines();

async function storeOf(engine: Engine, sessions: readonly string[]): Promise<TestStore> {
  const store = await freshStore(engine);
  const log = sessions.map((session) => sessionLines(session)).join("");
  await loadInProcess(store.database, "cowrie.json", Buffer.from(log), [100]);
  return store;
}

async function compared(store: TestStore, db: string, limit = 20): Promise<CompareResult> {
  return compareSessions(store.database, targetOf(db, {}), { limit, stop: { requested: false } });
}

/** What Cowrie's own outputs make, from notes on their tables; ids are filled up with blanks on a server. */
async function cowriesOwn(
  test: Parameters<typeof emptyDatabase>[0],
  engine: Engine,
  sessions: readonly string[],
): Promise<OldDatabase> {
  const own = await emptyDatabase(test, engine);
  const time = engine.dialect === "postgres" ? "timestamp" : "datetime";
  await own.run(
    `create table sessions (id char(32) not null primary key, starttime ${time} not null, endtime ${time}, sensor int not null, ip varchar(61) not null)`,
  );
  for (const table of ["auth", "input"]) await own.run(`create table ${table} (session char(32) not null)`);
  await own.insert(
    "sessions",
    sessions.map((id) => ({ id, starttime: "2026-01-05 10:00:00.5", sensor: 1, ip: "8.8.4.4" })),
  );
  return own;
}

for (const engine of all) {
  for (const other of all
    .filter(({ dialect }) => dialect !== engine.dialect || engine.dialect === "sqlite")
    .slice(0, 2)) {
    await t.test(
      `what Cowrie's own outputs lack, and what they have beside (${engine.name}, ${other.name})`,
      async (t) => {
        const store = await storeOf(engine, ["a1", "a2", "b1"]);
        t.teardown(store.dispose);
        const own = await cowriesOwn(t, other, ["0a", "a2", "c1"]);

        const result = await compared(store, own.from);

        t.match(result, {
          ...{ kind: "cowrie", ours: 3, theirs: 3, both: 1, event_counts: null },
          missing_there: { sessions: 2, first: [{ session_id: "a1" }, { session_id: "b1" }] },
          missing_here: {
            sessions: 2,
            first: [
              { session_id: "0a", began_at: "2026-01-05T10:00:00.500000Z" },
              { session_id: "c1", began_at: "2026-01-05T10:00:00.500000Z" },
            ],
          },
        });
      },
    );

    await t.test(
      `another store, session by session and by its events (${engine.name}, ${other.name})`,
      async (t) => {
        const store = await storeOf(engine, ["a1", "a2", "a3", "é", "😀", "\uffee"]);
        const same = await storeOf(other, ["😀", "a3", "a1", "é", "\uffee", "a2"]);
        const less = await storeOf(other, ["a1", "a2"]);
        for (const made of [store, same, less]) t.teardown(made.dispose);
        const more = logLine({
          eventid: "cowrie.client.size",
          session: "a2",
          timestamp: "2026-01-05T10:00:59Z",
        });
        await loadInProcess(less.database, "more.json", Buffer.from(more), [1]);

        const equal = await compared(store, same.db);
        const unequal = await compared(store, less.db, 1);

        t.match(equal, {
          ...{ kind: "store", ours: 6, theirs: 6, both: 6, event_counts: { sessions: 0 } },
          ...{ missing_there: { sessions: 0, first: [] }, missing_here: { sessions: 0, first: [] } },
        });
        t.match(unequal, {
          ...{ ours: 6, theirs: 2, both: 2, missing_there: { sessions: 4 }, missing_here: { sessions: 0 } },
          event_counts: { sessions: 1, first: [{ session_id: "a2", ours: 5, theirs: 6 }] },
        });
        t.equal(unequal.missing_there.first.length, 1);
      },
    );
  }

  await t.test(`pages do not matter, nor who has more (${engine.name})`, async (t) => {
    const store = await storeOf(engine, []);
    t.teardown(store.dispose);
    const ids = Array.from({ length: 4_500 }, (_none, number) => `s${String(number).padStart(5, "0")}`);
    const log = ids
      .filter((_id, number) => number % 3 !== 0)
      .map((session) =>
        logLine({ eventid: "cowrie.client.size", session, timestamp: "2026-01-05T10:00:00Z" }),
      )
      .join("");
    await loadInProcess(store.database, "cowrie.json", Buffer.from(log), [2_000]);
    const own = await cowriesOwn(
      t,
      engine,
      ids.filter((_id, number) => number % 5 !== 0),
    );

    const result = await compared(store, own.from, 3);

    const count = (wanted: (number: number) => boolean): number =>
      ids.filter((_id, number) => wanted(number)).length;
    t.equal(
      result.both,
      count((number) => number % 3 !== 0 && number % 5 !== 0),
    );
    t.equal(
      result.missing_there.sessions,
      count((number) => number % 3 !== 0 && number % 5 === 0),
    );
    t.equal(
      result.missing_here.sessions,
      count((number) => number % 3 === 0 && number % 5 !== 0),
    );
    t.same(
      result.missing_there.first.map((one) => one.session_id),
      ["s00005", "s00010", "s00020"],
    );
  });

  await t.test(
    `the command ends with 0 or 20, and refuses what it does not know (${engine.name})`,
    async (t) => {
      const store = await storeOf(engine, ["a1"]);
      t.teardown(store.dispose);
      const [equal, other, unknown] = [
        await cowriesOwn(t, engine, ["a1"]),
        await cowriesOwn(t, engine, ["a\u001b[2J"]),
        await emptyDatabase(t, engine),
      ];
      const old = await oldDatabase(t, engine, { version: 17 });
      const run = async (db: string, ...words: string[]): ReturnType<typeof cowriedb> =>
        cowriedb(["compare", "--with", db, "--db", store.db, ...words]);

      const [same, differing, told, refused, missing, legacy] = [
        await run(equal.from),
        await run(other.from),
        await run(other.from, "--json"),
        await run(unknown.from, "--json"),
        await cowriedb(["compare", "--db", store.db]),
        await run(old.from, "--json"),
      ];

      t.equal(same.code, 0, same.stderr);
      t.equal(differing.code, 20, differing.stderr);
      t.notMatch(differing.stdout, /\u001b\[2J/);
      t.match(JSON.parse(told.stdout), {
        both: 0,
        missing_there: { sessions: 1 },
        missing_here: { sessions: 1 },
      });
      t.equal(refused.code, 1);
      t.match(JSON.parse(refused.stdout), { error: { code: "compare.unknown_shape" } });
      t.equal(missing.code, 64);
      t.match(JSON.parse(legacy.stdout), { kind: "old", theirs: 0, missing_there: { sessions: 1 } });
    },
  );
}

await t.test("neither is written to", async (t) => {
  const engine = all.find(({ dialect }) => dialect === "sqlite");
  if (engine === undefined) throw new Error("SQLite is always there.");
  const store = await storeOf(engine, ["a1"]);
  t.teardown(store.dispose);
  const own = await cowriesOwn(t, engine, ["a2"]);
  await own.close();
  const digest = (): string => createHash("sha256").update(readFileSync(own.from)).digest("hex");
  const rows = async (): Promise<unknown> => typed(store.database, "select count(*) as n from audit_log");

  const before = [digest(), await rows()];
  await compared(store, own.from);

  t.same([digest(), await rows()], before);
});
