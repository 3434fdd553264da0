import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t, { type Test } from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { closeDatabase } from "../../src/db/open.ts";
import type { Dialect } from "../../src/migrate/files/files.ts";
import { lintFile } from "../../src/migrate/lint/lint.ts";
import { lintRules, type LintRule } from "../../src/migrate/lint/rules.ts";
import { lintFolder, type LintResult } from "../../src/migrate/lint/files.ts";
import type { LintFile } from "../../src/migrate/lint/statements.ts";
import { engines, onServer, typed } from "../helpers/database.ts";
import { emptyPlace, openPlace, type EmptyPlace } from "../helpers/empty.ts";
import { warm } from "../helpers/warm.ts";

const dialects: readonly Dialect[] = ["sqlite", "postgres"];

for (const dialect of dialects) {
  void t.test(`${dialect}: each rule finds its bad example, and none finds anything in the good one`, (t) => {
    for (const rule of lintRules().filter((one) => one.dialects.includes(dialect))) {
      const hasDown = rule.rule !== "no-way-back";
      const [bad, good] = examplesOf(rule, dialect).map((text) =>
        lintFile(fileOf(dialect, text, hasDown), () => false).findings.map((finding) => finding.rule),
      );

      t.same([...new Set(bad)], [rule.rule], `bad: ${rule.bad}`);
      t.same(good, [], `good: ${rule.good}`);
    }
    t.end();
  });
}

/** What the examples speak of. */
const tables = {
  sqlite: "create table things (a integer, b integer) strict; insert into things values (1, 1);",
  postgres: "create table things (a integer, b integer); insert into things values (1, 1);",
};
const refused = ["needs-no-transaction", "column-refused", "required-column", "not-repeatable"];

for (const engine of engines()) {
  void t.test(`${engine.name}: what a rule says will be refused is refused`, async (t) => {
    const place = await emptyPlace(engine);
    t.teardown(place.dispose);
    await withRun(place, async (run) => {
      await run(tables[engine.dialect]);
      for (const rule of lintRules()) {
        if (!rule.dialects.includes(engine.dialect) || !refused.includes(rule.rule)) continue;
        const [bad = "", good = ""] = examplesOf(rule, engine.dialect);
        // Of names that are not there, or of what a test does to no server.
        if (/reindex|alter system|database|mood|insert into/.test(bad)) continue;
        const isAlone = bad.includes("Transaction: none");
        const asRun = (text: string): string => (isAlone ? `${text}; ${text}` : `begin; ${text}; rollback`);
        if (!/concurrently|vacuum/.test(good)) await t.resolves(run(asRun(good)), `good: ${rule.good}`);
        await t.rejects(run(asRun(bad)), `bad: ${rule.bad}`);
        await run("rollback").catch(() => undefined);
      }
    });
  });

  void t.test(`${engine.name}: a table with few rows is small, and one with many is not`, async (t) => {
    const { db, dir } = await filled(t, engine);

    const unknown = lintFolder(dir, dir, () => undefined);
    const known = await lint(["--dir", dir, "--db", db]);
    const text = await warm(["migrate", "lint", "--dir", dir, "--db", db]);

    const rule = engine.dialect === "sqlite" ? "lock-long" : "index-blocks-writes";
    const at = join(dir, engine.dialect, "0001_index.up.sql");
    t.same(whereOf(unknown), [`${at}:1 ${rule} few`, `${at}:2 ${rule} many`]);
    t.same(whereOf(known), [`${at}:2 ${rule} many`]);
    t.match(text, { code: 20, stdout: new RegExp(`0001_index.up.sql:2: warning ${rule} \\(many\\)`) });
    t.match(text.stdout, /Do: .*\n2 files, 1 finding, 0 allowed/);
  });
}

void t.test(
  "what is measured to be short is let pass, as long as the file is the one that was measured",
  (t) => {
    const text = "create index ix_many on many (a);\n";
    const dir = folderOf(t, { "postgres/0001_index.up.sql": `-- Undo: drop it.\n${text}` });
    const line = (digest: string, ms: number, rows: number): string =>
      [
        "postgres",
        "0001_index",
        digest,
        "public.many",
        "SHARE",
        "scan",
        0,
        ms,
        `2026-11-22, 18, ${rows} rows`,
      ].join("\t");
    const digest = hexDigestOf(`-- Undo: drop it.\n${text}`).slice(0, 16);
    const counts: number[] = [];

    for (const cost of [
      line(digest, 400, 50_000),
      line(digest, 4_000, 50_000),
      line(digest, 0, 0),
      line("0".repeat(16), 400, 50_000),
    ]) {
      writeFileSync(join(dir, "costs.tsv"), `heads\n${cost}\n`);
      counts.push(lintFolder(dir, dir, () => undefined).findings.length);
    }

    t.same(counts, [0, 1, 1, 1], "short; long; measured on nothing; another text");
    t.end();
  },
);

void t.test("what is allowed with a reason is no finding; what allows nothing is one", (t) => {
  const allowed = "-- lint: drop-table-in-use: nobody has used it since May\n";
  const cases: [says: string, up: string, table: string, rules: string[]][] = [
    ["above the statement", `-- Undo: no.\n\nselect 1;\n\n${allowed}drop table a;`, "", []],
    [
      "not above the other one",
      `-- Undo: no.\n\n${allowed}drop table a;\n\ndrop table b;`,
      "",
      ["drop-table-in-use"],
    ],
    ["in the header, for all", `-- Undo: no.\n${allowed}\ndrop table a;\n\ndrop table b;`, "", []],
    [
      "without a reason",
      "-- Undo: no.\n-- lint: drop-table-in-use:\n\ndrop table a;",
      "",
      ["drop-table-in-use", "allowance-unused"],
    ],
    ["where nothing is found", `-- Undo: no.\n${allowed}\nselect 1;`, "", ["allowance-unused"]],
    ["of no rule", "-- Undo: no.\n-- lint: no-such-rule: why\n\nselect 1;", "", ["allowance-unused"]],
    [
      "in the table",
      "-- Undo: no.\n\ndrop table a;",
      "sqlite\t0001_x\tdrop-table-in-use\tnobody has used it",
      [],
    ],
    [
      "in the table, for nothing",
      "-- Undo: no.\n\nselect 1;",
      "sqlite\t0001_x\tdrop-table-in-use\tnobody",
      ["allowance-unused"],
    ],
    [
      "in the table, of another engine",
      "-- Undo: no.\n\ndrop table a;",
      "postgres\t0001_x\tdrop-table-in-use\tnobody",
      ["drop-table-in-use"],
    ],
  ];

  for (const [says, up, table, rules] of cases) {
    const dir = folderOf(t, {
      "sqlite/0001_x.up.sql": up,
      ...(table === "" ? {} : { "lint.tsv": `dialect\tmigration\trule\treason\n${table}\n` }),
    });

    const { findings, allowed: letPass } = lintFolder(dir, dir, () => undefined);

    t.same(
      findings.map(({ rule }) => rule),
      rules,
      says,
    );
    t.equal(
      letPass.length > 0,
      rules.length === 0 || says.startsWith("not above"),
      `${says}: what is let pass is told`,
    );
  }
  t.end();
});

void t.test("files are looked at one by one; what is no migration is told", async (t) => {
  const dir = folderOf(t, {
    "sqlite/0001_a.up.sql": "-- Undo: no.\ndrop table a;",
    "sqlite/0002_b.up.sql": "-- Undo: no.\ndrop table b;",
    "notes.sql": "drop table c;",
  });

  const one = await lint([join(dir, "sqlite/0002_b.up.sql")]);
  const none = await warm(["migrate", "lint", join(dir, "notes.sql")]);
  const both = await warm(["migrate", "lint", join(dir, "sqlite/0001_a.up.sql"), "--dir", dir]);
  const empty = await warm(["migrate", "lint", "--dir", join(dir, "sqlite"), "--json"]);

  t.same(whereOf(one), [`${join(dir, "sqlite/0002_b.up.sql")}:2 drop-table-in-use b`]);
  t.match(none, { code: 64, stderr: /notes\.sql is no migration/ });
  t.match(both, { code: 64, stderr: /given both/ });
  t.match(JSON.parse(empty.stdout), { error: { code: "migrate.no_folder" } });
});

void t.test("what another file of the folder says is known", (t) => {
  const attach = "alter table parts attach partition app.part_1 for values from (0) to (10);";
  const secure = "alter table app.users enable row level security;";
  const added = "alter type mood add value 'calm';";
  const cases: [says: string, files: string[], rules: string[]][] = [
    ["nothing is known of the bounds", ["select 1;", attach], ["attach-scans"]],
    [
      "a check is not validated",
      ["alter table part_1 add check (n < 10) not valid;", attach],
      ["attach-scans"],
    ],
    ["it is", ["alter table only part_1 validate constraint ck_part_1;", attach], []],
    ["the table was made with it", ["create table part_1 (n integer, check (n < 10));", attach], []],
    ["no policy", [secure, "create policy po on other.members using (true);"], ["no-policy"]],
    ["a policy in another file", [secure, "create policy po on users using (true);"], []],
    ["a value is used in the next file", [added, "insert into a values ('calm');"], ["new-value-used"]],
    ["it is not", [added, "insert into a values ('angry'); alter type mood add value 'x' after 'calm';"], []],
    [
      "behind a file of its own",
      [added, "-- Transaction: none\nselect 1;", "insert into a values ('calm');"],
      [],
    ],
    ["of a type of its own", [`create type mood as enum ('x'); ${added} insert into a values ('calm');`], []],
  ];

  for (const [says, files, rules] of cases) {
    const dir = folderOf(
      t,
      Object.fromEntries(files.map((text, i) => [`postgres/000${i + 1}_x.up.sql`, `-- Undo: no.\n${text}`])),
    );
    const found = lintFolder(dir, dir, () => undefined).findings.map(({ rule }) => rule);
    const known = ["attach-scans", "no-policy", "new-value-used", "lock-long"];
    t.same(
      found.filter((rule) => known.includes(rule)),
      rules,
      says,
    );
  }
  t.end();
});

void t.test("what a WITH writes is looked at like a statement, by its own condition", (t) => {
  const cases: [text: string, rules: string[]][] = [
    ["with d as (delete from things returning a) insert into kept select a from d where a > 0", ["all-rows"]],
    ["with d as (delete from things where f(a) > 0 returning a) insert into kept select a from d", []],
    ["with d (n) as materialized (select 1) update things set a = f(1)", ["all-rows"]],
    ["with d as (select 1 as n) update things set a = n from d where things.b = d.n", []],
    ["insert into kept with d as (select 1) select * from d", []],
  ];
  for (const [text, rules] of cases) {
    const { findings } = lintFile(fileOf("postgres", text, true), () => false);
    t.same(
      findings.map(({ rule }) => rule),
      rules,
      text,
    );
  }
  t.end();
});

function examplesOf(rule: LintRule, dialect: Dialect): string[] {
  return [rule.bad, rule.good].map((text) =>
    text.replaceAll("{strict}", dialect === "sqlite" ? " strict" : ""),
  );
}

/** One connection to a place, as a user has it. */
async function withRun(
  place: EmptyPlace,
  work: (run: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  if (place.target.dialect === "postgres") {
    await onServer(place.db, async (sql) => work(async (text) => sql.unsafe(text).simple()));
    return;
  }
  const database = await openPlace(place);
  try {
    await work(async (text) => {
      if (database.dialect === "sqlite") database.handle.exec(text);
      return Promise.resolve();
    });
  } finally {
    await closeDatabase(database);
  }
}

function fileOf(dialect: Dialect, text: string, hasDown: boolean): LintFile {
  return { shown: "x", dialect, name: "0001_x", direction: "up", text, hasDown };
}

async function lint(words: readonly string[]): Promise<LintResult> {
  const { code, stdout, stderr } = await warm(["migrate", "lint", ...words, "--json"]);
  const result = JSON.parse(stdout) as LintResult;
  if (code !== (result.findings.length === 0 ? 0 : 20)) throw new Error(`exit code ${code}: ${stderr}`);
  return result;
}

function whereOf({ findings }: LintResult): string[] {
  return findings.map(({ file, line, rule, table }) => `${file}:${line} ${rule} ${table}`);
}

function folderOf(t: Test, files: Record<string, string>): string {
  const dir = join(t.testdir({}), "ours");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** A table of 10 rows and one of 20,000, and a migration that indexes both. */
async function filled(
  t: Test,
  engine: ReturnType<typeof engines>[number],
): Promise<{ db: string; dir: string }> {
  const place = await emptyPlace(engine);
  t.teardown(place.dispose);
  const database = await openPlace(place);
  for (const [table, rows] of [
    ["few", 10],
    ["many", 20_000],
  ] as const) {
    const name = engine.dialect === "sqlite" ? table : `public.${table}`;
    await typed(database, `create table ${name} (a integer)`);
    await typed(
      database,
      engine.dialect === "sqlite"
        ? `insert into ${name} with recursive c (n) as (select 1 union all select n + 1 from c where n < ${rows}) select n from c`
        : `insert into ${name} select generate_series(1, ${rows})`,
    );
    if (engine.dialect === "postgres") await typed(database, `analyze ${name}`);
  }
  await closeDatabase(database);
  const text = "create index ix_few on few (a); -- Undo: no.\ncreate index ix_many on many (a);\n";
  const dir = folderOf(t, {
    [`${engine.dialect}/0001_index.up.sql`]: text,
    [`${engine.dialect}/0001_index.down.sql`]: "drop index ix_many; drop index ix_few;",
  });
  return { db: place.db, dir };
}
