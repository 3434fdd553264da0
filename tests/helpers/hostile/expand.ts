import type { HostilePart } from "./types.ts";

const blockBytes = 1_048_576;
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

/** The bytes of parts, in blocks of about a mebibyte, however much they describe. */
export function* partChunks(parts: readonly HostilePart[]): Generator<Buffer> {
  for (const part of parts) {
    if ("base64" in part) yield* repeated(Buffer.from(part.base64, "base64"), part.repeat ?? 1);
    else if (part.fill === "keys") yield* joined(part.count, keyText);
    else if (part.fill === "commands") yield* joined(part.count, commandLine);
    else yield* noise(part.count, part.seed ?? 1);
  }
}

/** How many bytes parts describe, without making them all at once. */
export function partLength(parts: readonly HostilePart[]): number {
  let length = 0;
  for (const chunk of partChunks(parts)) length += chunk.length;
  return length;
}

function* repeated(bytes: Buffer, times: number): Generator<Buffer> {
  if (times === 1) {
    yield bytes;
    return;
  }
  const most = Math.max(1, Math.floor(blockBytes / bytes.length));
  const block = Buffer.alloc(bytes.length * Math.min(times, most), bytes);
  for (let left = times; left > 0; left -= most) {
    yield left >= most ? block : block.subarray(0, left * bytes.length);
  }
}

function* joined(count: number, textOf: (index: number) => string): Generator<Buffer> {
  for (let from = 0; from < count; from += 5_000) {
    const texts: string[] = [];
    for (let index = from; index < Math.min(count, from + 5_000); index++) texts.push(textOf(index));
    yield Buffer.from(texts.join(""));
  }
}

function keyText(index: number): string {
  return `${index === 0 ? "" : ","}"k${index}":1`;
}

function commandLine(index: number): string {
  const time = new Date(Date.UTC(2024, 0, 2, 3, 0, 0) + index).toISOString().replace("Z", "000Z");
  return (
    `{"eventid":"cowrie.command.input","session":"0123456789ab","timestamp":"${time}","src_ip":"192.0.2.7",` +
    `"sensor":"hp-01","protocol":"ssh","input":"echo ${index}","message":"CMD: echo ${index}"}\n`
  );
}

function* noise(count: number, seed: number): Generator<Buffer> {
  let state = seed;
  for (let left = count; left > 0; left -= blockBytes) {
    const block = Buffer.alloc(Math.min(left, blockBytes));
    for (let index = 0; index < block.length; index++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      block[index] = letters.charCodeAt(state >>> 26);
    }
    yield block;
  }
}
