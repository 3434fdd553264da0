import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";
import { CowriedbError, messageOf } from "../errors.ts";
import { readMigrations, readProcedures, type Dialect } from "../migrate/files/files.ts";
import type { QueryFile } from "./query-files.ts";

/** What makes a fresh database of today, in order. */
interface Step {
  name: string;
  text: string;
}

/** The ledger is there before the first migration. */
const beforehand = ["ledger/create_schema", "ledger/create_ledger"];

/** A fresh SQLite database in memory, with everything of migrations/ and procedures/. */
export function freshSqlite(queries: readonly QueryFile[]): DatabaseHandle.Database {
  const handle = new DatabaseHandle(":memory:");
  for (const step of stepsOf("sqlite", queries)) {
    try {
      handle.exec(step.text);
    } catch (cause) {
      throw stepError("SQLite", step, cause);
    }
  }
  return handle;
}

/** Fills the database at `url` with everything of migrations/ and procedures/; the connection is the caller's to end. */
export async function freshPostgres(url: string, queries: readonly QueryFile[]): Promise<postgres.Sql> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    connection: { search_path: "cowrie, pg_catalog, pg_temp", TimeZone: "UTC" } as Record<string, string>,
  });
  await sql.unsafe("create schema if not exists cowrie");
  for (const step of stepsOf("postgres", queries)) {
    try {
      await sql.unsafe(step.text).simple();
    } catch (cause) {
      await sql.end({ timeout: 1 });
      throw stepError("PostgreSQL", step, cause);
    }
  }
  return sql as unknown as postgres.Sql;
}

function stepsOf(dialect: Dialect, queries: readonly QueryFile[]): Step[] {
  const ledger = beforehand.flatMap((name) => {
    const query = queries.find((candidate) => candidate.name === name);
    return query === undefined ? [] : [{ name: `sql/${name}`, text: query[dialect] }];
  });
  const migrations = readMigrations(dialect).map(({ name, upText }) => ({
    name: `migrations/${dialect}/${name}.up.sql`,
    text: upText,
  }));
  const procedures = readProcedures(dialect).map(({ name, text }) => ({
    name: `procedures/${dialect}/${name}.sql`,
    text,
  }));
  return [...ledger, ...migrations, ...procedures];
}

function stepError(engine: string, step: Step, cause: unknown): CowriedbError {
  return new CowriedbError("dev.fresh", `${engine} refuses ${step.name}: ${messageOf(cause)}.`, { cause });
}
