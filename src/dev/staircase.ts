import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { openSqlite, type Sqlite } from "../db/sqlite.ts";
import type { Cost } from "../migrate/costs/costs.ts";
import { lockedClient } from "../migrate/connect.ts";
import { readMigrations, readProcedures } from "../migrate/files/files.ts";
import { storePath } from "../migrate/files/frames.ts";
import { dropAll, renewalOf } from "../migrate/procedures/renewal.ts";
import { countOrNone, measureReferences, measureUnit, type Bench } from "../migrate/costs/measure.ts";
import { usualPatience } from "../migrate/patience.ts";
import { clientRows } from "../migrate/procedures/postgres-rows.ts";
import { ledgerCurrentEntries, ledgerLiveDependents, schemaEngineVersion } from "../sql/generated.ts";
import { prepared, type Query } from "../sql/run.ts";
import { throwAwayFolder } from "./throw-away-folder.ts";

/** A bench whose transactions are begun and ended. */
type Stair = Bench & { begin(): Promise<void>; end(how: "commit" | "rollback"): Promise<void> };

/** What each migration of a store costs, and its procedures; measured on a copy, at the height at which each is applied. */
export async function costsOnCopy(where: { url: string } | { path: string }): Promise<Cost[]> {
  return "url" in where ? onPostgresCopy(where.url) : onSqliteCopy(where.path);
}

/** From the top down: a migration is taken back, applied again as it is measured, and that is rolled back. */
async function staircase(bench: Stair): Promise<Cost[]> {
  const { dialect } = bench;
  const entries = await bench.rows(ledgerCurrentEntries, {});
  const procedures = readProcedures(dialect);
  const names = entries.filter(({ kind }) => kind === "procedure").map(({ name }) => name);
  const rows = await bench.rows(ledgerLiveDependents, {});
  const changed = new Set(procedures.map(({ name }) => name));
  const renewal = renewalOf({ dialect, procedures, changed, known: names, pending: [] }, rows);
  const texts = [...renewal.drops, ...renewal.files.map(({ text }) => text)];
  await bench.begin();
  const costs = await measureUnit(bench, { migration: "procedures", digest: "-", texts });
  costs.push(...(await measureReferences(bench)));
  await bench.end("rollback");
  await bench.begin();
  for (const text of dropAll(dialect, procedures, names, rows)) await bench.run(text);
  await bench.end("commit");
  const found: Cost[][] = [costs];
  for (const { name, digest, upText, downText } of readMigrations(dialect).toReversed()) {
    await bench.begin();
    await bench.run(downText);
    await bench.end("commit");
    await bench.begin();
    found.push(await measureUnit(bench, { migration: name, digest: digest.slice(0, 16), texts: [upText] }));
    await bench.end("rollback");
  }
  return found.toReversed().flat();
}

async function onPostgresCopy(url: string): Promise<Cost[]> {
  const name = `cowriedb_costs_${randomBytes(6).toString("hex")}`;
  const at = new URL(url);
  const source = at.pathname.slice(1);
  at.pathname = source === "postgres" ? "/template1" : "/postgres";
  const sql = postgres(at.href, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(`create database ${name} template "${source}"`);
    at.pathname = `/${name}`;
    return await lockedClient(at.href, name, usualPatience, async ({ client }) => {
      await client.query(storePath.replace("set local", "set"));
      return staircase({
        dialect: "postgres",
        engine: await engineOf(async (query, parameters) => clientRows(client, query, parameters)),
        run: async (text) => void (await client.query(text)),
        rows: async (query, parameters) => clientRows(client, query, parameters),
        table: async () => Promise.resolve([]),
        count: () => -1,
        begin: async () => void (await client.query("begin")),
        end: async (how) => void (await client.query(how)),
      });
    });
  } finally {
    await sql.unsafe(`drop database if exists ${name} with (force)`);
    await sql.end({ timeout: 5 });
  }
}

async function onSqliteCopy(path: string): Promise<Cost[]> {
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-costs-"));
  const copy = join(folder, "store.sqlite");
  copyFileSync(path, copy);
  const store = openSqlite(copy);
  try {
    store.handle.pragma("foreign_keys = off");
    return await staircase(await sqliteStair(store));
  } finally {
    store.handle.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function engineOf(rows: Bench["rows"]): Promise<string> {
  return (await rows(schemaEngineVersion, {}))[0]?.engine ?? "";
}

async function sqliteStair(store: Sqlite): Promise<Stair> {
  const rows = async <P, R>(query: Query<P, R>, parameters: P): Promise<R[]> =>
    Promise.resolve(
      prepared(store, query as unknown as Query<never, unknown>).all(parameters as object) as R[],
    );
  const exec = async (text: string): Promise<void> => {
    store.handle.exec(text);
    return Promise.resolve();
  };
  return {
    dialect: "sqlite",
    engine: await engineOf(rows),
    run: exec,
    rows,
    table: async (text) => Promise.resolve(store.handle.prepare(text).raw().all() as unknown[][]),
    count: (table) => countOrNone(store, table),
    begin: async () => exec("begin immediate"),
    end: exec,
  };
}
