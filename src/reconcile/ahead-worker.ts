import { serve } from "../db/crew.ts";
import type { AheadPiece } from "./ahead.ts";
import { proveRange, type RangeProof } from "./range.ts";

serve<AheadPiece, RangeProof>(async (store, { run, range_number: number }) => proveRange(store, run, number));
