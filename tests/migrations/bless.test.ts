import t from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { firstDifference } from "../../src/migrate/history/bless.ts";
import { packageFiles, type Dialect } from "../../src/migrate/files/files.ts";
import { noteOne, proveLedger } from "../../src/migrate/ledger.ts";
import { schemaStatus } from "../../src/migrate/migrate.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import { changesFor, forgeLedger } from "../helpers/empty.ts";
import { theirsFor } from "../helpers/theirs.ts";
import { warm } from "../helpers/warm.ts";

const name = "0007_command_stats_create";
const both: readonly Dialect[] = ["sqlite", "postgres"];

/** Edits of which no engine reads anything. */
const harmless: [string, string, readonly Dialect[]][] = [
  ["select 1;", "-- a licence\nselect 1; -- one\n", both],
  ["select 1;", "/* a licence; in two\nlines */ select /* one */ 1;", both],
  ["select /* a /* b */ 1;", "select 1;", ["sqlite"]],
  ["select /* a /* b */ c */ 1;", "select 1;", ["postgres"]],
  ["select 1,\n  2;", "select\t1 , 2 ;\r\n", both],
  ["select '-- no comment' -- a comment\n;", "select '-- no comment';", both],
  ["select 'a' -- and\n 'b';", "select 'a'\n\n'b';", ["postgres"]],
  ["do $$ begin null; -- kept\n end $$; -- not", "do $$ begin null; -- kept\n end $$;", ["postgres"]],
];

/** Edits of something that an engine reads, however much it looks like a comment or a blank. */
const harmful: [string, string, readonly Dialect[]][] = [
  ["select 1;", "select 2;", both],
  ["select 1;", "SELECT 1;", both],
  ["select 1;", "select 1; select 1;", both],
  ["select 1; -- select 2;", "select 1;\nselect 2;", both],
  ["select '-- a';", "select '-- b';", both],
  ["select '/* a */';", "select '';", both],
  ['select "-- a";', 'select "-- b";', both],
  ["select [-- a];", "select [-- b];", ["sqlite"]],
  ["select `-- a`;", "select `-- b`;", ["sqlite"]],
  ["select 'a b';", "select 'a  b';", both],
  ["select 1 - -1;", "select 1 --1;", both],
  ["select 1 - - 1;", "select 1 -- 1;\n", both],
  ["select 2 < = 1;", "select 2 <= 1;", both],
  ["select 1 /* x */ + 2;", "select 1;", both],
  ["select x '00' from t;", "select x'00' from t;", both],
  ["select 1 .5;", "select 1.5;", both],
  ["select 'a'\n'b';", "select 'a' 'b';", ["postgres"]],
  ["select e'\\' -- a';", "select e'\\' -- b';", ["postgres"]],
  ["select $$ -- a $$;", "select $$ -- b $$;", ["postgres"]],
  ["select $a$ /* $$ */ $a$;", "select $a$ $$ $a$;", ["postgres"]],
  ["select $\u00e9$ -- a\n$\u00e9$;", "select $\u00e9$ -- b\n$\u00e9$;", ["postgres"]],
  ["select 1 -- a\r;", "select 1 -- a\r, 2;", ["postgres"]],
  ["select /* a /* b */ 1 */;", "select /* a /* b */ 2 */;", ["sqlite"]],
  ["select u&'a';", "select u & 'a';", ["postgres"]],
];

void t.test("comments and blanks are told from what an engine reads", async (t) => {
  for (const [was, is, dialects] of harmless)
    for (const dialect of dialects)
      t.equal(firstDifference(was, is, dialect), undefined, `${dialect}: ${is}`);
  for (const [was, is, dialects] of harmful)
    for (const dialect of dialects) t.type(firstDifference(was, is, dialect), "string", `${dialect}: ${is}`);
  t.equal(
    firstDifference("-- a\nselect 1;", "select 1,\n 2;", "sqlite"),
    '";" in line 2 became "," in line 1',
  );
});

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("an edit of comments is accepted, and the ledger has who, when, why and what", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const file = packageFiles(engine.dialect).migrations.find((one) => one.name === name);
      const was = `-- as it was\n${file?.upText ?? ""}/* and\nthe end */\n`;
      await appliedAs(store, was);

      const refused = await warm(["migrate", "up", "--db", store.db]);
      const unsaid = await warm(["migrate", "bless", name, "--db", store.db]);
      const blessed = await warm([
        "migrate",
        "bless",
        name,
        "--reason",
        " a licence ",
        "--json",
        "--db",
        store.db,
      ]);
      const again = await warm(["migrate", "bless", name, "--reason", "twice", "--db", store.db]);
      const [noted] = await typed(
        store.database,
        "select * from schema_ledger order by ledger_id desc limit 1",
      );
      const verify = await warm(["migrate", "verify", "--db", store.db]);

      t.equal(refused.code, 1);
      t.match(refused.stderr, /migrate.changed_file|was changed after it was applied/);
      t.equal(unsaid.code, 64);
      t.equal(blessed.code, 0, blessed.stderr);
      t.same(JSON.parse(blessed.stdout), {
        ...{ name, was: hexDigestOf(was), digest: file?.digest },
        ...{ down_was: file?.downDigest, down_digest: file?.downDigest },
      });
      t.match(again, { code: 1, stderr: /is as it was applied/ });
      t.match(noted, {
        ...{ kind: "migration", name, action: "bless", digest: file?.digest ?? "", reason: "a licence" },
        ...{ body: file?.upText, down_digest: file?.downDigest, actor: /@/ },
      });
      t.ok(Math.abs(Date.parse(String(noted?.["applied_at"])) - Date.now()) < 600_000);
      t.equal(verify.code, 0, verify.stdout);
      const { migrations } = await schemaStatus(store.database);
      t.ok(migrations.every(({ state }) => state === "applied"));
    });

    await t.test(
      "an edit of anything else is refused, with both lines, and so is what is not there",
      async (t) => {
        const store = await freshStore(engine);
        t.teardown(store.dispose);
        const file = packageFiles(engine.dialect).migrations.find((one) => one.name === name);
        await appliedAs(
          store,
          `-- one line more\n${(file?.upText ?? "").replace("table command_stats", "table command_state")}`,
        );
        const before = await proveLedger(store.database);
        const tried = async (one: string): ReturnType<typeof warm> =>
          warm(["migrate", "bless", one, "--reason", "it must be", "--db", store.db]);

        const changed = await tried(name);
        const unknown = await tried("0099_nothing_create");
        const same = await tried("0003_event_types_fill");

        for (const outcome of [changed, unknown, same]) t.equal(outcome.code, 1, outcome.stderr);
        t.match(changed.stderr, /"command_state" in line (\d+) became "command_stats" in line \d+/);
        t.match(unknown.stderr, /is not applied/);
        t.match(same.stderr, /is as it was applied/);
        t.same(await proveLedger(store.database), before, "nothing was noted");
      },
    );

    await t.test(
      "an edited down file is told by who verifies and who goes down, and can be accepted",
      async (t) => {
        const theirs = await theirsFor(t, engine);
        const [first, second] = ["0001_things_create", "0002_notes_create"];
        theirs.write(first, "create table things (a integer);\n", "drop table things;\n");
        theirs.write(second, "create table notes (a integer);\n");
        t.equal((await theirs.run("up")).code, 0);
        theirs.write(second, "create table notes (a integer);\n", "drop table notes;\n");
        const added = await theirs.run("verify");

        theirs.write(first, "create table things (a integer);\n", "drop table if exists things;\n");
        const told = await theirs.run("verify", "--json");
        const shown = await theirs.run("verify");
        const dry = await theirs.run("down", "--dry-run", "--to", "0");
        const taken = await theirs.documentOf("down", "--dry-run", "--to", "0");
        const up = await theirs.run("up");
        const blessed = await theirs.run("bless", first, "--reason", "may be gone already");
        const after = await theirs.run("verify");

        t.equal(added.code, 0, "one that had none may get one");
        t.equal(told.code, 20);
        t.match(JSON.parse(told.stdout), {
          holds: false,
          changed: [],
          changed_downs: [
            {
              ...{ name: first, was: hexDigestOf("drop table things;\n") },
              is: hexDigestOf("drop table if exists things;\n"),
            },
          ],
        });
        t.match(shown.stdout, /its down file is another.*cowriedb migrate bless --dir .* 0001_things_create/);
        t.match(dry.stdout, /Edited since it was applied: the down file of 0001_things_create\./);
        t.match(taken["changed_downs"], [{ name: first }]);
        t.equal(up.code, 0, "what is applied is what it was");
        t.match(blessed, { code: 0, stdout: /: its down file is accepted as it is\. The ledger/ });
        t.equal(after.code, 0, after.stdout);
        t.same((await proveLedger(theirs.database)).broken, []);
      },
    );

    await t.test("a down file of the store is told too", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      await forgeLedger(
        store.database,
        `update schema_ledger set down_digest = 'old' where kind = 'migration' and name = '${name}'`,
      );
      const verify = async (): Promise<Record<string, unknown>> =>
        JSON.parse((await warm(["migrate", "verify", "--json", "--db", store.db])).stdout) as Record<
          string,
          unknown
        >;

      const told = await verify();
      await warm(["migrate", "bless", name, "--reason", "mended", "--db", store.db]);
      const after = await verify();

      t.match(told, { holds: false, changed_downs: [{ name, was: "old" }] });
      t.same(after["changed_downs"], []);
    });

    await t.test(
      "drift and a way down go by what was applied, and name the file that says else",
      async (t) => {
        const theirs = await theirsFor(t, engine);
        const [first, second] = ["0001_things_create", "0002_notes_create"];
        theirs.write(first, "create table things (a integer);\n", "drop table things;\n");
        theirs.write(second, "create table notes (a integer);\n", "drop table notes;\n");
        await theirs.up();
        theirs.write(
          first,
          "create table things (a integer, b integer);\n",
          "drop table if exists things;\n",
        );
        theirs.write(second, "-- Undo: another\ncreate table others (a integer);\n");

        const drift = await theirs.run("drift", "--json");
        const shown = await theirs.run("drift");
        const dry = await theirs.documentOf("down", "--dry-run", "--to", "0");
        const down = await theirs.run("down", "--to", "0", "--confirm", second);
        const listing = await theirs.listing();
        const up = await theirs.run("up");
        const after = await theirs.run("drift");

        t.equal(drift.code, 20, drift.stderr);
        t.match(JSON.parse(drift.stdout), {
          ...{ drifted: true, differences: [], not_compared: [] },
          changed: [{ name: first }, { name: second }],
          changed_downs: [{ name: first }],
        });
        t.match(
          shown.stdout,
          /0001_things_create: its file is another.*cowriedb migrate bless --dir .* 0001_things/,
        );
        t.match(shown.stdout, /✔ The schema is what the ledger says/);
        t.match(dry, { changed: [second, first], changed_downs: [{ name: first }], loss: /^ ?$/ });
        t.equal(down.code, 0, down.stderr);
        t.same(listing, []);
        const [, taken] = await typed(
          theirs.database,
          `select digest from ${engine.dialect === "sqlite" ? "" : "cowrie."}schema_ledger where action = 'down' order by ledger_id`,
        );
        t.equal(taken?.["digest"], hexDigestOf("create table things (a integer);\n"));
        t.equal(up.code, 0, up.stderr);
        t.equal(after.code, 0, after.stdout);
      },
    );

    await t.test(
      "drift of a store goes by the text of the ledger, and refuses where it has none",
      async (t) => {
        const store = await freshStore(engine);
        t.teardown(store.dispose);
        const file = packageFiles(engine.dialect).migrations.find((one) => one.name === name);
        await appliedAs(store, `${file?.upText ?? ""}create index ix_by_ledger on command_stats (inputs);\n`);
        const told = await warm(["migrate", "drift", "--json", "--db", store.db]);
        await forgeLedger(
          store.database,
          `update schema_ledger set body = 'select 1' where name = '${name}'`,
        );
        const forged = await warm(["migrate", "drift", "--json", "--db", store.db]);

        t.equal(told.code, 20, told.stderr);
        t.match(JSON.parse(told.stdout), {
          differences: [{ kind: "index", name: "ix_by_ledger", difference: "missing" }],
          changed: [{ name }],
        });
        t.match(JSON.parse(forged.stdout), {
          ledger: { broken: [{ name, fault: "changed" }] },
          schema_version: null,
        });
      },
    );

    await t.test("a folder's migration is blessed too", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_things_create", "create table things (a integer);\n");
      t.equal((await theirs.run("up")).code, 0);

      theirs.write("0001_things_create", "-- things\ncreate table things (a integer);\n");
      const blessed = await theirs.run("bless", "0001_things_create", "--reason", "said what it is");
      const up = await theirs.run("up");
      theirs.write("0001_things_create", "-- things\ncreate table things (a integer, b integer);\n");
      const other = await theirs.run("bless", "0001_things_create", "--reason", "a column");

      t.equal(blessed.code, 0, blessed.stderr);
      t.equal(up.code, 0, up.stderr);
      t.match(other, { code: 1, stderr: /"\)" in line 2 became "," in line 2/ });
      t.same((await proveLedger(theirs.database)).broken, []);
    });
  });
}

/** As if another text of the file had been applied. */
async function appliedAs({ database, target }: TestStore, text: string): Promise<void> {
  const file = packageFiles(database.dialect).migrations.find((one) => one.name === name);
  await changesFor(
    database,
    target,
  )(async ({ rows }) =>
    noteOne(rows, {
      ...{ kind: "migration", action: "up", name, digest: hexDigestOf(text), body: text },
      downDigest: file?.downDigest ?? null,
    }),
  );
}
