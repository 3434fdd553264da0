import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { engines, onServer, typed } from "../helpers/database.ts";
import { spreadLines } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { emptyDatabase, opened } from "../helpers/hydrations.ts";
import { loadContents } from "../helpers/load.ts";
import { disarm } from "../helpers/mutations.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");

interface Plan {
  is_new: boolean;
  transaction_id: string | null;
  tables: Record<string, number>[];
  columns: Record<string, string>[];
  rejects: unknown[];
  disk_free: number;
}

const sum = (plan: Plan, field: string): number =>
  plan.tables.reduce((total, table) => total + (table[field] ?? 0), 0);

/** What a plan says of a copy, as the copy says it of itself. */
const foretold = (plan: Plan): Record<string, unknown> => ({
  rows_copied: sum(plan, "rows_to_copy"),
  bytes_copied: sum(plan, "bytes_to_copy"),
  chunks_copied: sum(plan, "chunks_to_copy"),
  quarantined: plan.rejects,
});

/** The bytes of every file of a folder. */
function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "latin1")]),
  );
}

/** Instants that a server may hold and the form of a store has not. */
const instants = ["infinity", "0001-06-01 BC", "12000-01-01"];

for (const engine of servers) {
  await t.test(`a plan says what a way back does, and changes nothing (${engine.name})`, async (t) => {
    const from = await emptyDatabase(t, engine);
    t.equal((await warm(["init", "--db", from])).code, 0);
    const source = await opened(t, from);
    await loadContents(source, [{ name: "cowrie.json.9", content: logOf(spreadLines(9_000, 5, 700)) }]);
    await disarm(source);
    for (const [index, at] of instants.entries())
      await typed(
        source,
        `insert into asn_inventory (asn, enriched_at, confirmed_at) values (${64_496 + index}, '${at}', '${at}')`,
      );
    const folder = t.testdir({});
    const file = join(folder, "back.sqlite");
    const words = ["hydrate", "--from", from, "--to", `sqlite:${file}`, "--json"];
    const { username } = new URL(from);
    const planned = async (): Promise<Plan> => {
      const before = filesOf(folder);
      await setReadOnly("on");
      const { code, stdout, stderr } = await warm([...words, "--dry-run"]);
      await setReadOnly("off");
      t.equal(code, 22, stderr);
      t.same(filesOf(folder), before, "every file is as it was, and none was made");
      return (JSON.parse(stdout) as { plan: Plan }).plan;
    };
    const setReadOnly = async (value: string): Promise<void> =>
      onServer(engine.url ?? "", async (sql) =>
        sql.unsafe(`alter role ${username} set default_transaction_read_only = ${value}`),
      );

    const first = await planned();
    const nowhere = ["hydrate", "--from", from, "--to", join(folder, "none", "back.sqlite"), "--json"];
    for (const how of [["--dry-run"], []])
      t.match(JSON.parse((await warm([...nowhere, ...how])).stdout), { error: { code: "db.cannot_open" } });
    const copied = await warm([...words, "--no-verify"]);

    t.match(first, { is_new: true, transaction_id: null });
    t.ok(first.disk_free > 0);
    t.match(first.rejects, [
      { table_name: "asn_inventory", reason: "not_an_instant", row_count: instants.length },
    ]);
    t.match(JSON.parse(copied.stdout), foretold(first));
    t.ok(
      first.columns.every(({ conversion }) => conversion !== ""),
      "every column says what becomes of a value",
    );
    t.match(
      first.columns.find(({ column_name }) => column_name === "payload"),
      { source_type: "jsonb", target_type: "text" },
    );
    const target = await openDatabase({ dialect: "sqlite", path: file });
    const sizes = await typed(
      target,
      "select s.tbl_name as name, sum(d.pgsize) as bytes from dbstat as d join sqlite_schema as s on s.name = d.name group by 1 having bytes > 1 << 19",
    );
    await closeDatabase(target);
    t.ok(sizes.length > 1);
    for (const { name, bytes } of sizes) {
      const table = first.tables.find(({ table_name }) => String(table_name) === name);
      const size = (table?.["table_bytes"] ?? 0) + (table?.["index_bytes"] ?? 0);
      t.ok(
        Math.abs(size - Number(bytes)) < Number(bytes) / 3,
        `${String(name)}: ${size} were foretold of ${String(bytes)}`,
      );
    }

    t.match(foretold(await planned()), { rows_copied: 0, chunks_copied: 0, quarantined: first.rejects });
    await typed(source, "update sources set sensor = 'another'");
    await typed(source, "delete from command_stats where command = (select min(command) from command_stats)");
    const second = await planned();
    t.match(second, { is_new: false, transaction_id: null });
    const more = await warm([...words, "--no-verify"]);
    t.ok(sum(second, "rows_to_copy") > 1, "only what is new would be copied");
    t.match(JSON.parse(more.stdout), foretold(second));
  });
}
