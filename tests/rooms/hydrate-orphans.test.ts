import t from "tap";
import type { Postgres } from "../../src/db/postgres.ts";
import type { Sqlite } from "../../src/db/sqlite.ts";
import { inWriting } from "../../src/db/writing.ts";
import { drain, keepJournal } from "../../src/hydrate/parts/journal.ts";
import { setAside } from "../../src/hydrate/objects.ts";
import { keepOrphansOut, keepTouchedOut } from "../../src/hydrate/orphans.ts";
import { tablesToCopy, tablesToProve } from "../../src/hydrate/rows/tables.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { freshTarget, opened } from "../helpers/hydrations.ts";
import { openPlain } from "../helpers/plain.ts";
import { randomFrom } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;

/** Types of events that are made up here, each of which may be a form of another one. */
const names = ["x0", "x1", "x2", "x3", "x4", "x5"];
const made = "event_type like 'x_'";

/** A statement of somebody who writes with `foreign_keys` off. */
function statement(random: (below: number) => number): string {
  const name = names[random(names.length)] as string;
  const other = [...names, "nothing"][random(names.length + 1)] as string;
  const legacyOf = random(4) === 0 ? "null" : `'${other}'`;
  const insert = `insert into event_types (event_type, legacy_of, since, meaning) values ('${name}', ${legacyOf}, '1', 'x')`;
  const update = `update event_types set legacy_of = ${legacyOf} where event_type = '${name}'`;
  const forms = [
    `delete from event_types where event_type = '${name}'`,
    update,
    `${insert} on conflict do nothing`,
  ];
  return forms[random(forms.length)] as string;
}

/** Which rows a store may have: those that refer to one that it may have, however often one looks. */
function allowed(rows: readonly Record<string, unknown>[]): string[] {
  let left = rows;
  for (;;) {
    const there = new Set(left.map(({ event_type }) => event_type));
    const next = left.filter(({ legacy_of }) => legacy_of === null || there.has(legacy_of));
    if (next.length === left.length) return next.map(({ event_type }) => String(event_type)).sort();
    left = next;
  }
}

for (const engine of servers) {
  await t.test(`who changes a few rows changes what refers to nothing (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    const to = await freshTarget(t, engine);
    t.equal((await warm(["hydrate", "--from", source.db, "--to", to, "--no-verify"])).code, 0);
    const from = source.database as Sqlite;
    const target = (await opened(t, to)) as Postgres;
    const tables = await tablesToCopy(from, target);
    const proved = await tablesToProve(from, target);
    const [{ id } = {}] = await typed(
      target,
      "update hydrations set state = 'running', finished_at = null returning hydration_id as id",
    );
    const hydrationId = Number(id);
    await typed(target, "update store_state set state = 'hydrating'");
    await inWriting(target, async (writing) => setAside(writing, hydrationId, tables, [], false));
    await keepJournal(from, tables);
    const careless = openPlain(source, { foreignKeys: false });
    t.teardown(async () => careless.close());
    const random = randomFrom(17);
    const sorting = { reader: from, target, tables, hydrationId };
    const wrong: unknown[] = [];
    let [after, out] = [0, 0];

    for (let turn = 0; turn < scaled(200); turn++) {
      const texts = Array.from({ length: 1 + random(4) }, () => statement(random));
      for (const text of texts) await careless.run(text);
      const { lastId, touched } = await drain(from, target, { tables, proved, hydrationId }, after);
      after = lastId;
      await keepTouchedOut(sorting, touched);
      const rows = await careless.rows(`select event_type, legacy_of from event_types where ${made}`);
      const there = await typed(target, `select event_type as name from event_types where ${made}`);
      const kept = await typed(
        target,
        "select row_key from hydration_quarantine where table_name = 'event_types'",
      );
      const found = there.map(({ name }) => String(name)).sort();
      if (found.join() !== allowed(rows).join() || found.length + kept.length !== rows.length)
        wrong.push({ turn, texts, rows, found, kept });
      out += kept.length;
    }

    t.same(wrong, []);
    t.ok(out > 0, "some were kept out");
    t.equal(await keepOrphansOut(sorting), 0, "who looks at all of them finds no other");
    const [counted] = await typed(
      target,
      `select sum(row_count) as rows, sum(quarantined) as kept, (select count(*) from event_types) as there,
       (select count(*) from hydration_quarantine) as out from hydration_chunks where table_name = 'event_types'`,
    );
    t.same(
      [counted?.["rows"], counted?.["kept"]].map(Number),
      [counted?.["there"], counted?.["out"]].map(Number),
    );
  });
}
