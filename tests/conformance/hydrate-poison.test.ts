import DatabaseHandle from "better-sqlite3";
import { join } from "node:path";
import t from "tap";
import type { Database } from "../../src/db/database.ts";
import { digestOf } from "../../src/checksum.ts";
import { canonicalJson } from "../../src/hydrate/rows/codec-json.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { allBytes, freshTarget, opened } from "../helpers/hydrations.ts";
import { asnOf, greatestKey, lists, poison, poisons, strays } from "../helpers/poison.ts";
import { warm } from "../helpers/warm.ts";

const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;

await t.test("every row of the lists of what goes wrong has its cases", async (t) => {
  const names = new Set([...poisons, ...strays].map(({ name }) => name));
  t.equal(names.size, poisons.length + strays.length, "a name is given once");
  for (const [row, cases] of Object.entries(lists))
    for (const name of cases.filter((one) => !one.startsWith("test ")))
      t.ok(names.has(name), `${row}: ${name}`);
  await Promise.resolve();
});

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  await t.test(
    `every poisoned row is moved as it is, or kept out with its bytes (${engine.name})`,
    async (t) => {
      t.ok(poisons.length >= 60, `${poisons.length} cases`);
      const source = await freshStore(sqlite);
      t.teardown(source.dispose);
      poison(source.db);
      const to = await freshTarget(t, engine);
      const words = ["hydrate", "--from", source.db, "--to", to, "--json"];
      const kept = async (target: Database): Promise<unknown[]> =>
        (await typed(target, "select table_name, row_key, column_name, reason from hydration_quarantine"))
          .map((row) => JSON.stringify(Object.values(row)))
          .sort();
      const foretold = async (): Promise<unknown[]> => {
        const { code, stdout, stderr } = await warm([...words, "--dry-run"]);
        t.equal(code, 22, stderr);
        const { plan } = JSON.parse(stdout) as {
          plan: { first_rejects: object[]; rejects_complete: boolean };
        };
        t.ok(plan.rejects_complete);
        return plan.first_rejects.map((row) => JSON.stringify(Object.values(row))).sort();
      };
      const predicted = await foretold();

      const run = await warm(words);

      t.equal(run.code, 22, `told by the exit code: ${run.stderr}`);
      const { proof } = JSON.parse(run.stdout) as { proof: Record<string, unknown> };
      t.match(proof, { differences: 0, quarantined_for_nothing: 0 }, "the proof holds");
      const target = await opened(t, to);
      t.same(predicted, await kept(target), "what is kept out is what was foretold");
      t.same(await foretold(), predicted, "and is foretold again, though nothing of it would be copied now");
      const handle = new DatabaseHandle(source.db, { readonly: true });
      t.teardown(() => handle.close());
      const bytesOf = (asn: number, column: string): Buffer | null =>
        handle
          .prepare(`select cast(${column} as blob) from asn_inventory where asn = ?`)
          .pluck()
          .get(asn) as Buffer | null;
      for (const [index, { name, column, becomes }] of poisons.entries()) {
        const asn = asnOf(index);
        const moved = await typed(
          target,
          `select ${column === "enriched_at" ? `cast(${column} at time zone 'UTC' as text)` : `cast(${column} as text)`} as value from asn_inventory where asn = ${asn}`,
        );
        const kept = await typed(
          target,
          `select column_name, raw, raw_digest from hydration_quarantine where table_name = 'asn_inventory' and row_key = '["${asn}"]'`,
        );
        t.same([moved.length, kept.length], becomes === "moved" ? [1, 0] : [0, 1], `${name}: ${becomes}`);
        const bytes = bytesOf(asn, column) ?? Buffer.alloc(0);
        if (becomes === "quarantined" && kept[0]?.["column_name"] === column) {
          t.ok(bytes.equals(kept[0]["raw"] as Buffer), `${name}: its bytes are kept`);
          t.ok(digestOf(bytes).equals(kept[0]["raw_digest"] as Buffer), `${name}: and their digest`);
        }
        if (becomes === "moved" && column === "asn_name")
          t.equal(moved[0]?.["value"], bytes.toString(), name);
        if (becomes === "moved" && column === "enrichment")
          t.equal(moved[0]?.["value"], canonicalJson(bytes.toString()), name);
      }
      for (const { name, table, key, column, reason } of strays)
        t.same(
          await typed(
            target,
            `select column_name, reason from hydration_quarantine where table_name = '${table}' and row_key = '${JSON.stringify(key.map(String))}'`,
          ),
          reason === undefined ? [] : [{ column_name: column, reason }],
          name,
        );
      const counts = async (table: string): Promise<number> =>
        Number((await typed(target, `select count(*) as n from ${table}`))[0]?.["n"]);
      for (const table of new Set(["asn_inventory", ...strays.map((stray) => stray.table)]))
        t.equal(
          (await counts(table)) + (await counts(`hydration_quarantine where table_name = '${table}'`)),
          Number(handle.prepare(`select count(*) from ${table}`).pluck().get()),
          `what is moved and what is kept out is all there was of ${table}`,
        );
      t.same(
        (
          await typed(
            target,
            `select row_key from hydration_quarantine where row_key in ('["${greatestKey}"]', '["9223372036854775806"]', '["0"]') order by 1`,
          )
        ).map((row) => row["row_key"]),
        ['["0"]', '["9223372036854775806"]', `["${greatestKey}"]`],
        "keys are told apart to the last digit",
      );
      const back = join(t.testdir({}), "back.sqlite");
      const returning = ["hydrate", "--from", to, "--to", back, "--json"];
      const returned = await warm([...returning, "--no-verify"]);
      t.equal(returned.code, 22, returned.stderr);
      const came = JSON.parse(returned.stdout) as {
        quarantined: { table_name: string; row_count: number }[];
      };
      // What is wrong with its derived rows came back with them, and is told of the file as it was of the first one.
      const proved = JSON.parse((await warm([...returning, "--verify-only"])).stdout) as object;
      t.match(proved, { proof: { differences: 0, quarantined_for_nothing: 0 } });
      const tables = [...new Set(["asn_inventory", ...strays.map((stray) => stray.table)])];
      const [were, are] = [allBytes(source.db, tables), allBytes(back, tables)];
      for (const table of tables) {
        const missing = were[table]?.filter((row) => are[table]?.includes(row) !== true) ?? [];
        const refused = came.quarantined.filter(({ table_name }) => table_name === table);
        // A table as it is to be takes neither NULL where something must be nor a text in place of a number.
        t.equal(
          missing.length,
          refused.reduce((sum, { row_count }) => sum + row_count, 0),
          `${table} came back to the last byte, but for what a strict table refuses`,
        );
        t.equal(are[table]?.length, (were[table]?.length ?? 0) - missing.length, table);
      }
      const writer = new DatabaseHandle(source.db);
      writer.exec("insert into event_types (event_type, since, meaning) values ('zz.none', '1', 'x')");
      writer.close();
      const freed = await warm([...words, "--no-verify"]);
      t.equal(freed.code, 22, freed.stderr);
      t.same(
        await typed(target, "select event_type from event_types where event_type like 'zz.%' order by 1"),
        ["zz.0", "zz.1", "zz.2", "zz.none"].map((event_type) => ({ event_type })),
        "a row that refers to one by now comes in, and what refers to it",
      );
      await typed(target, "delete from hydration_quarantine where row_key = '[\"0\"]'");
      await typed(
        target,
        "update hydration_quarantine set row_values = replace(row_values, '70001', '70002') where row_key = '[\"70001\"]'",
      );
      const lost = await warm([...words, "--verify-only"]);
      t.equal(lost.code, 20, "the quarantine is proved too");
      t.match((JSON.parse(lost.stdout) as { proof: { first: unknown[] } }).proof.first, [
        { table_name: "asn_inventory", row_key: '["0"]', problem: "missing" },
        { table_name: "asn_inventory", row_key: '["70001"]', problem: "changed_quarantine" },
      ]);
    },
  );
}
