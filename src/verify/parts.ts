import { digestOf } from "../checksum.ts";
import { recordPartNames, rowPart, type RecordPart } from "../events/record-digest.ts";
import type { VerifyBatchRowRow } from "../sql/generated.ts";
import type { BatchAtHand } from "./batch.ts";
import { differs } from "./findings.ts";

/** The parts that a batch was sealed with. */
export type SealedParts = Record<RecordPart, Buffer> & { ends: Buffer[] };

/** What a batch was found to hold. */
export interface FoundContent {
  /** Digests of what is there now; undefined for an undone batch, of which only the row is held against the seal. */
  parts: (Omit<Record<RecordPart, Buffer>, "row"> & { ends: readonly Buffer[] }) | undefined;
  events: number;
  letters: number;
  sightings: number;
  range: { first: string; last: string } | undefined;
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
    const now =
      content.parts === undefined
        ? Buffer.concat([own, stored.subarray(32)])
        : Buffer.concat([
            own,
            content.parts.evidence,
            content.parts.letters,
            content.parts.sightings,
            content.parts.marks,
            ...content.parts.ends,
          ]);
    // What is there now has the digest: then the list of parts alone was touched, and says nothing about them.
    const column = digestOf(now).equals(digest) ? "record_parts" : "record_digest";
    differs(findings, "ingest_batches", "record_digest is not that of record_parts", { batch_id, column });
    if (column === "record_parts") return;
  }
  if (!own.equals(sealed.row)) nameRow(at, content);
  if (content.parts === undefined) return;
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
  const skipped = skippedOf(row);
  const counted: [string, string | number | null, string | number | null][] = [
    ["records_skipped", row.records_skipped, skipped],
  ];
  if (content.parts !== undefined)
    counted.push(
      ["events_accepted", row.events_accepted, content.events],
      ["records_rejected", row.records_rejected, content.letters],
      ["events_duplicate", row.events_duplicate, content.sightings],
      ["first_event_at", row.first_event_at, content.range?.first ?? null],
      ["last_event_at", row.last_event_at, content.range?.last ?? null],
    );
  const wrong = counted.filter(([, stored, expected]) => stored !== expected);
  for (const [column, stored, expected] of wrong) {
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
