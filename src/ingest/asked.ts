import type { Database } from "../db/database.ts";
import { databaseError } from "../db/database-error.ts";

/** Runs a query outside of a batch; its failure is told as that of a batch. */
export async function asked<T>(database: Database, doing: string, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw databaseError(error, doing, database.name);
  }
}
