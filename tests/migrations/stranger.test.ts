import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { proveLedger } from "../../src/migrate/ledger.ts";
import { touchesReferences } from "../../src/migrate/files/references.ts";
import type { Outcome } from "../helpers/cli.ts";
import { engines, typed, type Engine } from "../helpers/database.ts";
import { emptyPlace } from "../helpers/empty.ts";
import { theirsFor, type Theirs } from "../helpers/theirs.ts";
import { warm } from "../helpers/warm.ts";

const ledger = { sqlite: "schema_ledger", postgres: "cowrie.schema_ledger" };

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a next command that is printed is about the same database and folder", async (t) => {
      const place = await emptyPlace(engine);
      t.teardown(place.dispose);
      const dir = join(t.testdir({}), "our files");
      mkdirSync(join(dir, engine.dialect), { recursive: true });
      const write = (name: string, text: string): void => {
        writeFileSync(join(dir, engine.dialect, `${name}.up.sql`), text);
      };
      const first = ["migrate", "plan", "--dir", dir, "--owner", "ours", "--db", place.db];
      for (const letter of ["a", "b"])
        write(`000${letter === "a" ? 1 : 3}_${letter}_create`, `create table ${letter} (n integer);`);

      // Of a SQLite file that is not there yet, it is the command that makes it.
      const done = await followed(await warm(first));
      const standing = await warm(["migrate", "status", ...first.slice(2)]);
      write("0002_late_create", "create table late (n integer);");
      const late = await followed(await warm(first));
      t.match(done, [{ code: 0, stdout: /ours is at 0003_b_create/ }]);
      t.notMatch(standing.stdout, /Next:/, "nothing is to be done");
      t.match(late, [
        { code: 0, stdout: /0002_late_create is 0004/ },
        { code: 0, stdout: /ours is at 0004_late_create/ },
      ]);
    });

    await t.test("a header is read whatever ends its lines and stands before it", async (t) => {
      const theirs = await theirsFor(t, engine);
      const alone =
        engine.dialect === "sqlite" ? "vacuum;" : "create index concurrently if not exists ix_a on a (n);";
      theirs.write("0001_a_create", "create table a (n integer);\r\ninsert into a values (1);\r\n");
      theirs.write(
        "0002_a_alone",
        `\ufeff\r\n-- A licence.\r\n\r\n-- Why:         so\r\n-- Transaction: none\r\n\r\n${alone}\r\n`,
      );

      const plan = await theirs.documentOf("plan");
      await theirs.up();
      theirs.write("0001_a_create", "create table a (n integer);\ninsert into a values (1);\n");
      const status = await theirs.documentOf("status");

      t.match(plan, { migrations: [{ transaction: "one" }, { transaction: "none", why: "so" }] });
      t.match(await theirs.run("drift", "--as", "migration"), {
        code: 0,
        stdout: /nothing to make official/,
      });
      t.match(status, { migrations: [{ state: "applied" }, { state: "applied" }] }, "line ends are no edit");
    });

    await t.test(
      "what would be run otherwise than its header means is refused, and lint finds it",
      async (t) => {
        const theirs = await theirsFor(t, engine);
        const refused = [
          "-- transaction: none\nselect 1;",
          "-- Transactions: none\nselect 1;",
          "--Transaction: none\nselect 1;",
          "-- Note: x\n\n-- phase: contract\nselect 1;",
          "create table a (n integer);\nend;\ncreate table b (n integer);",
          "create table a (b text);\ninsert into a values ('-- x'); commit;",
          "abort;",
          ...(engine.dialect === "sqlite"
            ? [".mode csv\nselect 1;", "select 1;\n  .read other.sql"]
            : [
                "\\restrict abc\ncreate table a (n integer);",
                "select 1;\n\\connect other\n",
                "create table a (n integer);\nCOPY public.a (n) FROM stdin;\n1\n\\.\n",
              ]),
        ];
        const fine = [
          "-- While away: nothing\nselect 1;",
          "select 'commit;';\n-- commit;\nselect 1;",
          "savepoint s;\nselect 1;\nrollback to savepoint s;",
          "-- \\restrict\nselect '\n\\restrict';\nselect '\n.mode' /* copy a from stdin */, 1\n.5;",
        ];

        for (const text of refused) {
          theirs.write("0001_a_create", text);
          const plan = await theirs.documentOf("plan");
          const lint = await warm(["migrate", "lint", "--dir", theirs.dir, "--json"]);
          t.match(plan, { error: { code: "migrate.bad_header" } }, text);
          t.match(JSON.parse(lint.stdout), { findings: [{ rule: "refused", severity: "error" }] }, text);
        }
        for (const bytes of [
          Buffer.from([0x2d, 0x2d, 0xe9]),
          Buffer.from("-- x", "utf16le"),
          Buffer.from("--\0"),
        ]) {
          writeFileSync(join(theirs.dir, engine.dialect, "0001_a_create.up.sql"), bytes);
          t.match(await theirs.documentOf("plan"), { error: { code: "migrate.bad_header" } });
        }
        for (const text of fine) {
          theirs.write("0001_a_create", text);
          t.equal((await theirs.run("plan")).code, 0, text);
        }
        writeFileSync(join(theirs.dir, engine.dialect, "0002-b.sql"), "select 1;");
        const named = await warm(["migrate", "lint", "--dir", theirs.dir, "--json"]);
        t.match(JSON.parse(named.stdout), {
          findings: [{ rule: "refused", why: /0002-b.sql is no migration's name/ }],
        });
        rmSync(join(theirs.dir, engine.dialect, "0002-b.sql"));
        mkdirSync(join(theirs.dir, "verify", engine.dialect), { recursive: true });
        writeFileSync(join(theirs.dir, "verify", engine.dialect, "0001_b_create.sql"), "select 1");
        t.match(await theirs.documentOf("verify"), {
          error: { code: "migrate.name", message: /0001_b_create\.sql is of no migration/ },
        });
      },
    );

    await t.test("the ledger names the file that failed, of several in one transaction", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_create", "create table a (n integer)");
      theirs.write("0002_b_fail", "insert into b values (1)");
      theirs.write("0003_c_create", "create table c (n integer)");

      await t.rejects(theirs.up(), { code: "migrate.failed", message: /0002_b_fail/ });

      t.match(
        await typed(theirs.database, `select name from ${ledger[engine.dialect]} where action = 'fail'`),
        [{ name: "ours/0002_b_fail" }],
      );
      t.same(await theirs.applied(), []);
      t.match(await theirs.run("drift"), { code: 0, stdout: /is what the ledger says, at nothing/ });
    });

    await t.test("no way up takes an old form away that is needed still", async (t) => {
      const theirs = await theirsFor(t, engine);
      inPhases(theirs, engine);
      await theirs.run("up", "--to", "1");
      await typed(theirs.database, `insert into ${tableOf(engine)} (old) values (7)`);

      const early = await theirs.run("up", "--json");
      const standing = await theirs.applied();
      await typed(theirs.database, `update ${tableOf(engine)} set new = old`);
      const done = await theirs.run("up", "--json");

      t.match(JSON.parse(early.stdout), { error: { code: "migrate.not_backfilled" } });
      t.same(standing, ["0001_a_expand", "0002_a_note"]);
      t.match(JSON.parse(done.stdout), { schema_version: "0004_a_more" });
    });

    await t.test("a blessing keeps when a migration was applied; numbers and tags will do", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_create", "create table a (n integer);", "drop table a;");
      await theirs.up();
      writeFileSync(join(theirs.dir, "tags.tsv"), "tag\tmigration\tnote\r\nv1\t0001_a_create\t\r\n");
      const before = await theirs.documentOf("status");
      theirs.write("0001_a_create", "-- now with a word\ncreate table a (n integer);", "drop table a;");

      const blessed = await theirs.run("bless", "1", "--reason", "a word");
      const again = await theirs.run("bless", "@v1", "--reason", "a word");
      const after = await theirs.documentOf("status");
      const proved = await theirs.run("prove", "--to", "@v1");

      t.equal(blessed.code, 0, blessed.stderr);
      t.match(again, { code: 1, stderr: /is as it was applied.*Nothing is to be done/s });
      t.same(after, before);
      t.equal(proved.code, 0, proved.stdout);
      t.match(await proveLedger(theirs.database), { broken: [] });
    });
  });
}

void t.test("what is no database, no file and no migration is said to be so", async (t) => {
  const dir = join(t.testdir({}), "ours");
  mkdirSync(join(dir, "sqlite"), { recursive: true });
  writeFileSync(join(dir, "sqlite", "0001_a_create.up.sql"), "create table a (n integer) strict;");
  const db = join(dir, "a.sqlite");
  const about = ["--dir", dir, "--db", db];
  await warm(["migrate", "up", "--create", "--count", "1", ...about]);

  const folder = await warm(["migrate", "status", "--dir", dir, "--db", dir]);
  const gone = await warm(["migrate", "lint", join(dir, "sqlite", "0002_b.up.sql")]);
  const lone = await warm(["migrate", "status", "--owner", "ours"]);
  const none = await warm(["migrate", "verify", ...about, "--owner", "nobody"]);

  t.match(folder, { code: 1, stderr: /is a folder, and no database/ });
  t.match(gone, { code: 64, stderr: /There is no file / });
  t.match(lone, { code: 64, stderr: /--owner goes with --dir alone/ });
  t.match(none, { code: 0, stdout: /Nothing of nobody is applied/ });
});

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(`${engine.name}: who may not use the ledger's schema is told so`, async (t) => {
    const theirs = await theirsFor(t, engine);
    theirs.write("0001_a_create", "create table a (n integer);");
    await theirs.up();
    const role = `cowriedb_test_reader_${process.pid}_${engine.name.replace(/\D/g, "")}`;
    await typed(theirs.database, `create role ${role} login`);
    t.teardown(async () => typed(theirs.database, `drop role ${role}`));
    const url = new URL(theirs.place.db);
    url.username = role;

    const { code, stderr } = await warm(["migrate", "status", "--dir", theirs.dir, "--db", url.href]);

    t.equal(code, 1);
    t.match(stderr, /this user may not use the schema cowrie.*grant usage on schema cowrie/s);
  });
}

void t.test("a plan for a SQLite file that is not there makes none, and is what is done", async (t) => {
  const dir = join(t.testdir({}), "ours");
  const db = join(dir, "new.sqlite");
  mkdirSync(join(dir, "sqlite"), { recursive: true });
  writeFileSync(join(dir, "sqlite", "0001_a_create.up.sql"), "create table a (n integer) strict;");

  const dry = await warm(["migrate", "up", "--create", "--dry-run", "--dir", dir, "--db", db]);
  const isThere = existsSync(db);
  const done = await followed(dry);

  t.equal(isThere, false);
  t.match(done, [{ code: 0, stdout: /ours is at 0001_a_create/ }]);
});

void t.test("references are looked at where a file may break one, and the plan says so", async (t) => {
  const engine: Engine = { name: "SQLite", dialect: "sqlite" };
  const theirs = await theirsFor(t, engine);
  theirs.write(
    "0001_a_create",
    "create table Parents (id integer primary key); create table a (n integer references Parents (id));",
  );
  await theirs.up();
  const looksOf = async (text: string): Promise<number> => {
    theirs.write("0002_a_change", text);
    const { steps } = (await theirs.documentOf("plan")) as { steps: { text: string }[] };
    return steps.filter(({ text: step }) => step === "PRAGMA foreign_key_check").length;
  };
  const leaves = [
    "create index ix_a on a (n);",
    "alter table a add column b text;",
    "create view v as select * from a;",
  ];
  const may = [
    "insert into a values (7);",
    "drop table Parents;",
    "alter table a add column b integer references a (n);",
    "drop index ix_a;",
  ];

  for (const text of leaves) t.same([await looksOf(text), touchesReferences(text)], [0, false], text);
  for (const text of may) t.same([await looksOf(text), touchesReferences(text)], [2, true], text);
  for (const text of may.slice(0, 2)) {
    theirs.write(
      "0002_a_change",
      text === may[1]
        ? `insert into parents values (7); insert into a values (7); drop table Parents;`
        : text,
    );
    const message =
      /^Behind 0002_a_change: It breaks a foreign key: the row \d+ of a refers to a row of Parents/;
    await t.rejects(theirs.up(), { code: "migrate.foreign_key", message }, text);
  }
  theirs.write(
    "0002_a_change",
    'create view "Seen" as select * from A; create trigger "TR_a" after insert on a begin select gone from "Seen"; end;',
  );
  await t.rejects(theirs.up(), {
    code: "migrate.does_not_compile",
    message: /trigger TR_a does not compile/,
  });
});

/** Runs the commands that an answer or an error prints, as they are printed. */
async function followed({ stdout, stderr }: Outcome): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [, command = ""] of `${stdout}\n${stderr}`.matchAll(/cowriedb (.+?)(?=$|; or |, or )/gm))
    outcomes.push(await warm(wordsOf(command)));
  return outcomes;
}

/** The words of a command as a shell has them. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

function tableOf({ dialect }: Engine): string {
  return dialect === "sqlite" ? "a" : "public.a";
}

/** A column that is renamed in phases, with nothing that copies it. */
function inPhases(theirs: Theirs, { dialect }: Engine): void {
  theirs.write("0001_a_expand", "-- Phase: expand\ncreate table a (old integer, new integer);");
  theirs.write("0002_a_note", "alter table a add column note text;");
  theirs.write("0003_a_contract", "-- Phase: contract\nalter table a drop column old;");
  theirs.write("0004_a_more", "alter table a add column more text;");
  const verify = join(theirs.dir, "verify", dialect);
  mkdirSync(verify, { recursive: true });
  writeFileSync(
    join(verify, "0001_a_expand.sql"),
    "-- Until: 0003_a_contract\nselect 1 from a where old is distinct from new",
  );
}
