import { randomUUID } from "node:crypto";
import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { adoptFields } from "../events/field-checks.ts";
import type { GateRules } from "../events/gate.ts";
import { rulesVersion } from "../events/rules-version.ts";
import {
  lettersCountAttempts,
  lettersReplayLeft,
  lettersReplayPage,
  type LettersReplayLeftParameters,
  type LettersReplayPageRow,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { ingestBatch } from "../telemetry/measured.ts";
import { span } from "../telemetry/spans.ts";
import { actorName } from "../actor.ts";
import { batchBuilder } from "./read/batch.ts";
import { readLine } from "./read/line.ts";
import type { RecordSink } from "./read/records.ts";
import { readRules } from "./rules.ts";
import { postgresWriter } from "./write/write-postgres.ts";
import { sqliteWriter } from "./write/write-sqlite.ts";
import type { BatchWriter } from "./write/writer.ts";

/** Which letters are replayed; null takes all. */
export type ReplayFilters = Omit<LettersReplayLeftParameters, "rules_version">;

/** How a replay runs. */
export interface ReplayOptions {
  dryRun: boolean;
  /** Called after every page. */
  onProgress?: (tried: number, events: number) => void;
  /** Set to true by a signal: the page at hand is finished, then the replay ends. */
  stop?: { requested: boolean };
}

/** What a replay came to, or would come to. */
export interface ReplayResult {
  run_id: string;
  rules_version: string;
  dry_run: boolean;
  interrupted: boolean;
  tried: number;
  replayed: number;
  still_refused: number;
  exhausted: number;
  cut: number;
  batches: number;
  events_accepted: number;
  events_duplicate: number;
}

/** Letters that are in memory at once; each has 64 KiB at most. */
const pageLetters = 500;

/** A replay under way. */
interface Replay {
  writer: BatchWriter;
  rules: GateRules;
  actor: string;
  result: ReplayResult;
}

/**
 * Judges dead letters again with today's gate and registry. What is an event now becomes one, in a batch of kind
 * `replay` of the letter's source; what is still refused counts an attempt. A letter passes whole or not at all. Letters
 * that arrive meanwhile are left for the next run. Throws the codes of `databaseError`, and `letters.taken`.
 */
export async function replayLetters(
  database: Database,
  filters: ReplayFilters,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const rules = await readRules(database);
  adoptFields(rules.fieldTypes);
  const version = rulesVersion(rules);
  const left = await one(database, lettersReplayLeft, { ...filters, rules_version: version });
  const result: ReplayResult = {
    run_id: randomUUID(),
    rules_version: version,
    dry_run: options.dryRun,
    interrupted: false,
    tried: 0,
    replayed: 0,
    still_refused: 0,
    exhausted: left.exhausted,
    cut: left.cut,
    batches: 0,
    events_accepted: 0,
    events_duplicate: 0,
  };
  const writer = database.dialect === "sqlite" ? sqliteWriter(database) : postgresWriter(database);
  const replay: Replay = { writer, rules, actor: actorName(), result };
  let after = { after_source: 0, after_letter: 0 };
  for (;;) {
    const page = await many(database, lettersReplayPage, {
      ...filters,
      ...after,
      rules_version: version,
      last_letter: left.last_letter,
      most: pageLetters,
    });
    const last = page.at(-1);
    if (last === undefined) return result;
    if (options.stop?.requested === true) return { ...result, interrupted: true };
    for (const letters of bySource(page)) {
      await span("ingest.replay", { "cowriedb.letters": letters.length }, () =>
        replayOfSource(replay, letters),
      );
    }
    after = { after_source: last.source_id, after_letter: last.dead_letter_id };
    options.onProgress?.(result.tried, result.events_accepted);
  }
}

/** The letters of a page, which is in the order of their sources. */
function bySource(page: readonly LettersReplayPageRow[]): LettersReplayPageRow[][] {
  const groups: LettersReplayPageRow[][] = [];
  for (const letter of page) {
    const open = groups.at(-1);
    if (open?.[0]?.source_id === letter.source_id) open.push(letter);
    else groups.push([letter]);
  }
  return groups;
}

/** Tries letters of one source: those that pass are a batch, the others have an attempt more. */
async function replayOfSource(replay: Replay, letters: readonly LettersReplayPageRow[]): Promise<void> {
  const { result, writer, rules } = replay;
  const passing = letters.filter((letter) => passes(letter, rules));
  const refused = letters.filter((letter) => !passing.includes(letter));
  result.tried += letters.length;
  result.still_refused += refused.length;
  result.replayed += passing.length;
  if (result.dry_run) return;
  if (passing.length > 0) await writeReplay(replay, passing);
  if (refused.length > 0) {
    await none(writer.database, lettersCountAttempts, {
      rules_version: result.rules_version,
      letters: numbersOf(refused),
    });
  }
}

async function writeReplay(
  { writer, rules, actor, result }: Replay,
  passing: readonly LettersReplayPageRow[],
): Promise<void> {
  const offsets = passing.map((letter) => letter.source_offset);
  const ends = passing.map((letter) => letter.source_offset + letter.record_bytes);
  const builder = batchBuilder(Math.min(...offsets));
  const sink: RecordSink = {
    event: builder.add,
    reject: builder.letter,
    skip: () => undefined,
    boundary: () => undefined,
  };
  for (const letter of passing) readLetter(letter, rules, sink);
  const batch = builder.take(Math.max(...ends), digestOf(Buffer.alloc(0)));
  const request = {
    batch,
    file: null,
    sourceId: (passing[0] as LettersReplayPageRow).source_id,
    runId: result.run_id,
    actor,
    letters: passing.map((letter) => letter.dead_letter_id),
  };
  const outcome = await ingestBatch(writer.database.dialect, batch.events, () => writer.write(request));
  result.batches++;
  result.events_accepted += outcome.accepted;
  result.events_duplicate += outcome.duplicate;
}

/** Whether all that is in a letter are events, and there is one. */
function passes(letter: LettersReplayPageRow, rules: GateRules): boolean {
  let events = 0;
  let refusals = 0;
  readLetter(letter, rules, {
    event: () => void events++,
    reject: () => void refusals++,
    skip: () => undefined,
    boundary: () => undefined,
  });
  return events > 0 && refusals === 0;
}

function readLetter(letter: LettersReplayPageRow, rules: GateRules, sink: RecordSink): void {
  const bytes = Buffer.from(letter.record.buffer, letter.record.byteOffset, letter.record.length);
  readLine({ sink, rules, hasDroppedNuls: false }, bytes, 0, bytes.length, letter.source_offset, false);
}

function numbersOf(letters: readonly LettersReplayPageRow[]): string {
  return JSON.stringify(letters.map((letter) => letter.dead_letter_id));
}
