import { asBuffer } from "./writer.ts";
import type { ReadBatch } from "./batch.ts";

/** Bytes of rows that are handed over at once. */
const pageBytes = 128 << 10;
const header = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** A row's bytes beside its texts: 8 lengths, the number of columns, id, time, digest, the version of the JSONB. */
const fixedBytes = 2 + 8 * 4 + 8 + 8 + 16 + 1;

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
  const sessions = sessionReader(batch.sessions);
  const marks = marksOf(batch);
  const times = asBuffer(batch.times);
  const digests = asBuffer(batch.digests);
  const text = asBuffer(batch.text);
  const firstId = BigInt(batch.events === 0 ? 0 : batchId) << 20n;
  let at = header.copy(page, 0);
  for (let ordinal = 0; ordinal < batch.events; ordinal++) {
    const mark = marks[number(batch.marksOf, ordinal * 6, 6)] as Mark;
    const from = number(batch.spans, ordinal * 20, 10) - 1;
    const length = number(batch.spans, ordinal * 20 + 10, 10);
    sessions.next();
    const room = fixedBytes + (sessions.to - sessions.from) + mark.bytes + length;
    if (at + room > page.length) {
      await write(page.subarray(0, at));
      at = 0;
      if (room > page.length) page = Buffer.allocUnsafeSlow(room);
    }
    at = page.writeInt16BE(8, at);
    at = page.writeInt32BE(8, at);
    at = page.writeBigInt64BE(firstId + BigInt(ordinal), at);
    at = page.writeInt32BE(sessions.to - sessions.from, at);
    at += sessions.bytes.copy(page, at, sessions.from, sessions.to);
    at = page.writeInt32BE(8, at);
    at = page.writeBigInt64BE(microseconds(times, ordinal * 27), at);
    at = page.writeInt32BE(16, at);
    at += digests.copy(page, at, ordinal * 16, ordinal * 16 + 16);
    for (const value of mark.values) {
      at = page.writeInt32BE(value === null ? -1 : value.length, at);
      if (value !== null) at += value.copy(page, at);
    }
    at = page.writeInt32BE(length + 1, at);
    page[at++] = 1;
    at += text.copy(page, at, from, from + length);
  }
  if (at + 2 > page.length) {
    await write(page.subarray(0, at));
    at = 0;
  }
  at = page.writeInt16BE(-1, at);
  await write(page.subarray(0, at));
}

interface Mark {
  values: [flags: Buffer, canonicalIp: Buffer | null, canonicalType: Buffer | null];
  bytes: number;
}

function marksOf(batch: ReadBatch): Mark[] {
  const marks = JSON.parse(batch.marks) as {
    flags: string;
    canonical_ip: string | null;
    canonical_type: string | null;
  }[];
  return marks.map((mark) => {
    const ip = mark.canonical_ip === null ? null : Buffer.from(mark.canonical_ip);
    const type = mark.canonical_type === null ? null : Buffer.from(mark.canonical_type);
    const flags = Buffer.from(mark.flags);
    return { values: [flags, ip, type], bytes: flags.length + (ip?.length ?? 0) + (type?.length ?? 0) };
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

/** Decimal digits as a number. */
function number(bytes: Uint8Array, from: number, width: number): number {
  let value = 0;
  for (let at = from; at < from + width; at++) value = value * 10 + (bytes[at] as number) - 0x30;
  return value;
}

const daysTo2000 = 730_425;

/** A time of 27 characters as microseconds since 2000. */
function microseconds(times: Buffer, from: number): bigint {
  const year = number(times, from, 4);
  const month = number(times, from + 5, 2);
  // The year starts in March here, so that the leap day is its last.
  const march = month > 2 ? year : year - 1;
  const days =
    365 * march +
    Math.floor(march / 4) -
    Math.floor(march / 100) +
    Math.floor(march / 400) +
    Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) +
    number(times, from + 8, 2) -
    1;
  const seconds =
    (days - daysTo2000) * 86_400 +
    number(times, from + 11, 2) * 3600 +
    number(times, from + 14, 2) * 60 +
    number(times, from + 17, 2);
  return BigInt(seconds) * 1_000_000n + BigInt(number(times, from + 20, 6));
}
