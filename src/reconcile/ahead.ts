import { crewOf, startCrew, type Crew } from "../db/crew.ts";
import type { Database } from "../db/database.ts";
import { proveRange, type RangeProof } from "./range.ts";
import { ledgerStep, type RunFacts } from "./run.ts";

/** What is asked of a reader. */
export interface AheadPiece {
  run: RunFacts;
  range_number: number;
}

/** Proves ranges, and those behind them meanwhile: each in a snapshot of its own, so nothing depends on the order. */
export interface Ahead {
  /** Proves a range. Throws what `proveRange` throws. */
  prove(rangeNumber: number): Promise<RangeProof>;
  /** Lets the readers go; what is asked afterwards is proved here. */
  close(): Promise<void>;
}

type Readers = Crew<AheadPiece, RangeProof>;

const readerCount = 2;
/** Ranges in flight and proved, so that no reader waits for the writer. */
const aheadCount = readerCount + 2;
/** A store whose ranges take less is done before readers have started. */
const slowRangeMs = 40;

/** Readers that start once a range takes longer than `slowMs`. */
export function readAhead(database: Database, run: RunFacts, slowMs = slowRangeMs): Ahead {
  const { row, mode, isTrusted, due, previous } = run;
  const facts: RunFacts = { row, mode, isTrusted, due, previous };
  let readers: Readers | undefined;
  const asked = new Map<number, Promise<RangeProof | undefined>>();
  return {
    prove: async (number) => {
      if (readers === undefined) {
        const began = performance.now();
        const proof = await proveRange(database, run, number);
        if (performance.now() - began > slowMs) readers = await startReaders(database);
        return proof;
      }
      for (let next = number; next < Math.min(number + aheadCount, ledgerStep); next++)
        if (!asked.has(next)) asked.set(next, readers.ask({ run: facts, range_number: next }));
      const proof = await asked.get(number);
      asked.delete(number);
      return proof ?? proveRange(database, run, number);
    },
    close: async () => {
      const leaving = readers;
      readers = undefined;
      asked.clear();
      await leaving?.close();
    },
  };
}

async function startReaders(database: Database): Promise<Readers> {
  if (database.dialect === "sqlite") {
    const crew = startCrew<AheadPiece, RangeProof>(
      new URL("./ahead-worker.js", import.meta.url),
      database.path,
      readerCount,
    );
    return { ...crew, ask: async (piece) => withBuffers(await crew.ask(piece)) };
  }
  return crewOf<AheadPiece, RangeProof>(await database.another(), readerCount, async (store, piece) =>
    proveRange(store, piece.run, piece.range_number),
  );
}

/** A buffer that comes from another thread is a plain array of bytes. */
function withBuffers(proof: RangeProof | undefined): RangeProof | undefined {
  if (proof === undefined) return undefined;
  const buffered = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
  return {
    ...proof,
    buckets: proof.buckets.map((bucket) => ({
      ...bucket,
      digest: buffered(bucket.digest),
      part_digests: buffered(bucket.part_digests),
    })),
  };
}
