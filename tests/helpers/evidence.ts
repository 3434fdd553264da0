import { gunzipSync } from "node:zlib";
import { hash } from "blake3";
import type { Database } from "../../src/db/database.ts";
import { typed } from "./database.ts";

/** An event with the record that it was read from, as the evidence of its batch has it. */
export interface KeptEvent {
  eventId: number;
  batchId: number;
  row: Record<string, unknown>;
  record: Buffer;
}

/**
 * Every event with its record, in the order of `event_id`. Records hold line ends only where an object was written over
 * several lines, so lines are put together until they have the event's digest.
 */
export async function keptEvents(database: Database): Promise<KeptEvent[]> {
  const columns =
    "event_id, batch_id, session_id, occurred_at, line_digest, flags, event_type, src_ip, sensor, protocol, username, " +
    "password, input, shasum, url, hassh, client_version, duration_ms, payload";
  const rows = await typed(database, `select ${columns} from raw_events order by event_id`);
  const lines = await evidenceLines(database);
  return rows.map((row) => {
    const batchId = Number(row["batch_id"]);
    const record = recordOf(lines.get(batchId) ?? [], Buffer.from(row["line_digest"] as Uint8Array));
    return { eventId: Number(row["event_id"]), batchId, row, record };
  });
}

/** The lines of each batch's evidence. */
export async function evidenceLines(database: Database): Promise<Map<number, Buffer[]>> {
  const rows = await typed(database, "select batch_id, lines from batch_evidence order by batch_id");
  return new Map(
    rows.map((row) => [Number(row["batch_id"]), splitLines(gunzipSync(row["lines"] as Uint8Array))]),
  );
}

/** Bytes at their line feeds. */
export function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, from)) {
    lines.push(bytes.subarray(from, at));
    from = at + 1;
  }
  lines.push(bytes.subarray(from));
  return lines;
}

/** Takes the first record off `lines`; the lines that do not belong to it stay. */
function recordOf(lines: Buffer[], digest: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (parts.length > 0) parts.push(Buffer.from("\n"));
    parts.push(line);
    const record = Buffer.concat(parts);
    if (Buffer.from(hash(record)).subarray(0, 16).equals(digest)) return record;
  }
  throw new Error(`The evidence has no record with the digest ${digest.toString("hex")}.`);
}
