import type { Database } from "../db/database.ts";
import type { HydrateQuarantineCountsRow } from "../sql/generated.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import type { Pair } from "./pair.ts";
import type { ServerSettings } from "../db/writing.ts";
import type { CopyProof, ProofOptions } from "./proof.ts";
import type { CopiedTable } from "./rows/tables.ts";

/** What copies from one store into another. */
export interface HydrateOptions {
  /** Threads that copy, and connections that build indexes. */
  workers: number;
  /** Have the target take the place of the source in the end. */
  cutover: boolean;
  /** The name of the store that was in use in place of one of both, and is lost; empty for none. */
  lost: string;
  /** Go on with a run that did not end, and do nothing else. */
  resume: boolean;
  /** Where the store on a server is. */
  url: string;
  actor: string;
  worker: string;
  toolVersion: string;
  schemaVersion: string;
  stop: { readonly requested: boolean };
  onProgress: (status: JobStatus) => void;
  /** Compare all rows of both stores once they are copied; null to leave it out. What does not stand is not cut over. */
  proof:
    | (Pick<ProofOptions, "isDigested" | "beside" | "provers"> & { stands: (proof: CopyProof) => boolean })
    | null;
}

/** What a run has done. */
export interface HydrateResult {
  hydration_id: number;
  source: string;
  target: string;
  /** What the target is now: hydrating where the run was stopped, copied where it is whole. */
  state: string;
  /** What the source is now: open, or retired where the target takes its place, or was to. */
  source_state: string;
  /** The store that has the place of a retired source; null where it is open. */
  source_moved_to: string | null;
  tables: number;
  chunks_copied: number;
  /** Parts that were in the target already, as they are. */
  chunks_kept: number;
  rows_copied: number;
  bytes_copied: number;
  quarantined: HydrateQuarantineCountsRow[];
  interrupted: boolean;
  /** How long nobody could write, in either store; null without a cutover. */
  pause_ms: number | null;
  /** Rows that changed meanwhile and have followed, each compared unless nothing was; null without a cutover. */
  rows_followed: number | null;
  /** What a run that died behind its cutover had left aside, and is done now; null where none had cut over before. */
  objects_left: number | null;
  elapsed_ms: number;
  /** What the comparison of all rows came to; null where there was none. */
  proof: CopyProof | null;
}

/** What a run counts. */
export type Counts = Pick<HydrateResult, "chunks_copied" | "chunks_kept" | "rows_copied" | "bytes_copied">;

/** A run under way. */
export interface Run {
  source: Database;
  target: Database;
  pair: Pair;
  options: HydrateOptions;
  tables: CopiedTable[];
  /** What holds in the target while indexes are built. */
  building: ServerSettings;
  hydrationId: number;
  counts: Counts;
  proof: CopyProof | null;
  pauseMs: number | null;
  /** Rows that have followed by the journal; null where nothing had to. */
  followed: number | null;
  /** Objects that another run had left behind its cutover; null where none had cut over. */
  left: number | null;
}
