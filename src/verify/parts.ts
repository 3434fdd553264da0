import { digestOf } from "../checksum.ts";
import { recordPartNames, rowPart, type RecordPart } from "../events/record-digest.ts";
import type { VerifyBatchRowRow } from "../sql/generated.ts";
import type { BatchAtHand } from "./batch.ts";
import { differs } from "./findings.ts";

/** The parts that a batch was sealed with. */
export type SealedParts = Record<RecordPart, Buffer> & { ends: Buffer[] };

type CountedColumn =
  "events_accepted" | "records_rejected" | "events_duplicate" | "first_event_at" | "last_event_at";

/** What a batch was found to hold. */
export interface FoundContent {
  /** Digests of what is there now; what an undo takes away has those that were sealed. */
  parts: Omit<Record<RecordPart, Buffer>, "row"> & { ends: readonly Buffer[] };
  /** What columns of the row must be by what is there; those that cannot be counted any more are left out. */
  counted: Partial<Pick<VerifyBatchRowRow, CountedColumn>>;
  /** Something of the batch was found and named already. */
  hasFound?: boolean;
}

/** Takes `record_parts` apart. */
export function sealedParts(row: VerifyBatchRowRow): SealedParts {
  const bytes = Buffer.from(row.record_parts ?? Buffer.alloc(0));
  const part = (index: number): Buffer => bytes.subarray(index * 32, index * 32 + 32);
  const named = recordPartNames.map((name, index) => [name, part(index)] as const);
  const ends: Buffer[] = [];
  for (let index = recordPartNames.length; index * 32 < bytes.length; index++) ends.push(part(index));
  return { ...(Object.fromEntries(named) as Record<RecordPart, Buffer>), ends };
}

/** Whether evidence with this digest is the one that was sealed. */
export function provesEvidence(sealed: Buffer, digest: Buffer): boolean {
  return sealed.equals(digest);
}

const tableOf: Record<
  Exclude<RecordPart, "row">,
  { table: string; problem: string; column: string | null }
> = {
  evidence: { table: "batch_evidence", problem: "not the bytes that were sealed", column: "lines" },
  letters: { table: "dead_letter_events", problem: "not the letters that were sealed", column: null },
  sightings: { table: "duplicate_sightings", problem: "not the sightings that were sealed", column: null },
  marks: {
    table: "raw_events",
    problem: "not the flags and canonical values that were sealed",
    column: "flags",
  },
};

/** Holds the parts of a batch against those that it was sealed with, and `record_digest` against both. */
export function proveParts(at: BatchAtHand, content: FoundContent): void {
  const { row, findings, id: batch_id } = at;
  const sealed = sealedParts(row);
  const own = ownRowPart(row);
  const stored = Buffer.from(row.record_parts ?? Buffer.alloc(0));
  const digest = Buffer.from(row.record_digest ?? Buffer.alloc(0));
  if (!digestOf(stored).equals(digest)) {
    const { evidence, letters, sightings, marks, ends } = content.parts;
    const now = Buffer.concat([own, evidence, letters, sightings, marks, ...ends]);
    // What is there now has the digest: then the list of parts alone was touched, and says nothing about them.
    const column = digestOf(now).equals(digest) ? "record_parts" : "record_digest";
    differs(findings, "ingest_batches", "record_digest is not that of record_parts", { batch_id, column });
    if (column === "record_parts") return;
  }
  if (!own.equals(sealed.row)) nameRow(at, content);
  for (const name of recordPartNames) {
    if (name === "row" || content.parts[name].equals(sealed[name])) continue;
    // Marks go by place: where events are missing or moved, they differ for that alone.
    if (name === "marks" && content.hasFound === true) continue;
    const { table, problem, column } = tableOf[name];
    differs(findings, table, problem, { batch_id, column });
  }
}

/** The row is not what was sealed: names the columns that contradict what is counted, or none. */
function nameRow({ row, findings, id: batch_id }: BatchAtHand, content: FoundContent): void {
  const problem = "not what was sealed";
  const columns = Object.keys(content.counted) as CountedColumn[];
  const counted = [
    { column: "records_skipped", stored: row.records_skipped, expected: skippedOf(row) },
    ...columns.map((column) => ({ column, stored: row[column], expected: content.counted[column] ?? null })),
  ];
  const wrong = counted.filter(({ stored, expected }) => stored !== expected);
  for (const { column, stored, expected } of wrong) {
    differs(findings, "ingest_batches", problem, {
      batch_id,
      column,
      stored: String(stored),
      expected: String(expected),
    });
  }
  if (wrong.length === 0)
    differs(findings, "ingest_batches", "a value of the row is not what was sealed", { batch_id });
}

/** The digest of a row as it is; of one whose skip_counts is no JSON, a digest that nothing has. */
function ownRowPart(row: VerifyBatchRowRow): Buffer {
  try {
    return rowPart(row as Parameters<typeof rowPart>[0]);
  } catch {
    return Buffer.alloc(32);
  }
}

function skippedOf(row: VerifyBatchRowRow): number | null {
  try {
    const counts = Object.values(JSON.parse(row.skip_counts) as Record<string, number>);
    return counts.reduce((sum, count) => sum + count, 0);
  } catch {
    return null;
  }
}
