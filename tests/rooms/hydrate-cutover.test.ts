import t from "tap";
import type { Postgres } from "../../src/db/postgres.ts";
import type { Sqlite } from "../../src/db/sqlite.ts";
import { proveRows } from "../../src/hydrate/parts/proof-part.ts";
import { tablesToProve, type CopiedTable } from "../../src/hydrate/rows/tables.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { spreadLines } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { allRows, freshTarget, opened } from "../helpers/hydrations.ts";
import { loadContents } from "../helpers/load.ts";
import { disarm } from "../helpers/mutations.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;
const lines = spreadLines(20_000, 77, 600);

/** Loads the next lines as a file of their own. */
async function loadNext(store: Pick<TestStore, "database">, number: number): Promise<void> {
  const content = logOf(lines.slice(number * 20, number * 20 + 20));
  await loadContents(store.database, [{ name: `cowrie.json.${number}`, content }]);
}

const waiting = "insert or ignore into ip_recounts (ip_address) values ('192.0.2.77')";

/** Loads, changes and deletes until the store refuses it; gives how many files were loaded, and why it ended. */
async function write(store: TestStore, from: number): Promise<{ files: number; why: string }> {
  for (let files = from; ; files++) {
    try {
      await loadNext(store, files);
      const one = `session_id = (select session_id from session_summaries limit 1 offset ${files % 20})`;
      await typed(store.database, `update session_summaries set vt_flagged = 1 - vt_flagged where ${one}`);
      await typed(store.database, files % 2 === 0 ? waiting : "delete from ip_recounts");
    } catch (error) {
      return { files, why: String(error) };
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

for (const engine of servers) {
  await t.test(`writers go on until the target takes over, and go on there (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    for (let number = 0; number < 10; number++) await loadNext(source, number);
    const to = await freshTarget(t, engine);
    const words = ["hydrate", "--from", source.db, "--to", to, "--json"];

    const wrong = (by: number): string =>
      `update session_summaries set event_count = event_count + ${by} where session_id = (select min(session_id) from session_summaries)`;
    await typed(source.database, wrong(1));
    const refused = await warm([...words, "--cutover"]);
    t.match(refused, { code: 20 }, "what does not add up is not cut over");
    t.match(JSON.parse(refused.stdout), { state: "copied", pause_ms: null, proof: { differences: 0 } });
    await typed(source.database, wrong(-1));

    const writing = write(source, 10);
    const { code, stdout, stderr } = await warm([...words, "--cutover"]);
    const { files, why } = await writing;

    t.equal(code, 0, stderr);
    const told = JSON.parse(stdout) as { pause_ms: number; rows_followed: number };
    t.match(told, { state: "open", proof: { differences: 0, derived_differences: 0 } });
    t.ok(told.rows_followed > 0, "what changed meanwhile was compared behind the proof");
    t.comment(`${files} files were loaded before the cutover; nobody wrote for ${told.pause_ms} ms`);
    t.ok(files > 15, "writers went on meanwhile");
    t.match(why, /another has taken its place/);
    const target = await opened(t, to);
    t.same(await allRows(target, source.database), await allRows(source.database, target));
    await t.rejects(
      typed(source.database, "delete from command_stats"),
      /WR056/,
      "nothing writes there any more",
    );
    t.match(JSON.parse((await warm(words)).stdout), { error: { code: "hydrate.in_use" } });
    for (let number = files; number < files + 5; number++) await loadNext({ database: target }, number);
    const [last] = await typed(
      target,
      "select count(*) as n, max(chain_position) as position from ingest_batches",
    );
    t.equal(last?.["n"], files + 5, "batches are numbered on");
    t.equal(last?.["position"], files + 5, "and chained");
    const [journal] = await typed(target, "select count(*) as n from hydration_journal");
    t.equal(journal?.["n"], 0);
    await disarm(target);
    const [{ name } = {}] = await typed(
      target,
      "update settings set value = value + 1 where setting = (select min(setting) from settings) returning setting as name",
    );
    const settings = (await tablesToProve(source.database, target)).find(
      (table) => table.name === "settings",
    );
    const keys = (await typed(source.database, "select setting from settings")).map(({ setting }) =>
      JSON.stringify([setting]),
    );
    const { rows, differences } = await proveRows(
      source.database as Sqlite,
      target as Postgres,
      settings as CopiedTable,
      keys,
    );
    t.equal(rows, keys.length - 1, "rows are compared by their keys");
    t.match(differences, [{ row_key: JSON.stringify([name]), column_name: "value", problem: "differs" }]);
  });
}
