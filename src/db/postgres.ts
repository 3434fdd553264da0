import postgres from "postgres";
import { databaseError } from "./database-error.ts";

/** A connection pool to a PostgreSQL store. */
export interface Postgres {
  dialect: "postgres";
  sql: postgres.Sql;
  /** The name of the store as it may be printed. */
  name: string;
}

export type PostgresConnection = postgres.Sql | postgres.ReservedSql | postgres.TransactionSql;

/** How to connect. */
export interface PostgresOptions {
  /** Most connections at once; 1 by default. */
  connections?: number;
}

/** Opens a pool on `url` and makes one connection to see that it works. Throws the codes of `databaseError`. */
export async function openPostgres(
  url: string,
  shown: string,
  options: PostgresOptions = {},
): Promise<Postgres> {
  const sql = postgres(url, {
    max: options.connections ?? 1,
    connect_timeout: 10,
    onnotice: () => undefined,
    connection: {
      application_name: "cowriedb",
      search_path: "cowrie, pg_catalog",
      TimeZone: "UTC",
      lock_timeout: 10_000,
      statement_timeout: 3_600_000,
    } as Record<string, string | number>,
  });
  try {
    await sql`select 1`;
  } catch (error) {
    await sql.end({ timeout: 1 }).catch(() => undefined);
    throw databaseError(error, "connect", shown);
  }
  return { dialect: "postgres", sql, name: shown };
}
