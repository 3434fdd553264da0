import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import unbzip2 from "unbzip2-stream";
import { messageOf } from "../errors.ts";

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

/** Opens a file, or standard input where `path` is `-`, and unpacks it by its first bytes. */
export async function unpack(path: string | Buffer, most = Number.POSITIVE_INFINITY): Promise<Unpacked> {
  const stream: Readable =
    // A thread has no process.stdin of its own, but it may read the descriptor.
    path === "-"
      ? createReadStream("", { fd: 0, autoClose: false, highWaterMark: chunkBytes })
      : createReadStream(path, { highWaterMark: chunkBytes, end: most });
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
    compression === "plain" ? source() : guarded(unpackers[compression](source(), note), () => packed, note);
  return {
    compression,
    chunks: closing(chunks, stream),
    packedBytes: () => packed,
    damage: () => damage,
  };
}

function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head.subarray(0, 3).toString("latin1") === "BZh") return "bzip2";
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return "zstd";
  return "plain";
}

type Unpacker = (source: AsyncGenerator<Buffer>, note: (damage: Damage) => void) => AsyncGenerator<Buffer>;

const unpackers: Record<Exclude<Compression, "plain">, Unpacker> = {
  gzip: async function* (source, note) {
    const gunzip = createGunzip({ chunkSize: chunkBytes });
    yield* pumped(source, gunzip, (error) => {
      const isCut = (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
      note({ reason: isCut ? "file:gzip_truncated" : "file:gzip_damaged", detail: messageOf(error) });
    });
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

/** Pushes `source` through a stream with back pressure; an error ends the chunks and is noted. */
async function* pumped(
  source: AsyncGenerator<Buffer>,
  through: NodeJS.ReadWriteStream,
  failed: (error: unknown) => void,
): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  let ended = false;
  let failure: unknown;
  let wake = (): void => undefined;
  let goOn = (): void => undefined;
  for (const event of ["drain", "error", "close"]) {
    through.on(event, () => {
      goOn();
    });
  }
  through.on("data", (chunk: Buffer) => {
    ready.push(chunk);
    if (ready.length > 4) through.pause();
    wake();
  });
  through.on("end", () => {
    ended = true;
    wake();
  });
  through.on("error", (error: unknown) => {
    failure = error;
    ended = true;
    wake();
  });
  const feed = (async () => {
    try {
      for await (const chunk of pieces(source)) {
        if (ended) return;
        if (!through.write(chunk)) {
          await new Promise<void>((resolve) => {
            goOn = resolve;
            if (ended) resolve();
          });
        }
      }
      through.end();
    } catch (error) {
      failure = error;
      ended = true;
      wake();
    }
  })();
  for (;;) {
    const chunk = ready.shift();
    if (chunk !== undefined) {
      yield chunk;
      if (ready.length < 2) through.resume();
      continue;
    }
    if (ended) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (ready.length > 0 || ended) resolve();
    });
  }
  if (failure !== undefined) failed(failure);
  else await feed;
}

/** Limit: what a damaged piece would have given before its fault is lost, so pieces are small. */
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
