import type { Verified } from "../../src/verify/verify.ts";
import type { TestStore } from "./database.ts";
import { openPlain, type Plain } from "./plain.ts";
import { mutations, type Expected, type Mutation } from "./tamper.ts";
import { keys, type Turn } from "./tamper-rows.ts";

/** A store whose guards are gone, with what it held kept beside it. */
export interface BrokenStore {
  plain: Plain;
  /** Puts back what was there. */
  restore(): Promise<void>;
}

/** A mutation that was made, and what must be named for it. */
export interface Made {
  name: string;
  expected: Expected;
}

/** Takes the guards of a store away and keeps a copy of each table of `keys` in it. */
export async function breakStore(store: TestStore): Promise<BrokenStore> {
  const plain = openPlain(store, { foreignKeys: false });
  await liftGuards(plain);
  const statements: string[] = [];
  for (const table of Object.keys(keys)) {
    const columns = (await plainColumns(plain, table)).join(", ");
    await plain.run(`create table ~pristine_${table} as select ${columns} from ~${table}`);
    const over = plain.dialect === "postgres" ? "overriding system value" : "";
    statements.push(
      `delete from ~${table}`,
      `insert into ~${table} (${columns}) ${over} select ${columns} from ~pristine_${table}`,
    );
  }
  const restore = async (): Promise<void> => {
    for (const statement of ["begin", ...statements, "commit"]) await plain.run(statement);
  };
  return { plain, restore };
}

/** Takes away what guards a store from its owner. */
export async function liftGuards(plain: Plain): Promise<void> {
  if (plain.dialect === "postgres") {
    await plain.run("set session_replication_role = replica");
    const checks = await plain.rows(
      `select conrelid::regclass::text as name, conname from pg_constraint
       where contype = 'c' and connamespace = 'cowrie'::regnamespace and conrelid <> 0`,
    );
    for (const { name, conname } of checks)
      await plain.run(`alter table ${String(name)} drop constraint ${String(conname)}`);
    return;
  }
  const triggers = await plain.rows(
    "select name from sqlite_schema where type = 'trigger' and tbl_name in (select name from sqlite_schema where type = 'table')",
  );
  await plain.run("pragma ignore_check_constraints = on");
  await plain.run("pragma synchronous = off");
  for (const { name } of triggers) await plain.run(`drop trigger ${String(name)}`);
}

/**
 * Makes some mutations at once that do not touch one another: in batches, or in derived rows and sightings, each in
 * another batch or session; one that is to stand alone is made alone. Begins with the given turn, gives the next.
 */
export async function mutate(
  plain: Plain,
  pick: (below: number) => number,
  from: number,
  most: number,
): Promise<{ made: Made[]; next: number }> {
  const made: Made[] = [];
  const turn: Turn = { pick, batches: new Set(), sessions: new Set() };
  let at = from;
  let group: Mutation["group"] | undefined;
  for (; made.length < most; at++) {
    const mutation = mutations[at % mutations.length] as Mutation;
    if (group !== undefined && (mutation.group !== group || group === "alone")) break;
    await plain.run("begin");
    const expected = await mutation.apply(plain, turn).catch(() => undefined);
    await plain.run(expected === undefined ? "rollback" : "commit");
    // A key has refused it, or there was nothing to change; what the round has used up comes back in the next.
    if (expected === undefined) {
      if (made.length > 0 || at - from > mutations.length) break;
      continue;
    }
    group = mutation.group;
    if (expected.batch !== undefined) turn.batches.add(expected.batch);
    if (expected.session !== undefined) turn.sessions.add(expected.session);
    made.push({ name: mutation.name, expected });
  }
  return { made, next: at };
}

/** Whether a verification names what it must. */
export function isNamed({ findings }: Verified, expected: Expected): boolean {
  return findings.first.some(
    ({ table, batch_id: batch, key }) =>
      table === expected.table &&
      (expected.batch === undefined || batch === expected.batch) &&
      (expected.key === undefined || key?.includes(expected.key) === true),
  );
}

/** The columns of a table that are not generated. */
async function plainColumns(plain: Plain, table: string): Promise<string[]> {
  const rows = await plain.rows(
    plain.dialect === "sqlite"
      ? `select name from pragma_table_xinfo('${table}') where hidden = 0`
      : `select column_name as name from information_schema.columns
         where table_schema = 'cowrie' and table_name = '${table}' and is_generated = 'NEVER' order by ordinal_position`,
  );
  return rows.map(({ name }) => String(name));
}
