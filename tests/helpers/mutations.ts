import type { Database } from "../../src/db/database.ts";
import type { CopiedColumn, CopiedTable } from "../../src/hydrate/rows/tables.ts";
import { typed } from "./database.ts";

/** A value that was changed behind everybody's back. */
export interface Mutation {
  table_name: string;
  row_key: string;
  column_name: string;
}

/** Takes away what would refuse a change: constraints but the keys, unique indexes, triggers. */
export async function disarm(target: Database): Promise<void> {
  for (const { text } of await typed(
    target,
    `select format('alter table cowrie.%I drop constraint %I', c.relname, k.conname) as text
     from pg_constraint as k join pg_class as c on c.oid = k.conrelid
     where k.connamespace = 'cowrie'::regnamespace and k.contype in ('c', 'f') and k.conparentid = 0
     union all
     select format('alter table cowrie.%I drop constraint %I', c.relname, k.conname)
     from pg_constraint as k join pg_class as c on c.oid = k.conrelid
     where k.connamespace = 'cowrie'::regnamespace and k.contype = 'u'
     union all
     select format('alter table cowrie.%I disable trigger user', c.relname)
     from pg_class as c where c.relnamespace = 'cowrie'::regnamespace and c.relkind = 'r'`,
  ))
    await typed(target, String(text));
  for (const { text } of await typed(
    target,
    `select format('drop index cowrie.%I', c.relname) as text from pg_index as i join pg_class as c on c.oid = i.indexrelid
     where c.relnamespace = 'cowrie'::regnamespace and not i.indisprimary`,
  ))
    await typed(target, String(text));
}

/** Another value of a type, as near to the one that is there as its type allows. */
const changes: Record<string, (name: string) => string> = {
  bigint: (name) => `coalesce(${name}, 0) + 1`,
  integer: (name) => `coalesce(${name}, 0) + 1`,
  boolean: (name) => `not coalesce(${name}, false)`,
  "double precision": (name) => `coalesce(${name}, 0) + 0.5`,
  text: (name) => `coalesce(${name}, '') || 'x'`,
  jsonb: (name) =>
    `case when jsonb_typeof(${name}) = 'object' then ${name} || '{"leaf": -0.10}' else '{"leaf": 1}' end`,
  bytea: (name) => `coalesce(${name}, '') || '\\x00'`,
  "timestamp with time zone": (name) => `coalesce(${name}, 'epoch') + interval '1 microsecond'`,
};

/** Changes one value each of so many rows, columns and tables picked at random; gives what was changed. */
export async function mutate(
  target: Database,
  tables: readonly CopiedTable[],
  random: (below: number) => number,
  count: number,
): Promise<Mutation[]> {
  const sizes = await Promise.all(
    tables.map(async (table) => ({
      table,
      rows: Number((await typed(target, `select count(*) as n from ${table.name}`))[0]?.["n"]),
    })),
  );
  const filled = sizes.filter(({ rows }) => rows > 0);
  const done = new Map<string, Mutation>();
  while (done.size < count) {
    const { table, rows } = filled[random(filled.length)] as (typeof filled)[number];
    const columns = table.columns.filter(({ key }) => key === 0);
    const column = columns[random(columns.length)];
    if (column === undefined) continue;
    const mutation = await pick(target, table, column, random(rows));
    const place = JSON.stringify(mutation.found);
    if (done.has(place)) continue;
    const change = changes[column.type]?.(`"${column.name}"`);
    if (change === undefined) throw new TypeError(`no change for ${column.type}`);
    await typed(
      target,
      `update ${table.name} set "${column.name}" = ${change} where ctid = '${mutation.ctid}'`,
    );
    done.set(place, mutation.found);
  }
  return [...done.values()];
}

async function pick(
  target: Database,
  table: CopiedTable,
  column: CopiedColumn,
  row: number,
): Promise<{ found: Mutation; ctid: string }> {
  const keys = table.columns.filter(({ key }) => key > 0).sort((a, b) => a.key - b.key);
  const names = keys.map(({ name }) => `"${name}"`);
  const [found] = await typed(
    target,
    `select cast(ctid as text) as ctid, ${names.join(", ")} from ${table.name} order by ${names.join(", ")} limit 1 offset ${row}`,
  );
  if (found === undefined) throw new Error(`${table.name} has no row ${row}`);
  return {
    found: {
      table_name: table.name,
      row_key: JSON.stringify(keys.map(({ name }) => String(found[name]))),
      column_name: column.name,
    },
    ctid: String(found["ctid"]),
  };
}
