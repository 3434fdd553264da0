import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { endsDigest, letterLine, sightingPart } from "../events/record-digest.ts";
import { verifyLetters, verifySightings, type VerifyLettersRow } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import type { BatchAtHand } from "./batch.ts";
import { differs } from "./findings.ts";
import type { SealedParts } from "./parts.ts";

/** What the dead letters of a batch give. */
export interface ReadLetters {
  digest: Buffer;
  /** Digests of what long letters keep; of a purged one the sealed digest. */
  ends: Buffer[];
  count: number;
  purged: number;
}

const pageRows = 100;

/** Reads a batch's dead letters: each has the bytes of its digest, unless they were purged. */
export async function readLetters(
  database: Database,
  at: BatchAtHand,
  sealed: SealedParts,
): Promise<ReadLetters> {
  const lines: unknown[][] = [];
  const found: ReadLetters = { digest: Buffer.alloc(0), ends: [], count: 0, purged: 0 };
  let after = 0;
  for (;;) {
    const rows = await many(database, verifyLetters, {
      batch_id: at.id,
      after_letter: after,
      row_limit: pageRows,
    });
    for (const row of rows) lines.push(letterLine(row, readLetter(at, row, found, sealed)));
    if (rows.length < pageRows) break;
    after = rows.at(-1)?.dead_letter_id ?? after;
  }
  found.digest = digestOf(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return found;
}

/** Checks one letter's bytes; gives whether it keeps only the ends of its record. */
function readLetter(
  { id, findings }: BatchAtHand,
  row: VerifyLettersRow,
  found: ReadLetters,
  sealed: SealedParts,
): boolean {
  const where = { batch_id: id, key: String(row.dead_letter_id), column: "record" };
  found.count++;
  const isEmpty = row.record.length === 0 && row.record_bytes > 0;
  // A purge leaves no tail; that the record was long, its size says: only such a one is not kept whole.
  const isLong = isEmpty ? row.record_bytes > wholeLetter : row.record_tail !== null;
  if (isEmpty) {
    found.purged++;
    if (row.resolved_at === null)
      differs(findings, "dead_letter_events", "the bytes are gone, and no purge is noted", where);
    if (isLong) found.ends.push(sealed.ends[found.ends.length] ?? Buffer.alloc(32));
    return isLong;
  }
  if (isLong) {
    const ends = endsDigest(row.record, row.record_tail ?? Buffer.alloc(0));
    if (sealed.ends[found.ends.length]?.equals(ends) !== true)
      differs(findings, "dead_letter_events", "not the bytes that were sealed", where);
    found.ends.push(ends);
  } else if (row.record.length !== row.record_bytes || !digestOf(row.record).equals(row.record_digest)) {
    differs(findings, "dead_letter_events", "not the bytes of its digest", where);
  }
  return isLong;
}

/** Bytes of the longest record that a dead letter keeps whole, as src/ingest/read/records.ts has it. */
const wholeLetter = 65_536;

/** Reads what a batch has seen again. */
export async function readSightings(
  database: Database,
  at: BatchAtHand,
): Promise<{ digest: Buffer; sum: number }> {
  const rows = await many(database, verifySightings, { batch_id: at.id });
  for (const row of rows) {
    if (row.line_digest !== null) continue;
    differs(at.findings, "duplicate_sightings", "the event is not there", {
      batch_id: at.id,
      key: String(row.event_id),
      column: "event_id",
    });
  }
  const sorted = rows
    .map((row) => ({
      session: row.session_id ?? "",
      time: row.occurred_at ?? "",
      line_digest: Buffer.from(row.line_digest ?? Buffer.alloc(16)),
      sightings: row.sightings ?? 0,
    }))
    .sort((left, right) => {
      if (left.session !== right.session) return left.session < right.session ? -1 : 1;
      if (left.time !== right.time) return left.time < right.time ? -1 : 1;
      return left.line_digest.compare(right.line_digest);
    });
  return { digest: sightingPart(sorted), sum: rows.reduce((sum, row) => sum + (row.sightings ?? 0), 0) };
}
