import { closeDatabase } from "../db/open.ts";
import { setChecks } from "../db/pragmas.ts";
import { holdPostgres } from "../db/snapshot.ts";
import { makeDo, type Sqlite } from "../db/sqlite.ts";
import { hydrateChunks, hydrateClearJournal } from "../sql/generated.ts";
import { many, none } from "../sql/run.ts";
import type { ChunkOutcome } from "./parts/copy-chunk.ts";
import { frugalReader, startCopiers, type Copiers } from "./parts/copiers.ts";
import { noteNoMore, noteOnServer } from "./follow-back.ts";
import { dropJournal, keepJournal } from "./parts/journal.ts";
import { payloadsOf } from "./rows/payloads.ts";
import { chunksOf, planBack, planChunks, type Chunk } from "./parts/plan.ts";
import { proveCopy, type CopyProof, type ProofOptions } from "./proof.ts";
import { returnPart, type Return, type ReturnTask } from "./parts/return-chunk.ts";
import type { Run } from "./run.ts";

/** Who copies parts from one store into another, and sees the first as it was at one moment. */
export interface Movers {
  /** A reader of the source that sees what they see; none where that is on a server. */
  reader: Sqlite | undefined;
  /** How many parts are copied at once. */
  lanes: number;
  /** The parts of the source; `wasUsed` says that others have written into the target since they were copied. */
  plan(wasUsed: boolean): Promise<Chunk[]>;
  copy(chunk: Chunk): Promise<ChunkOutcome>;
  /** Copies what stands behind the last part of each table, or takes it away; gives the rows. */
  copyEnds(): Promise<number>;
  prove(options: ProofOptions): Promise<CopyProof>;
  close(): Promise<void>;
}

/** Starts who copies, into either engine. `isOpen` says that others may write into the source. */
export async function startMovers(run: Run, isOpen: boolean): Promise<Movers> {
  return run.pair.isBack ? startBack(run, isOpen) : startForth(run, isOpen);
}

async function startForth(run: Run, isOpen: boolean): Promise<Movers> {
  const { pair, options, tables } = run;
  const { sqlite, server } = pair;
  const url = { url: options.url, shown: server.name };
  const copiers = await startCopiers(sqlite, url, options.workers, async () => {
    if (!isOpen) return;
    await none(sqlite, hydrateClearJournal, {});
    await (options.cutover ? keepJournal : dropJournal)(sqlite, tables);
  });
  return {
    reader: copiers.reader,
    lanes: options.workers,
    plan: async (wasUsed) => planChunks(copiers.reader, tables, await chunksOf(server, wasUsed)),
    copy: async ({ known, table, after, last, batchesDigest }) =>
      copiers.copy({
        ...{ hydrationId: run.hydrationId, table, after, last, batchesDigest },
        known:
          known === null
            ? null
            : {
                rows: Number(known.row_count),
                bytes: Number(known.byte_count),
                refused: Number(known.quarantined),
                digest: known.digest,
              },
      }),
    copyEnds: async () => Promise.resolve(0),
    prove: async (how) => {
      await copiers.shrink(how.provers);
      return proveCopy(copiers, pair, how);
    },
    close: async () => copiers.close(),
  };
}

/** Of the connection that writes, while others compare. */
const restingKibibytes = 2_000;

/** SQLite has one writer, which is this thread; rows are compared by others, who see what it has seen of PostgreSQL. */
async function startBack(run: Run, isOpen: boolean): Promise<Movers> {
  const { pair, options, tables } = run;
  const { sqlite, server } = pair;
  if (isOpen) await (options.cutover ? noteOnServer : noteNoMore)(server, tables);
  const held = await holdPostgres(server);
  const reader = frugalReader(sqlite);
  const arrived = await many(held.store, hydrateChunks, {});
  const between: Return = { held: held.store, sqlite, reader, arrived, payloads: payloadsOf(sqlite) };
  const ends = new Map<string, string>();
  const copy = async (task: Omit<ReturnTask, "hydrationId">): Promise<ChunkOutcome> =>
    returnPart(between, { ...task, hydrationId: run.hydrationId });
  setChecks(sqlite.handle, false);
  return {
    reader: undefined,
    lanes: 1,
    plan: async (wasUsed) => {
      const chunks = await planBack(held.store, await chunksOf(sqlite, wasUsed), tables);
      for (const { table, last } of chunks) ends.set(table.name, last);
      return chunks;
    },
    copy: async ({ table, after, last, batchesDigest }) => copy({ table, after, last, batchesDigest }),
    copyEnds: async () => {
      let rows = 0;
      for (const table of tables)
        rows += (await copy({ table, after: ends.get(table.name) ?? null, last: null, batchesDigest: null }))
          .rows;
      return rows;
    },
    prove: async (how) => {
      const at = { url: options.url, shown: server.name, snapshot: held.snapshot };
      // Nothing is written meanwhile, and the threads read for themselves.
      const restore = makeDo(sqlite, restingKibibytes);
      const copiers: Copiers = await startCopiers(sqlite, at, how.provers);
      try {
        return await proveCopy(copiers, pair, how);
      } finally {
        await copiers.close();
        restore();
      }
    },
    close: async () => {
      setChecks(sqlite.handle, true);
      await closeDatabase(reader);
      await held.letGo();
    },
  };
}
