import type { Postgres } from "../../db/postgres.ts";
import { inReading } from "../../db/read-only.ts";
import { holdSnapshot, letGo } from "../../db/snapshot.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { hydrateState, hydrateTransactionId } from "../../sql/generated.ts";
import { one } from "../../sql/run.ts";
import { assertFree, assertOneInUse } from "../checks.ts";
import type { SqliteValue } from "../rows/codec.ts";
import { encodePart, InexactKey, type Encoded } from "../rows/encode.ts";
import {
  addKept,
  beginTelling,
  foretellEach,
  toldOf,
  type Forecast,
  type ForecastOptions,
  type TableForecast,
} from "./told.ts";
import { chunksOf, isSealed, planChunks, type Chunk } from "../parts/plan.ts";
import type { RefusedRow } from "../rows/refused-row.ts";
import { startRejects, type Rejects } from "./rejects.ts";
import { serverChecks, type ServerChecks } from "./server-checks.ts";
import { settingsOf } from "../settings.ts";
import { tablesOfToday, tablesToCopy } from "../rows/tables.ts";

/**
 * Foretells what a copy would do, and what it would keep out: every row that it would copy is read and encoded as it would be, and
 * what a table would say of it is asked of the server by a query. Both stores are read alone.
 */
export async function forecast(
  source: Sqlite,
  target: Postgres,
  options: ForecastOptions,
): Promise<Forecast> {
  const began = performance.now();
  holdSnapshot(source);
  try {
    return await inReading(target, async (reading) => {
      const found = await foretell(source, reading, options);
      const { transaction_id } = await one(reading, hydrateTransactionId, {});
      return { ...found, transaction_id, elapsed_ms: Math.round(performance.now() - began) };
    });
  } finally {
    letGo(source);
  }
}

async function foretell(
  source: Sqlite,
  target: Postgres,
  options: ForecastOptions,
): Promise<Omit<Forecast, "transaction_id" | "elapsed_ms">> {
  const { isNew } = options;
  const tables = await (isNew ? tablesOfToday : tablesToCopy)(source, target);
  if (!isNew) {
    await assertFree(source, target, tables, false);
    await assertOneInUse(source, target, { lost: options.lost, isOpened: false });
  }
  const wasUsed = !isNew && (await one(target, hydrateState, {})).state === "retired";
  const known = isNew ? [] : await chunksOf(target, wasUsed);
  const rejects = startRejects(tables);
  const telling = beginTelling({ source, target, tables, rejects, options });
  const checks = new Map<string, ServerChecks>();
  const chunks = await planChunks(source, tables, known);
  const kept = await foretellEach(telling, chunks, async (chunk, of) => {
    const asked = checks.get(chunk.table.name) ?? (await serverChecks(target, chunk.table));
    checks.set(chunk.table.name, asked);
    return foretellChunk(source, chunk, asked, of, rejects);
  });
  if (!isNew) await addKept(target, kept, rejects);
  await rejects.addOrphans(source);
  return toldOf(telling, { settings: await settingsOf(source, target), disk_free: null });
}

/** Foretells what becomes of a part; gives whether the target has it as it is. */
async function foretellChunk(
  source: Sqlite,
  chunk: Chunk,
  checks: ServerChecks,
  of: TableForecast,
  rejects: Rejects,
): Promise<boolean> {
  const { known, table } = chunk;
  if (known !== null) {
    const isSame =
      isSealed(chunk) || (await readPart(source, chunk, null)).encoded.digest.equals(known.digest);
    if (isSame) {
      of.rows += Number(known.row_count) + Number(known.quarantined);
      of.bytes += Number(known.byte_count);
      return true;
    }
  }
  const { encoded, refused } = await readPart(source, chunk, checks);
  for (const row of refused) rejects.add(table.name, row);
  of.rows += encoded.rows + encoded.refused;
  of.bytes += encoded.bytes;
  of.rows_to_copy += encoded.rows + encoded.refused - refused.length;
  of.bytes_to_copy += encoded.bytes;
  return false;
}

/** Rows and bytes of them that are asked of the server by one statement. */
const rowsAtOnce = 1_000;
const bytesAtOnce = 1 << 20;

async function readPart(
  source: Sqlite,
  chunk: Chunk,
  checks: ServerChecks | null,
): Promise<{ encoded: Encoded; refused: RefusedRow[] }> {
  try {
    return await readPartAs(source, chunk, checks, false);
  } catch (error) {
    if (!(error instanceof InexactKey)) throw error;
    return readPartAs(source, chunk, checks, true);
  }
}

async function readPartAs(
  source: Sqlite,
  chunk: Chunk,
  checks: ServerChecks | null,
  isExact: boolean,
): Promise<{ encoded: Encoded; refused: RefusedRow[] }> {
  const refused: RefusedRow[] = [];
  let rows: (readonly SqliteValue[])[] = [];
  let bytes = 0;
  let asked: Promise<RefusedRow[]> = Promise.resolve([]);
  // The server reads some rows while the next ones are read here.
  const ask = async (): Promise<void> => {
    refused.push(...(await asked));
    asked = checks === null ? asked : checks.refused(rows);
    asked.catch(() => undefined);
    [rows, bytes] = [[], 0];
  };
  const sink = {
    refused: async (row: RefusedRow): Promise<void> => Promise.resolve(void refused.push(row)),
    row: async (encoded: Buffer, values: readonly SqliteValue[]): Promise<void> => {
      rows.push(values);
      bytes += encoded.length;
      if (rows.length >= rowsAtOnce || bytes >= bytesAtOnce) await ask();
    },
  };
  const given = checks === null ? { refused: sink.refused } : sink;
  try {
    const encoded = await encodePart(source, chunk, given, isExact);
    if (checks !== null) await ask();
    refused.push(...(await asked));
    return { encoded, refused };
  } finally {
    // Whoever reads the part anew must not ask beside what is still asked.
    await asked.catch(() => undefined);
  }
}
