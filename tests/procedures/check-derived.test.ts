import t from "tap";
import { engines, filledStore, typed } from "../helpers/database.ts";
import { spreadLines } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { disarm } from "../helpers/mutations.ts";
import { openPlain } from "../helpers/plain.ts";

/** The views, each with what counts again, what it is compared with, and the key of its rows. */
const checks = [
  {
    view: "check_session_summaries",
    recount: "session_recount",
    table: "session_summaries",
    key: "session_id",
  },
  { view: "check_command_stats", recount: "command_recount", table: "command_stats", key: "command" },
  { view: "check_session_files", recount: "file_recount", table: "session_files", key: "shasum" },
];

/** What the table computes of other columns. */
const computed = new Set([
  ...["matcher", "is_collision", "command_count", "ssh_key_injections", "duration_seconds"].map(
    (name) => `session_summaries.${name}`,
  ),
  "command_stats.occurrences",
]);

for (const engine of engines()) {
  void t.test(`each value of a derived row that is changed alone is named (${engine.name})`, async (t) => {
    const store = await filledStore(engine, "check-derived", async (empty) => {
      await loadInProcess(empty.database, "cowrie.json.1", logOf(spreadLines(200, 4_711, 20)), [500]);
    });
    t.teardown(store.dispose);
    if (engine.dialect === "postgres") await disarm(store.database);
    const plain = openPlain(store);
    t.teardown(async () => plain.close());
    if (engine.dialect === "sqlite") {
      for (const { name } of await plain.rows("select name from sqlite_schema where type = 'trigger'"))
        await plain.run(`drop trigger "${String(name)}"`);
      await plain.rows("pragma ignore_check_constraints = on");
    } else await plain.run("set search_path = cowrie, pg_catalog; set TimeZone = 'UTC'");

    for (const { view, recount, table, key } of checks) {
      t.same(await plain.rows(`select * from ~${view}`), [], `${view} finds nothing at first`);
      const [row] = await plain.rows(`select * from ~${recount} order by session_id desc limit 1`);
      const stored = await typed(store.database, `select * from ${recount} order by session_id desc limit 1`);
      const columns = Object.keys(row ?? {}).filter(
        (name) => name !== "session_id" && name !== key && !computed.has(`${table}.${name}`),
      );
      t.ok(columns.length > 5 && stored.length === 1);
      for (const column of columns) {
        const at = `session_id = '${String(row?.["session_id"])}'`;
        const value = changed(column, stored[0]?.[column]);
        await plain.run("begin");
        await plain.run(`update ~${table} set ${column} = ${value} where ${at}`);
        const found = await plain.rows(`select column_name from ~${view} where ${at}`);
        await plain.run("rollback");
        t.ok(
          found.some(({ column_name }) => column_name === column),
          `${table}.${column}`,
        );
      }
    }
  });
}

/** Another value, as a literal. */
function changed(column: string, value: unknown): string {
  if (typeof value === "boolean") return String(!value);
  if (typeof value === "number" || column.endsWith("_ms")) return String(value === 0 ? 1 : 0);
  const text = typeof value === "string" ? value : "";
  return /^\d{4}-\d\d-\d\dT/.test(text) && text.length === 27
    ? "'2031-01-01T00:00:00.000000Z'"
    : `'${text}x'`;
}
