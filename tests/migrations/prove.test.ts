import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import type { Target } from "../../src/config.ts";
import { readFolder, type Folder, type Script } from "../../src/migrate/files/folder-files.ts";
import { proveFolder, proveStore, type Proven } from "../../src/migrate/prove/run.ts";
import { isMetInShort, isNightly } from "../helpers/cli.ts";
import { engines, type Engine } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { base, wrongDowns, type WrongDown } from "../helpers/wrong-downs.ts";
import { warm } from "../helpers/warm.ts";

const onwards = { requested: false };

const baseDown = {
  sqlite: "drop view new_orders; drop table tags; drop table orders; drop table customers;",
  postgres:
    "drop materialized view counts; drop view new_orders; drop table tags, orders, customers; drop function note_gone, twice; drop type mood; drop domain share;",
};

for (const [place, engine] of engines().entries()) {
  const cases = wrongDowns(engine.dialect);
  // A database of its own for each case takes a server a second: in the short run it makes some of them.
  const met = isMetInShort(engine) ? cases : cases.filter((_case, index) => index % 20 === place);
  void t.test(`${engine.name}: wrong down files are caught`, async (t) => {
    t.ok(cases.length >= 40, `${cases.length} cases`);
    const missed: string[] = [];
    for (const one of met) {
      const { migrations } = await proved(engine, [one]);
      const told = migrations[1]?.differences.join("\n") ?? "";
      if (!one.says.test(told)) missed.push(`${one.name}: ${told === "" ? "nothing was said" : told}`);
      if (migrations[0]?.outcome !== "proved")
        missed.push(`${one.name}: the base is ${JSON.stringify(migrations[0])}`);
    }
    t.same(missed, [], `${met.length} of ${cases.length} down files`);
  });
}

const rightDowns: readonly { name: string; up: string; down: string | undefined; outcome?: string }[] = [
  {
    name: "a column comes and goes",
    up: "alter table customers add column extra text not null default 'x';",
    down: "alter table customers drop column extra;",
  },
  {
    name: "a column is renamed and back",
    up: "alter table tags rename column color to colour;",
    down: "alter table tags rename column colour to color;",
  },
  {
    name: "an index is made anew in other words",
    up: "drop index ix_customers_note;",
    down: "CREATE INDEX   ix_customers_note ON customers(note, name) WHERE note IS NOT NULL;",
  },
  {
    name: "a view is replaced",
    up: "drop view new_orders; create view new_orders as select order_id from orders;",
    down: "drop view new_orders; create view new_orders as select order_id, customer_id from orders where status = 'new';",
  },
  {
    name: "rows are kept aside",
    up: "create table kept as select customer_id, note from customers; update customers set note = 'same';",
    down: "update customers set note = (select k.note from kept as k where k.customer_id = customers.customer_id); drop table kept;",
  },
  {
    name: "rows with a time and a number",
    up: "insert into customers (name) values ('new 1'), ('new 2');",
    down: "delete from customers where name in ('new 1', 'new 2');",
  },
  {
    name: "what is lost is said",
    up: "alter table orders drop column amount;",
    down: "-- Loses: orders: amount is 0 again.\n\nalter table orders add column amount integer not null default 0;",
    outcome: "loses",
  },
  {
    name: "rows that are made up break a new rule",
    up: "alter table customers add column code text; update customers set code = 'one'; create unique index ux_code on customers (code);",
    down: "drop index ux_code; alter table customers drop column code;",
    outcome: "bare",
  },
  {
    name: "no way back, and it says so",
    up: "-- Undo: The note of each customer is gone for good; restore a backup.\n\nupdate customers set note = null;",
    down: undefined,
    outcome: "irreversible",
  },
];

/** What a virtual table tells of itself in hidden columns is another each time. */
const virtual = {
  name: "a virtual table is made and dropped",
  up: "create virtual table found using fts5(note, name, content = 'customers', content_rowid = 'customer_id'); create virtual table places using rtree(id, low, high);",
  down: "drop table places; drop table found;",
  outcome: "proved",
};

for (const engine of engines().filter(isMetInShort)) {
  void t.test(`${engine.name}: right down files are let be`, async (t) => {
    const ofEngine = engine.dialect === "sqlite" ? [virtual] : [];
    for (const { outcome = "proved", ...right } of [...rightDowns, ...ofEngine]) {
      const { migrations, prefixes } = await proved(engine, [right]);

      t.same(
        migrations.map((one) => [one.outcome, one.differences]),
        [
          ["proved", []],
          [outcome, []],
        ],
        right.name,
      );
      t.same(
        prefixes.flatMap(({ differences }) => differences),
        [],
      );
    }
  });
}

for (const engine of engines().filter(isMetInShort)) {
  void t.test(`${engine.name}: the examples can be taken back, but for what they say`, async (t) => {
    const lost: string[] = [];
    for (const name of readdirSync("runbooks/examples")) {
      const folder = readFolder(`runbooks/examples/${name}`, "", engine.dialect);
      const found = await proveFolder({ target: targetOf(engine), shadow: "", stop: onwards }, folder, "", {
        stop: onwards,
        onBatch: () => undefined,
      });

      t.same(
        [...found.migrations, ...found.prefixes].flatMap(({ differences }) => differences),
        [],
        name,
      );
      lost.push(
        ...found.migrations
          .filter(({ outcome }) => outcome !== "proved")
          .map((one) => `${one.outcome} ${one.name}`),
      );
    }
    // The old column is empty and stands behind the others; it is to be copied back before it may go again.
    t.same(lost, ["loses 0003_session_summaries_copy", "loses 0005_session_summaries_contract"]);
  });
}

for (const engine of engines()) {
  void t.test(`${engine.name}: our own migrations can be taken back`, async (t) => {
    const target = targetOf(engine);
    const isSparse = !isNightly;
    // A server takes ten times as long; in the short run it proves the first of them.
    const last = isSparse && engine.dialect === "postgres" ? "0003_event_types_fill" : "";
    const isWanted = (height: number): boolean => !isSparse || height % 11 === 0;

    const found = await proveStore(
      { target, shadow: "", stop: onwards, isWanted },
      last,
      async (database) => {
        await loadInProcess(database, "cowrie.json.1", logOf(generatedLines(200, 7, 20)), [50]);
      },
    );

    t.same(
      found.migrations
        .filter(({ outcome }) => outcome !== "proved")
        .map(({ name, outcome }) => [name, outcome]),
      [["0003_event_types_fill", "loses"]],
    );
    t.same(
      [...found.migrations, ...found.prefixes].flatMap(({ differences }) => differences),
      [],
    );
    t.equal(found.prefixes.length, found.migrations.length);
  });
}

void t.test("the program proves a folder, and makes no file where --db names none", async (t) => {
  const folder = t.testdir({
    sqlite: { "0001_a.up.sql": "create table a (b text);", "0001_a.down.sql": "select 1;" },
  });
  const db = join(folder, "none.sqlite");

  const found = await warm(["migrate", "prove", "--dir", folder, "--owner", "ours", "--json", "--db", db]);

  t.equal(found.code, 20);
  const { outcome, migrations } = JSON.parse(found.stdout) as {
    outcome: string;
    migrations: { differences: string[] }[];
  };
  t.equal(outcome, "differs");
  t.match(migrations[0]?.differences, ["down: table a is left over"]);
  t.equal(existsSync(db), false);
});

/** Proves a folder with the base and these behind it. */
async function proved(engine: Engine, cases: readonly Omit<WrongDown, "says">[]): Promise<Proven> {
  const folder: Folder = {
    ...{ owner: "theirs", path: "", shown: "theirs" },
    migrations: [{ name: "base", up: base[engine.dialect], down: baseDown[engine.dialect] }, ...cases].map(
      ({ name, up, down }, at) => ({
        name: `000${at + 1}_${name.replaceAll(/\W+/g, "_")}`,
        up: scriptOf(up),
        down: down === undefined ? undefined : scriptOf(down),
        verify: undefined,
      }),
    ),
  };
  return proveFolder({ target: targetOf(engine), shadow: "", stop: onwards }, folder, "", {
    stop: onwards,
    onBatch: () => undefined,
  });
}

/** What `--db` names: it is not opened. */
function targetOf({ url }: Engine): Target {
  return url === undefined ? { dialect: "sqlite", path: "none" } : { dialect: "postgres", url, shown: url };
}

function scriptOf(text: string): Script {
  return { text, digest: hexDigestOf(text), transactions: "one", phase: undefined, whileQuery: "" };
}
