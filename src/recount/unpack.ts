import { createGunzip, type Gunzip } from "node:zlib";

import { Decompress } from "fzstd";
import unbzip2 from "unbzip2-stream";

/** Gives the bytes of a log file from the start, each time it is called. */
export type Opener = () => AsyncIterable<Buffer>;

export type Compression = "plain" | "gzip" | "bzip2" | "zstd";

/** Called once when a compressed stream breaks off or is damaged; the reason is one of dead_letter_reasons. */
export type OnDamage = (reason: string) => void;

const pieceBytes = 16 * 1024;

/** How a file is compressed, told by its first bytes and never by its name. */
export function compressionOf(start: Buffer): Compression {
  const magic = start.subarray(0, 4).toString("hex");
  if (magic.startsWith("1f8b")) return "gzip";
  if (magic.startsWith("425a68")) return "bzip2";
  return magic === "28b52ffd" ? "zstd" : "plain";
}

/** The first four bytes of a file, or all of them while it is shorter. */
export async function firstBytes(open: Opener): Promise<Buffer> {
  let start = Buffer.alloc(0);
  for await (const chunk of open()) {
    start = Buffer.concat([start, chunk.subarray(0, 4)]);
    if (start.length >= 4) break;
  }
  return start.subarray(0, 4);
}

/** The unpacked bytes of a file, as far as they can be had. */
export function unpacked(open: Opener, compression: Compression, onDamage: OnDamage): AsyncIterable<Buffer> {
  if (compression === "gzip") return gunzipped(open, onDamage);
  if (compression === "bzip2") return bunzipped(open, onDamage);
  if (compression === "zstd") return unzstded(open, onDamage);
  return open();
}

async function* pieces(open: Opener, from: number, bytes: number): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of open()) {
    const end = at + chunk.length;
    for (let start = Math.max(from, at); start < end; start += bytes) {
      yield chunk.subarray(start - at, Math.min(start - at + bytes, chunk.length));
    }
    at = end;
  }
}

interface GunzipState {
  stream: Gunzip;
  output: Buffer[];
  hasEnded: boolean;
  failure: string | null;
}

function startGunzip(): GunzipState {
  const state: GunzipState = { stream: createGunzip(), output: [], hasEnded: false, failure: null };
  state.stream.on("data", (bytes: Buffer) => state.output.push(bytes));
  return state;
}

/** Writes some bytes, or with null ends the stream, and waits for what comes of it. */
async function step(state: GunzipState, bytes: Buffer | null): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      state.stream.off("end", onEnd).off("error", onError);
      resolve();
    };
    const onEnd = (): void => {
      state.hasEnded = true;
      done();
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      state.failure = error.code === "Z_BUF_ERROR" ? "file:gzip_truncated" : "file:gzip_damaged";
      state.stream.on("error", () => undefined);
      done();
    };
    state.stream.on("end", onEnd).on("error", onError);
    if (bytes === null) state.stream.end();
    else state.stream.write(bytes, (error) => void (error ?? setImmediate(done)));
  });
}

async function* gunzipped(open: Opener, onDamage: OnDamage): AsyncGenerator<Buffer> {
  const state = startGunzip();
  let written = 0;
  let given = 0;
  for await (const piece of pieces(open, 0, pieceBytes)) {
    await step(state, piece);
    for (const bytes of state.output.splice(0)) {
      given += bytes.length;
      yield bytes;
    }
    if (state.failure !== null || state.hasEnded) break;
    written += piece.length;
  }
  if (state.failure === null && !state.hasEnded) {
    await step(state, null);
    yield* state.output.splice(0);
  } else if (state.failure !== null) {
    yield* gunzippedToTheByte(open, written, given);
  }
  if (state.failure !== null) onDamage(state.failure);
}

/**
 * zlib drops what it unpacked in the very call that fails. So the file is unpacked once more, byte by byte in the piece
 * that failed, and what had not been given before is given.
 */
async function* gunzippedToTheByte(open: Opener, sound: number, given: number): AsyncGenerator<Buffer> {
  const state = startGunzip();
  let seen = 0;
  let at = 0;
  for await (const piece of pieces(open, 0, pieceBytes)) {
    const isSound = at < sound;
    at += piece.length;
    for (let i = 0; i < piece.length && state.failure === null; i += isSound ? pieceBytes : 1) {
      await step(state, isSound ? piece : piece.subarray(i, i + 1));
      for (const bytes of state.output.splice(0)) {
        const fresh = bytes.subarray(Math.max(0, given - seen));
        seen += bytes.length;
        if (fresh.length > 0) yield fresh;
      }
    }
    if (state.failure !== null) return;
  }
}

async function* bunzipped(open: Opener, onDamage: OnDamage): AsyncGenerator<Buffer> {
  const output: Buffer[] = [];
  let hasFailed = false;
  const stream = unbzip2();
  stream.on("data", (bytes: Buffer) => output.push(bytes));
  stream.on("error", () => {
    hasFailed = true;
  });
  for await (const chunk of pieces(open, 0, pieceBytes)) {
    stream.write(chunk);
    yield* output.splice(0);
    if (hasFailed) break;
  }
  if (!hasFailed) stream.end();
  yield* output.splice(0);
  if (hasFailed) onDamage("file:bzip2_damaged");
}

async function* unzstded(open: Opener, onDamage: OnDamage): AsyncGenerator<Buffer> {
  const output: Buffer[] = [];
  const stream = new Decompress((bytes) => output.push(Buffer.from(bytes)));
  try {
    for await (const chunk of pieces(open, 0, pieceBytes)) {
      stream.push(chunk);
      yield* output.splice(0);
    }
    stream.push(new Uint8Array(0), true);
  } catch {
    yield* output.splice(0);
    onDamage("file:zstd_damaged");
    return;
  }
  yield* output.splice(0);
}
