import { closeDatabase } from "../../db/open.ts";
import { setChecks } from "../../db/pragmas.ts";
import type { Postgres } from "../../db/postgres.ts";
import { holdPostgres, holdSnapshot, letGo } from "../../db/snapshot.ts";
import { copyInMemory, type Sqlite } from "../../db/sqlite.ts";
import { inTrial, inWriting } from "../../db/writing.ts";
import { hydrateChunks, hydrateState, hydrateTransactionId } from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { assertFree, assertOneInUse } from "../checks.ts";
import {
  addKept,
  beginTelling,
  chunkName,
  foretellEach,
  toldOf,
  type Forecast,
  type ForecastOptions,
  type TableForecast,
} from "./told.ts";
import { setAside } from "../objects.ts";
import { chunksOf, isSealed, planBack, type Chunk } from "../parts/plan.ts";
import { startRejects, type Rejects } from "./rejects.ts";
import { partWriter, type Return, type Returned } from "../parts/return-chunk.ts";
import { tablesToCopy, type CopiedTable } from "../rows/tables.ts";

/** How a copy into a file is foretold. */
export interface BackOptions extends ForecastOptions {
  /** A store in memory alone, as a new file would be one. */
  empty: Sqlite;
  diskFree: number | null;
}

/**
 * Foretells what a copy from a server into a file would do, and what it would keep out: every part that it would copy is read,
 * held against what the file has, and written as it would be into a store in memory, part by part, and taken back. Both stores
 * are read alone; `target` is an empty store where there is no file yet.
 */
export async function forecastBack(
  source: Postgres,
  target: Sqlite,
  options: BackOptions,
): Promise<Forecast> {
  const began = performance.now();
  const held = await holdPostgres(source);
  const trial = copyInMemory(options.empty);
  holdSnapshot(target);
  try {
    const found = await foretell(held.store, target, trial, options);
    const { transaction_id } = await one(held.store, hydrateTransactionId, {});
    return { ...found, transaction_id, elapsed_ms: Math.round(performance.now() - began) };
  } finally {
    letGo(target);
    await closeDatabase(trial);
    await held.letGo();
  }
}

async function foretell(
  held: Postgres,
  target: Sqlite,
  trial: Sqlite,
  options: BackOptions,
): Promise<Omit<Forecast, "transaction_id" | "elapsed_ms">> {
  const { stop } = options;
  const tables = await tablesToCopy(held, target);
  await assertFree(held, target, tables, false);
  await assertOneInUse(held, target, { lost: options.lost, isOpened: false });
  const wasUsed = (await one(target, hydrateState, {})).state === "retired";
  const rejects = startRejects(tables);
  const telling = beginTelling({ source: held, target, tables, rejects, options });
  const arrived = await many(held, hydrateChunks, {});
  // A text's own form changes nothing of what becomes of its row, so that no evidence need be read for it.
  const payloads = async (): Promise<undefined> => Promise.resolve(undefined);
  const between = { held, sqlite: trial, reader: target, arrived, payloads, isTrial: true };
  const chunks = await planBack(held, await chunksOf(target, wasUsed), tables);
  await makeReady(trial, tables);
  const sealed = new Set<string>();
  const ends = new Map<string, string>();
  await foretellEach(telling, chunks, async (chunk, of) => {
    const { known, table, last } = chunk;
    ends.set(table.name, last);
    if (known !== null && isSealed(chunk)) {
      sealed.add(chunkName(table.name, last));
      of.rows += Number(known.row_count);
      of.bytes += Number(known.byte_count);
      return true;
    }
    const { rows, bytes, changed } = await tryPart(between, chunk, rejects);
    of.rows += rows;
    of.bytes += bytes;
    of.rows_to_copy += changed;
    of.bytes_to_copy += changed > 0 ? bytes : 0;
    return changed === 0;
  });
  await addKept(target, sealed, rejects);
  // What stands behind the last part of a table comes too, or goes.
  for (const table of tables) {
    if (stop.requested) break;
    const end = { table, after: ends.get(table.name) ?? null, last: null };
    const of = telling.counts.get(table.name) as TableForecast;
    of.rows_to_copy += (await tryPart(between, end, rejects)).changed;
  }
  return toldOf(telling, { settings: [], disk_free: options.diskFree });
}

/** A store in memory has no more triggers and indexes than a file that is copied into. */
async function makeReady(trial: Sqlite, tables: readonly CopiedTable[]): Promise<void> {
  setChecks(trial.handle, false);
  const names = tables.map(({ name }) => name);
  await inWriting(trial, async (writing) => setAside(writing, 0, tables, names));
}

async function tryPart(
  between: Return,
  part: Pick<Chunk, "table" | "after"> & { last: string | null },
  rejects: Rejects,
): Promise<Returned> {
  const writePart = await partWriter(between, part, async (row) =>
    Promise.resolve(rejects.add(part.table.name, row)),
  );
  return inTrial(between.sqlite, writePart);
}
