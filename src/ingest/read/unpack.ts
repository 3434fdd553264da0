import { createReadStream, read } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import unbzip2 from "unbzip2-stream";
import { messageOf } from "../../errors.ts";
import { restOfDamaged } from "./unpack-damaged.ts";

function leaveOpen(_fd: number, done: (error: null) => void): void {
  done(null);
}

/** How a file is packed, told by its first bytes, never by its name. */
export type Compression = "plain" | "gzip" | "bzip2" | "zstd";

/** A packed stream broke off or is damaged; what came before has been handed out. */
export interface Damage {
  reason:
    | "file:gzip_truncated"
    | "file:gzip_damaged"
    | "file:gzip_ratio"
    | "file:bzip2_damaged"
    | "file:zstd_damaged";
  detail: string;
}

/** The unpacked bytes of a file, chunk by chunk. */
export interface Unpacked {
  compression: Compression;
  chunks: AsyncIterable<Buffer>;
  /** Bytes read from the file itself so far. */
  packedBytes(): number;
  /** Set when the chunks ended early. */
  damage(): Damage | undefined;
}

const chunkBytes = 1 << 20;
/** Most bytes that one packed byte may become once the file has given `bombFloor`. */
const bombRatio = 200;
const bombFloor = 64 << 20;

/**
 * Unpacks an open file, or standard input where `input` is `-`, by its first bytes. The descriptor is closed when the
 * chunks have ended, whichever way.
 */
export async function unpack(input: number | "-", most = Number.POSITIVE_INFINITY): Promise<Unpacked> {
  const place = { start: 0, end: Math.max(0, most), highWaterMark: chunkBytes, autoClose: false };
  const stream: Readable =
    // A thread has no process.stdin of its own, but it may read the descriptor.
    input === "-"
      ? createReadStream("", { fd: 0, autoClose: false, highWaterMark: chunkBytes })
      : createReadStream("", { fd: input, ...place });
  // A second look at the same file; the descriptor is the first stream's to close.
  const again =
    input === "-"
      ? undefined
      : (): Readable => createReadStream("", { fd: input, ...place, fs: { read, close: leaveOpen } });
  let packed = 0;
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head: Buffer[] = [];
  let headBytes = 0;
  while (headBytes < 4) {
    const next = await iterator.next();
    if (next.done === true) break;
    head.push(next.value);
    headBytes += next.value.length;
    packed += next.value.length;
  }
  const source = async function* (): AsyncGenerator<Buffer> {
    for (const chunk of head.splice(0)) yield chunk;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      packed += next.value.length;
      yield next.value;
    }
  };
  const compression = compressionOf(Buffer.concat(head));
  let damage: Damage | undefined;
  const note = (found: Damage): void => {
    damage = found;
  };
  const chunks =
    compression === "plain"
      ? source()
      : guarded(unpackers[compression](source(), note, again), () => packed, note);
  return {
    compression,
    chunks: closing(chunks, stream),
    packedBytes: () => packed,
    damage: () => damage,
  };
}

/** How a file is packed that starts with these bytes. */
export function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head.subarray(0, 3).toString("latin1") === "BZh") return "bzip2";
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return "zstd";
  return "plain";
}

/** `again` reads the file from its start, where that can be done. */
type Unpacker = (
  source: AsyncGenerator<Buffer>,
  note: (damage: Damage) => void,
  again: (() => AsyncIterable<Buffer>) | undefined,
) => AsyncGenerator<Buffer>;

const unpackers: Record<Exclude<Compression, "plain">, Unpacker> = {
  gzip: async function* (source, note, again) {
    const gunzip = createGunzip({ chunkSize: chunkBytes });
    let [good, given, isDamaged] = [0, 0, false];
    const chunks = pumped(
      source,
      gunzip,
      (error) => {
        isDamaged = (error as NodeJS.ErrnoException).code !== "Z_BUF_ERROR";
        note({ reason: isDamaged ? "file:gzip_damaged" : "file:gzip_truncated", detail: messageOf(error) });
      },
      (bytes) => (good += bytes),
    );
    for await (const chunk of chunks) {
      given += chunk.length;
      yield chunk;
    }
    if (isDamaged && again !== undefined) yield* restOfDamaged(again(), good, given);
  },
  bzip2: async function* (source, note) {
    yield* pumped(source, unbzip2() as unknown as NodeJS.ReadWriteStream, (error) => {
      note({ reason: "file:bzip2_damaged", detail: messageOf(error) });
    });
  },
  zstd: async function* (source, note) {
    const ready: Buffer[] = [];
    const decompress = new Decompress((chunk) => void ready.push(Buffer.from(chunk)));
    try {
      for await (const chunk of source) {
        // Small pieces, so that a block that unpacks to much is handed out before the next one.
        for (let at = 0; at < chunk.length; at += 65_536) {
          decompress.push(chunk.subarray(at, at + 65_536));
          yield* ready.splice(0);
        }
      }
      decompress.push(new Uint8Array(0), true);
      yield* ready.splice(0);
    } catch (error) {
      yield* ready.splice(0);
      note({ reason: "file:zstd_damaged", detail: messageOf(error) });
    }
  },
};

/** A stream between its two ends: what it has given and nobody has taken, and how it stands. */
interface Pump {
  through: NodeJS.ReadWriteStream;
  ready: Buffer[];
  hasEnded: boolean;
  failure: unknown;
  /** Called when there is something to take, and when there is room for more. */
  onReady(): void;
  onRoom(): void;
}

function startPump(through: NodeJS.ReadWriteStream): Pump {
  const pump: Pump = {
    through,
    ready: [],
    hasEnded: false,
    failure: undefined,
    onReady: () => undefined,
    onRoom: () => undefined,
  };
  for (const event of ["drain", "error", "close"]) {
    through.on(event, () => {
      pump.onRoom();
    });
  }
  through.on("data", (chunk: Buffer) => {
    pump.ready.push(chunk);
    if (pump.ready.length > 4) through.pause();
    pump.onReady();
  });
  through.on("end", () => {
    endPump(pump);
  });
  through.on("error", (error: unknown) => {
    endPump(pump, error);
  });
  return pump;
}

function endPump(pump: Pump, failure?: unknown): void {
  if (failure !== undefined) pump.failure = failure;
  pump.hasEnded = true;
  pump.onReady();
}

/** Writes all of `source` into the stream, as fast as it takes it. */
async function feed(
  pump: Pump,
  source: AsyncGenerator<Buffer>,
  taken: (bytes: number) => void,
): Promise<void> {
  try {
    for await (const chunk of pieces(source)) {
      if (pump.hasEnded) return;
      const onTaken = (error?: Error | null): void => {
        if (error === undefined || error === null) taken(chunk.length);
      };
      if (pump.through.write(chunk, onTaken)) continue;
      await new Promise<void>((resolve) => {
        pump.onRoom = resolve;
        if (pump.hasEnded) resolve();
      });
    }
    pump.through.end();
  } catch (error) {
    endPump(pump, error);
  }
}

/**
 * Pushes `source` through a stream with back pressure; an error ends the chunks and is noted. `taken` hears of the bytes
 * that went well, where the stream tells.
 */
async function* pumped(
  source: AsyncGenerator<Buffer>,
  through: NodeJS.ReadWriteStream,
  failed: (error: unknown) => void,
  taken: (bytes: number) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const pump = startPump(through);
  const fed = feed(pump, source, taken);
  for (;;) {
    const chunk = pump.ready.shift();
    if (chunk !== undefined) {
      yield chunk;
      if (pump.ready.length < 2) through.resume();
      continue;
    }
    if (pump.hasEnded) break;
    await new Promise<void>((resolve) => {
      pump.onReady = resolve;
      if (pump.ready.length > 0 || pump.hasEnded) resolve();
    });
  }
  if (pump.failure !== undefined) failed(pump.failure);
  else await fed;
}

/** Limit: what a damaged piece of bzip2, or of standard input, would have given before its fault is lost: they are small. */
async function* pieces(source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += 4_096) yield chunk.subarray(at, at + 4_096);
  }
}

/** Stops a stream that unpacks to far more than it holds. */
async function* guarded(
  chunks: AsyncGenerator<Buffer>,
  packed: () => number,
  note: (damage: Damage) => void,
): AsyncGenerator<Buffer> {
  let unpacked = 0;
  for await (const chunk of chunks) {
    unpacked += chunk.length;
    if (unpacked > bombFloor && unpacked > packed() * bombRatio) {
      note({
        reason: "file:gzip_ratio",
        detail: `${packed()} bytes became ${unpacked}; more than ${bombRatio} to 1`,
      });
      return;
    }
    yield chunk;
  }
}

async function* closing(chunks: AsyncIterable<Buffer>, stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } finally {
    stream.destroy();
  }
}
