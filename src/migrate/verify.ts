import type { Database } from "../db/database.ts";
import { CowriedbError } from "../errors.ts";
import { readVerifyQueries } from "./files/files.ts";
import { schemaStatus } from "./migrate.ts";

/** Runs the verify query of every applied migration; gives those that return rows, which is a difference. */
export async function verifySchema(database: Database): Promise<{ name: string; rows: number }[]> {
  const status = await schemaStatus(database);
  const queries = readVerifyQueries(database.dialect);
  const found: { name: string; rows: number }[] = [];
  for (const { name, state } of status.migrations) {
    if (state === "pending" || state === "missing_file") continue;
    const text = queries.get(name);
    if (text === undefined)
      throw new CowriedbError("migrate.no_verify", `Migration ${name} has no verify query.`);
    const rows =
      database.dialect === "sqlite"
        ? database.handle.prepare(text).all().length
        : (await database.sql.unsafe(text)).length;
    if (rows > 0) found.push({ name, rows });
  }
  return found;
}
