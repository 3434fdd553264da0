import { driverError } from "../db/database-error.ts";
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

/** Runs `work` between two stores; what a driver says becomes our error, with the name of the store that it is of. */
export async function namingStores<T>({ sqlite, server }: Pair, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOfFile = error instanceof Error && error.name === "SqliteError";
    throw driverError(error, "go on", (isOfFile ? sqlite : server).name);
  }
}
