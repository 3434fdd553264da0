import { copyHeader } from "./copy-binary.ts";
import { untilLost, type Loss } from "./lost-connection.ts";
import type { PostgresConnection } from "./postgres.ts";
import { hearRefusal } from "./refusal.ts";

/** The rows of a query in COPY's binary form, without header and end, as they come. */
export interface CopyOut {
  /** Whether the next bytes are these; after a no nothing more can be asked but `close`. */
  isNext(bytes: Buffer): Promise<boolean>;
  /** The next row; undefined behind the last one. Its memory is used again. */
  row(): Promise<Buffer | undefined>;
  /** Whether nothing comes any more. */
  isAtEnd(): Promise<boolean>;
  /** Gives everything as it comes, in pieces of any size. */
  eachPiece(take: (bytes: Buffer) => void): Promise<void>;
  /** Takes what still comes, so that the connection is free again; safe to call twice. */
  close(): Promise<void>;
}

interface Reading {
  next(): Promise<Buffer | undefined>;
  /** What has come and was not taken yet. */
  rest: Buffer;
}

const trailerBytes = 2;

/** Runs `COPY … TO STDOUT (FORMAT binary)`. Throws what the server says. */
export async function copyOutOfPostgres(
  connection: PostgresConnection,
  loss: Loss,
  text: string,
): Promise<CopyOut> {
  const query = connection.unsafe(text);
  const next = await nextOf(query, loss);
  const reading: Reading = { next, rest: Buffer.alloc(0) };
  await fill(reading, copyHeader.length);
  reading.rest = reading.rest.subarray(copyHeader.length);
  return {
    isNext: async (bytes) => isNext(reading, bytes),
    row: async () => row(reading),
    eachPiece: async (take) => eachPiece(reading, take),
    isAtEnd: async () => (await fill(reading, trailerBytes)) && reading.rest.readInt16BE(0) === -1,
    close: async () => {
      while ((await next()) !== undefined);
    },
  };
}

async function nextOf(
  query: { readable(): Promise<NodeJS.ReadableStream & { read(): unknown }> },
  loss: Loss,
): Promise<() => Promise<Buffer | undefined>> {
  let failure: unknown;
  let isOver = false;
  let wake = (): void => undefined;
  const fail = (error: unknown): void => {
    failure = error;
    wake();
  };
  hearRefusal(query, fail);
  const stream = await untilLost(loss, async () => query.readable());
  const woken = (): void => {
    wake();
  };
  stream.on("readable", woken).on("error", fail);
  stream.on("end", () => {
    // Trap: the driver has paused its socket at the last rows, and nobody asks for more; what the server says behind them
    // would never be read, and the next query would wait for ever.
    (stream as unknown as { _read(size: number): void })._read(0);
    isOver = true;
    wake();
  });
  return async () => {
    for (;;) {
      if (failure !== undefined) throw failure as Error;
      const bytes = stream.read() as Buffer | null;
      if (bytes !== null) return bytes;
      if (isOver) return undefined;
      await untilLost(loss, async () => new Promise<void>((resolve) => (wake = resolve)));
    }
  };
}

/** Sees that so many bytes are there; false where the end comes before. */
async function fill(reading: Reading, size: number): Promise<boolean> {
  if (reading.rest.length >= size) return true;
  const parts = [reading.rest];
  let length = reading.rest.length;
  while (length < size) {
    const bytes = await reading.next();
    if (bytes === undefined) break;
    parts.push(bytes);
    length += bytes.length;
  }
  reading.rest = Buffer.concat(parts, length);
  return length >= size;
}

async function isNext(reading: Reading, bytes: Buffer): Promise<boolean> {
  for (let at = 0; at < bytes.length;) {
    if (reading.rest.length === 0) {
      const more = await reading.next();
      if (more === undefined) return false;
      reading.rest = more;
    }
    const size = Math.min(reading.rest.length, bytes.length - at);
    if (reading.rest.compare(bytes, at, at + size, 0, size) !== 0) return false;
    reading.rest = reading.rest.subarray(size);
    at += size;
  }
  return true;
}

async function row(reading: Reading): Promise<Buffer | undefined> {
  if (!(await fill(reading, trailerBytes))) throw new RangeError("COPY ended within its rows");
  const fields = reading.rest.readInt16BE(0);
  if (fields === -1) return undefined;
  let end = 2;
  for (let field = 0; field < fields; field++) {
    if (!(await fill(reading, end + 4))) throw new RangeError("COPY ended within a row");
    const length = reading.rest.readInt32BE(end);
    end += 4 + Math.max(0, length);
  }
  if (!(await fill(reading, end))) throw new RangeError("COPY ended within a row");
  const found = reading.rest.subarray(0, end);
  reading.rest = reading.rest.subarray(end);
  return found;
}

async function eachPiece(reading: Reading, take: (bytes: Buffer) => void): Promise<void> {
  for (;;) {
    // The last bytes are the end, and no row's.
    if (reading.rest.length > trailerBytes) {
      take(reading.rest.subarray(0, -trailerBytes));
      reading.rest = reading.rest.subarray(-trailerBytes);
    }
    const more = await reading.next();
    if (more === undefined) return;
    reading.rest = Buffer.concat([reading.rest, more]);
  }
}
