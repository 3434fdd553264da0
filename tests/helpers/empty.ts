import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targetOf } from "../../src/config.ts";
import type { Target } from "../../src/config.ts";
import type { Database } from "../../src/db/database.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { ChangeRunner } from "../../src/migrate/procedures/engine.ts";
import { postgresChanges } from "../../src/migrate/postgres-engine.ts";
import { sqliteChanges } from "../../src/migrate/sqlite-engine.ts";
import { throwAwayDatabase, typed, type Engine } from "./database.ts";

/** A place for a store where none is yet; on PostgreSQL a database without a schema of ours. */
export interface EmptyPlace {
  db: string;
  target: Target;
  dispose(): Promise<void>;
}

/** Makes an empty place on an engine. */
export async function emptyPlace(engine: Engine): Promise<EmptyPlace> {
  if (engine.url === undefined) {
    const folder = mkdtempSync(join(tmpdir(), "cowriedb-empty-"));
    const db = join(folder, "store.sqlite");
    return {
      db,
      target: targetOf(db),
      dispose: async () => {
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      },
    };
  }
  const { url, drop } = await throwAwayDatabase(engine.url);
  return { db: url, target: targetOf(url), dispose: drop };
}

/** Opens the store of a place, making the file where there is none. */
export async function openPlace(place: EmptyPlace): Promise<Database> {
  return openDatabase(place.target, { create: true });
}

/** The way to change a store's schema. */
export function changesFor(database: Database, target: Target): ChangeRunner {
  if (database.dialect === "sqlite") return sqliteChanges(database);
  if (target.dialect === "sqlite") throw new TypeError("a PostgreSQL store has a URL");
  return postgresChanges(target.url, target.shown);
}

const postgresObjects = `
  select 'column' as kind, c.relname || '.' || a.attname as name,
    format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || ' ' || a.attgenerated::text
      || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') as text
  from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = to_regnamespace('cowrie') and c.relkind in ('r', 'v', 'S')
  union all
  select 'constraint', c.conrelid::regclass::text || '.' || c.conname, pg_get_constraintdef(c.oid)
  from pg_constraint as c where c.connamespace = to_regnamespace('cowrie')
  union all
  select 'index', i.relname, pg_get_indexdef(i.oid) || case when x.indisvalid then '' else ' INVALID' end
  from pg_class as i join pg_index as x on x.indexrelid = i.oid where i.relnamespace = to_regnamespace('cowrie') and i.relkind = 'i'
  union all
  select 'view', v.relname, pg_get_viewdef(v.oid)
  from pg_class as v where v.relnamespace = to_regnamespace('cowrie') and v.relkind = 'v'
  union all
  select 'routine', p.proname, pg_get_functiondef(p.oid)
  from pg_proc as p where p.pronamespace = to_regnamespace('cowrie')
  union all
  select 'trigger', t.tgname, pg_get_triggerdef(t.oid)
  from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
  where c.relnamespace = to_regnamespace('cowrie') and not t.tgisinternal
  order by 1, 2, 3`;

/** Every object of a store, or of another schema of PostgreSQL, with its text, one line each. */
export async function schemaListing(database: Database, schema = "cowrie"): Promise<string[]> {
  const rows = await typed(
    database,
    database.dialect === "sqlite"
      ? "select type as kind, name, coalesce(sql, '') as text from sqlite_schema order by 1, 2"
      : postgresObjects.replaceAll("'cowrie'", `'${schema}'`),
  );
  return rows.map((row) => `${String(row["kind"])} ${String(row["name"])}: ${String(row["text"])}`);
}

/** Changes entries of the ledger, as one who may do all: what guards them is set aside meanwhile. */
export async function forgeLedger(database: Database, text: string): Promise<void> {
  if (database.dialect === "postgres") {
    await typed(database, `set session_replication_role = replica; ${text}; reset session_replication_role`);
    return;
  }
  const guards = await typed(
    database,
    "select name, sql from sqlite_schema where type = 'trigger' and tbl_name = 'schema_ledger'",
  );
  for (const { name } of guards) await typed(database, `drop trigger "${String(name)}"`);
  await typed(database, text);
  for (const { sql } of guards) await typed(database, String(sql));
}
