import type { Database } from "../../db/database.ts";
import {
  hydrateConversions,
  hydrateQuarantinePage,
  type HydrateQuarantineCountsRow,
} from "../../sql/generated.ts";
import { many } from "../../sql/run.ts";
import type { JobStatus } from "../../telemetry/job-status.ts";
import { estimateSize, estimateTime, type Seconds, type TableSize } from "./estimates.ts";
import { orphanReason } from "../orphans.ts";
import type { Chunk } from "../parts/plan.ts";
import type { Reject, Rejects } from "./rejects.ts";
import type { SettingMeaning } from "../settings.ts";
import type { CopiedTable } from "../rows/tables.ts";

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
  /** Bytes that are free where the file would be; null for a server, which does not say. */
  disk_free: number | null;
  interrupted: boolean;
  /** Of the transaction that the server was read in: null, since nothing was written. */
  transaction_id: string | null;
  elapsed_ms: number;
}

/** How a copy is foretold. */
export interface ForecastOptions {
  isNew: boolean;
  /** As of a run. */
  lost: string;
  stop: { readonly requested: boolean };
  onProgress: (status: JobStatus) => void;
}

/** What is known of a copy while it is foretold. */
export interface Telling {
  source: Database;
  target: Database;
  tables: readonly CopiedTable[];
  counts: ReadonlyMap<string, TableForecast>;
  rejects: Rejects;
  options: ForecastOptions;
}

/** Begins to foretell a copy of tables. */
export function beginTelling(telling: Omit<Telling, "counts">): Telling {
  return { ...telling, counts: new Map(telling.tables.map(({ name }) => [name, noForecast(name)])) };
}

function noForecast(table_name: string): TableForecast {
  return {
    table_name,
    ...{ rows: 0, rows_to_copy: 0, bytes: 0, bytes_to_copy: 0, chunks: 0, chunks_to_copy: 0, rejects: 0 },
    ...{ table_bytes: 0, index_bytes: 0 },
  };
}

/** Does `work` for each part, until somebody stops it; gives the names of the parts of which it says that the target has them. */
export async function foretellEach(
  { counts, options }: Telling,
  chunks: readonly Chunk[],
  work: (chunk: Chunk, of: TableForecast) => Promise<boolean>,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for (const [done, chunk] of chunks.entries()) {
    if (options.stop.requested) break;
    const of = counts.get(chunk.table.name) as TableForecast;
    of.chunks += 1;
    if (await work(chunk, of)) kept.add(chunkName(chunk.table.name, chunk.last));
    else of.chunks_to_copy += 1;
    options.onProgress({
      state: "running",
      phase: "reading",
      unit: "part",
      current: done + 1,
      total: chunks.length,
    });
  }
  return kept;
}

/** All that was foretold, with sizes and times. */
export async function toldOf(
  { source, target, tables, counts, rejects, options: { isNew, stop } }: Telling,
  { settings, disk_free }: Pick<Forecast, "settings" | "disk_free">,
): Promise<Omit<Forecast, "transaction_id" | "elapsed_ms">> {
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
    settings,
    rejects: rejected,
    first_rejects: rejects.first(),
    rejects_complete: rejects.isWhole() && !stop.requested,
    seconds: await estimateTime(target, all, isNew),
    disk_free,
    interrupted: stop.requested,
  };
}

/** What names a part. */
export function chunkName(table: string, last: string): string {
  return JSON.stringify([table, last]);
}

/** What the target has kept out of parts that are as they were. */
export async function addKept(target: Database, kept: ReadonlySet<string>, rejects: Rejects): Promise<void> {
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
  const isBack = target.dialect === "sqlite";
  return tables.flatMap(({ name, columns }) =>
    columns.map((column) => ({
      table_name: name,
      column_name: column.name,
      source_type: isBack ? column.type : column.sqliteType,
      target_type: isBack ? column.sqliteType : column.type,
      conversion:
        conversions.find(
          ({ sqlite_type, postgres_type }) =>
            sqlite_type === column.sqliteType && postgres_type === column.type,
        )?.conversion ?? "",
    })),
  );
}
