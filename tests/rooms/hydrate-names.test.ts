import { join } from "node:path";
import t from "tap";
import { namingStores, type Pair } from "../../src/hydrate/pair.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { warm } from "../helpers/warm.ts";

const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;

void t.test("what a driver says between two stores names the one that it is of", async (t) => {
  const pair = { sqlite: { name: "the file" }, server: { name: "the server" }, isBack: false } as Pair;
  const saying = async (name: string, code: string): Promise<void> =>
    namingStores(pair, async () => Promise.reject(Object.assign(new Error("it is refused"), { name, code })));

  await t.rejects(saying("SqliteError", "SQLITE_READONLY"), { message: /^Cannot go on in the file: / });
  await t.rejects(saying("PostgresError", "53100"), { message: /^Cannot go on in the server: / });
});

void t.test("a source that is not there is no store to be made", async (t) => {
  const from = join(t.testdir({}), "mistyped.sqlite");
  const words = ["hydrate", "--from", from, "--to", "postgres://localhost:1/none", "--json"];

  const { stdout } = await warm(words);

  t.match(JSON.parse(stdout), { error: { code: "db.no_store", hint: "Check --from." } });
});

void t.test("who loads into a retired store is told which one has its place", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(store.dispose);
  await typed(
    store.database,
    "update store_state set state = 'retired', moved_to = 'postgres://there/cowrie'",
  );
  const folder = t.testdir({ "cowrie.json": logOf(generatedLines(3, 5)) });

  const loaded = await warm(["ingest", "bulk", join(folder, "cowrie.json"), "--db", store.db, "--json"]);

  t.match(JSON.parse(loaded.stdout), { error: { code: "WR056", hint: /--db postgres:\/\/there\/cowrie$/ } });
});
