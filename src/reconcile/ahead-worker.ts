import { serve } from "../db/crew.ts";
import type { AheadPiece } from "./ahead.ts";
import { proveRange, type RangeProof } from "./range.ts";

// A reader in the order of session ids meets a page of events once; a sort keeps as much as the cache.
serve<AheadPiece, RangeProof>(
  async (store, { run, range_number: number }) => proveRange(store, run, number),
  12_000,
);
