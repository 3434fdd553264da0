import type { Database } from "../db/database.ts";
import type { Postgres } from "../db/postgres.ts";
import { inReading } from "../db/read-only.ts";
import { holdSnapshot, letGo } from "../db/snapshot.ts";
import type { Sqlite } from "../db/sqlite.ts";
import {
  hydrateChunks,
  hydrateConversions,
  hydrateQuarantinePage,
  hydrateTransactionId,
  type HydrateQuarantineCountsRow,
} from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { assertFree } from "./checks.ts";
import type { SqliteValue } from "./codec.ts";
import { encodePart, InexactKey, type Encoded } from "./encode.ts";
import type { RefusedRow } from "./refused-row.ts";
import { estimateSize, estimateTime, type Seconds, type TableSize } from "./estimates.ts";
import { orphanReason } from "./orphans.ts";
import { isSealed, planChunks, type Chunk } from "./plan.ts";
import { startRejects, type Reject, type Rejects } from "./rejects.ts";
import { serverChecks, type ServerChecks } from "./server-checks.ts";
import { settingsOf, type SettingMeaning } from "./settings.ts";
import { tablesOfToday, tablesToCopy, type CopiedTable } from "./tables.ts";

/** What a copy would do to a table. */
export interface TableForecast extends TableSize {
  table_name: string;
  /** Rows of the source, and those that would be copied now. */
  rows: number;
  rows_to_copy: number;
  bytes_to_copy: number;
  chunks: number;
  chunks_to_copy: number;
  /** Rows that the target would keep out, of those and of earlier runs. */
  rejects: number;
}

/** What becomes of a column. */
export interface ColumnForecast {
  table_name: string;
  column_name: string;
  source_type: string;
  target_type: string;
  conversion: string;
}

/** What a copy would do. */
export interface Forecast {
  source: string;
  target: string;
  /** Whether the target is no store yet. */
  is_new: boolean;
  tables: TableForecast[];
  columns: ColumnForecast[];
  settings: SettingMeaning[];
  rejects: HydrateQuarantineCountsRow[];
  first_rejects: Reject[];
  rejects_complete: boolean;
  seconds: Seconds;
  interrupted: boolean;
  /** Of the transaction that the target was read in: null, since nothing was written. */
  transaction_id: string | null;
  elapsed_ms: number;
}

/** How a copy is foretold. */
export interface ForecastOptions {
  isNew: boolean;
  stop: { readonly requested: boolean };
  onProgress: (status: JobStatus) => void;
}

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
  { isNew, stop, onProgress }: ForecastOptions,
): Promise<Omit<Forecast, "transaction_id" | "elapsed_ms">> {
  const tables = await (isNew ? tablesOfToday : tablesToCopy)(source, target);
  if (!isNew) await assertFree(source, target, tables, false);
  const known = isNew ? [] : await many(target, hydrateChunks, {});
  const rejects = startRejects(tables);
  const counts = new Map(tables.map(({ name }) => [name, noForecast(name)]));
  const kept = new Set<string>();
  const chunks = await planChunks(source, tables, known);
  let done = 0;
  const checks = new Map<string, ServerChecks>();
  for (const chunk of chunks) {
    if (stop.requested) break;
    const of = counts.get(chunk.table.name) as TableForecast;
    const asked = checks.get(chunk.table.name) ?? (await serverChecks(target, chunk.table));
    checks.set(chunk.table.name, asked);
    if (await foretellChunk(source, chunk, asked, of, rejects))
      kept.add(chunkName(chunk.table.name, chunk.last));
    onProgress({
      state: "running",
      phase: "reading",
      unit: "part",
      current: (done += 1),
      total: chunks.length,
    });
  }
  if (!isNew) await addKept(target, kept, rejects);
  await rejects.addOrphans(source);
  const rejected = rejects.counts();
  for (const { table_name, row_count } of rejected)
    (counts.get(table_name) as TableForecast).rejects += Number(row_count);
  const all = await estimateSize(target, [...counts.values()]);
  return {
    source: source.name,
    target: target.name,
    is_new: isNew,
    tables: all,
    columns: await columnsOf(target, tables),
    settings: await settingsOf(source, target),
    rejects: rejected,
    first_rejects: rejects.first(),
    rejects_complete: rejects.isWhole() && !stop.requested,
    seconds: await estimateTime(target, all, isNew),
    interrupted: stop.requested,
  };
}

function noForecast(table_name: string): TableForecast {
  return {
    table_name,
    ...{ rows: 0, rows_to_copy: 0, bytes: 0, bytes_to_copy: 0, chunks: 0, chunks_to_copy: 0, rejects: 0 },
    ...{ table_bytes: 0, index_bytes: 0 },
  };
}

function chunkName(table: string, last: string): string {
  return JSON.stringify([table, last]);
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
  of.chunks += 1;
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
  of.chunks_to_copy += 1;
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

/** What the target has kept out of parts that are as they were. */
async function addKept(target: Database, kept: ReadonlySet<string>, rejects: Rejects): Promise<void> {
  for (let after = 0; ;) {
    const page = await many(target, hydrateQuarantinePage, { after_id: after });
    for (const row of page)
      if (row.reason !== orphanReason && kept.has(chunkName(row.table_name, row.last_key)))
        rejects.add(row.table_name, row);
    const last = page.at(-1);
    if (last === undefined) return;
    after = Number(last.hydration_quarantine_id);
  }
}

async function columnsOf(target: Database, tables: readonly CopiedTable[]): Promise<ColumnForecast[]> {
  const conversions = await many(target, hydrateConversions, {});
  return tables.flatMap(({ name, columns }) =>
    columns.map((column) => ({
      table_name: name,
      column_name: column.name,
      source_type: column.sqliteType,
      target_type: column.type,
      conversion:
        conversions.find(
          ({ sqlite_type, postgres_type }) =>
            sqlite_type === column.sqliteType && postgres_type === column.type,
        )?.conversion ?? "",
    })),
  );
}
