import pg from "pg";
import { instantText } from "../../db/postgres.ts";
import type { Query } from "../../sql/run.ts";

/** The rows of a named query. */
export async function clientRows<P, R>(client: pg.Client, query: Query<P, R>, parameters: P): Promise<R[]> {
  const values = query.parameters.map((name) => (parameters as Record<string, unknown>)[name]);
  const { rows } = await client.query({ text: query.postgres, values, types: textTypes as never });
  return rows as R[];
}

const textTypes = {
  getTypeParser: (oid: number) =>
    oid === 1184
      ? instantText
      : oid === 20
        ? Number
        : (pg.types.getTypeParser(oid) as (text: string) => unknown),
};
