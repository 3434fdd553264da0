import { randomUUID } from "node:crypto";
import type { Database } from "../db/database.ts";
import { checkpointAtEnd } from "../db/sqlite.ts";
import { CowriedbError } from "../errors.ts";
import type { GateRules } from "../events/gate.ts";
import { sourcesNotePlace, sourcesSetState } from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import { ingestRun } from "../telemetry/measured.ts";
import { span } from "../telemetry/spans.ts";
import { actorName } from "../actor.ts";
import { asked } from "./asked.ts";
import { breakerGate, type BreakerGate } from "./follow/breaker-gate.ts";
import { fileError, findFiles, type InputFile } from "./files.ts";
import { sourcesOf, type KnownSource } from "./known-source.ts";
import {
  finishBatch,
  firstBatchEvents,
  giveCredit,
  isStopped,
  leaveFile,
  onStore,
  throwIfCheckpointFailed,
  type Load,
  type LoadOptions,
} from "./load.ts";
import { emptyResult, noCounts, summedResult, type FileResult, type LoadResult } from "./load-result.ts";
import { giveWay, lookAgain, overtaken, wasOvertaken } from "./overtaken.ts";
import { openInput } from "./open-input.ts";
import { placeKey } from "./place.ts";
import { checkpointWatch, conversation, endReader, startReader } from "./read/reader-thread.ts";
import type { FromReader, ReadJob } from "./read/reader-messages.ts";
import { isLineRefused } from "./refused-line.ts";
import { readRules } from "./rules.ts";
import { pairCutLines } from "./stitch.ts";
import { fileParameters } from "./write/write-parameters.ts";
import { sqliteWriter } from "./write/write-sqlite.ts";
import { postgresWriter } from "./write/write-postgres.ts";
import { writeQueue, type WriteQueue } from "./write/write-queue.ts";
import type { BatchWriter } from "./write/writer.ts";

/**
 * Loads files into a store, in the order of their first event, each from where an earlier run stopped. Throws the codes of
 * `findFiles`, `ingest.not_cowrie` when the only file is no Cowrie log, and the codes of `databaseError`.
 */
export async function loadFiles(
  database: Database,
  paths: readonly string[],
  options: LoadOptions,
): Promise<LoadResult> {
  const files = await findFiles(paths);
  const rules = await readRules(database);
  await pairCutLines(files, rules, (file, offset) => isLineRefused(database, file, offset));
  const result = await loadFound(database, files, rules, options);
  assertCowrie(result.files);
  return result;
}

/** Loads files that have been looked at. */
export async function loadFound(
  database: Database,
  files: readonly InputFile[],
  rules: GateRules,
  options: LoadOptions,
): Promise<LoadResult> {
  const writer = options.delta?.writer ?? writerOf(database);
  const reader = startReader(bytesToRead(files));
  const load: Load = {
    reader,
    checkpointFailure: checkpointWatch(reader),
    writer,
    rules,
    options,
    runId: options.runId ?? randomUUID(),
    actor: actorName(),
    started: performance.now(),
    batchEvents: firstBatchEvents(database.dialect, options.batchEvents),
    places: new Set(files.flatMap(({ place }) => (place === null ? [] : [placeKey(place)]))),
    progress: {
      files: files.length,
      filesDone: 0,
      counts: noCounts(),
      bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
      bytesDone: 0,
      events: 0,
      elapsedMs: 0,
    },
  };
  // The reader has leave for one batch from the start.
  for (let more = 1; more < writer.atOnce; more++) giveCredit(load, new ArrayBuffer(0));
  const results: FileResult[] = [];
  try {
    await ingestRun(database.dialect, load.runId, async () => {
      for (const file of files) {
        if (isStopped(load)) break;
        results.push(await span("ingest.file", { "cowriedb.file": file.shown }, () => loadFile(load, file)));
        load.progress.filesDone++;
      }
    });
  } finally {
    await endReader(load.reader);
  }
  throwIfCheckpointFailed(load);
  if (database.dialect === "sqlite") checkpointAtEnd(database);
  return summedResult(results, {
    run_id: load.runId,
    interrupted: isStopped(load),
    elapsed_ms: Math.round(performance.now() - load.started),
  });
}

/** The bytes of plain files; undefined where that is not known before they are read. */
function bytesToRead(files: readonly InputFile[]): number | undefined {
  let sum = 0;
  for (const { place, compression, sizeBytes } of files) {
    // What had no byte yet is read to its end, wherever that is by then.
    if (place === null || compression !== "plain" || sizeBytes === 0) return undefined;
    sum += sizeBytes;
  }
  return sum;
}

/** A writer of batches into a store of either engine. */
export function writerOf(database: Database): BatchWriter {
  return database.dialect === "sqlite" ? sqliteWriter(database) : postgresWriter(database);
}

async function loadFile(load: Load, file: InputFile): Promise<FileResult> {
  const result = emptyResult(file);
  for (let [waits, moves] = [0, 0]; moves < 3; waits++) {
    const outcome = await loadAsFound(load, file, result);
    if (outcome === "overtaken") await giveWay(waits);
    // Another file has this name by now, as after a rotation.
    else if (outcome === "moved") moves++;
    else return outcome;
    if (isStopped(load)) return { ...result, status: "interrupted" };
    try {
      await lookAgain(file, load.options.delta !== undefined);
    } catch (error) {
      if (load.options.delta === undefined) throw error;
      return { ...result, status: "gone" };
    }
  }
  throw new CowriedbError("ingest.cannot_read", `${file.shown} changed while it was read.`);
}

/** Why a file must be looked at again: its name leads to another one, or another program reads in it. */
type NotLoaded = "moved" | "overtaken";

async function loadAsFound(load: Load, file: InputFile, result: FileResult): Promise<FileResult | NotLoaded> {
  const candidates = await onStore(load, () => sourcesOf(load.writer.database, file));
  const compared = candidates.map(({ source_id: id }) => id);
  for (const source of [...candidates, undefined]) {
    const outcome = await readInto(load, file, result, { source, compared });
    if (outcome !== "mismatch") return outcome;
  }
  return "moved";
}

/** Reads one file from where `source` stopped; `mismatch` where it is another file that starts with the same bytes. */
async function readInto(
  load: Load,
  file: InputFile,
  result: FileResult,
  { source, compared }: { source: KnownSource | undefined; compared: readonly number[] },
): Promise<FileResult | "mismatch" | NotLoaded> {
  const gate = await breakerGate(load, source);
  if (gate === undefined) return { ...result, status: "tripped" };
  const input = openInput(file);
  if (input === undefined) return "moved";
  const bytesBefore = load.progress.bytesDone;
  const queue = writeQueue(
    load.writer,
    { file, sourceId: source?.source_id ?? null, compared, runId: load.runId, actor: load.actor },
    (done) => {
      finishBatch(load, result, done);
      load.progress.bytesDone = bytesBefore + Math.min(done.packedBytes, file.sizeBytes);
      load.options.onProgress?.(load.progress);
    },
  );
  let isOvertaken = false;
  try {
    for await (const message of conversation(load.reader, jobOf(load, file, source, input, gate))) {
      if (message.kind === "mismatch") return "mismatch";
      if (message.kind === "batch") {
        if (isOvertaken || result.status === "tripped") {
          // The reader needs its leave for the next file.
          giveCredit(load, message.batch.text.buffer as ArrayBuffer);
          continue;
        }
        isOvertaken = await wasOvertaken(queue.add(message.batch, message.packedBytes));
        if (!isOvertaken && (await gate.hasTripped(result, queue.sourceId()))) result.status = "tripped";
        if (isOvertaken || result.status === "tripped") leaveFile(load);
        continue;
      }
      isOvertaken ||= await wasOvertaken(queue.drain());
      if (isOvertaken) return await leftToOther(load, file, queue);
      if (message.kind === "failed") throw readerError(file, message);
      if (message.kind === "refused") return { ...result, status: "refused", records_read: message.records };
      await finishFile(load, result, message, { file, source, sourceId: queue.sourceId() });
      load.progress.bytesDone = bytesBefore + file.sizeBytes;
    }
  } finally {
    await queue.settled();
  }
  return result;
}

/** Gives the reader its leave back for the batches that are not stored; what cannot be read again is a failure. */
async function leftToOther(load: Load, file: InputFile, queue: WriteQueue): Promise<"overtaken"> {
  await queue.settled();
  // A writer with several batches on their way that has failed once fails for good; delta's has one for each batch.
  if (load.options.delta === undefined) load.writer = writerOf(load.writer.database);
  for (let left = queue.pending(); left > 0; left--) giveCredit(load, new ArrayBuffer(0));
  if (file.place === null) throw overtaken(file);
  return "overtaken";
}

function jobOf(
  load: Load,
  file: InputFile,
  source: KnownSource | undefined,
  input: number | "-",
  gate: BreakerGate,
): ReadJob {
  return {
    input,
    rules: load.rules,
    multiLine: load.options.multiLine,
    isClosed: file.isClosed || file.closing !== null,
    isOpenEnded: file.isOpenEnded,
    waitsForRest: load.options.delta !== undefined,
    resumeOffset: source?.next_offset ?? 0,
    resumeDigest: source?.prefix_digest ?? null,
    mostBytes: file.sizeBytes === 0 ? Number.POSITIVE_INFINITY : file.sizeBytes,
    batchEvents: Math.min(load.batchEvents, gate.firstBatch),
    closing: file.closing,
    skipBytes: file.skipBytes,
    isKnownDamage: source?.state === "damaged",
  };
}

/** Notes how far the file is, and where it lies now. */
async function finishFile(
  load: Load,
  result: FileResult,
  message: Extract<FromReader, { kind: "end" }>,
  found: { file: InputFile; source: KnownSource | undefined; sourceId: number | null },
): Promise<void> {
  const { file, source, sourceId } = found;
  result.unread_bytes = message.unreadBytes;
  result.damage = message.damage;
  if (result.status === "tripped") return;
  if (isStopped(load)) result.status = "interrupted";
  else if (result.batches === 0) result.status = "unchanged";
  if (sourceId === null || isStopped(load)) return;
  const state = message.damage !== null ? "damaged" : message.unreadBytes > 0 ? "waiting" : "loaded";
  const { database } = load.writer;
  const note = async (work: () => Promise<void>): Promise<void> =>
    onStore(load, () => asked(database, "note that the file is read", work));
  // Of two copies that both lie there, the one that was read stays the known one.
  const isTwin = source !== undefined && result.batches === 0 && load.places.has(keyOf(source));
  if (file.place === null || (isTwin && keyOf(source) !== placeKey(file.place))) {
    await note(() => none(database, sourcesSetState, { source_id: sourceId, state }));
    return;
  }
  const { path, path_shown, size_bytes, device, inode, changed_us } = fileParameters(file);
  await note(() =>
    none(database, sourcesNotePlace, {
      ...{ path, path_shown, size_bytes, device, inode, changed_us },
      ...{ source_id: sourceId, state },
    }),
  );
}

function keyOf({ device, inode }: KnownSource): string {
  return device === null || inode === null ? "" : placeKey({ device, inode });
}

function readerError(file: InputFile, message: { message: string; code: string }): CowriedbError {
  if (message.code !== "") return fileError(file.path, { code: message.code });
  return new CowriedbError("ingest.cannot_read", `${file.shown} cannot be read: ${message.message}.`);
}

/** Throws `ingest.not_cowrie` where none of the files is a Cowrie log. */
export function assertCowrie(files: readonly FileResult[]): void {
  const refused = files.filter(({ status }) => status === "refused");
  if (refused.length > 0 && refused.length === files.length) throw notCowrie(refused);
}

function notCowrie(refused: readonly FileResult[]): CowriedbError {
  const [first] = refused;
  return new CowriedbError(
    "ingest.not_cowrie",
    refused.length === 1
      ? `${first?.path ?? ""} is no Cowrie log: ${first?.records_read === 1 ? "its only line is no JSON" : `none of its first ${first?.records_read ?? 0} lines is JSON`}.`
      : `None of the ${refused.length} files is a Cowrie log. First: ${first?.path ?? ""}.`,
    { hint: "Name the files that Cowrie writes, usually var/log/cowrie/cowrie.json*." },
  );
}
