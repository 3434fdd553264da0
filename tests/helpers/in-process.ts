import type { Database } from "../../src/db/database.ts";
import type { GateRules } from "../../src/events/gate.ts";
import { digestOf } from "../../src/checksum.ts";
import { batchBuilder, type ReadBatch } from "../../src/ingest/read/batch.ts";
import { recordReader } from "../../src/ingest/read/record-reader.ts";
import { readRules } from "../../src/ingest/rules.ts";
import { postgresWriter } from "../../src/ingest/write/write-postgres.ts";
import { sqliteWriter } from "../../src/ingest/write/write-sqlite.ts";
import { typed } from "./database.ts";

/**
 * Loads one file's contents as the loader would, without its thread, in batches of so many events: `sizes` are taken in
 * turn. Small loads are several times faster this way.
 */
export async function loadInProcess(
  database: Database,
  name: string,
  content: Buffer,
  sizes: readonly number[],
): Promise<void> {
  const writer = database.dialect === "sqlite" ? sqliteWriter(database) : postgresWriter(database);
  const firstBytes = Buffer.from(content.subarray(0, 4_096));
  const file = {
    path: Buffer.from(name),
    shown: name,
    sizeBytes: content.length,
    place: null,
    isClosed: true,
    isOpenEnded: false,
    compression: "plain" as const,
    fingerprint: digestOf(firstBytes),
    firstBytes,
    firstTime: "",
    closing: null,
    skipBytes: 0,
  };
  const rows = await typed(database, "select source_id from sources");
  const compared = rows.map((row) => Number(row["source_id"]));
  let sourceId: number | null = null;
  for (const batch of batchesOf(content, await readRules(database, Date.UTC(2026, 5, 1)), sizes)) {
    const outcome = await writer.write({
      ...{ batch, file, sourceId, compared },
      ...{ runId: "in-process", actor: "test" },
    });
    sourceId = outcome.sourceId;
  }
}

function batchesOf(content: Buffer, rules: GateRules, sizes: readonly number[]): ReadBatch[] {
  const builder = batchBuilder(0);
  const batches: ReadBatch[] = [];
  const take = (end: number): void => {
    batches.push(builder.take(end, digestOf(content.subarray(0, end))));
  };
  const sink = {
    event: builder.add,
    reject: builder.letter,
    skip: builder.skip,
    boundary: (end: number): void => {
      if (builder.records() >= (sizes[batches.length % sizes.length] ?? 1)) take(end);
    },
  };
  const reader = recordReader(sink, { rules, multiLine: false, startOffset: 0, isArray: false });
  reader.push(content);
  reader.end(true);
  if (builder.records() > 0) take(content.length);
  return batches;
}
