import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { Worker } from "node:worker_threads";
import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { CowriedbError } from "../errors.ts";
import type { GateRules } from "../events/gate.ts";
import {
  eventsGateEventTypes,
  eventsGateIdentifiers,
  sourcesCandidates,
  sourcesSetState,
} from "../sql/generated.ts";
import { many, none } from "../sql/run.ts";
import { span } from "../telemetry/spans.ts";
import { fileError, findFiles, type InputFile } from "./files.ts";
import type { FromReader, ReadJob, ToReader } from "./reader-worker.ts";
import { pairCutLines } from "./stitch.ts";
import { sqliteWriter } from "./write-sqlite.ts";
import { postgresWriter } from "./write-postgres.ts";
import { writeQueue, type WrittenBatch } from "./write-queue.ts";
import type { BatchOutcome, BatchWriter } from "./writer.ts";

/** How a bulk load runs. */
export interface LoadOptions {
  multiLine: boolean;
  /** Most events in a batch; adapted downwards when a batch takes long. */
  batchEvents: number;
  /** Called after every batch. */
  onProgress?: (progress: LoadProgress) => void;
  /** Set to true by a signal: the batch at hand is finished, then the load ends. */
  stop?: { requested: boolean };
}

/** How far a load is. */
export interface LoadProgress {
  files: number;
  filesDone: number;
  bytes: number;
  bytesDone: number;
  events: number;
  elapsedMs: number;
}

/** What became of one file. */
export interface FileResult {
  path: string;
  status: "loaded" | "unchanged" | "refused" | "interrupted";
  batches: number;
  records_read: number;
  events_accepted: number;
  events_duplicate: number;
  records_rejected: number;
  records_skipped: number;
  /** Bytes of an unfinished last line, left to the next run. */
  unread_bytes: number;
  damage: string | null;
}

/** What a load came to. */
export interface LoadResult {
  run_id: string;
  interrupted: boolean;
  files: FileResult[];
  batches: number;
  records_read: number;
  events_accepted: number;
  events_duplicate: number;
  records_rejected: number;
  records_skipped: number;
  elapsed_ms: number;
}

/** Events in a batch where nothing speaks against it. */
export const defaultBatchEvents = 20_000;
const leastBatchEvents = 1_000;
/** A batch that takes longer is made smaller, so that other writers get their turn. */
const longBatchMs = 2_000;

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
  const rules = await gateRules(database);
  await pairCutLines(files, rules);
  const writer = database.dialect === "sqlite" ? sqliteWriter(database) : postgresWriter(database);
  const load: Load = {
    reader: new Worker(new URL("./reader-worker.js", import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 },
    }),
    writer,
    rules,
    options,
    runId: randomUUID(),
    actor: actorName(),
    started: performance.now(),
    batchEvents: options.batchEvents,
    progress: {
      files: files.length,
      filesDone: 0,
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
    for (const file of files) {
      if (isStopped(load)) break;
      results.push(await span("ingest.file", { "cowriedb.file": file.shown }, () => loadFile(load, file)));
      load.progress.filesDone++;
    }
  } finally {
    await load.reader.terminate();
  }
  const refused = results.filter((result) => result.status === "refused");
  if (refused.length > 0 && refused.length === results.length) throw notCowrie(refused);
  return summed(load, results);
}

interface Load {
  /** The thread that reads, checks, hashes and sorts, so that this one only writes. */
  reader: Worker;
  writer: BatchWriter;
  rules: GateRules;
  options: LoadOptions;
  runId: string;
  actor: string;
  started: number;
  batchEvents: number;
  progress: LoadProgress;
}

function isStopped(load: Load): boolean {
  return load.options.stop?.requested === true;
}

async function gateRules(database: Database): Promise<GateRules> {
  const types = await many(database, eventsGateEventTypes, {});
  const identifiers = await many(database, eventsGateIdentifiers, {});
  return {
    eventTypes: new Map(types.map((row) => [row.event_type, row.legacy_of])),
    sessionIdentifiers: identifiers.filter((row) => row.matcher === "event_session").map((row) => row.field),
    now: Date.now(),
  };
}

/** The operating system's user and host. */
function actorName(): string {
  let name = "unknown";
  try {
    name = userInfo().username;
  } catch {
    // A container may run as a number without a name.
    name = `uid ${process.getuid?.() ?? "unknown"}`;
  }
  return `${name}@${hostname()}`;
}

async function loadFile(load: Load, file: InputFile): Promise<FileResult> {
  const candidates = file.sizeBytes === 0 ? [] : await sourcesOf(load.writer.database, file);
  for (const source of candidates) {
    const result = await readInto(load, file, source);
    if (result !== "mismatch") return result;
  }
  const result = await readInto(load, file, undefined);
  if (result === "mismatch")
    throw new CowriedbError("ingest.cannot_read", `${file.shown} changed while it was read.`);
  return result;
}

interface KnownSource {
  source_id: number;
  next_offset: number;
  prefix_digest: Uint8Array | null;
  state: string;
}

/** The sources that start with the same bytes, the one read furthest first. */
async function sourcesOf(database: Database, file: InputFile): Promise<KnownSource[]> {
  const rows = await many(database, sourcesCandidates, { fingerprint: file.fingerprint });
  return rows.filter((row) => {
    if (row.fingerprint_bytes === 0) return false;
    if (row.fingerprint_bytes > file.firstBytes.length) return false;
    const start = file.firstBytes.subarray(0, row.fingerprint_bytes);
    return digestOf(start).equals(row.fingerprint);
  });
}

/** Reads one file from where `source` stopped; `mismatch` where it is another file that starts with the same bytes. */
async function readInto(
  load: Load,
  file: InputFile,
  source: KnownSource | undefined,
): Promise<FileResult | "mismatch"> {
  const result: FileResult = emptyResult(file);
  const bytesBefore = load.progress.bytesDone;
  const writes = writeQueue(
    load.writer,
    { file, sourceId: source?.source_id ?? null, runId: load.runId, actor: load.actor },
    (done) => finishBatch(load, result, file, bytesBefore, done),
  );
  try {
    for await (const message of conversation(load.reader, jobOf(load, file, source))) {
      if (message.kind === "mismatch") return "mismatch";
      if (message.kind === "batch") {
        await writes.add(message.batch, message.packedBytes);
        continue;
      }
      await writes.drain();
      if (message.kind === "failed") throw readerError(file, message);
      if (message.kind === "refused") return { ...result, status: "refused", records_read: message.records };
      await finishFile(load, result, message, writes.sourceId());
      load.progress.bytesDone = bytesBefore + file.sizeBytes;
    }
  } finally {
    await writes.settled();
  }
  return result;
}

function finishBatch(
  load: Load,
  result: FileResult,
  file: InputFile,
  bytesBefore: number,
  { batch, packedBytes, outcome, ms }: WrittenBatch,
): void {
  addOutcome(result, outcome);
  adapt(load, batch.events, ms);
  giveCredit(load, batch.text.buffer as ArrayBuffer);
  if (isStopped(load)) load.reader.postMessage({ kind: "stop" } satisfies ToReader);
  load.progress.bytesDone = bytesBefore + Math.min(packedBytes, file.sizeBytes);
  load.progress.events += outcome.accepted;
  load.progress.elapsedMs = performance.now() - load.started;
  load.options.onProgress?.(load.progress);
}

/** Lets the reader hand over one more batch. `spare` is memory that it may use for it. */
function giveCredit(load: Load, spare: ArrayBuffer): void {
  const message = { kind: "credit", batchEvents: load.batchEvents, spare } satisfies ToReader;
  load.reader.postMessage(message, [spare]);
}

/** The messages of a reader until it has ended. */
async function* conversation(worker: Worker, job: ReadJob): AsyncGenerator<FromReader> {
  const queue: FromReader[] = [];
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const onMessage = (message: FromReader): void => {
    queue.push(message);
    wake();
  };
  const onError = (error: Error): void => {
    failure = error;
    wake();
  };
  worker.on("message", onMessage);
  worker.on("error", onError);
  worker.postMessage({ kind: "read", job } satisfies ToReader);
  try {
    for (;;) {
      const message = queue.shift();
      if (message !== undefined) {
        yield message;
        if (message.kind !== "batch") return;
        continue;
      }
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (queue.length > 0 || failure !== undefined) resolve();
      });
    }
  } finally {
    worker.off("message", onMessage);
    worker.off("error", onError);
  }
}

function jobOf(load: Load, file: InputFile, source: KnownSource | undefined): ReadJob {
  return {
    path: file.path.toString("latin1") === "-" ? "-" : file.path,
    rules: load.rules,
    multiLine: load.options.multiLine,
    isClosed: file.isClosed || file.closing !== null,
    resumeOffset: source?.next_offset ?? 0,
    resumeDigest: source?.prefix_digest ?? null,
    mostBytes: file.sizeBytes === 0 ? Number.POSITIVE_INFINITY : file.sizeBytes,
    batchEvents: load.batchEvents,
    closing: file.closing,
    skipBytes: file.skipBytes,
    isKnownDamage: source?.state === "damaged",
  };
}

async function finishFile(
  load: Load,
  result: FileResult,
  message: Extract<FromReader, { kind: "end" }>,
  sourceId: number | null,
): Promise<void> {
  result.unread_bytes = message.unreadBytes;
  result.damage = message.damage;
  if (isStopped(load)) result.status = "interrupted";
  else if (result.batches === 0) result.status = "unchanged";
  if (sourceId === null || isStopped(load)) return;
  const state = message.damage !== null ? "damaged" : message.unreadBytes > 0 ? "waiting" : "loaded";
  await none(load.writer.database, sourcesSetState, { source_id: sourceId, state });
}

function adapt(load: Load, events: number, ms: number): void {
  if (ms > longBatchMs && events > leastBatchEvents) {
    load.batchEvents = Math.max(leastBatchEvents, Math.floor(Math.min(events, load.batchEvents) / 2));
  } else if (ms < longBatchMs / 3 && load.batchEvents < load.options.batchEvents) {
    load.batchEvents = Math.min(load.options.batchEvents, Math.ceil(load.batchEvents * 1.25));
  }
}

function emptyResult(file: InputFile): FileResult {
  return {
    path: file.shown,
    status: "loaded",
    batches: 0,
    records_read: 0,
    events_accepted: 0,
    events_duplicate: 0,
    records_rejected: 0,
    records_skipped: 0,
    unread_bytes: 0,
    damage: null,
  };
}

function addOutcome(result: FileResult, outcome: BatchOutcome): void {
  result.batches++;
  result.records_read += outcome.read;
  result.events_accepted += outcome.accepted;
  result.events_duplicate += outcome.duplicate;
  result.records_rejected += outcome.rejected;
  result.records_skipped += outcome.skipped;
}

function summed(load: Load, files: FileResult[]): LoadResult {
  const counted = files.filter((file) => file.status !== "refused");
  const sum = (pick: (file: FileResult) => number): number =>
    counted.reduce((total, file) => total + pick(file), 0);
  return {
    run_id: load.runId,
    interrupted: isStopped(load),
    files,
    batches: sum((file) => file.batches),
    records_read: sum((file) => file.records_read),
    events_accepted: sum((file) => file.events_accepted),
    events_duplicate: sum((file) => file.events_duplicate),
    records_rejected: sum((file) => file.records_rejected),
    records_skipped: sum((file) => file.records_skipped),
    elapsed_ms: Math.round(performance.now() - load.started),
  };
}

function readerError(file: InputFile, message: { message: string; code: string }): CowriedbError {
  if (message.code !== "") return fileError(file.path, { code: message.code });
  return new CowriedbError("ingest.cannot_read", `${file.shown} cannot be read: ${message.message}.`);
}

function notCowrie(refused: readonly FileResult[]): CowriedbError {
  const [first] = refused;
  return new CowriedbError(
    "ingest.not_cowrie",
    refused.length === 1
      ? `${first?.path ?? ""} is no Cowrie log: none of its first ${first?.records_read ?? 0} lines is JSON.`
      : `None of the ${refused.length} files is a Cowrie log. First: ${first?.path ?? ""}.`,
    { hint: "Name the files that Cowrie writes, usually var/log/cowrie/cowrie.json*." },
  );
}
