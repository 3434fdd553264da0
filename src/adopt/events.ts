import { randomUUID } from "node:crypto";
import { actorName } from "../actor.ts";
import type { Database } from "../db/database.ts";
import type { OldStore } from "../db/old-tables.ts";
import { checkpointAtEnd } from "../db/sqlite.ts";
import { adoptFields } from "../events/field-checks.ts";
import type { GateRules } from "../events/gate.ts";
import { defaultBatchEvents } from "../ingest/load.ts";
import { addOutcome, noCounts, type BatchCounts } from "../ingest/load-result.ts";
import { writerOf } from "../ingest/loader.ts";
import { readLine } from "../ingest/read/line.ts";
import { batchBuilder, type BatchBuilder } from "../ingest/read/batch.ts";
import { isFull } from "../ingest/read/read-file.ts";
import { readRules } from "../ingest/rules.ts";
import type { BatchWriter } from "../ingest/write/writer.ts";
import { sourcesSetState } from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import { ingestBatch } from "../telemetry/measured.ts";
import { endDigest, eventAt, eventsBehind, sourceOf, type AdoptedSource, type OldEvent } from "./sources.ts";

/** What became of the events of a database. */
export interface EventCounts extends BatchCounts {
  /** Rows that it has. */
  rows: number;
  /** Rows that an earlier run had taken over. */
  rows_known: number;
  /** Files that these rows come from. */
  sources: number;
  /** Commands that the old system had rewritten: the original stands in another field of the record. */
  commands_rewritten: number;
  /** Events that the old system had made up from what it could not read. */
  events_repaired: number;
  /** Records refused, by reason. */
  refused: { reason: string; records: number }[];
}

/** How events are taken over. */
export interface EventOptions {
  /** How many rows there are. */
  rows: number;
  dryRun: boolean;
  /** Rows behind this one, or those that a source lacks before it. */
  after: number;
  stop: { readonly requested: boolean };
  /** Called when all rows up to one are in the store. */
  onTaken(upTo: number): Promise<void>;
}

/** Rows and bytes of which the events of a file are gathered into batches: files that grew side by side alternate. */
const windowRows = 10_000;
const windowBytes = 16 << 20;
const pageRows = 500;

interface Taking {
  database: Database;
  old: OldStore;
  identity: string;
  writer: BatchWriter;
  rules: GateRules;
  runId: string;
  actor: string;
  dryRun: boolean;
  sources: Map<string, AdoptedSource>;
  refused: Map<string, number>;
  counts: EventCounts;
}

/**
 * Passes the events of a database through the gate, in the order of their numbers, as batches of the files that they come from.
 * The place of each file is the number of its last row, and is committed with the batch. Throws the codes of `databaseError`.
 */
export async function takeEvents(
  database: Database,
  old: OldStore,
  identity: string,
  { rows, dryRun, after, stop, onTaken }: EventOptions,
): Promise<EventCounts> {
  const rules = await readRules(database);
  adoptFields(rules.fieldTypes);
  const counts: EventCounts = {
    ...{ rows, rows_known: 0, sources: 0, ...noCounts() },
    ...{ commands_rewritten: 0, events_repaired: 0, refused: [] },
  };
  const taking: Taking = {
    ...{ database, old, identity, rules, dryRun, counts, writer: writerOf(database) },
    ...{ runId: randomUUID(), actor: actorName(), sources: new Map(), refused: new Map() },
  };
  let read = 0;
  for await (const window of windowsOf(old, after)) {
    if (stop.requested) break;
    read += window.length;
    await takeWindow(taking, window);
    await onTaken(window.at(-1)?.id ?? 0);
  }
  if (!stop.requested) counts.rows_known += rows - read;
  if (!dryRun) await endSources(taking);
  counts.sources = taking.sources.size;
  counts.refused = [...taking.refused]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([reason, records]) => ({ reason, records }));
  return counts;
}

/** The number behind which rows are new: where earlier runs ended, if the row there is still the one that they saw. */
export async function firstNew(
  database: Database,
  old: OldStore,
  identity: string,
  upTo: number,
): Promise<number> {
  if (upTo === 0) return 0;
  const last = await eventAt(old, upTo);
  if (last?.id !== upTo) return 0;
  const source = await sourceOf(database, old, identity, last.source);
  return source.nextOffset > upTo ? upTo : 0;
}

async function* windowsOf(old: OldStore, after: number): AsyncGenerator<OldEvent[]> {
  let window: OldEvent[] = [];
  let bytes = 0;
  for await (const page of eventsBehind(old, after, pageRows)) {
    for (const event of page) bytes += event.payload.length;
    window.push(...page);
    if (window.length < windowRows && bytes < windowBytes) continue;
    yield window;
    // Signals are heard between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    window = [];
    bytes = 0;
  }
  if (window.length > 0) yield window;
}

async function takeWindow(taking: Taking, window: readonly OldEvent[]): Promise<void> {
  const files = new Map<string, OldEvent[]>();
  for (const event of window) {
    const events = files.get(event.source);
    if (events === undefined) files.set(event.source, [event]);
    else events.push(event);
  }
  for (const [name, events] of files) {
    const { database, old, identity } = taking;
    const source = taking.sources.get(name) ?? (await sourceOf(database, old, identity, name));
    taking.sources.set(name, source);
    const fresh = events.filter(({ id }) => id >= source.nextOffset);
    taking.counts.rows_known += events.length - fresh.length;
    if (fresh.length > 0) await takeFile(taking, source, fresh);
  }
}

/** Stores the new events of one file. */
async function takeFile(taking: Taking, source: AdoptedSource, events: readonly OldEvent[]): Promise<void> {
  const { rules, counts, refused, database } = taking;
  const builder = batchBuilder(source.nextOffset);
  const sink = {
    event: builder.add,
    skip: builder.skip,
    reject: (letter: Parameters<BatchBuilder["letter"]>[0]) => {
      refused.set(letter.reason, (refused.get(letter.reason) ?? 0) + 1);
      builder.letter(letter);
    },
    boundary: () => undefined,
  };
  for (const [index, event] of events.entries()) {
    const { payload } = event;
    readLine({ sink, rules, hasDroppedNuls: false }, payload, 0, lineEnd(payload), event.id, false);
    if (payload.includes('"input_original"') || payload.includes('"input_hash"')) counts.commands_rewritten++;
    if (event.isRepaired) counts.events_repaired++;
    if (index === events.length - 1 || isFull(builder, defaultBatchEvents[database.dialect]))
      await store(taking, source, builder, event);
  }
}

/** The end of a record, before the newline that a line would end with. */
function lineEnd(payload: Buffer): number {
  let end = payload.length;
  for (let at = end - 1; at >= 0 && " \t\r\n".includes(String.fromCharCode(payload[at] as number)); at--)
    if (payload[at] === 0x0a) end = at;
  return end;
}

/** Writes what is gathered up to an event as a batch. */
async function store(
  taking: Taking,
  source: AdoptedSource,
  builder: BatchBuilder,
  last: OldEvent,
): Promise<void> {
  const { writer, counts, runId, actor } = taking;
  const batch = builder.take(last.id + 1, endDigest(last));
  const { file, sourceId, compared } = source;
  if (taking.dryRun) {
    const repeats = batch.repeats.reduce((sum, [, sightings]) => sum + sightings, 0);
    const skipped = Object.values(batch.skips).reduce((sum, count) => sum + count, 0);
    addOutcome(counts, {
      ...{ batchId: 0, sourceId: 0, read: batch.recordsRead, accepted: batch.events, duplicate: repeats },
      ...{ rejected: batch.letters.length, skipped },
    });
  } else {
    const request = {
      ...{ batch, file: { ...file, sizeBytes: last.id + 1 } },
      ...{ sourceId, compared, runId, actor },
    };
    const outcome = await ingestBatch(writer.database.dialect, batch.events, async () =>
      writer.write(request),
    );
    addOutcome(counts, outcome);
    source.sourceId = outcome.sourceId;
  }
  source.nextOffset = last.id + 1;
}

/** Says of every file that all of it is read. */
async function endSources({ database, sources }: Taking): Promise<void> {
  for (const { sourceId } of sources.values())
    if (sourceId !== null) await none(database, sourcesSetState, { source_id: sourceId, state: "loaded" });
  if (database.dialect === "sqlite") checkpointAtEnd(database);
}
