import type { Database } from "../db/database.ts";
import { isRetryable } from "../db/database-error.ts";
import { closeDatabase } from "../db/open.ts";
import { setChecks } from "../db/pragmas.ts";
import type { Postgres } from "../db/postgres.ts";
import { holdPostgres } from "../db/snapshot.ts";
import { inWriting } from "../db/writing.ts";
import {
  hydrateChunks,
  hydrateClearEntries,
  hydrateClearJournal,
  hydrateJournalEntries,
  type HydrateJournalEntriesRow,
} from "../sql/generated.ts";
import { many, none } from "../sql/run.ts";
import { frugalReader } from "./parts/copiers.ts";
import { assertFollowed, touch, type Touched } from "./parts/followed.ts";
import { dropJournal, entriesAtOnce, keepJournal, tablesThatNote } from "./parts/journal.ts";
import { payloadsOf } from "./rows/payloads.ts";
import { chunksOf, isOfBatches, isSealed, planBack } from "./parts/plan.ts";
import { returnPart, returnRows, type Return, type ReturnTask } from "./parts/return-chunk.ts";
import type { Run } from "./run.ts";
import { compareKeys, tablesToProve, type CopiedTable } from "./rows/tables.ts";

/** A writer that has a row and wants a table may stand in the way of who wants that table. */
const mostTries = 10;

/** Does `work` in a transaction on a server, again where somebody stands in the way. */
export async function inWritingAgain(
  store: Database,
  work: (writing: Database) => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      await inWriting(store, work);
      return;
    } catch (error) {
      if (tries >= mostTries || !isRetryable(error)) throw error;
    }
}

/**
 * Has a store on a server note what changes in it, table by table, so that nobody waits for more than one; what belongs to sealed
 * batches is found by them. What changes behind its end is noted.
 */
export async function noteOnServer(server: Database, tables: readonly CopiedTable[]): Promise<void> {
  for (const table of tables.filter((one) => !isOfBatches(one)))
    await inWritingAgain(server, async (writing) => keepJournal(writing, [table]));
  await none(server, hydrateClearJournal, {});
}

/** Takes back what `noteOnServer` has done, this time or before; a store that notes nothing is not written to. */
export async function noteNoMore(server: Database, tables: readonly CopiedTable[]): Promise<void> {
  const noting = await tablesThatNote(server, tables);
  for (const table of noting) await inWritingAgain(server, async (writing) => dropJournal(writing, [table]));
  if (noting.length > 0) await none(server, hydrateClearJournal, {});
}

/**
 * Brings into a file what has changed in a store on a server since it was copied, or since it was last followed: new batches, those
 * that were undone, and rows that the journal names; what has come is compared where the run compares. Gives how much that was.
 */
export async function followBack(run: Run): Promise<number> {
  const { sqlite, server } = run.pair;
  const held = await holdPostgres(server);
  const reader = frugalReader(sqlite);
  setChecks(sqlite.handle, false);
  try {
    const between: Return = {
      ...{ held: held.store, sqlite, reader, payloads: payloadsOf(sqlite) },
      arrived: await many(held.store, hydrateChunks, {}),
    };
    const proved = await provedTables(run, between);
    let rows = await followBatches(run, between, proved);
    for await (const entries of entriesOf(held.store)) {
      const touched: Touched = new Map();
      for (const { table_name, row_key } of entries)
        touch(touched, table_name, [JSON.stringify(JSON.parse(row_key))]);
      rows += await followKeys(run, between, proved, touched);
      const ids = JSON.stringify(entries.map(({ journal_id }) => journal_id));
      await none(server, hydrateClearEntries, { ids });
    }
    run.followed = (run.followed ?? 0) + rows;
    run.counts.rows_copied += rows;
    return rows;
  } finally {
    setChecks(sqlite.handle, true);
    await closeDatabase(reader);
    await held.letGo();
  }
}

/** The entries of the journal, so many at once as fit into memory: before a TRUNCATE every key is noted. */
async function* entriesOf(held: Postgres): AsyncGenerator<HydrateJournalEntriesRow[]> {
  for (let after_id = 0; ;) {
    const entries = await many(held, hydrateJournalEntries, { after_id, page_size: entriesAtOnce });
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries;
    after_id = Number(last.journal_id);
  }
}

/** Tables by their names. */
type Tables = ReadonlyMap<string, CopiedTable>;

/** Brings the parts of the tables of batches that are not as they were. */
async function followBatches(run: Run, between: Return, proved: Tables): Promise<number> {
  const { pair, tables, hydrationId } = run;
  const { held, reader } = between;
  const ofBatches = tables.filter(isOfBatches);
  const chunks = await planBack(held, await chunksOf(pair.sqlite, false), ofBatches);
  const ends = ofBatches.map((table) => ({
    table,
    after: chunks.findLast((chunk) => chunk.table === table)?.last ?? null,
    ...{ last: null, batchesDigest: null },
  }));
  let rows = 0;
  for (const part of [...chunks.filter((chunk) => !isSealed(chunk)), ...ends]) {
    const task: ReturnTask = { ...part, hydrationId };
    const outcome = await returnPart(between, task);
    rows += outcome.rows;
    const table = proved.get(task.table.name);
    if (!outcome.isKept && table !== undefined)
      await assertFollowed(reader, held, { table, keys: [], parts: [task] });
  }
  return rows;
}

/** Rows that are brought by one statement. */
const rowsAtOnce = 500;

/** Brings the rows that have changed in tables whose rows may. */
async function followKeys(run: Run, between: Return, proved: Tables, touched: Touched): Promise<number> {
  const { tables, hydrationId } = run;
  const { held, reader } = between;
  let rows = 0;
  for (const table of tables) {
    const keys = [...new Set(touched.get(table.name) ?? [])].sort((a, b) => compareKeys(table, a, b));
    for (let from = 0; from < keys.length; from += rowsAtOnce) {
      const some = keys.slice(from, from + rowsAtOnce);
      rows += await returnRows(between, { hydrationId, table, keys: some });
      const whole = proved.get(table.name);
      if (whole !== undefined) await assertFollowed(reader, held, { table: whole, keys: some, parts: [] });
    }
  }
  return rows;
}

/** The tables whose rows are compared, with what each store computes; none where the run compares nothing. */
async function provedTables(run: Run, { held, sqlite }: Return): Promise<Tables> {
  const tables = run.options.proof === null ? [] : await tablesToProve(sqlite, held);
  return new Map(tables.map((table) => [table.name, table]));
}
