import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { CowriedbError } from "../../errors.ts";
import type { GateRules } from "../../events/gate.ts";
import { sourcesNotePlace } from "../../sql/generated.ts";
import { none } from "../../sql/run.ts";
import { breakerSettings, type BreakerSettings } from "./breaker.ts";
import type { DeltaPass } from "./delta.ts";
import type { BatchOutcome } from "../write/writer.ts";
import { actorName } from "../../actor.ts";
import { readRules } from "../rules.ts";
import { noCounts, type BatchCounts, type LoadResult } from "../load-result.ts";
import type { PatientStore } from "./patience.ts";
import type { FilePlace } from "../place.ts";
import type { Tail } from "./tail.ts";
import { folderWatch, type FolderWatch } from "./watch.ts";
import { fileParameters } from "../write/write-parameters.ts";

/** How files are followed. */
export interface FollowOptions {
  multiLine: boolean;
  batchEvents: number;
  /** The UUID that every batch carries; one is made where it is not given. */
  runId?: string;
  /** Longest time between two looks at the folders. */
  pollMs: number;
  /** `onRequested` is called when the stop is asked for. */
  stop: { requested: boolean; onRequested?: () => void };
  onPass(pass: DeltaPass): void;
  /** Called whenever something was loaded, with what all of it came to. */
  onCounts?(counts: BatchCounts): void;
  /** Called once all that was there is loaded, with how many files are held open. */
  onReady(files: number): void;
  onTrip(path: string): void;
  onResume(path: string): void;
}

/** Following under way. */
export interface Following {
  store: PatientStore;
  paths: readonly string[];
  options: FollowOptions;
  rules: GateRules;
  breaker: BreakerSettings;
  runId: string;
  actor: string;
  startedAt: number;
  watch: FolderWatch;
  /** The files that are held open, by `placeKey`. */
  tails: Map<string, Tail>;
  /** Files that were read as far as they go, as they were then. */
  seen: Map<string, FilePlace>;
  /** Files of the first pass that may be written to. */
  written: Map<string, FilePlace>;
  /** Files that must hold still until the next look before they are read. */
  settling: Map<string, FilePlace>;
  /** A pass over the files that are not held open. */
  passing: Promise<void> | undefined;
  failure: { error: unknown } | undefined;
  needsPass: boolean;
  /** When a pass is due whatever happens, and when the next look at the folders is. */
  passAt: number;
  scanAt: number;
  turnAt: number;
  /** A file has more than was read of it. */
  isBehind: boolean;
  /** A file that is not held open waits for the rest of its last line. */
  hasWaiting: boolean;
  /** What all of it came to. */
  result: LoadResult;
}

/** Begins to follow; nothing is read yet. */
export async function newFollowing(
  store: PatientStore,
  paths: readonly string[],
  options: FollowOptions,
): Promise<Following> {
  const runId = options.runId ?? randomUUID();
  const tails = new Map<string, Tail>();
  return {
    store,
    paths,
    options,
    rules: await store.patiently(() => readRules(store.database)),
    breaker: await store.patiently(() => breakerSettings(store.database)),
    runId,
    actor: actorName(),
    startedAt: performance.now(),
    watch: folderWatch((name) => isHeldOpen(tails, name)),
    tails,
    seen: new Map(),
    written: new Map(),
    settling: new Map(),
    passing: undefined,
    failure: undefined,
    needsPass: false,
    passAt: Number.POSITIVE_INFINITY,
    scanAt: 0,
    turnAt: 0,
    isBehind: false,
    hasWaiting: false,
    result: {
      run_id: runId,
      interrupted: true,
      files: [],
      ...noCounts(),
      elapsed_ms: 0,
    },
  };
}

function isHeldOpen(tails: ReadonlyMap<string, Tail>, name: string): boolean {
  for (const { file } of tails.values()) if (basename(file.path.toString("latin1")) === name) return true;
  return false;
}

/** Adds what a batch, or a whole pass, came to. */
export function addCounts({ result, options }: Following, more: BatchCounts): void {
  result.batches += more.batches;
  result.records_read += more.records_read;
  result.events_accepted += more.events_accepted;
  result.events_duplicate += more.events_duplicate;
  result.records_rejected += more.records_rejected;
  result.records_skipped += more.records_skipped;
  options.onCounts?.(result);
}

/** The counts of one batch. */
export function countsOf(outcome: BatchOutcome): BatchCounts {
  return {
    batches: 1,
    records_read: outcome.read,
    events_accepted: outcome.accepted,
    events_duplicate: outcome.duplicate,
    records_rejected: outcome.rejected,
    records_skipped: outcome.skipped,
  };
}

/** Notes in the store how far a file is, so that the next program need not read it again. */
export async function settleTail({ store, options }: Following, tail: Tail): Promise<void> {
  const { sourceId, file } = tail;
  if (sourceId === null || tail.probeAt > 0) return;
  const { path, path_shown, size_bytes, device, inode, changed_us } = fileParameters(file);
  const state = tail.position > tail.boundary ? "waiting" : "loaded";
  const note = async (): Promise<void> =>
    none(store.database, sourcesNotePlace, {
      ...{ path, path_shown, size_bytes, device, inode, changed_us },
      ...{ source_id: sourceId, state },
    });
  // A store that is away need not hear it: the next program compares the bytes.
  if (options.stop.requested) await note().catch((_error: CowriedbError) => undefined);
  else await store.patiently(note);
}
