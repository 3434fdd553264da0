import DatabaseHandle from "better-sqlite3";
import { join } from "node:path";
import t from "tap";
import type { Database } from "../../src/db/database.ts";
import { tablesToCopy } from "../../src/hydrate/rows/tables.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { allBytes, allRows, emptyDatabase, freshTarget, opened } from "../helpers/hydrations.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;

const at = "'2026-01-01T00:00:00.000000Z'";
const asn =
  "insert into asn_inventory (asn, asn_name, country, enrichment, enriched_at, confirmed_at) values";
const stats =
  "insert into command_stats (session_id, command, inputs, successes, failures, first_seen, last_seen, high_risk) values";

/** A row, the column that is to blame and why; undefined where the row goes. */
const cases: readonly [text: string, table: string, column?: string, reason?: string][] = [
  [`${asn} (1, 'a' || char(0) || 'b', null, null, ${at}, ${at})`, "asn_inventory", "asn_name", "nul"],
  [`${asn} (2, cast(x'61ff62' as text), null, null, ${at}, ${at})`, "asn_inventory", "asn_name", "not_utf8"],
  [`${asn} (3, char(0xfffd), null, null, ${at}, ${at})`, "asn_inventory"],
  [`${asn} (4, 'x', 'Q7', null, ${at}, ${at})`, "asn_inventory", "", "23514"],
  [`${asn} (5, 'x', null, '{"a":"\\u0000"}', ${at}, ${at})`, "asn_inventory", "enrichment", "nul_escape"],
  [
    `${asn} (6, 'x', null, '{"a":"\\ud800"}', ${at}, ${at})`,
    "asn_inventory",
    "enrichment",
    "surrogate_escape",
  ],
  [`${asn} (7, 'x', null, '{"a":1e200000}', ${at}, ${at})`, "asn_inventory", "enrichment", "number_range"],
  [`${asn} (8, 'x', null, '{a:1,}', ${at}, ${at})`, "asn_inventory", "enrichment", "22P02"],
  [`${asn} (9, 'x', null, '{"a":1e300}', ${at}, ${at})`, "asn_inventory"],
  [
    `${asn} (10, 'x', null, null, '2026-02-30T00:00:00.000000Z', ${at})`,
    "asn_inventory",
    "enriched_at",
    "not_an_instant",
  ],
  [`${asn} (11, 'x', null, null, '1735689600', ${at})`, "asn_inventory", "enriched_at", "not_an_instant"],
  [`${asn} (9007199254740993, 'x', null, null, ${at}, ${at})`, "asn_inventory", "", "23514"],
  [`${asn} (12, 'x', null, '[1]', ${at}, ${at})`, "asn_inventory", "", "23514"],
  [`${stats} ('s', 'a' || char(0), 1, 0, 0, ${at}, ${at}, 0)`, "command_stats", "command", "nul"],
  [`${stats} ('s', cast(x'ff' as text), 1, 0, 0, ${at}, ${at}, 0)`, "command_stats", "command", "not_utf8"],
  [`${stats} ('s', cast(x'fe' as text), 1, 0, 0, ${at}, ${at}, 0)`, "command_stats", "command", "not_utf8"],
  [`${stats} ('s', 'tab' || char(9, 27, 10) || '\\N', 1, 0, 0, ${at}, ${at}, 0)`, "command_stats"],
  [`${stats} ('s', 'many', 3000000000, 0, 0, ${at}, ${at}, 0)`, "command_stats", "inputs", "integer_range"],
  [`${stats} ('s', 'both', 1, 0, 0, ${at}, ${at}, 2)`, "command_stats", "high_risk", "not_boolean"],
];

/** What a store keeps out, in the order of its tables. */
async function quarantineOf(store: Database): Promise<object[]> {
  return typed(
    store,
    "select table_name, row_key, column_name, reason, raw, row_values from hydration_quarantine order by 1, 2, 3, 5",
  );
}

for (const engine of servers) {
  await t.test(
    `a row that PostgreSQL cannot hold is kept whole beside it, and no other (${engine.name})`,
    async (t) => {
      const source = await freshStore(sqlite);
      t.teardown(source.dispose);
      const plain = new DatabaseHandle(source.db);
      plain.pragma("ignore_check_constraints = on");
      for (const [text] of cases) plain.exec(text);
      plain.close();
      const to = await freshTarget(t, engine);
      // A statistic without events is a difference that the proof would tell.
      const words = ["hydrate", "--from", source.db, "--to", to, "--json", "--no-verify"];

      const first = await warm(words);
      const again = await warm(words);

      t.equal(first.code, 22, first.stderr);
      const target = await opened(t, to);
      const kept = await typed(
        target,
        "select table_name, column_name, reason, row_values, raw, length(raw_digest) as digest_length from hydration_quarantine order by hydration_quarantine_id",
      );
      const expected = cases.filter(([, , , reason]) => reason !== undefined);
      const placeOf = (table: unknown, column: unknown, reason: unknown): string =>
        `${String(table)} ${String(column)} ${String(reason)}`;
      // What was inserted was noted in the audit too, with the same values.
      t.same(
        kept
          .filter((row) => row["table_name"] !== "audit_log")
          .map((row) => placeOf(row["table_name"], row["column_name"], row["reason"]))
          .sort(),
        expected.map(([, table, column, reason]) => placeOf(table, column, reason)).sort(),
      );
      for (const table of ["asn_inventory", "command_stats", "audit_log"]) {
        const count = `select count(*) as n from ${table}`;
        const [[all], [arrived]] = [await typed(source.database, count), await typed(target, count)];
        const out = kept.filter((row) => row["table_name"] === table).length;
        t.equal(
          Number(arrived?.["n"]) + out,
          Number(all?.["n"]),
          `every row of ${table} is in one of the two`,
        );
      }
      const invalid = kept.filter((row) => row["reason"] === "not_utf8" && row["table_name"] !== "audit_log");
      const bytes = invalid.map((row) => /"text_hex":"([0-9a-f]+)"/.exec(String(row["row_values"]))?.[1]);
      t.strictSame(
        new Set(bytes),
        new Set(["61ff62", "fe", "ff"]),
        "bytes that are no text are kept as they are",
      );
      t.match(JSON.parse(again.stdout), { rows_copied: 0, chunks_copied: 0 });
      t.equal(again.code, 22, "what is kept out stays so");
      const back = join(t.testdir({}), "back.sqlite");
      const returning = ["hydrate", "--from", to, "--to", back, "--json", "--no-verify"];
      const returned = await warm(returning);
      t.equal(returned.code, 0, returned.stderr);
      const tables = (await tablesToCopy(source.database, target)).map(({ name }) => name);
      const [were, are] = [allBytes(source.db, tables), allBytes(back, tables)];
      for (const table of tables) t.same(are[table], were[table], `${table} came back to the last byte`);
      t.match(JSON.parse((await warm(returning)).stdout), { rows_copied: 0, chunks_copied: 0 });
      const onward = await emptyDatabase(t, engine);
      const gone = await warm(["hydrate", "--from", back, "--to", onward, "--json", "--no-verify"]);
      t.equal(gone.code, 22, gone.stderr);
      const last = await opened(t, onward);
      t.same(
        await allRows(last, source.database),
        await allRows(target, source.database),
        "and goes again as it went",
      );
      t.same(await quarantineOf(last), await quarantineOf(target), "with what is kept out");
    },
  );
}
