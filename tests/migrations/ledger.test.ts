import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { packageFiles, type SchemaFiles } from "../../src/migrate/files/files.ts";
import { isChained, proveLedger, rowsOf, type LedgerProof } from "../../src/migrate/ledger.ts";
import { downPlan, migrateDown, migrateUp } from "../../src/migrate/migrate.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { changesFor, forgeLedger } from "../helpers/empty.ts";
import { randomFrom } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

/** What a column of an entry becomes. */
const edits: Record<string, (engine: Engine) => string> = {
  kind: () => "case kind when 'procedure' then 'migration' else 'procedure' end",
  name: () => "name || 'x'",
  action: () => "case action when 'bless' then 'up' else 'bless' end",
  digest: () => "digest || '0'",
  down_digest: () => "coalesce(down_digest, '') || '0'",
  duration_ms: () => "duration_ms + 1",
  actor: () => "'nobody'",
  tool_version: () => "tool_version || '.1'",
  applied_at: ({ dialect }) =>
    dialect === "sqlite" ? "'2020' || substr(applied_at, 5)" : "applied_at - interval '1 microsecond'",
  reason: () => "coalesce(reason, '') || '.'",
  body: () => "coalesce(body, '') || ' '",
  entry_digest: () => "'00' || substr(coalesce(entry_digest, ''), 3)",
  ledger_id: () => "ledger_id + 100000",
};

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("what is done, taken back and tried in vain are links of one chain", async (t) => {
      const store = await storeFor(t, engine);
      const { database } = store;
      const fresh = await proveLedger(database);

      await migrateDown(changesOf(store), await downPlan(database, 1));
      const without = await isChained(rowsOf(database));
      await migrateUp(database, changesOf(store));
      const again = await proveLedger(database);
      const texts = await typed(
        database,
        "select count(*) as n from schema_ledger where kind = 'migration' and action = 'up' and body is null",
      );
      const files = withFailure(engine);
      const file = `migrations/${engine.dialect}/9999_nothing_fill.up.sql`;
      await t.rejects(migrateUp(database, changesOf(store), undefined, { files }), {
        code: "migrate.failed",
        message: new RegExp(`9999_nothing_fill failed: .*\\(${file}, line 3\\)`),
      });
      const failed = await proveLedger(database);
      const [last] = await typed(
        database,
        "select action, name, reason from schema_ledger order by ledger_id desc limit 1",
      );

      t.notOk(without, "below 0024 there is no chain");
      t.same(texts, [{ n: 0 }], "the texts of what was applied before are kept");
      t.match(last, { action: "fail", name: "9999_nothing_fill", reason: /^migrate.failed: .*nothing/ });
      t.ok(fresh.entries < again.entries && again.entries + 1 === failed.entries);
      t.equal(new Set([fresh.head, again.head, failed.head]).size, 3);
      t.same([...fresh.broken, ...again.broken, ...failed.broken], []);
    });

    await t.test("any value of any entry that is another is told with its place", async (t) => {
      const { database } = await storeFor(t, engine);
      const random = randomFrom(24);
      const all = await typed(database, "select ledger_id as id from schema_ledger order by ledger_id");
      for (let turn = 0; turn < scaled(150); turn++) {
        const id = turn === 0 ? 0 : Number(all[random(all.length)]?.["id"]);
        const column = Object.keys(edits)[turn % Object.keys(edits).length] ?? "name";
        const change = `update schema_ledger set ${column} = ${edits[column]?.(engine) ?? ""} where ledger_id = ${id}`;

        const { broken } = await forged(database, change);

        const [first] = broken;
        t.ok(first !== undefined, `${column} of entry ${id}`);
        if (id === 0 && column !== "ledger_id")
          t.match(first, { fault: /^(gone_behind|no_head)$/ }, `${column} of the head`);
        else if (column === "entry_digest") t.ok([id, id + 1].includes(Number(first?.ledger_id)));
        else if (column === "ledger_id") t.ok([id + 1, id + 100_000].includes(Number(first?.ledger_id)));
        else t.match(first, { ledger_id: id, fault: "changed" }, `${column} of entry ${id}`);
      }
    });

    await t.test("an entry that is gone, comes twice or changes its place is told", async (t) => {
      const { database } = await storeFor(t, engine);
      const [{ top } = {}] = await typed(database, "select max(ledger_id) as top from schema_ledger");
      const end = Number(top);
      const random = randomFrom(7);
      for (const id of [1, end, ...Array.from({ length: scaled(50) }, () => 2 + random(end - 2))]) {
        const { broken } = await forged(database, `delete from schema_ledger where ledger_id = ${id}`);
        t.match(
          broken[0],
          id === end
            ? { ledger_id: end - 1, fault: "gone_behind" }
            : { ledger_id: id + 1, fault: "gone_before" },
          `${id} is gone`,
        );
        const other = 1 + (id % end);
        const swap = [
          `update schema_ledger set ledger_id = -1 where ledger_id = ${id}`,
          `update schema_ledger set ledger_id = ${id} where ledger_id = ${other}`,
          `update schema_ledger set ledger_id = ${other} where ledger_id = -1`,
        ].join("; ");
        const swapped = (await forged(database, swap)).broken.map(({ ledger_id }) => ledger_id);
        t.ok(swapped.includes(Math.min(id, other)), `${id} and ${other} are swapped`);
      }
      const behind = `delete from schema_ledger where ledger_id > ${end - 5}`;
      t.match((await forged(database, behind)).broken, [{ ledger_id: end - 5, fault: "gone_behind" }]);
      const noHead = "delete from schema_ledger where ledger_id = 0";
      t.match((await forged(database, noHead)).broken, [{ ledger_id: end, fault: "no_head" }]);
      const columns =
        "kind, name, action, digest, down_digest, duration_ms, actor, tool_version, reason, body, entry_digest";
      const twice = `insert into schema_ledger (ledger_id, ${columns}) select ${end + 1}, ${columns} from schema_ledger where ledger_id = ${end}`;
      t.match((await forged(database, twice)).broken, [{ ledger_id: end + 1, fault: "changed" }, {}]);
      t.same((await proveLedger(database)).broken, [], "and nothing of it was kept");
    });

    await t.test("nobody changes or deletes an entry", async (t) => {
      const { database } = await storeFor(t, engine);
      const refused: [string, RegExp][] = [
        ["update schema_ledger set reason = 'x' where ledger_id = 1", /cannot be changed/],
        ["update schema_ledger set digest = digest", /cannot be changed/],
        ["update schema_ledger set digest = repeat('0', 64) where ledger_id = 0", /cannot be changed/],
        ["delete from schema_ledger where ledger_id = 1", /cannot be deleted/],
        ["delete from schema_ledger where ledger_id = 0", /cannot be deleted/],
        ...(engine.dialect === "sqlite"
          ? ([
              [
                "insert or replace into schema_ledger select * from schema_ledger limit 1",
                /cannot be replaced/,
              ],
            ] as [string, RegExp][])
          : ([["truncate schema_ledger", /cannot be deleted/]] as [string, RegExp][])),
      ];
      for (const [text, message] of refused) {
        const own = engine.dialect === "sqlite" ? text.replace("repeat('0', 64)", "hex(zeroblob(32))") : text;
        await t.rejects(typed(database, own), { message }, own);
      }
      t.same((await proveLedger(database)).broken, []);
    });

    await t.test("migrate verify and migrate drift name the entry, and exit with 20", async (t) => {
      const store = await storeFor(t, engine);
      const whole = await warm(["migrate", "verify", "--json", "--db", store.db]);
      const [row] = await typed(
        store.database,
        "select ledger_id as id, name from schema_ledger where name = '0003_event_types_fill' and action = 'up'",
      );
      const id = Number(row?.["id"]);
      // What the ledger says now cannot be: nothing is to be compared with it.
      await forgeLedger(store.database, `update schema_ledger set digest = 'x' where ledger_id = ${id}`);

      const verify = await warm(["migrate", "verify", "--db", store.db]);
      const drift = await warm(["migrate", "drift", "--db", store.db]);
      const told = await warm(["migrate", "drift", "--json", "--db", store.db]);

      t.equal(whole.code, 0, whole.stderr);
      t.match(JSON.parse(whole.stdout), { holds: true, ledger: { broken: [], head: /^[0-9a-f]{64}$/ } });
      const sentence = `Entry ${id} of the ledger (up 0003_event_types_fill) is not what was written there`;
      for (const outcome of [verify, drift]) {
        t.equal(outcome.code, 20, outcome.stderr);
        t.ok(outcome.stdout.includes(sentence), outcome.stdout);
      }
      t.match(JSON.parse(told.stdout), {
        drifted: true,
        ledger: { broken: [{ ledger_id: id, name: "0003_event_types_fill", fault: "changed" }] },
        not_compared: [/the ledger was changed/],
      });
    });
  });
}

async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  return store;
}

function changesOf({ database, target }: TestStore): ReturnType<typeof changesFor> {
  return changesFor(database, target);
}

/** The package's files and one that no engine takes. */
function withFailure({ dialect }: Engine): SchemaFiles {
  const { migrations, procedures } = packageFiles(dialect);
  const [first] = migrations;
  if (first === undefined) throw new Error("there are no migrations");
  const text = "-- what fails\nselect 1;\ninsert into nothing values (1);\n";
  return {
    migrations: [
      ...migrations,
      { ...first, name: "9999_nothing_fill", digest: "0".repeat(64), upText: text },
    ],
    procedures,
  };
}

/** What is found of a ledger on which somebody who may do all has run `text`, which is taken back. */
async function forged(database: Database, text: string): Promise<LedgerProof> {
  if (database.dialect === "sqlite") {
    const { handle } = database;
    handle.exec("begin");
    try {
      const guards = handle
        .prepare("select name from sqlite_schema where type = 'trigger' and tbl_name = 'schema_ledger'")
        .pluck()
        .all() as string[];
      for (const name of guards) handle.exec(`drop trigger "${name}"`);
      handle.exec(text);
      return await proveLedger(database);
    } finally {
      handle.exec("rollback");
    }
  }
  const sql = await database.sql.reserve();
  try {
    await sql.unsafe(`begin; set local session_replication_role = replica; ${text}`).simple();
    return await proveLedger({ ...database, sql: sql as unknown as typeof database.sql });
  } finally {
    await sql.unsafe("rollback");
    sql.release();
  }
}
