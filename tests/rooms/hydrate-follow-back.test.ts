import { join } from "node:path";
import t from "tap";
import type { Postgres } from "../../src/db/postgres.ts";
import type { Sqlite } from "../../src/db/sqlite.ts";
import { openDatabase } from "../../src/db/open.ts";
import { rowReader } from "../../src/db/texts.ts";
import { noteNoMore, noteOnServer } from "../../src/hydrate/follow-back.ts";
import { isOfBatches } from "../../src/hydrate/parts/plan.ts";
import { keyValues, tablesToCopy, textsOf } from "../../src/hydrate/rows/tables.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import { spreadLines } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { allRows, filledSource, freshTarget, opened } from "../helpers/hydrations.ts";
import { loadContents } from "../helpers/load.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const lines = spreadLines(6_000, 79, 300);

/** Loads the next lines as a file of their own. */
async function loadNext({ database }: TestStore, number: number): Promise<void> {
  const content = logOf(lines.slice(number * 20, number * 20 + 20));
  await loadContents(database, [{ name: `cowrie.json.${number}`, content }]);
}

/** Loads, changes and deletes until the store refuses it; gives how many files were loaded, and why it ended. */
async function write(store: TestStore, from: number): Promise<{ files: number; why: string }> {
  for (let files = from; ; files++) {
    try {
      await loadNext(store, files);
      const one = `session_id = (select session_id from session_summaries order by 1 limit 1 offset ${files % 20})`;
      await typed(store.database, `update session_summaries set vt_flagged = not vt_flagged where ${one}`);
      await typed(
        store.database,
        files % 2 === 0
          ? "insert into ip_recounts (ip_address) values ('192.0.2.77') on conflict do nothing"
          : "delete from ip_recounts",
      );
    } catch (error) {
      return { files, why: String(error) };
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What `migrate drift` tells beside the event types that a load has met. */
async function driftsOf(db: string): Promise<{ found: string[]; state: unknown }> {
  const { differences, store_state } = JSON.parse(
    (await warm(["migrate", "drift", "--json", "--db", db])).stdout,
  ) as { differences: Record<string, string>[]; store_state: { state: string } };
  const found = differences.filter(({ kind }) => kind !== "row").map(({ sentence = "" }) => sentence);
  return { found, state: store_state.state };
}

const noting = "select tgname from pg_trigger where tgname like 'tr\\_hydration\\_note%'";

for (const engine of servers) {
  await t.test(`writers go on until the file takes over (${engine.name})`, async (t) => {
    const source = await freshStore(engine);
    t.teardown(source.dispose);
    for (let number = 0; number < 6; number++) await loadNext(source, number);
    const path = join(t.testdir({}), "back.sqlite");
    const words = ["hydrate", "--from", source.db, "--to", path, "--json"];
    t.equal((await warm([...words, "--no-verify"])).code, 0);
    t.same(await typed(source.database, noting), [], "who cuts nothing over has nothing noted");

    const writing = write(source, 6);
    const { code, stdout, stderr } = await warm([...words, "--cutover"]);
    const { files, why } = await writing;

    t.equal(code, 0, stderr);
    const told = JSON.parse(stdout) as { rows_followed: number; pause_ms: number };
    t.match(told, { state: "open", source_state: "retired", proof: { differences: 0 } });
    t.ok(told.rows_followed > 0);
    t.comment(`${files} files were loaded before the cutover; nobody wrote for ${told.pause_ms} ms`);
    t.match(why, /the store is retired/);
    const file = (await openDatabase({ dialect: "sqlite", path })) as Sqlite;
    t.teardown(() => file.handle.close());
    t.same(await allRows(file, source.database), await allRows(source.database, file));
    t.same(await typed(source.database, "select * from hydration_journal"), []);
    for (const table of ["session_summaries", "ip_recounts", "jobs"])
      await t.rejects(typed(source.database, `truncate ${table} cascade`), { code: "WR056" }, table);
    await typed(source.database, "drop trigger tr_hydration_refuse on jobs");
    t.match(await driftsOf(source.db), {
      found: [/^Trigger tr_hydration_refuse of jobs is missing/],
      state: "retired",
    });
  });

  await t.test(`a server notes keys as a file has them (${engine.name})`, async (t) => {
    const file = await filledSource(t, 200);
    const to = await freshTarget(t, engine);
    const copy = ["hydrate", "--from", file.db, "--to", to, "--no-verify", "--cutover"];
    t.equal((await warm(copy)).code, 0);
    const server = (await opened(t, to)) as Postgres;
    const tables = await tablesToCopy(file.database, server);

    await noteOnServer(server, tables);
    const changed: string[] = [];
    for (const { name, columns } of tables) {
      const key = columns.find((column) => column.key === 1)?.name ?? "";
      const text = `update ${name} set ${key} = ${key} where ctid = (select min(ctid) from ${name})`;
      // Some tables refuse whoever changes their rows.
      await typed(server, text).then(
        () => changed.push(name),
        (error: unknown) => t.match(error, { code: /^WR/ }),
      );
    }

    const [{ n: commands } = {}] = await typed(server, "select count(*) as n from command_stats");
    await typed(server, "truncate command_stats");

    const notes = await typed(server, "select distinct table_name, row_key from hydration_journal");
    const noted = changed.filter((name) => !tables.some((one) => one.name === name && isOfBatches(one)));
    t.same(new Set(notes.map(({ table_name }) => String(table_name))), new Set(noted));
    const gone = notes.filter(({ table_name }) => table_name === "command_stats");
    t.equal(gone.length, commands, "before a table is emptied, each of its keys is noted");
    t.ok(gone.length > 1);
    for (const { table_name, row_key } of notes) {
      const table = tables.find(({ name }) => name === table_name);
      if (table === undefined) throw new TypeError("a table that is copied is noted");
      const read = rowReader(file.database as Sqlite, (await textsOf(file.database, table, "none")).row_text);
      t.ok(read(keyValues(table, String(row_key))), `${String(table_name)} ${String(row_key)}`);
    }
    t.same(await driftsOf(to), { found: [], state: "open" });
    t.same(await driftsOf(file.db), { found: [], state: "retired" });
    await noteNoMore(server, tables);
    t.same(await typed(server, noting), []);
  });
}
