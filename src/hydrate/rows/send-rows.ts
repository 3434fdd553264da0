import { copyHeader } from "../../db/copy-binary.ts";
import { isOfTheData } from "../../db/database-error.ts";
import { copyIntoPostgres, type Postgres, type PostgresTransaction } from "../../db/postgres.ts";
import { messageOf } from "../../errors.ts";
import type { SqliteValue } from "./codec.ts";
import { refusedRow, type RefusedRow } from "./refused-row.ts";
import type { CopiedTable } from "./tables.ts";

/** The end of COPY's binary form. */
export const copyTrailer = Buffer.from([0xff, 0xff]);

/** A row as it is sent, and what it was made of. */
export interface SentRow {
  bytes: Buffer;
  values: readonly SqliteValue[];
}

/**
 * Copies rows within a transaction of PostgreSQL. Where the server refuses some they are halved until those stand alone; gives
 * them.
 */
export async function sendRows(
  writing: Postgres,
  table: CopiedTable,
  copyText: string,
  rows: readonly SentRow[],
): Promise<RefusedRow[]> {
  if (rows.length === 0) return [];
  const connection = writing.sql as unknown as PostgresTransaction;
  try {
    await connection.savepoint(async (inner) =>
      copyIntoPostgres(inner, copyText, async (write) => {
        await write(copyHeader);
        for (const { bytes } of rows) await write(bytes);
        await write(copyTrailer);
      }),
    );
    return [];
  } catch (error) {
    if (!isOfTheData(error)) throw error;
    const [only] = rows;
    if (only !== undefined && rows.length === 1) return [refusedByServer(table, only, error)];
    const half = rows.length >> 1;
    return [
      ...(await sendRows(writing, table, copyText, rows.slice(0, half))),
      ...(await sendRows(writing, table, copyText, rows.slice(half))),
    ];
  }
}

function refusedByServer(table: CopiedTable, { values }: SentRow, error: unknown): RefusedRow {
  const { code, where, column_name } = error as { code: string; where?: string; column_name?: string };
  const name = column_name ?? /column ([a-z_0-9]+)/.exec(where ?? "")?.[1];
  const index = table.columns.findIndex((column) => column.name === name);
  return refusedRow(table, values, index, code, messageOf(error));
}
