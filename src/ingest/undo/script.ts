import type { Database } from "../../db/database.ts";
import { inPostgresTransaction } from "../../db/postgres.ts";
import { inTransaction } from "../../db/sqlite.ts";
import { manyPostgres, prepared, type Query } from "../../sql/run.ts";

/** A query that a script wants run, with its parameters. */
interface Request {
  query: Query<never, unknown>;
  parameters: Record<string, unknown>;
}

/**
 * Work in one transaction, written once for both engines: it yields queries and is handed their rows. SQLite runs it
 * without a pause, as its transactions have to be; PostgreSQL waits for each answer.
 */
export type Script<T> = Generator<Request, T, unknown[]>;

/** Runs a query of a script; gives its rows. To be called with `yield*`. */
export function* ask<P, R>(query: Query<P, R>, parameters: P): Script<R[]> {
  return (yield {
    query: query as unknown as Request["query"],
    parameters: parameters as Request["parameters"],
  }) as R[];
}

/** Runs a script in one transaction, begun with the write lock on SQLite. */
export async function runScript<T>(database: Database, script: () => Script<T>): Promise<T> {
  if (database.dialect === "postgres") {
    return inPostgresTransaction(database, async (connection) => {
      const steps = script();
      let step = steps.next();
      while (step.done !== true) {
        const { query, parameters } = step.value;
        step = steps.next(await manyPostgres(connection, query, parameters as never));
      }
      return step.value;
    });
  }
  return inTransaction(database, () => {
    const steps = script();
    let step = steps.next();
    while (step.done !== true) {
      const statement = prepared(database, step.value.query);
      const { parameters } = step.value;
      step = steps.next(statement.reader ? statement.all(parameters) : (statement.run(parameters), []));
    }
    return step.value;
  });
}
