import { randomUUID } from "node:crypto";
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
import { actorName } from "./actor.ts";
import { fileError, findFiles, type InputFile } from "./files.ts";
import { finishBatch, giveCredit, isStopped, type Load, type LoadOptions } from "./load.ts";
import { emptyResult, summedResult, type FileResult, type LoadResult } from "./load-result.ts";
import { conversation, startReader } from "./reader-thread.ts";
import type { FromReader, ReadJob } from "./reader-messages.ts";
import { pairCutLines } from "./stitch.ts";
import { sqliteWriter } from "./write-sqlite.ts";
import { postgresWriter } from "./write-postgres.ts";
import { writeQueue } from "./write-queue.ts";

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
    reader: startReader(),
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
  return summedResult(results, {
    run_id: load.runId,
    interrupted: isStopped(load),
    elapsed_ms: Math.round(performance.now() - load.started),
  });
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
  const result = emptyResult(file);
  const bytesBefore = load.progress.bytesDone;
  const queue = writeQueue(
    load.writer,
    { file, sourceId: source?.source_id ?? null, runId: load.runId, actor: load.actor },
    (done) => {
      finishBatch(load, result, done);
      load.progress.bytesDone = bytesBefore + Math.min(done.packedBytes, file.sizeBytes);
      load.options.onProgress?.(load.progress);
    },
  );
  try {
    for await (const message of conversation(load.reader, jobOf(load, file, source))) {
      if (message.kind === "mismatch") return "mismatch";
      if (message.kind === "batch") {
        await queue.add(message.batch, message.packedBytes);
        continue;
      }
      await queue.drain();
      if (message.kind === "failed") throw readerError(file, message);
      if (message.kind === "refused") return { ...result, status: "refused", records_read: message.records };
      await finishFile(load, result, message, queue.sourceId());
      load.progress.bytesDone = bytesBefore + file.sizeBytes;
    }
  } finally {
    await queue.settled();
  }
  return result;
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

function readerError(file: InputFile, message: { message: string; code: string }): CowriedbError {
  if (message.code !== "") return fileError(file.path, { code: message.code });
  return new CowriedbError("ingest.cannot_read", `${file.shown} cannot be read: ${message.message}.`);
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
