import type { Database } from "../db/database.ts";
import type { Postgres } from "../db/postgres.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { usageError } from "../errors.ts";

/** Two stores, one of each engine. */
export interface Pair {
  sqlite: Sqlite;
  server: Postgres;
  /** Whether PostgreSQL is the one that is copied. */
  isBack: boolean;
}

/** The stores of a copy. Throws `config.usage` where both are of one engine. */
export function pairOf(source: Database, target: Database): Pair {
  if (source.dialect === "sqlite" && target.dialect === "postgres")
    return { sqlite: source, server: target, isBack: false };
  if (source.dialect === "postgres" && target.dialect === "sqlite")
    return { sqlite: target, server: source, isBack: true };
  throw usageError(
    "hydrate copies between SQLite and PostgreSQL, and --from and --to name the same engine.",
    "Name one of each; a copy within one engine is: cowriedb backup",
  );
}
