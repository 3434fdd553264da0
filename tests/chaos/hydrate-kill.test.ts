import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import t, { type Test } from "tap";
import { copyIntoPostgres, type Postgres } from "../../src/db/postgres.ts";
import { inCopy } from "../../src/db/writing.ts";
import { cowriedb, isNightly, program, scaled } from "../helpers/cli.ts";
import { engines, onServer, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { allRows, filledSource, freshTarget, opened } from "../helpers/hydrations.ts";
import { atMs } from "../helpers/kill.ts";
import { randomFrom } from "../helpers/random.ts";
import { ownServer } from "../helpers/servers.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");

/** Servers that share the blows; one alone is spared half of them in a short run. */
const most = isNightly ? servers.length : Math.max(2, servers.length);

/** What falls upon a run: how often in a nightly run, how often upon one copy, and what it does to the runner's process. */
interface Blow {
  name: string;
  full: number;
  each: number;
  /** Falls; gives whether it has hit. */
  fall: (pid: number, name: string) => Promise<boolean>;
}

/** A store, and what becomes of it in a copy that nobody strikes. */
interface Unstruck {
  source: TestStore;
  rows: Record<string, string[]>;
  options: Record<string, unknown>[];
  ms: number;
}

const wordsTo = (source: TestStore, to: string): string[] => {
  return ["hydrate", "--from", source.db, "--to", to, "--quiet", "--no-verify"];
};

async function unstruck(t: Test, engine: Engine): Promise<Unstruck> {
  // Beyond 20,000 events the indexes of a table are set aside too.
  const source = await filledSource(t, isNightly ? 25_000 : 200);
  const to = await freshTarget(t, engine);
  const began = performance.now();
  await cowriedb(wordsTo(source, to));
  const ms = performance.now() - began;
  const target = await opened(t, to);
  return {
    source,
    rows: await allRows(target, source.database),
    options: await typed(target, tableOptions),
    ms,
  };
}

/** Strikes copies of a store at random moments until they are whole, and holds each against one that nobody has struck. */
async function struck(
  t: Test,
  engine: Engine,
  { source, rows, options, ms }: Unstruck,
  { full, each, fall }: Blow,
  seed: number,
): Promise<void> {
  const random = randomFrom(seed);
  let [fallen, hits] = [0, 0];

  for (const total = Math.ceil(scaled(full) / most); fallen < total;) {
    const to = await freshTarget(t, engine);
    const name = new URL(to).pathname.slice(1);
    for (let turn = 0; turn < each && fallen < total; turn++, fallen++) {
      const child = spawn(process.execPath, [program, ...wordsTo(source, to)], { stdio: "ignore" });
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      await atMs(ms * 0.3 + random(Math.ceil(ms * 0.7)))(() => child.exitCode !== null);
      if (child.exitCode === null && (await fall(child.pid ?? 0, name))) hits += 1;
      const code = await ended;
      t.ok(code === null || code === 0 || code === 1, `the runner has ended, with ${code}`);
    }
    const before = await chunksIn(to);
    const { code, stdout, stderr } = await cowriedb([...wordsTo(source, to), "--json"]);

    t.equal(code, 0, stderr);
    const told = JSON.parse(stdout) as { chunks_copied: number };
    // What was on its way to its commit at the blow may be committed behind the count.
    t.ok(told.chunks_copied + before <= (await chunksIn(to)), "no part that was committed is copied again");
    await onServer(engine.url ?? "", async (sql) => {
      const left = await sql.unsafe(
        `select state, query from pg_stat_activity where datname = '${name}' and state like 'idle in transaction%'
        union all select 'lock', mode from pg_locks as l join pg_database as d on d.oid = l.database where d.datname = '${name}'
        union all select 'prepared', gid from pg_prepared_xacts where database = '${name}'`,
      );
      t.same([...left], [], "nobody is idle in a transaction, and nothing is locked or prepared");
    });
    const target = await opened(t, to);
    t.same(await allRows(target, source.database), rows, "every row is as it is without a blow");
    t.same(await typed(target, "select name from hydration_objects where state = 'aside'"), []);
    t.same(await typed(target, tableOptions), options, "settings of tables are as they were");
  }
  t.comment(`${hits} of ${fallen} have hit`);
}

const tableOptions =
  "select relname as name, reloptions::text as options from pg_class where relnamespace = 'cowrie'::regnamespace and relkind = 'r' order by 1";

/**
 * The rows that a server answers a question with. The driver's own question for types is left out: nobody hears of its failure
 * where the server goes down that moment.
 */
async function asked(url: string, text: string): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = [];
  const ask = async (sql: postgres.Sql): Promise<void> => {
    rows = [...(await sql.unsafe(text))];
  };
  await onServer(url, ask, { fetch_types: false });
  return rows;
}

async function chunksIn(to: string): Promise<number> {
  return Number((await asked(to, "select count(*) as n from cowrie.hydration_chunks"))[0]?.["n"]);
}

/** Waits until a server takes connections again. */
async function untilUp(url: string): Promise<void> {
  for (;;) {
    const isUp = await asked(url, "select 1").then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(50);
  }
}

for (const [number, engine] of servers.entries()) {
  await t.test(engine.name, async (t) => {
    const quiet = await unstruck(t, engine);

    await t.test(`a copy goes on wherever its runner is killed`, async (t) =>
      struck(
        t,
        engine,
        quiet,
        {
          name: "runner",
          ...{ full: 100, each: 5 },
          fall: async (pid) => Promise.resolve(process.kill(pid, "SIGKILL")),
        },
        31 + number,
      ),
    );

    await t.test(`a copy goes on wherever its server is struck`, async (t) => {
      const { server, engine: own } = await ownServer(engine);
      t.teardown(async () => server.stop());
      const blows: Blow[] = [
        {
          name: "a backend is killed",
          ...{ full: 30, each: 3 },
          fall: async (_pid, name) => {
            const backends = await asked(
              server.url,
              `select pid from pg_stat_activity where datname = '${name}' order by query ilike 'copy %' desc, state = 'active' desc`,
            );
            const pid = backends[0]?.["pid"] as number | undefined;
            if (pid !== undefined) process.kill(pid, "SIGKILL");
            // The server ends all others, and starts again.
            await untilUp(server.url);
            return pid !== undefined;
          },
        },
        {
          name: "the server is stopped at once",
          ...{ full: 30, each: 3 },
          fall: async () => {
            await server.crash();
            await server.restart();
            await untilUp(server.url);
            return true;
          },
        },
      ];
      for (const [index, blow] of blows.entries())
        await t.test(blow.name, async (t) => struck(t, own, quiet, blow, 71 + 10 * number + index));
    });

    await t.test(`a COPY that fails names table, row and column, and leaves nothing open`, async (t) => {
      const { source } = quiet;
      const to = await freshTarget(t, engine);
      const [third] = await typed(
        source.database,
        "select rowid as key, session_id as id from session_summaries order by rowid limit 1 offset 2",
      );
      await onServer(to, async (sql) => {
        await sql.unsafe(
          `create function cowrie.spoilt(x text) returns boolean language plpgsql immutable as $$
        begin if x = '${String(third?.["id"])}' then raise exception 'made up' using errcode = 'XX001'; end if; return true; end $$`,
        );
        await sql.unsafe(
          "alter table cowrie.session_summaries add constraint ck_spoilt check (cowrie.spoilt(session_id))",
        );
      });
      const told = await cowriedb(["hydrate", "--from", source.db, "--to", to, "--quiet", "--json"]);

      t.equal(told.code, 1);
      const { error } = JSON.parse(told.stdout) as { error: { message: string } };
      t.match(error.message, `copy session_summaries ["${String(third?.["key"])}"] in`);
      t.match(error.message, /made up/);
      const target = (await opened(t, to)) as Postgres;
      // The driver alone would wait for ever; so long is waited here, and no longer.
      const limit = sleep(5_000, "nothing is told", { ref: false });
      const failing = inCopy(target, async (connection) =>
        copyIntoPostgres(connection.sql, "copy settings (setting, value) from stdin", async (write) =>
          write(Buffer.from("a\tno number\n")),
        ),
      ).catch((one: unknown) => (one as { where?: string }).where);
      t.match(await Promise.race([failing, limit]), /COPY settings, line 1, column value/);
      await onServer(to, async (sql) => {
        const open = await sql.unsafe(
          "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in%'",
        );
        t.equal(open.length, 0);
        await sql.unsafe("alter table cowrie.session_summaries drop constraint ck_spoilt");
        await sql.unsafe("drop function cowrie.spoilt");
      });
      t.equal(
        (await cowriedb(["hydrate", "--from", source.db, "--to", to, "--resume", "--no-verify"])).code,
        0,
      );
      const [run_ = {}] = await typed(
        target,
        "select settings from hydrations order by hydration_id desc limit 1",
      );
      t.match(JSON.parse(String(run_["settings"])), {
        source: [{ pragma: "page_size", value: "4096", setting: "block_size", there: "8192" }],
        changed: [{ setting: "maintenance_work_mem", during: "256MB" }],
      });
    });
  });
}
