import pg from "pg";
import t from "tap";
import { faultsOfRoutines } from "../../src/migrate/folder/compile.ts";
import { runGroup } from "../../src/migrate/folder/run.ts";
import { inFolderSession } from "../../src/migrate/folder/session.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, throwAwayDatabase, typed, type Engine } from "../helpers/database.ts";
import { silent } from "../helpers/own-folder.ts";
import { randomFrom } from "../helpers/random.ts";
import { theirsFor } from "../helpers/theirs.ts";

const ledger = { sqlite: "schema_ledger", postgres: "cowrie.schema_ledger" };

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("what failed is told with its line, and with what was done before it", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_create", "create table a (n integer);", "drop table a;");
      theirs.write("0002_a_alone", `-- Transaction: none\n${aloneOf(engine)}`, "-- Loses: a: x\nselect 1;");
      theirs.write("0003_a_fail", `${triggerOf(engine)}\n\n-- what fails\ninsert into a\n  values (1, 2);\n`);

      const up = await theirs.run("up");
      theirs.write("0003_a_fail", "-- x\n", "select 1;\ninsert into nowhere values (1);");
      await theirs.run("up");
      theirs.write("0002_a_alone", `-- Transaction: none\n${aloneOf(engine)}`, "select nothing_at_all;");
      theirs.write("0003_a_fail", "-- x\n", "-- Transaction: none\nselect 1;");
      const down = await theirs.run("down", "--count", "2", "--confirm", "0003_a_fail");

      const line = engine.dialect === "sqlite" ? 5 : 6;
      t.match(up, { code: 1, stderr: new RegExp(`0003_a_fail of ours failed: .* \\(line ${line}\\)`) });
      t.match(
        up.stderr,
        /Its transaction was taken back\. .*Applied before it: 0001_a_create, 0002_a_alone\./,
      );
      t.match(down, { code: 1, stderr: /0002_a_alone.*\(line 1\).*Taken back before it: 0003_a_fail\./s });
      t.same(await theirs.applied(), ["0001_a_create", "0002_a_alone"]);
    });

    await t.test("a file that runs outside of a transaction is noted once, whoever was faster", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_alone", `-- Transaction: none\n${aloneOf(engine, "b")}`);
      await typed(
        theirs.database,
        `create table ${engine.dialect === "sqlite" ? "b" : "public.b"} (n integer)`,
      );
      await theirs.up();
      const folder = theirs.folder();

      const again = await inFolderSession(theirs.database, theirs.place.target, async (session) =>
        runGroup({ folder, session, direction: "up", talk: silent }, folder.migrations),
      );

      t.same(again, []);
      const [noted] = await typed(
        theirs.database,
        `select count(*) as n from ${ledger[engine.dialect]} where action = 'up'`,
      );
      t.equal(Number(noted?.["n"]), 1);
    });
  });
}

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(`${engine.name} alone`, async (t) => {
    await t.test("what the server says beside is told, and is not kept", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_create", "create table a (n integer); insert into a values (4711), (4711);");
      theirs.write(
        "0002_a_unique",
        "-- Transaction: none\ncreate unique index concurrently if not exists ux on a (n);",
      );

      const { stderr } = await theirs.run("up");

      t.match(
        stderr,
        /could not create unique index "ux".*Key \(n\)=\(4711\) is duplicated\. An index that it left/s,
      );
      const [noted] = await typed(
        theirs.database,
        "select reason from cowrie.schema_ledger where action = 'fail'",
      );
      t.match(noted?.["reason"], /could not create unique index/);
      t.notMatch(noted?.["reason"], /4711/);
    });

    await t.test("a batch that writes by a function moves on", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write(
        "0001_a_create",
        `create table a (n integer); insert into a select g from generate_series(1, 5) as g;
         create function step() returns void language sql as $$ delete from a where n = (select min(n) from a) $$;`,
      );
      theirs.write("0002_a_walk", "-- Transaction: batches\n-- While: select 1 from a\nselect step();");

      const done = await theirs.documentOf("up");

      t.match(done, { migrations: [{}, { name: "0002_a_walk", batches: 5 }] });
    });

    await t.test(
      "a file may put its user aside; the next one has him again, and so has the ledger",
      async (t) => {
        const theirs = await theirsFor(t, engine);
        const role = `cowriedb_test_owner_${process.pid}_${engine.name.replace(/\D/g, "")}`;
        await typed(theirs.database, `create role ${role}`);
        await typed(theirs.database, `grant create, usage on schema public to ${role}`);
        t.teardown(async () => {
          await typed(theirs.database, `drop owned by ${role} cascade`);
          await typed(theirs.database, `drop role ${role}`);
        });
        theirs.write("0001_a_create", `set role ${role}; create table a (n integer);`);
        theirs.write("0002_b_create", "create table b (n integer);");

        await theirs.up();

        const owners = await typed(
          theirs.database,
          "select tablename, tableowner = current_user as is_ours from pg_tables where schemaname = 'public' order by 1",
        );
        t.match(owners, [
          { tablename: "a", is_ours: false },
          { tablename: "b", is_ours: true },
        ]);
      },
    );

    await t.test("what a file sets ends with it, as what a dump begins with does", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write(
        "0001_a_create",
        `set lock_timeout = 0; set statement_timeout = 0; set timezone = 'Asia/Tokyo'; set session_replication_role = replica;
         select pg_catalog.set_config('search_path', '', false); create table public.a (n integer);`,
      );
      theirs.write(
        "0002_b_create",
        `create table b as select name, setting from pg_settings where name in
           ('lock_timeout', 'statement_timeout', 'TimeZone', 'session_replication_role', 'client_connection_check_interval');`,
      );

      await theirs.up();

      const set = await typed(theirs.database, 'select setting from public.b order by name collate "C"');
      t.same(
        set.map(({ setting }) => setting),
        ["UTC", "2000", "5000", "origin", "3600000"],
      );
    });

    await t.test(
      "any mixture of sound and broken routines is told as each alone is, in few messages",
      async (t) => {
        const database = await throwAwayDatabase(engine.url ?? "");
        const client = new pg.Client({ connectionString: database.url });
        await client.connect();
        t.teardown(async () => {
          await client.end();
          await database.drop();
        });
        const below = randomFrom(11);
        const send = client.query.bind(client) as (...words: unknown[]) => unknown;
        for (let round = 0; round < scaled(60); round++) {
          await client.query("begin");
          const broken = new Set(Array.from({ length: below(5) }, () => below(40)));
          const strange = below(40);
          for (let n = 0; n < 40; n++) {
            const table = broken.has(n)
              ? "gone"
              : n === strange
                ? "pg_class; raise notice '%', nothing.at_all"
                : "pg_class";
            await client.query(
              `create function f${String(n).padStart(2, "0")}() returns void language plpgsql as $$ begin perform 1 from ${table}; end $$`,
            );
          }
          let messages = 0;
          client.query = ((...words: unknown[]) => {
            messages++;
            return send(...words);
          }) as typeof client.query;
          const found = await faultsOfRoutines(client);
          client.query = send as typeof client.query;
          await client.query("rollback");

          const named = [...found.values()].map(({ routine }) => Number(routine.name.slice(1)));
          t.same(
            named,
            [...broken].sort((one, other) => one - other),
            `round ${round}, ${strange}`,
          );
          t.ok(messages <= 6 + 40 * (broken.size + 1), `${messages} messages for ${broken.size} faults`);
        }
      },
    );
  });
}

function aloneOf({ dialect }: Engine, table = "a"): string {
  return dialect === "sqlite" ? "vacuum;" : `create index concurrently if not exists ix on ${table} (n);`;
}

/** Semicolons that end no statement. */
function triggerOf({ dialect }: Engine): string {
  return dialect === "sqlite"
    ? "create trigger tr after insert on a begin\n  select 1; select 2; end;"
    : "create function f() returns void language plpgsql as $$ begin\n  perform 1; perform 2; end $$;";
}
