import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Database } from "../../src/db/database.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { engines, typed } from "../helpers/database.ts";
import { emptyPlace, openPlace } from "../helpers/empty.ts";

const dir = join(packageFolder, "runbooks/examples/rename-a-column");
const rows = 60_000;
const batch = 5_000;

for (const engine of engines()) {
  void t.test(
    `${engine.name}: a batch of the copy, or of the copy back, reads its own rows and not the table`,
    async (t) => {
      const place = await emptyPlace(engine);
      t.teardown(place.dispose);
      const database = await openPlace(place);
      t.teardown(async () => closeDatabase(database));
      const { dialect } = database;
      await run(database, file(dialect, "0001_session_summaries_create.up"));
      await makeRows(database);

      for (const [made, copied] of [
        ["0002_session_summaries_expand.up", "0003_session_summaries_copy.up"],
        ["0005_session_summaries_contract.down", "0004_session_summaries_copy_back.down"],
      ] as const) {
        await run(database, file(dialect, made));
        const text = file(dialect, copied);
        for (let done = 0; done < rows / 2; done += batch) await run(database, text);
        t.ok((await readOf(database, text)) <= batch, `${copied} without statistics`);
        if (dialect === "postgres") await run(database, "analyze session_summaries");
        t.ok((await readOf(database, text)) <= batch, `${copied} with statistics`);
        while ((await typed(database, whileOf(text))).length > 0) await run(database, text);
        const left = await typed(
          database,
          "select 1 from session_summaries where snapshot_ip_type is distinct from snapshot_ip_types limit 1",
        );
        t.same(left, [], `${copied} has copied every row`);
        if (copied === "0003_session_summaries_copy.up")
          await run(database, file(dialect, "0005_session_summaries_contract.up"));
      }
    },
  );
}

function file(dialect: string, name: string): string {
  return readFileSync(join(dir, dialect, `${name}.sql`), "utf8");
}

function whileOf(text: string): string {
  return /-- While: +(.+)/.exec(text)?.[1] ?? "";
}

async function run(database: Database, text: string): Promise<void> {
  if (database.dialect === "sqlite") database.handle.exec(text);
  else await database.sql.unsafe(`set search_path = public; ${text}`);
}

/** Sessions in no order of their ids, and no worker that gathers statistics meanwhile. */
async function makeRows(database: Database): Promise<void> {
  const id = "(n * 3141592653589) & 281474976710655";
  const type = "case n % 3 when 0 then 'TOR' when 1 then 'VPN' end";
  if (database.dialect === "sqlite") {
    database.handle.exec(
      `insert into session_summaries (session_id, first_event_at, snapshot_ip_types)
       with recursive c (n) as (select 1 union all select n + 1 from c where n < ${rows})
       select printf('%012x', ${id}), '2026-01-05T00:00:00.000000Z', ${type} from c`,
    );
    return;
  }
  await run(
    database,
    `alter table session_summaries set (autovacuum_enabled = off);
     insert into session_summaries (session_id, first_event_at, snapshot_ip_types)
     select lpad(to_hex(${id}), 12, '0'), '2026-01-05', ${type} from generate_series(1::bigint, ${rows}) as n`,
  );
}

/**
 * How many rows of the table the hungriest statement of a batch reads, which PostgreSQL runs to know it; in SQLite, which does not
 * say, the whole table unless each looks for rowids between two.
 */
async function readOf(database: Database, text: string): Promise<number> {
  const counts: number[] = [];
  for (const statement of text.split(/;\n/).filter((part) => /^(select|update|with)\b/m.test(part))) {
    if (database.dialect === "sqlite") {
      const plan = await typed(database, `explain query plan ${statement}`);
      const ofTable = plan
        .map((row) => String(row["detail"]))
        .filter((line) => / session_summaries/.test(line));
      counts.push(...ofTable.map((line) => (/rowid>\? AND rowid<\?/.test(line) ? batch : rows)));
    } else {
      const plan = await database.sql.begin(async (sql) => {
        await sql`set local search_path = public`;
        const [row] = await sql.unsafe(`explain (analyze, format json) ${statement}`);
        return JSON.parse(String(row?.["QUERY PLAN"])) as { Plan: PlanNode }[];
      });
      counts.push(...plan.map(({ Plan: top }) => readBy(top)));
    }
  }
  return Math.max(...counts);
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Join Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: PlanNode[];
}

function readBy(node: PlanNode): number {
  const isOfTable = node["Relation Name"] === "session_summaries" && /Scan/.test(node["Node Type"]);
  const removed =
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0) +
    (node["Rows Removed by Join Filter"] ?? 0);
  const own = (isOfTable ? node["Actual Rows"] : 0) + removed;
  return (node.Plans ?? []).reduce(
    (most, inner) => Math.max(most, readBy(inner)),
    own * node["Actual Loops"],
  );
}
