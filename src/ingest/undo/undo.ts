import { randomUUID } from "node:crypto";
import type { Database } from "../../db/database.ts";
import { CowriedbError } from "../../errors.ts";
import {
  auditClearContext,
  auditSetContext,
  sourcesRereadSource,
  undoBatch as findBatch,
  undoCarriers,
  undoClose,
  undoCounts,
  undoMembers,
  undoOpen,
  undoReopened,
  undoSharedReplays,
} from "../../sql/generated.ts";
import { many, maybe, one } from "../../sql/run.ts";
import { span } from "../../telemetry/spans.ts";
import { actorName } from "../../actor.ts";
import { ask, runScript, type Script } from "./script.ts";
import { carry, carriedRecords, type Carrier, type Records } from "./undo-carry.ts";
import { withRetry } from "../write/writer.ts";

/** A batch that takes over events of an undone one. */
export interface CarriedEvents {
  /** Null while nothing is done yet. */
  batch_id: number | null;
  /** The batch that had seen the events too. */
  carried_for_batch_id: number;
  events: number;
}

/** What an undo came to, or would come to. */
export interface UndoResult {
  batch_id: number;
  dry_run: boolean;
  source: string;
  /** The batch, the replays of its letters, and the batches that carried events for these. */
  batches: number[];
  events_deleted: number;
  events_carried: number;
  carry_batches: CarriedEvents[];
  dead_letters: number;
  /** Letters of other batches that had been replayed into this one. */
  dead_letters_reopened: number;
  sessions_refolded: number;
  sessions_removed: number;
  reload: boolean;
  /** It was undone before: only the reading again of its file was asked for. */
  was_undone: boolean;
}

/** How to undo. */
export interface UndoOptions {
  /** Have the source read again by the next load. */
  reload: boolean;
}

/**
 * What the undo of a batch would come to. Throws `undo.no_batch`, `undo.undone`, `undo.carry` and `undo.replay` where
 * it cannot be undone.
 */
export async function planUndo(
  database: Database,
  batchId: number,
  options: UndoOptions,
): Promise<UndoResult> {
  const batch = await maybe(database, findBatch, { batch_id: batchId });
  if (isReadAgain(batch, options)) return readAgain(batchId, batch.path_shown, true);
  const source = undoable(database.name, batchId, batch).path_shown;
  refuseShared(batchId, await many(database, undoSharedReplays, { batch_id: batchId }));
  const { reopened } = await one(database, undoReopened, { batch_id: batchId });
  const counts = await one(database, undoCounts, { batch_id: batchId });
  const carriers = await many(database, undoCarriers, { batch_id: batchId });
  const members = await many(database, undoMembers, { batch_id: batchId });
  return {
    batch_id: batchId,
    dry_run: true,
    source,
    batches: members.map((member) => Number(member.batch_id)),
    ...countsOf(counts),
    dead_letters_reopened: Number(reopened),
    carry_batches: carriers.map((carrier) => carriedEvents(null, carrier)),
    reload: options.reload,
    was_undone: false,
  };
}

/**
 * Removes a batch as if it had never been, in one transaction: events that another batch has seen move into a batch made
 * for that one, the others go, and their sessions are derived anew. With `reload` a batch that was undone before has its file read
 * again, which is the way back. Throws the codes of `planUndo`, `undo.evidence` where
 * the evidence lacks an event, and the codes of `databaseError`.
 */
export async function undoBatch(
  database: Database,
  batchId: number,
  options: UndoOptions,
): Promise<UndoResult> {
  const request = { runId: randomUUID(), actor: actorName() };
  return span("ingest.undo", { "cowriedb.batch": batchId }, () =>
    withRetry(
      database.name,
      () => runScript(database, () => undoScript(database.name, batchId, options, request)),
      "undo a batch",
    ),
  );
}

function* undoScript(
  store: string,
  batchId: number,
  options: UndoOptions,
  request: { runId: string; actor: string },
): Script<UndoResult> {
  const of = { batch_id: batchId };
  const [found] = yield* ask(findBatch, of);
  if (isReadAgain(found, options)) {
    yield* ask(sourcesRereadSource, { source_id: found.source_id });
    return readAgain(batchId, found.path_shown, false);
  }
  const batch = undoable(store, batchId, found);
  refuseShared(batchId, yield* ask(undoSharedReplays, of));
  // Counted before: an open letter no longer says where it was replayed.
  const [again] = yield* ask(undoReopened, of);
  yield* ask(auditSetContext, { actor: request.actor, command: "ingest undo" });
  yield* ask(undoOpen, of);
  // Counted behind the lock that open has taken; what is counted is still there.
  const [counts] = yield* ask(undoCounts, of);
  const carriers = yield* ask(undoCarriers, of);
  const members = (yield* ask(undoMembers, of)).map((member) => Number(member.batch_id));
  const records = carriers.length === 0 ? new Map<number, Records>() : yield* carriedRecords(members);
  const carried: CarriedEvents[] = [];
  for (const carrier of carriers) {
    const held = records.get(Number(carrier.carried_for_batch_id)) ?? { parts: [], leaves: [] };
    carried.push(carriedEvents(yield* carry(carrier as Carrier, held, request), carrier));
  }
  yield* ask(undoClose, of);
  if (options.reload) yield* ask(sourcesRereadSource, { source_id: batch.source_id });
  yield* ask(auditClearContext, {});
  return {
    batch_id: batchId,
    dry_run: false,
    source: batch.path_shown,
    batches: members,
    ...countsOf(counts as Counts),
    dead_letters_reopened: Number(again?.reopened),
    carry_batches: carried,
    reload: options.reload,
    was_undone: false,
  };
}

interface FoundBatch {
  source_id: number;
  kind: string;
  carried_for_batch_id: number | null;
  undone_at: string | null;
  path_shown: string;
}

function isReadAgain(batch: FoundBatch | undefined, options: UndoOptions): batch is FoundBatch {
  return options.reload && batch !== undefined && batch.undone_at !== null;
}

/** Nothing goes; the source is read again. */
function readAgain(batchId: number, source: string, isDryRun: boolean): UndoResult {
  return {
    batch_id: batchId,
    dry_run: isDryRun,
    source,
    batches: [],
    events_deleted: 0,
    events_carried: 0,
    carry_batches: [],
    dead_letters: 0,
    dead_letters_reopened: 0,
    sessions_refolded: 0,
    sessions_removed: 0,
    reload: true,
    was_undone: true,
  };
}

function undoable(store: string, batchId: number, batch: FoundBatch | undefined): FoundBatch {
  if (batch === undefined)
    throw new CowriedbError("undo.no_batch", `${store} has no batch ${batchId}.`, {
      hint: "The numbers are in ingest_batches; the last one is shown by: cowriedb status",
    });
  if (batch.undone_at !== null)
    throw new CowriedbError("undo.undone", `Batch ${batchId} was undone at ${batch.undone_at}.`, {
      hint: "Nothing was changed. What the store holds is shown by: cowriedb status",
    });
  if (batch.kind === "carry")
    throw new CowriedbError(
      "undo.carry",
      `Batch ${batchId} holds events for batch ${batch.carried_for_batch_id ?? 0}, which had seen them too; it cannot be undone alone.`,
      { hint: `To undo both, run: cowriedb ingest undo ${batch.carried_for_batch_id ?? 0}` },
    );
  return batch;
}

/** A replay of letters of several batches cannot go with one of them. */
function refuseShared(batchId: number, replays: readonly { batch_id: number }[]): void {
  const [first] = replays;
  if (first === undefined) return;
  throw new CowriedbError(
    "undo.replay",
    `Dead letters of batch ${batchId} were replayed into batch ${Number(first.batch_id)} together with those of other batches; it cannot be undone before that.`,
    {
      hint: `Run: cowriedb ingest undo ${Number(first.batch_id)}; then undo this batch, and replay what is left with: cowriedb dlq replay`,
    },
  );
}

interface Counts {
  events: number;
  carried: number;
  letters: number;
  sessions: number;
  sessions_left: number;
}

function countsOf(
  counts: Counts,
): Pick<
  UndoResult,
  "events_deleted" | "events_carried" | "dead_letters" | "sessions_refolded" | "sessions_removed"
> {
  const sessions = Number(counts.sessions);
  const left = Number(counts.sessions_left);
  return {
    events_deleted: Number(counts.events) - Number(counts.carried),
    events_carried: Number(counts.carried),
    dead_letters: Number(counts.letters),
    sessions_refolded: left,
    sessions_removed: sessions - left,
  };
}

function carriedEvents(
  batchId: number | null,
  carrier: { carried_for_batch_id: number; events: number },
): CarriedEvents {
  return {
    batch_id: batchId,
    carried_for_batch_id: Number(carrier.carried_for_batch_id),
    events: Number(carrier.events),
  };
}
