import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { hash } from "blake3";
import { digestOf, runningDigest } from "../../src/checksum.ts";
import { batchDigest, chainDigest, chainStart } from "../../src/events/digests.ts";
import {
  contentParts,
  recordOf,
  runningRecord,
  type SealedLetter,
  type SealedMark,
  type SealedRow,
} from "../../src/events/record-digest.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import { evidenceLines, keptEvents } from "../helpers/evidence.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { corpusPath } from "../helpers/hostile-corpus.ts";
import { loadContents } from "../helpers/load.ts";

interface Vectors {
  empty_input: string;
  records: { record_base64: string; leaf: string; line_digest: string }[];
  batches: {
    batch_id: number;
    ordinals: number[];
    batch_digest: string;
    chain_position: number;
    previous_chain_digest: string;
    chain_digest: string;
  }[];
  record_digests: {
    row: SealedRow;
    evidence_hex: string;
    letters: (Omit<SealedLetter, "record" | "record_tail" | "record_digest"> & {
      record_digest: string;
      record_hex: string;
      tail_hex: string | null;
    })[];
    sightings: { line_digest: string; sightings: number }[];
    marks: SealedMark[];
    record_parts: string;
    record_digest: string;
    running_digest: string;
  }[];
}

const vectors = JSON.parse(readFileSync(join(corpusPath(), "../../chain.json"), "utf8")) as Vectors;
const leaves = vectors.records.map(({ leaf }) => Buffer.from(leaf, "hex"));

void t.test("the digest of nothing is the one that BLAKE3's authors publish", (test) => {
  test.equal(vectors.empty_input.slice(0, 32), "af1349b9f5f9a1a6a0404dea36dcc949");
  test.equal(digestOf("").toString("hex"), vectors.empty_input);
  test.end();
});

void t.test("leaves and line digests are those of the vectors", (test) => {
  for (const { record_base64, leaf, line_digest } of vectors.records) {
    const found = digestOf(Buffer.from(record_base64, "base64"));
    test.equal(found.toString("hex"), leaf);
    test.equal(found.subarray(0, 16).toString("hex"), line_digest);
  }
  test.end();
});

void t.test("a running digest gives the same at any cut", (test) => {
  const bytes = Buffer.concat(
    vectors.records.map(({ record_base64 }) => Buffer.from(record_base64, "base64")),
  );
  const digest = runningDigest();
  for (let at = 0; at < bytes.length; at += 97) {
    digest.update(bytes.subarray(at, at + 97));
    const read = digest.read().toString("hex");
    if (read !== digestOf(bytes.subarray(0, at + 97)).toString("hex")) test.fail(`at byte ${at}`);
  }
  test.equal(digest.read().toString("hex"), digestOf(bytes).toString("hex"));
  digest.close();
  test.end();
});

void t.test("batch digests and chain digests are those of the vectors", (test) => {
  let previous: Buffer = chainStart;
  for (const batch of vectors.batches) {
    const found = batchDigest(
      batch.batch_id,
      batch.ordinals,
      Buffer.concat(batch.ordinals.map((ordinal) => leaves[ordinal] ?? Buffer.alloc(0))),
    );
    test.equal(found.toString("hex"), batch.batch_digest, `batch ${batch.batch_id}`);
    test.equal(previous.toString("hex"), batch.previous_chain_digest);
    previous = chainDigest(previous, batch.batch_id, found);
    test.equal(previous.toString("hex"), batch.chain_digest, `link ${batch.chain_position}`);
  }
  test.end();
});

void t.test("record digests are those of the vectors", (test) => {
  const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
  for (const vector of vectors.record_digests) {
    const content = contentParts({
      evidence: digestOf(bytes(vector.evidence_hex)),
      letters: vector.letters.map((letter) => ({
        ...letter,
        record_digest: bytes(letter.record_digest),
        record: bytes(letter.record_hex),
        record_tail: letter.tail_hex === null ? null : bytes(letter.tail_hex),
      })),
      sightings: vector.sightings.map((seen) => ({ ...seen, line_digest: bytes(seen.line_digest) })),
      marks: vector.marks,
    });
    const found = recordOf(vector.row, content);
    test.equal(found.record_parts.toString("hex"), vector.record_parts);
    test.equal(found.record_digest.toString("hex"), vector.record_digest);
    test.equal(runningRecord(chainStart, found.record_digest).toString("hex"), vector.running_digest);
  }
  test.ok(vectors.record_digests.length > 0);
  test.end();
});

const lines = generatedLines(4_000, 11);
const again = generatedLines(4_000, 12).map((line, index) =>
  index % 5 === 0 ? (lines[index] ?? line) : line,
);
const files = [
  { name: "cowrie.json.2026-02-01", content: logOf(lines) },
  { name: "cowrie.json.2026-02-02", content: logOf(again) },
  // Nothing in it is new: its batch has no event and no evidence.
  { name: "cowrie.json.2026-02-03", content: logOf(lines.slice(100, 200)) },
];

for (const engine of engines()) {
  await t.test(`the sealed batches of a store verify from their evidence (${engine.name})`, async (test) => {
    await withLoaded(await freshStore(engine), async ({ database }) => {
      const evidence = await evidenceLines(database);
      const batches = await typed(
        database,
        "select batch_id, events_accepted, batch_digest, chain_position, chain_digest from ingest_batches order by chain_position",
      );
      const ids = await idsByBatch(database);

      let previous: Buffer = Buffer.alloc(32);
      for (const [index, batch] of batches.entries()) {
        const id = Number(batch["batch_id"]);
        const kept = evidence.get(id) ?? [];
        const digest = Buffer.from(hash(linked(ids.get(id) ?? [], kept)));
        previous = Buffer.from(hash(Buffer.concat([previous, eightBytes(id), digest])));
        test.equal(Number(batch["chain_position"]), index + 1, "positions are gapless");
        test.equal(kept.length, Number(batch["events_accepted"]), `batch ${id} has a line for each event`);
        test.equal(hexOf(batch["batch_digest"]), digest.toString("hex"), `digest of batch ${id}`);
        test.equal(hexOf(batch["chain_digest"]), previous.toString("hex"), `link of batch ${id}`);
      }
      test.ok(batches.length > 3, `${batches.length} batches`);
      test.ok(
        batches.some((batch) => Number(batch["events_accepted"]) === 0),
        "one batch is of duplicates alone",
      );
    });
  });

  await t.test(
    `the evidence has every accepted line byte for byte, the payload its values (${engine.name})`,
    async (test) => {
      await withLoaded(await freshStore(engine), async ({ database }) => {
        const read = new Set([...lines, ...again].map((line) => Buffer.from(line).toString("latin1")));
        const events = await keptEvents(database);

        const kept = events.map(({ record }) => record.toString("latin1"));
        const differing = events.filter(
          ({ row, record }) => !hasValuesOf(String(row["payload"]), record.toString("utf8"), engine.dialect),
        );

        test.equal(new Set(kept).size, events.length, "no line is kept twice");
        test.same(kept.filter((line) => !read.has(line)).slice(0, 3), [], "lines that no file has");
        test.equal([...read].filter((line) => isEvent(line)).length, events.length, "events kept");
        test.same(
          differing.slice(0, 2).map(({ row, record }) => [row["payload"], record.toString("utf8")]),
          [],
          "payloads that are not their lines",
        );
      });
    },
  );
}

/** Loads the files in small batches and hands the store over. */
async function withLoaded(store: TestStore, work: (store: TestStore) => Promise<void>): Promise<void> {
  try {
    await loadContents(store.database, files, { batchEvents: 500 });
    await work(store);
  } finally {
    await store.dispose();
  }
}

async function idsByBatch(database: TestStore["database"]): Promise<Map<number, number[]>> {
  const ids = new Map<number, number[]>();
  for (const row of await typed(database, "select event_id, batch_id from raw_events order by event_id")) {
    const batchId = Number(row["batch_id"]);
    ids.set(batchId, [...(ids.get(batchId) ?? []), Number(row["event_id"])]);
  }
  return ids;
}

/** What a batch digest is made over, put together from the ids and the lines alone. */
function linked(ids: readonly number[], kept: readonly Buffer[]): Buffer {
  return Buffer.concat(
    ids.flatMap((id, index) => [eightBytes(id), Buffer.from(hash(kept[index] ?? Buffer.alloc(0)))]),
  );
}

function eightBytes(value: number): Buffer {
  return Buffer.from(BigInt(value).toString(16).padStart(16, "0"), "hex");
}

function hexOf(value: unknown): string {
  return Buffer.from(value as Uint8Array).toString("hex");
}

/** SQLite keeps the text itself, PostgreSQL its values; what neither engine can hold is spelt out in both. */
function hasValuesOf(payload: string, record: string, dialect: string): boolean {
  if (record.includes("\\u0000")) return payload.includes("u0000");
  if (dialect === "sqlite") return payload === record;
  return ordered(JSON.parse(payload)) === ordered(JSON.parse(record));
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

function isEvent(line: string): boolean {
  return line.includes('"eventid"') && line.includes('"timestamp"') && line.endsWith("}");
}
