import type { Database } from "../db/database.ts";
import type { Postgres } from "../db/postgres.ts";
import type { Sqlite } from "../db/sqlite.ts";

/** Two stores, one of each engine. */
export interface Pair {
  sqlite: Sqlite;
  server: Postgres;
  /** Whether PostgreSQL is the one that is copied. */
  isBack: boolean;
}

/** The stores of a copy, which are of two engines. */
export function pairOf(source: Database, target: Database): Pair {
  if (source.dialect === "sqlite" && target.dialect === "postgres")
    return { sqlite: source, server: target, isBack: false };
  if (source.dialect === "postgres" && target.dialect === "sqlite")
    return { sqlite: target, server: source, isBack: true };
  throw new TypeError("a copy is between two engines");
}
