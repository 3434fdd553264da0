import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import t, { type Test } from "tap";
import { doctorServer, doctorSettings, doctorStore } from "../../src/sql/generated.ts";
import type { DoctorSettingsRow } from "../../src/sql/generated.ts";
import { engines, freshStore, onServer, type Engine } from "../helpers/database.ts";
import {
  ago,
  serverCases,
  serverTables,
  settingCases,
  settingTables,
  storeCases,
  storeTables,
  type Case,
} from "../helpers/doctor-cases.ts";

type Found = Pick<DoctorSettingsRow, "subject" | "level">;

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("of the store each rule speaks of its ill, and of nothing that is sound", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const cases = storeCases(ago[engine.dialect]);

      await met(t, engine, store.target, doctorStore, cases, storeTables);
    });

    await t.test(
      "of what the engine keeps each rule speaks of its ill, and of nothing that is sound",
      async (t) => {
        if (engine.dialect === "sqlite") return sqliteFiles(t);
        const store = await freshStore(engine);
        t.teardown(store.dispose);
        await met(t, engine, store.target, doctorServer, serverCases, serverTables);
        await met(t, engine, store.target, doctorSettings, settingCases, settingTables);
      },
    );
  });
}

/** Looks at each state of each rule, in tables that hold nothing else. */
async function met(
  t: Test,
  engine: Engine,
  target: Awaited<ReturnType<typeof freshStore>>["target"],
  query: { sqlite: string; postgres: string },
  cases: readonly Case[],
  tables: Record<Engine["dialect"], readonly string[]>,
): Promise<void> {
  const look = async (run: (text: string) => Promise<Found[]>): Promise<void> => {
    for (const text of tables[engine.dialect]) await run(text);
    const names = tables[engine.dialect].flatMap((text) => /table (\S+)/.exec(text)?.[1] ?? []);
    const seen = async (what: string): Promise<Found[]> => {
      for (const name of names) await run(`delete from ${name}`);
      for (const text of what.split(";\n").filter((one) => one !== "")) await run(text);
      return run(madeUp(query[engine.dialect]));
    };
    for (const { subject, ill, sound } of cases) {
      for (const [what, level] of ill) {
        const found = (await seen(what)).filter((row) => row.level !== "ok");
        t.same(
          found.map((row) => [row.subject, row.level]),
          [[subject, level]],
          `${subject}: ${what}`,
        );
      }
      for (const what of sound) {
        const found = (await seen(what)).filter((row) => row.level !== "ok");
        t.same(found, [], `${subject}, sound: ${what}`);
      }
    }
  };
  if (target.dialect === "sqlite") {
    const handle = new DatabaseHandle(target.path);
    try {
      await look(async (text) => {
        const statement = handle.prepare(text);
        if (statement.reader) return Promise.resolve(statement.all() as Found[]);
        statement.run();
        return Promise.resolve([]);
      });
    } finally {
      handle.close();
    }
    return;
  }
  await onServer(target.url, async (sql) => {
    await look(async (text) =>
      text.includes("cast($1 as")
        ? ([...(await sql.unsafe(text, [-1, -1]))] as unknown as Found[])
        : ([...(await sql.unsafe(text))] as unknown as Found[]),
    );
  });
}

/** The query with tables and functions of ours in the place of those of the server. */
function madeUp(text: string): string {
  return text
    .replaceAll(/pg_catalog\.(pg_\w+)/g, "pg_temp.$1")
    .replaceAll("pg_blocking_pids(", "pg_temp.blocking(")
    .replaceAll("pg_current_wal_lsn(", "pg_temp.lsn(")
    .replaceAll("current_setting(", "pg_temp.setting(");
}

/** Files as SQLite makes them, with what the program finds of their disk. */
function sqliteFiles(t: Test): void {
  const folder = t.testdir({});
  const open = (name: string, pragmas: readonly string[]): DatabaseHandle.Database => {
    const handle = new DatabaseHandle(join(folder, name));
    t.teardown(() => handle.close());
    for (const pragma of pragmas) handle.pragma(pragma);
    return handle;
  };
  const place = { free_bytes: -1, wal_bytes: 0 };
  const server = (handle: DatabaseHandle.Database, of: object = {}): [string, string][] =>
    (handle.prepare(doctorServer.sqlite).all({ ...place, ...of }) as Found[]).map((row) => [
      row.subject,
      row.level,
    ]);
  const settings = (handle: DatabaseHandle.Database): [string, string][] =>
    (handle.prepare(doctorSettings.sqlite).all() as Found[])
      .filter(({ level }) => level !== "ok")
      .map((row) => [row.subject, row.level]);

  const sound = open("sound.sqlite", ["journal_mode = wal"]);
  sound.exec("create table a (b)");
  t.same(settings(sound), []);
  t.same(server(sound), []);
  const other = open("other.sqlite", ["page_size = 2048", "encoding = 'UTF-16le'"]);
  other.exec("create table a (b)");
  t.same(settings(other), [
    ["encoding", "fault"],
    ["journal_mode", "warning"],
    ["page_size", "note"],
  ]);

  const [GB, least] = [1_073_741_824, 2_147_483_648];
  t.same(server(sound, { wal_bytes: GB }), []);
  t.same(server(sound, { wal_bytes: GB + 1 }), [["write-ahead log", "warning"]]);
  t.same(server(sound, { free_bytes: least }), []);
  t.same(server(sound, { free_bytes: least - 1 }), [["disk", "warning"]]);
  t.same(server(sound, { free_bytes: GB - 1 }), [["disk", "fault"]]);

  const small = open("pages.sqlite", ["page_size = 512"]);
  const fill = (pages: number): void => {
    small.exec(`create table filler as select zeroblob(${pages * 508}) as b`);
  };
  fill(1_050);
  small.exec("drop table filler");
  t.same(server(small), [["bloat of the file", "note"]]);
  fill(1_050);
  t.same(server(small), []);
  small.exec("drop table filler");
  small.exec("create table kept (b)");
  small.exec(`insert into kept values (zeroblob(${4_000 * 508}))`);
  t.same(
    server(small).map(([subject]) => subject),
    [],
    "less than a quarter",
  );
  fill(25_001);
  t.same(server(small), [["statistics", "note"]]);
  small.exec("create index ix_kept on kept (length(b)); analyze");
  t.same(server(small), []);
}

void t.test("every rule has its cases", (t) => {
  const rulesIn = (text: string): number => text.split("union all").length;

  t.equal(rulesIn(doctorServer.postgres), serverCases.length);
  t.equal(rulesIn(doctorServer.sqlite), 4);
  t.equal(rulesIn(doctorSettings.sqlite), 3);
  t.equal(rulesIn(doctorStore.sqlite), rulesIn(doctorStore.postgres));
  // Jobs have two rules.
  t.equal(rulesIn(doctorStore.postgres), storeCases(ago.postgres).length + 1);
  const settings = [
    ...doctorSettings.postgres.matchAll(/\(\s+'(\w+)',\s+(?:pg_size_bytes\()?current_setting/g),
  ];
  t.same(
    settings.map(([, name]) => name),
    settingCases.map(({ subject }) => subject),
  );
  t.end();
});
