import { join } from "node:path";
import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { tablesToCopy } from "../../src/hydrate/rows/tables.ts";
import type { Outcome } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { spreadLines } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { allBytes, allRows, emptyDatabase, opened } from "../helpers/hydrations.ts";
import { atMs, runAndKill } from "../helpers/kill.ts";
import { loadContents } from "../helpers/load.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;
const lines = spreadLines(4_000, 78, 200);

/** Loads the next lines as a file of their own. */
async function loadNext(database: Database, number: number): Promise<void> {
  const content = logOf(lines.slice(number * 20, number * 20 + 20));
  await loadContents(database, [{ name: `cowrie.json.${number}`, content }]);
}

/** Which of two stores take writers, by loading a file into each. */
async function takers(stores: readonly Database[], number: number): Promise<boolean[]> {
  const found: boolean[] = [];
  for (const store of stores)
    found.push(
      await loadNext(store, number).then(
        () => true,
        (error: unknown) => {
          if (!/the store is/.test(String(error))) throw error;
          return false;
        },
      ),
    );
  return found;
}

/** A store that a cutover has retired, and the one that took its place. */
async function cutOver(
  t: Test,
  engine: Engine,
): Promise<{ file: string; old: Database; to: string; server: Database; forth: string[]; back: string[] }> {
  const source = await freshStore(sqlite);
  t.teardown(source.dispose);
  for (let number = 0; number < 6; number++) await loadNext(source.database, number);
  const to = await emptyDatabase(t, engine);
  const forth = ["hydrate", "--from", source.db, "--to", to, "--json"];
  const back = ["hydrate", "--from", to, "--to", source.db, "--json"];
  const moved = await warm([...forth, "--cutover"]);
  t.equal(moved.code, 0, moved.stderr);
  return { file: source.db, old: source.database, to, server: await opened(t, to), forth, back };
}

const told = ({ stdout }: Outcome): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

/** How many rows a dry run says that a copy would copy. */
async function plannedRows(words: readonly string[]): Promise<number> {
  const { plan } = told(await warm([...words, "--dry-run"])) as {
    plan: { tables: { rows_to_copy: number }[] };
  };
  return plan.tables.reduce((sum, { rows_to_copy }) => sum + rows_to_copy, 0);
}

for (const engine of servers) {
  await t.test(`on day 0 the file is opened again, as it was (${engine.name})`, async (t) => {
    const { file, old, server, forth } = await cutOver(t, engine);
    const tables = (await tablesToCopy(old, server)).map(({ name }) => name);
    const before = allBytes(file, tables);

    const reopened = await warm([...forth, "--reopen"]);

    t.equal(reopened.code, 0, reopened.stderr);
    t.match(told(reopened), { source_state: "open", state: "retired", proof: { differences: 0 } });
    t.same(allBytes(file, tables), before);
    t.same(await takers([old, server], 6), [true, false], "one takes writers");
    t.match(told(await warm([...forth, "--reopen"])), { error: { code: "hydrate.not_retired" } });
    const again = await warm([...forth, "--cutover"]);
    t.equal(again.code, 0, again.stderr);
    t.same(await takers([old, server], 7), [false, true], "and it is cut over again");
    const late = await warm([...forth, "--reopen"]);
    t.equal(late.code, 20, late.stderr);
    t.match(told(late), { error: { code: "hydrate.moved_on" } });
    t.same(await takers([old, server], 8), [false, true], "what has taken rows stays open");
    await typed(server, "update settings set value = value + 1 where setting = 'campaign_gap_minutes'");
    t.equal((await warm([...forth, "--reopen"])).code, 20);
  });

  await t.test(`on day 10 what is new comes back, into the file or a new one (${engine.name})`, async (t) => {
    const { file, old, to, server, forth, back } = await cutOver(t, engine);
    for (let number = 6; number < 10; number++) await loadNext(server, number);
    const rows = Object.values(await allRows(server, old)).flat().length;

    const plan = await plannedRows(back);
    const rehearsed = told(await warm(back));
    t.match(rehearsed, { state: "copied", proof: { differences: 0 } }, "rehearsed");
    t.equal(rehearsed["rows_copied"], plan, "as it was foretold");
    t.same(await takers([old, server], 10), [false, true], "which stops nobody");
    const returned = await warm([...back, "--cutover"]);

    t.equal(returned.code, 0, returned.stderr);
    const answer = told(returned);
    t.match(answer, { state: "open", source_state: "retired", proof: { differences: 0 } });
    t.ok(Number(answer["rows_copied"]) < rows / 2, `${String(answer["rows_copied"])} of ${rows} rows`);
    t.same(await allRows(old, server), await allRows(server, old));
    await t.rejects(typed(server, "delete from command_stats"), /WR056|the store is retired/);
    t.same(await takers([old, server], 11), [true, false], "the file takes writers");
    t.equal((await warm(["verify", "--full", "--db", file])).code, 0);

    const planForth = await plannedRows(forth);
    const forthAgain = await warm([...forth, "--cutover"]);
    t.equal(forthAgain.code, 0, forthAgain.stderr);
    t.equal(told(forthAgain)["rows_copied"], planForth, "as much as was foretold");
    t.same(await allRows(server, old), await allRows(old, server), "and there again");
    t.same(await takers([old, server], 12), [false, true]);
    const fresh = join(t.testdir({}), "fresh.sqlite");
    const into = ["hydrate", "--from", to, "--to", fresh, "--json", "--cutover"];
    t.equal((await warm(into)).code, 0);
    t.match(told(await warm([...forth, "--reopen"])), { error: { code: "hydrate.moved_on" } });
    t.same(await takers([old, server], 13), [false, false], "the new file alone is open");
  });

  await t.test(`killed on the way back it ends as one that was not (${engine.name})`, async (t) => {
    const { old, server, back, file } = await cutOver(t, engine);
    for (let number = 6; number < 8; number++) await loadNext(server, number);
    const began = performance.now();
    t.equal((await warm([...back, "--no-verify"])).code, 0);
    const time = performance.now() - began;
    for (let turn = 1; turn <= 3; turn++) {
      await loadNext(server, 7 + turn).catch(() => undefined);
      await runAndKill([...back, "--cutover"], atMs((time * turn) / 3));
      const open = (await Promise.all([old, server].map(async (store) => stateOf(store)))).filter(
        (state) => state === "open",
      );
      t.ok(open.length <= 1, "never both");
    }
    const last = await warm([...back, "--cutover"]);
    t.ok(last.code === 0 || /in_use/.test(last.stdout), last.stderr);
    t.same([await stateOf(old), await stateOf(server)], ["open", "retired"]);
    t.same(await allRows(old, server), await allRows(server, old));
    t.equal((await warm(["verify", "--full", "--db", file])).code, 0);
    t.same(await typed(old, "select name from hydration_objects where state = 'aside'"), []);
  });
}

for (const engine of servers) {
  await t.test(`no third store is opened beside the one that took over (${engine.name})`, async (t) => {
    const { file, old, server, to } = await cutOver(t, engine);
    const third = await emptyDatabase(t, engine);
    const there = ["hydrate", "--from", file, "--to", third, "--json"];
    const back = ["hydrate", "--from", third, "--to", file, "--json"];
    const refusal = { code: 1, stdout: /"code": "hydrate.other_in_use"/ };

    t.match(await warm([...there, "--cutover"]), refusal, "not out of the retired one");
    t.match(told(await warm(there)), { state: "copied", source_state: "retired", source_moved_to: to });
    t.match(await warm([...there, "--reopen"]), refusal, "not by what was copied of it since");
    t.match(await warm(back), refusal, "nothing comes into it from there");
    t.match(await warm([...back, "--dry-run"]), refusal, "nor is that foretold");
    const aside = join(t.testdir({}), "aside.sqlite");
    const on = ["hydrate", "--from", third, "--to", aside, "--json", "--cutover"];
    t.match(await warm(on), refusal, "not out of a copy that nobody uses");
    t.same([await stateOf(old), await stateOf(server)], ["retired", "open"]);

    const folder = join(t.testdir({}), "none", "manifest.json");
    const lost = [...there, "--cutover", "--confirm", to];
    t.match(told(await warm([...lost, "--manifest", folder])), { error: { code: "hydrate.cannot_write" } });
    t.equal(await stateOf(await opened(t, third)), "copied", "a manifest is refused before all else");
    t.equal((await warm(lost)).code, 0, "who says that the other one is lost, goes on");
    t.match(told(await warm([...there, "--cutover"])), { state: "open", source_moved_to: third });
  });

  await t.test(`a proof of the new store is in nobody's way on day 0 (${engine.name})`, async (t) => {
    const { to, forth } = await cutOver(t, engine);
    t.equal((await warm(["verify", "--full", "--db", to])).code, 0);

    const reopened = await warm([...forth.filter((word) => word !== "--json"), "--reopen"]);

    t.equal(reopened.code, 0, reopened.stderr);
    t.notMatch(reopened.stdout, /✘|verifications/, "no difference is told where none counts");
  });
}

async function stateOf(store: Database): Promise<unknown> {
  return (await typed(store, "select state from store_state"))[0]?.["state"];
}
