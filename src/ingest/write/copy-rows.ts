import { copyHeader, decimal, putBytes, putLong, putTime, viewOf } from "../../db/copy-binary.ts";
import { asBuffer } from "./writer.ts";
import type { ReadBatch } from "../read/batch.ts";

/** Bytes of rows that are handed over at once; the driver copies them into memory that is cheap only while it is small. */
const pageBytes = 60 << 10;
/** A row's bytes beside its texts: the number of columns, 5 lengths, id, time, digest, the version of the JSONB. */
const fixedBytes = 2 + 5 * 4 + 8 + 8 + 16 + 1;

/**
 * Writes the rows of `events/copy_batch` in PostgreSQL's binary form, page by page. The memory of a page is used again
 * once `write` has resolved, so `write` must not keep it.
 */
export async function copyRows(
  batch: ReadBatch,
  batchId: number,
  write: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  let page = Buffer.allocUnsafeSlow(pageBytes);
  let view = viewOf(page);
  const sessions = sessionReader(batch.sessions);
  const marks = marksOf(batch);
  const { times, digests } = batch;
  const text = asBuffer(batch.text);
  let at = copyHeader.copy(page, 0);
  for (let ordinal = 0; ordinal < batch.events; ordinal++) {
    const mark = marks[decimal(batch.marksOf, ordinal * 6, 6)] as Mark;
    const from = decimal(batch.spans, ordinal * 20, 10) - 1;
    const length = decimal(batch.spans, ordinal * 20 + 10, 10);
    sessions.next();
    const room = fixedBytes + (sessions.to - sessions.from) + mark.bytes.length + length;
    if (at + room > page.length) {
      await write(page.subarray(0, at));
      at = 0;
      if (room > page.length) view = viewOf((page = Buffer.allocUnsafeSlow(room)));
    }
    view.setInt16(at, 8);
    // A batch is a range of 2^20 ids.
    at = putLong(view, at + 2, Math.floor(batchId / 4096), (batchId % 4096) * 1_048_576 + ordinal);
    view.setInt32(at, sessions.to - sessions.from);
    at = putBytes(page, at + 4, sessions.bytes, sessions.from, sessions.to);
    at = putTime(view, at, times, ordinal * 27);
    view.setInt32(at, 16);
    at = putBytes(page, at + 4, digests, ordinal * 16, ordinal * 16 + 16);
    at = putBytes(page, at, mark.bytes, 0, mark.bytes.length);
    view.setInt32(at, length + 1);
    page[at + 4] = 1;
    at += 5 + text.copy(page, at + 5, from, from + length);
  }
  if (at + 2 > page.length) {
    await write(page.subarray(0, at));
    at = 0;
  }
  view.setInt16(at, -1);
  await write(page.subarray(0, at + 2));
}

/** Flags and canonical values as columns, ready to be copied: many events share them. */
interface Mark {
  bytes: Buffer;
}

function marksOf(batch: ReadBatch): Mark[] {
  const marks = JSON.parse(batch.marks) as Record<
    "flags" | "canonical_ip" | "canonical_type",
    string | null
  >[];
  return marks.map((mark) => {
    const columns = [mark.flags, mark.canonical_ip, mark.canonical_type].map((value) => {
      const bytes = Buffer.from(value ?? "");
      const length = Buffer.alloc(4);
      length.writeInt32BE(value === null ? -1 : bytes.length);
      return Buffer.concat([length, bytes]);
    });
    return { bytes: Buffer.concat(columns) };
  });
}

/** Walks through the texts of a JSON array without making a string of each. */
function sessionReader(json: string): { bytes: Buffer; from: number; to: number; next(): void } {
  const isPlain = !json.includes("\\");
  const bytes = Buffer.from(isPlain ? json : (JSON.parse(json) as string[]).join("\0"));
  const stop = isPlain ? 0x22 : 0;
  // Plain: ["a","b"]; a text starts three bytes behind the end of the one before. Session ids hold no NUL.
  const gap = isPlain ? 3 : 1;
  const reader = {
    bytes,
    from: 0,
    to: isPlain ? -1 : -gap,
    next: () => {
      reader.from = reader.to + gap;
      const to = bytes.indexOf(stop, reader.from);
      reader.to = to < 0 ? bytes.length : to;
    },
  };
  return reader;
}
