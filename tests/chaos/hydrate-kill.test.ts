import { spawn } from "node:child_process";
import t from "tap";
import { cowriedb, program, scaled } from "../helpers/cli.ts";
import { engines, freshStore, onServer, typed, type Engine } from "../helpers/database.ts";
import { allRows, emptyDatabase, fillAll, opened } from "../helpers/hydrations.ts";
import { atMs, runAndKill } from "../helpers/kill.ts";
import { randomFrom } from "../helpers/random.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;
/** Each is killed twice. */
const perServer = Math.ceil(scaled(100) / (2 * servers.length));

for (const [number, engine] of servers.entries()) {
  await t.test(`a copy that is killed goes on to what one that is not gives (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    await fillAll(source, 1_200);
    const random = randomFrom(31 + number);
    const whole = await emptyDatabase(t, engine);
    const began = performance.now();
    await cowriedb(["hydrate", "--from", source.db, "--to", whole, "--quiet"]);
    const time = performance.now() - began;
    const expected = await allRows(source.database, await opened(t, whole));
    let killed = 0;

    for (let turn = 0; turn < perServer; turn++) {
      const to = await emptyDatabase(t, engine);
      await cowriedb(["init", "--db", to]);
      const words = ["hydrate", "--from", source.db, "--to", to, "--quiet"];
      if (await runAndKill(words, atMs(random(Math.ceil(time))))) killed += 1;
      if (await runAndKill(words, atMs(random(Math.ceil(time))))) killed += 1;
      const target = await opened(t, to);
      const rowsAt = async (): Promise<number> =>
        Number(
          (await typed(target, "select coalesce(sum(row_count), 0) as n from hydration_chunks"))[0]?.["n"],
        );
      const before = await rowsAt();
      const { code, stdout, stderr } = await cowriedb([...words, "--json"]);

      t.equal(code, 0, stderr);
      const told = JSON.parse(stdout) as { rows_copied: number };
      // What was on its way to its commit at the kill may be committed behind the count.
      t.ok(told.rows_copied + before <= (await rowsAt()), "nothing that was committed is copied again");
      t.same(await allRows(target, source.database), expected, `turn ${turn}`);
      t.same(await typed(target, "select name from hydration_objects where state = 'aside'"), []);
    }
    t.ok(killed > perServer / 2, `${killed} of ${2 * perServer} were killed at work`);
  });

  await t.test(`a backend that is ended is told of, and nothing stays open (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    await fillAll(source, 1_200);
    const to = await emptyDatabase(t, engine);
    await cowriedb(["init", "--db", to]);
    const name = new URL(to).pathname.slice(1);
    const child = spawn(process.execPath, [program, "hydrate", "--from", source.db, "--to", to, "--quiet"]);
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const ends = `select count(pg_terminate_backend(pid)) as n from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid() and query ilike 'copy %'`;
    let hit = 0;
    await onServer(engine.url ?? "", async (sql) => {
      while (hit === 0 && child.exitCode === null) hit = Number((await sql.unsafe(ends))[0]?.["n"]);
    });
    const code = await ended;

    t.ok(hit === 0 ? code === 0 : code === 1, `ended with ${code} after ${hit} backends were ended`);
    const again = await cowriedb(["hydrate", "--from", source.db, "--to", to, "--quiet"]);
    t.equal(again.code, 0, again.stderr);
    const target = await opened(t, to);
    t.same(await allRows(target, source.database), await allRows(source.database, target));
    await onServer(engine.url ?? "", async (sql) => {
      const idle = await sql.unsafe(
        `select pid from pg_stat_activity where datname = '${name}' and state like 'idle in transaction%'`,
      );
      t.equal(idle.length, 0, "nobody is idle in a transaction");
    });
  });
}
