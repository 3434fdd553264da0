import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { tablesToCopy, tablesToProve } from "../../src/hydrate/rows/tables.ts";
import { scaled, type Outcome } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { filledSource, freshTarget, opened } from "../helpers/hydrations.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { disarm, mutate } from "../helpers/mutations.ts";
import { randomFrom } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;

/** A part of a table, as a manifest has it. */
interface Part {
  after: string | null;
  last: string;
}

interface Proof {
  rows: number;
  quarantined: number;
  differences: number;
  derived_differences: number;
  first: { table_name: string; row_key: string; column_name: string; problem: string }[];
  tables: { table_name: string; rows: number; differences: number }[];
  sessions: number;
  links: number;
  manifest: { file: string; root: string } | null;
}

const proofOf = ({ stdout }: Outcome): Proof => (JSON.parse(stdout) as { proof: Proof }).proof;

for (const engine of servers) {
  await t.test(
    `a copy is proved; what is changed in it is named, and nothing else (${engine.name})`,
    async (t) => {
      const source = await filledSource(t, 300);
      const to = await freshTarget(t, engine);
      const between = ["hydrate", "--from", `sqlite:${source.db}`, "--to", to, "--json"];
      const manifest = join(t.testdir({}), "moved.json");

      const copied = await warm([...between, "--no-verify"]);
      t.equal((JSON.parse(copied.stdout) as { proof: unknown }).proof, null, "--no-verify leaves it out");
      const target = await opened(t, to);
      const again = await warm([...between, "--manifest", manifest]);

      const proof = proofOf(again);
      let rows = 0;
      for (const { name } of await tablesToCopy(source.database, target))
        rows += Number((await typed(source.database, `select count(*) as n from "${name}"`))[0]?.["n"]);
      t.same([proof.rows, proof.quarantined, proof.differences], [rows, 0, 0], "every row is the same");
      t.ok(proof.sessions > 0 && proof.links > 0, "sessions and chain were computed anew there");

      await t.test("a manifest is checked on either engine, without the other one", async (t) => {
        // What the source's own findings say of its derived rows is copied with them, and nothing is signed off then.
        if (proof.manifest === null) {
          t.ok(proof.derived_differences > 0, "not signed off, for derived rows are wrong");
          return;
        }
        for (const db of [to, source.db]) {
          const checked = await warm(["verify", "--manifest", manifest, "--db", db, "--json"]);
          t.match(checked, { code: 0 }, checked.stderr);
          t.match(JSON.parse(checked.stdout), { differences: 0, changed: 0, new_rows: 0 });
        }
      });

      await t.test("every value that is changed, row that is gone or added is found", async (t) => {
        await disarm(target);
        const stored = await tablesToCopy(source.database, target);
        const computed = (await tablesToProve(source.database, target)).flatMap(({ name, columns }) =>
          columns
            .filter(
              (column) =>
                !stored.some(
                  (table) => table.name === name && table.columns.some((one) => one.name === column.name),
                ),
            )
            .map((column) => `${name}.${column.name}`),
        );
        const mutations = await mutate(target, stored, randomFrom(17), scaled(1_000));
        const [gone] = await typed(
          target,
          "delete from settings where setting = (select max(setting) from settings) returning setting",
        );
        await typed(target, "insert into event_flags select 'zzz', meaning from event_flags limit 1");

        const found = await warm([...between, "--verify-only"]);

        t.equal(found.code, 20, found.stderr);
        const { first } = proofOf(found);
        const key = (one: { table_name: string; row_key: string; column_name: string }): string =>
          `${one.table_name} ${one.row_key} ${one.column_name}`;
        const told = first
          .filter(({ table_name, column_name }) => !computed.includes(`${table_name}.${column_name}`))
          .map(key);
        const expected = mutations
          .filter(
            ({ table_name, row_key }) =>
              !(table_name === "settings" && row_key === JSON.stringify([gone?.["setting"]])),
          )
          .map(key);
        t.same(
          told.sort(),
          [...expected, `settings ["${String(gone?.["setting"])}"] `, 'event_flags ["zzz"] '].sort(),
        );
      });
    },
  );

  await t.test(`what was signed off is proved after later loads too (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    const folder = t.testdir({});
    const [log, more] = [join(folder, "a.json"), join(folder, "b.json")];
    const [manifest, anew] = [join(folder, "moved.json"), join(folder, "anew.json")];
    const lines = (from: number): string =>
      Array.from({ length: 20 }, (_, number) => sessionLines(sessionId(from + number))).join("");
    writeFileSync(log, lines(1));
    writeFileSync(more, lines(100));
    await warm(["ingest", "bulk", log, "--db", source.db]);
    const to = await freshTarget(t, engine);
    const moved = await warm(["hydrate", "--from", source.db, "--to", to, "--manifest", manifest, "--json"]);
    t.equal(moved.code, 0, moved.stderr);
    const check = async (db: string): Promise<Outcome> =>
      warm(["verify", "--manifest", manifest, "--db", db, "--json"]);

    for (const db of [to, source.db]) {
      const checked = await check(db);
      t.equal(checked.code, 0, checked.stderr);
      t.match(JSON.parse(checked.stdout), { differences: 0, changed: 0, new_rows: 0 });
    }
    await warm(["ingest", "bulk", more, "--db", source.db]);
    const later = JSON.parse((await check(source.db)).stdout) as {
      differences: number;
      tables: { table_name: string; new_rows: number }[];
    };
    t.equal(later.differences, 0, "what was there is as it was");
    t.equal(later.tables.find(({ table_name }) => table_name === "raw_events")?.new_rows, 100);

    const both = ["hydrate", "--from", source.db, "--to", to, "--workers", "4", "--manifest", anew, "--json"];
    t.equal((await warm(both)).code, 0);
    const { tables } = JSON.parse(readFileSync(anew, "utf8")) as {
      tables: { name: string; parts: Part[] }[];
    };
    t.equal(tables.find(({ name }) => name === "raw_events")?.parts.length, 2);
    for (const { name, parts } of tables)
      t.same(
        parts.map(({ after }) => after),
        [null, ...parts.map(({ last }) => last)].slice(0, parts.length),
        `the parts of ${name} stand one behind the other, whichever was proved first`,
      );

    const target = await opened(t, to);
    await disarm(target);
    await typed(
      target,
      'update raw_events set payload = payload || \'{"input": "uname -b"}\' where event_id % 5 = 3 and batch_id = 1',
    );
    t.equal((await check(to)).code, 20, "one payload was changed");
    const edited = readFileSync(manifest, "utf8").replace(/"actor": "/, '"actor": "someone else, ');
    writeFileSync(manifest, edited);
    t.match(await check(to), { code: 64, stderr: /it was edited/ });
  });
}
