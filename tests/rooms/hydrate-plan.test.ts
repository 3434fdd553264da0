import { copyFileSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { engines, freshStore, onServer, typed, type Engine } from "../helpers/database.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { spreadLines } from "../helpers/drift.ts";
import { emptyDatabase, opened } from "../helpers/hydrations.ts";
import { loadContents } from "../helpers/load.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;

interface Plan {
  is_new: boolean;
  transaction_id: string | null;
  tables: Record<string, number>[];
  columns: Record<string, string>[];
  settings: { pragma: string; value: string; setting: string; meaning: string }[];
  rejects: unknown[];
  seconds: Record<string, unknown>;
}

const sum = (plan: Plan, field: string): number =>
  plan.tables.reduce((total, table) => total + (table[field] ?? 0), 0);

/** The bytes of the files of a store; the shared memory of its readers only where `withShared` says so. */
function filesOf(db: string, withShared: boolean): Record<string, string | null> {
  const parts = withShared ? ["", "-wal", "-shm", "-journal"] : ["", "-wal", "-journal"];
  return Object.fromEntries(
    parts.map((part) => [part, existsSync(db + part) ? readFileSync(db + part, "latin1") : null]),
  );
}

for (const engine of servers) {
  await t.test(`a plan says what a copy does, and changes nothing (${engine.name})`, async (t) => {
    const source = await freshStore(sqlite);
    t.teardown(source.dispose);
    await loadContents(source.database, [
      { name: "cowrie.json.9", content: logOf(spreadLines(9_000, 5, 700)) },
    ]);
    const to = await emptyDatabase(t, engine);
    const { pathname, username } = new URL(to);
    const words = ["hydrate", "--from", source.db, "--to", to, "--json"];
    const planned = async (db = source.db): Promise<Plan> => {
      const { code, stdout, stderr } = await warm([
        "hydrate",
        "--from",
        db,
        "--to",
        to,
        "--json",
        "--dry-run",
      ]);
      t.equal(code, 0, stderr);
      return (JSON.parse(stdout) as { plan: Plan }).plan;
    };
    const setting = async (isReadOnly: boolean): Promise<void> =>
      onServer(engine.url ?? "", async (sql) => {
        const value = isReadOnly ? "on" : "off";
        await sql.unsafe(`alter role ${username} set default_transaction_read_only = ${value}`);
      });

    const live = filesOf(source.db, false);
    t.ok((live["-wal"]?.length ?? 0) > 0, "a writer has it open, with a log");
    await setting(true);
    const first = await planned();
    t.same(filesOf(source.db, false), live, "the source is as it was, with its log");
    const folder = t.testdir({});
    const died = join(folder, "died.sqlite");
    for (const part of ["", "-wal", "-shm"]) copyFileSync(source.db + part, died + part);
    const left = filesOf(died, false);
    const ofDied = await planned(died);
    t.same(filesOf(died, false), left, "so is one that a killed writer has left with its log");
    const closed = join(folder, "closed.sqlite");
    await typed(source.database, `vacuum into '${closed}'`);
    await warm(["status", "--db", closed]);
    const [names, rested] = [readdirSync(folder).sort(), filesOf(closed, true)];
    await planned(closed);
    t.same(filesOf(closed, true), rested, "so is one that nobody has open");
    t.same(readdirSync(folder).sort(), names, "and no file is left beside it");
    t.same(ofDied.tables, first.tables);
    await setting(false);
    await onServer(to, async (sql) => {
      const [schema] = await sql.unsafe(
        "select count(*)::integer as n from pg_namespace where nspname = 'cowrie'",
      );
      t.equal(schema?.["n"], 0, `no schema was made in ${pathname}`);
    });
    t.match(first, { is_new: true, transaction_id: null, rejects: [] });

    const copied = await warm([...words, "--no-verify"]);
    t.equal(copied.code, 0, copied.stderr);
    const told = JSON.parse(copied.stdout) as Record<string, number>;
    for (const [field, name] of [
      ["rows_to_copy", "rows_copied"],
      ["bytes_to_copy", "bytes_copied"],
      ["chunks_to_copy", "chunks_copied"],
    ] as const)
      t.equal(sum(first, field), told[name], field);
    const target = await opened(t, to);
    const sizes = await typed(
      target,
      "select c.relname as name, pg_table_size(c.oid)::bigint as table_bytes, pg_indexes_size(c.oid)::bigint as index_bytes from pg_class as c where c.relnamespace = 'cowrie'::regnamespace and c.relkind = 'r'",
    );
    for (const size of sizes.filter(({ table_bytes }) => Number(table_bytes) > 1 << 20)) {
      const table = first.tables.find(({ table_name }) => String(table_name) === size["name"]);
      const [foretold, real] = [
        (table?.["table_bytes"] ?? 0) + (table?.["index_bytes"] ?? 0),
        Number(size["table_bytes"]) + Number(size["index_bytes"]),
      ];
      t.ok(
        Math.abs(foretold - real) < real / 3,
        `${String(size["name"])}: ${foretold} were foretold of ${real}`,
      );
    }
    t.ok(
      first.columns.every(({ conversion }) => conversion !== ""),
      "every column says what becomes of a value",
    );
    for (const pragma of [
      "page_size",
      "journal_mode",
      "synchronous",
      "foreign_keys",
      "auto_vacuum",
      "encoding",
    ])
      t.ok(first.settings.find((one) => one.pragma === pragma)?.meaning, `${pragma} means something`);

    await loadContents(source.database, [
      { name: "cowrie.json.10", content: logOf(spreadLines(200, 6, 20)) },
    ]);
    const second = await planned();
    const more = JSON.parse((await warm([...words, "--no-verify"])).stdout) as Record<string, number>;
    t.match(second, { is_new: false, transaction_id: null });
    t.equal(sum(second, "chunks_to_copy"), more["chunks_copied"], "only what is new would be copied");
    t.equal(sum(second, "rows_to_copy"), more["rows_copied"]);
    t.equal(sum(await planned(), "rows_to_copy"), 0, "then nothing");
    t.match(await warm([...words, "--dry-run", "--cutover"]), { code: 64 });
  });
}
