import t from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { proveLedger } from "../../src/migrate/ledger.ts";
import { ledgerCreateLedger } from "../../src/sql/generated.ts";
import { engines, typed } from "../helpers/database.ts";
import { forgeLedger } from "../helpers/empty.ts";
import { theirsFor } from "../helpers/theirs.ts";
import { warm } from "../helpers/warm.ts";

for (const engine of engines()) {
  const ledger = engine.dialect === "sqlite" ? "schema_ledger" : "cowrie.schema_ledger";
  void t.test(engine.name, async (t) => {
    await t.test("the ledger of a folder is the chain that a store has, and goes on in one", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_things_create", "create table things (a integer);\n", "drop table things");
      await theirs.up();
      await theirs.down();
      theirs.write("0002_things_fail", "insert into nothing values (1)");
      await t.rejects(theirs.up(), { code: "migrate.failed" });
      const noted = await typed(
        theirs.database,
        `select action, name, body, reason from ${ledger} where kind = 'migration' order by ledger_id`,
      );
      await t.rejects(typed(theirs.database, `update ${ledger} set reason = ''`), {
        message: /cannot be changed/,
      });
      await t.rejects(typed(theirs.database, `delete from ${ledger}`), { message: /cannot be deleted/ });
      const alone = await proveLedger(theirs.database);
      const verified = await theirs.run("verify", "--json");
      const init = await warm(["init", "--db", theirs.place.db]);
      const both = await proveLedger(theirs.database);
      await forgeLedger(theirs.database, `update ${ledger} set actor = 'x' where ledger_id = 2`);

      t.match(noted, [
        { action: "up", name: "ours/0001_things_create", body: "create table things (a integer);\n" },
        { action: "down", name: "ours/0001_things_create", body: null },
        { action: "fail", name: "ours/0002_things_fail", reason: /^migrate.failed: .*nothing/ },
      ]);
      t.match(alone, { entries: 3, broken: [] });
      t.match(JSON.parse(verified.stdout), { holds: true, ledger: alone });
      t.equal(init.code, 0, init.stderr);
      t.same(both.broken, []);
      t.same(
        await typed(theirs.database, `select body from ${ledger} where ledger_id = 1`),
        [{ body: "create table things (a integer);\n" }],
        "the text is still there",
      );
      for (const verb of ["verify", "drift"]) {
        const told = await theirs.run(verb);
        t.match(
          told,
          { code: 20, stdout: /Entry 2 of the ledger \(down ours.0001_things_create\)/ },
          told.stderr,
        );
      }
    });

    await t.test("a ledger of an older release gets its chain, with the texts that are known", async (t) => {
      const theirs = await theirsFor(t, engine);
      const text = "create table things (a integer);\n";
      theirs.write("0001_things_create", text);
      theirs.write("0002_things_note", "alter table things add column note text");
      const inSchema = engine.dialect === "sqlite" ? "" : "create schema cowrie; ";
      const [create, add] = [ledgerCreateLedger[engine.dialect], ledger];
      await typed(theirs.database, `${inSchema}${create}`);
      await typed(
        theirs.database,
        `insert into ${add} (kind, name, action, digest, duration_ms, actor, tool_version)
         values ('migration', 'ours/0001_things_create', 'up', '${hexDigestOf(text)}', 1, 'somebody', '0')`,
      );
      await typed(
        theirs.database,
        engine.dialect === "sqlite" ? text : text.replace("things", "public.things"),
      );

      await theirs.up();

      t.match(await proveLedger(theirs.database), { entries: 2, broken: [] });
      t.same(await typed(theirs.database, `select body from ${add} where ledger_id = 1`), [{ body: text }]);
      t.equal((await theirs.run("drift")).code, 0);
    });
  });
}
