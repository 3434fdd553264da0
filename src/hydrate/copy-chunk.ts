import type postgres from "postgres";
import { digestOf } from "../checksum.ts";
import { copyHeader } from "../db/copy-binary.ts";
import { isOfTheData } from "../db/database-error.ts";
import {
  copyIntoPostgres,
  inPostgresTransaction,
  type Postgres,
  type PostgresTransaction,
} from "../db/postgres.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { runText } from "../db/texts.ts";
import { CowriedbError, messageOf } from "../errors.ts";
import { hydrateAddChunk, hydrateAddQuarantine, hydrateClearQuarantine } from "../sql/generated.ts";
import { many, none } from "../sql/run.ts";
import type { SqliteValue } from "./codec.ts";
import { encodePart, InexactKey, refusedRow, type Encoded, type Part, type RefusedRow } from "./encode.ts";
import { nowText } from "./now.ts";
import { boundsOf, keyValues, textsOf } from "./tables.ts";

/** A part to be copied. */
export interface ChunkTask extends Part {
  hydrationId: number;
  /** What the target has of it; null where it has nothing. */
  known: (Omit<Encoded, "digest"> & { digest: Uint8Array }) | null;
  batchesDigest: Uint8Array | null;
}

/** What has become of a part. */
export interface ChunkOutcome {
  rows: number;
  bytes: number;
  refused: number;
  /** Whether the target had it already as it is. */
  isKept: boolean;
}

/** The end of COPY's binary form. */
const trailer = Buffer.from([0xff, 0xff]);

/**
 * Copies a part of a table in one transaction, with its row of `hydration_chunks`. A row that a codec refuses is kept in the
 * quarantine; one that only the server refuses is found by halving what it came with.
 */
export async function copyChunk(source: Sqlite, target: Postgres, task: ChunkTask): Promise<ChunkOutcome> {
  try {
    return await copyRead(source, target, task, false);
  } catch (error) {
    if (!(error instanceof InexactKey)) throw error;
    return copyRead(source, target, task, true);
  }
}

async function copyRead(
  source: Sqlite,
  target: Postgres,
  task: ChunkTask,
  isExact: boolean,
): Promise<ChunkOutcome> {
  const { known } = task;
  if (known !== null) {
    const now = await encodePart(source, task, { refused: async () => Promise.resolve() }, isExact);
    if (now.digest.equals(known.digest)) {
      await inPostgresTransaction(target, async (connection) =>
        noteChunk(storeOf(target, connection), task, { ...known, digest: now.digest }),
      );
      return { ...known, isKept: true };
    }
  }
  try {
    return await copyWith(source, target, task, isExact, copyPages);
  } catch (error) {
    if (!isOfTheData(error)) throw error;
    return copyWith(source, target, task, isExact, copyRowByRow);
  }
}

type Copy = (
  source: Sqlite,
  connection: PostgresTransaction,
  task: ChunkTask,
  isExact: boolean,
  copyText: string,
) => Promise<{ encoded: Encoded; refused: RefusedRow[] }>;

async function copyWith(
  source: Sqlite,
  target: Postgres,
  task: ChunkTask,
  isExact: boolean,
  copy: Copy,
): Promise<ChunkOutcome> {
  return inPostgresTransaction(target, async (connection) => {
    const store = storeOf(target, connection);
    const texts = await textsOf(store, task.table, boundsOf(task.after, task.last));
    if (task.known !== null) {
      await runText(store, texts.delete_text, keyValues(task.table, task.after, task.last));
      await none(store, hydrateClearQuarantine, { table_name: task.table.name, last_key: task.last });
    }
    const { encoded, refused } = await copy(source, connection, task, isExact, texts.write_text);
    for (const row of refused) await keepOut(store, task, row);
    const rows = encoded.rows + encoded.refused - refused.length;
    const outcome = { ...encoded, rows, refused: refused.length };
    await noteChunk(store, task, outcome);
    return { ...outcome, isKept: false };
  });
}

function storeOf(target: Postgres, connection: PostgresTransaction): Postgres {
  return { ...target, sql: connection as unknown as postgres.Sql };
}

const copyPages: Copy = async (source, connection, task, isExact, copyText) => {
  const refused: RefusedRow[] = [];
  let encoded: Encoded | undefined;
  await copyIntoPostgres(connection, copyText, async (write) => {
    await write(copyHeader);
    encoded = await encodePart(
      source,
      task,
      {
        page: write,
        refused: async (row) => Promise.resolve(void refused.push(row)),
      },
      isExact,
    );
    await write(trailer);
  });
  return { encoded: encoded as unknown as Encoded, refused };
};

/** Rows that are tried together. */
const groupRows = 256;

const copyRowByRow: Copy = async (source, connection, task, isExact, copyText) => {
  const refused: RefusedRow[] = [];
  let group: Tried[] = [];
  const flush = async (): Promise<void> => {
    refused.push(...(await tryRows(connection, task, copyText, group)));
    group = [];
  };
  const encoded = await encodePart(
    source,
    task,
    {
      row: async (bytes, values) => {
        group.push({ bytes: Buffer.from(bytes), values });
        if (group.length >= groupRows) await flush();
      },
      refused: async (row) => Promise.resolve(void refused.push(row)),
    },
    isExact,
  );
  await flush();
  return { encoded, refused };
};

interface Tried {
  bytes: Buffer;
  values: readonly SqliteValue[];
}

/** Copies rows, and halves them where the server refuses some, until those stand alone. */
async function tryRows(
  connection: PostgresTransaction,
  task: ChunkTask,
  copyText: string,
  rows: readonly Tried[],
): Promise<RefusedRow[]> {
  if (rows.length === 0) return [];
  try {
    await connection.savepoint(async (inner) =>
      copyIntoPostgres(inner, copyText, async (write) => {
        await write(copyHeader);
        for (const { bytes } of rows) await write(bytes);
        await write(trailer);
      }),
    );
    return [];
  } catch (error) {
    if (!isOfTheData(error)) throw error;
    const [only] = rows;
    if (only !== undefined && rows.length === 1) return [refusedByServer(task, only, error)];
    const half = rows.length >> 1;
    return [
      ...(await tryRows(connection, task, copyText, rows.slice(0, half))),
      ...(await tryRows(connection, task, copyText, rows.slice(half))),
    ];
  }
}

function refusedByServer({ table }: ChunkTask, { values }: Tried, error: unknown): RefusedRow {
  const { code, where, column_name } = error as { code: string; where?: string; column_name?: string };
  const name = column_name ?? /column ([a-z_0-9]+)/.exec(where ?? "")?.[1];
  const index = table.columns.findIndex((column) => column.name === name);
  return refusedRow(table, values, index, code, messageOf(error));
}

async function keepOut(store: Postgres, task: ChunkTask, row: RefusedRow): Promise<void> {
  await none(store, hydrateAddQuarantine, {
    ...row,
    hydration_id: task.hydrationId,
    table_name: task.table.name,
    last_key: task.last,
    raw_digest: digestOf(row.raw),
    now: nowText(),
  });
}

async function noteChunk(store: Postgres, task: ChunkTask, encoded: Encoded): Promise<void> {
  const noted = await many(store, hydrateAddChunk, {
    hydration_id: task.hydrationId,
    table_name: task.table.name,
    last_key: task.last,
    after_key: task.after,
    row_count: encoded.rows,
    byte_count: encoded.bytes,
    quarantined: encoded.refused,
    digest: encoded.digest,
    batches_digest: task.batchesDigest === null ? null : Buffer.from(task.batchesDigest),
    now: nowText(),
  });
  if (noted.length === 0)
    throw new CowriedbError("hydrate.overtaken", `Another run has taken over the copy into ${store.name}.`, {
      hint: "Leave it to the other run; see the table hydrations.",
    });
}
