import { join } from "node:path";
import t from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { tablesToCopy } from "../../src/hydrate/rows/tables.ts";
import { proveLedger } from "../../src/migrate/ledger.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { allBytes, emptyDatabase, fillAll, opened } from "../helpers/hydrations.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;

for (const engine of servers) {
  await t.test(`what went there and came back is the same to the last byte (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    await fillAll(source, 600);
    const to = await emptyDatabase(t, engine);
    const there = await warm(["hydrate", "--from", source.db, "--to", to, "--no-verify", "--json"]);
    t.equal(there.code, 0, there.stderr);
    const target = await opened(t, to);
    const tables = (await tablesToCopy(source.database, target)).map(({ name }) => name);
    const expected = allBytes(source.db, tables);
    const back = join(t.testdir({}), "back.sqlite");
    const words = ["hydrate", "--from", to, "--to", `sqlite:${back}`, "--json"];

    const first = await warm(words);
    const again = await warm(words);

    t.equal(first.code, there.code, first.stderr);
    t.match(JSON.parse(first.stdout), {
      state: "copied",
      quarantined: [],
      proof: { differences: 0, quarantined_for_nothing: 0 },
    });
    const found = allBytes(back, tables);
    for (const table of tables) {
      t.ok(found[table]?.length, `${table} has rows`);
      t.same(found[table], expected[table], table);
    }
    t.match(JSON.parse(again.stdout), { rows_copied: 0, chunks_copied: 0, state: "copied" });
    const returned = await openDatabase({ dialect: "sqlite", path: back });
    const objects = "select type, name, tbl_name, sql from sqlite_schema order by 1, 2";
    const [here, came] = [await typed(source.database, objects), await typed(returned, objects)];
    const ledgers = [source.database, target, returned].map(proveLedger);
    for (const { broken, head } of await Promise.all(ledgers)) t.same([broken, typeof head], [[], "string"]);
    await closeDatabase(returned);
    t.same(came, here, "all is back that was set aside");
  });
}
