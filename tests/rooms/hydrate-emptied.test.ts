import { join } from "node:path";
import t from "tap";
import { openDatabase } from "../../src/db/open.ts";
import type { Postgres } from "../../src/db/postgres.ts";
import type { Sqlite } from "../../src/db/sqlite.ts";
import { followBack, noteOnServer } from "../../src/hydrate/follow-back.ts";
import { drain, entriesAtOnce, keepJournal } from "../../src/hydrate/parts/journal.ts";
import { pairOf } from "../../src/hydrate/pair.ts";
import type { Run } from "../../src/hydrate/run.ts";
import { tablesToCopy } from "../../src/hydrate/rows/tables.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { freshTarget, opened } from "../helpers/hydrations.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;
const rows = entriesAtOnce + 200;
const filling = `with recursive n (n) as (select 1 union all select n + 1 from n where n < ${rows}) insert into ip_recounts (ip_address) select 'a made-up address ' || n from n`;
const counting = "select count(*) as n from ip_recounts";

for (const engine of servers) {
  await t.test(`a table that is emptied follows by pages, back to a file (${engine.name})`, async (t) => {
    const source = await freshStore(engine);
    t.teardown(source.dispose);
    const path = join(t.testdir({}), "back.sqlite");
    t.equal((await warm(["hydrate", "--from", source.db, "--to", path, "--no-verify"])).code, 0);
    const file = (await openDatabase({ dialect: "sqlite", path })) as Sqlite;
    t.teardown(() => file.handle.close());
    const tables = await tablesToCopy(source.database, file);
    await noteOnServer(source.database, tables);
    const [{ id } = {}] = await typed(file, "select max(hydration_id) as id from hydrations");
    const run = {
      ...{ source: source.database, target: file, pair: pairOf(source.database, file), tables },
      ...{ hydrationId: Number(id), options: { proof: null }, counts: { rows_copied: 0 } },
    } as unknown as Run;

    await typed(source.database, filling);
    await followBack(run);
    t.match(await typed(file, counting), [{ n: rows }], "more than is read at once has come");
    await typed(source.database, "truncate ip_recounts");
    await followBack(run);

    t.match(await typed(file, counting), [{ n: 0 }]);
    t.same(await typed(source.database, "select journal_id from hydration_journal"), [], "nothing is left");
  });

  await t.test(`a table that is emptied follows by pages, to a server (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    const to = await freshTarget(t, engine);
    t.equal((await warm(["hydrate", "--from", source.db, "--to", to, "--no-verify"])).code, 0);
    const [from, target] = [source.database as Sqlite, (await opened(t, to)) as Postgres];
    const tables = await tablesToCopy(from, target);
    await keepJournal(from, tables);
    const [{ id } = {}] = await typed(
      target,
      "update hydrations set state = 'running', finished_at = null returning hydration_id as id",
    );
    let after = 0;
    const follow = async (): Promise<number[]> => {
      const pages: number[] = [];
      for (;;) {
        const done = await drain(from, target, { tables, proved: [], hydrationId: Number(id) }, after);
        if (done.rows === 0) return pages;
        after = done.lastId;
        pages.push(done.rows);
      }
    };

    await typed(from, filling);
    t.same(await follow(), [entriesAtOnce, rows - entriesAtOnce]);
    t.match(await typed(target, counting), [{ n: rows }], "more than is read at once has come");
    await typed(from, "delete from ip_recounts");
    t.same(await follow(), [entriesAtOnce, rows - entriesAtOnce]);

    t.match(await typed(target, counting), [{ n: 0 }]);
  });
}
