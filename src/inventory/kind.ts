import { closeSync, createReadStream, fstatSync, openSync, readSync, constants } from "node:fs";
import { createGunzip } from "node:zlib";
import { shownTarget, targetOf } from "../config.ts";
import { CowriedbError } from "../errors.ts";
import { visible } from "../term.ts";

/** What a file is, by its bytes. */
export type Kind = "mmdb" | "sqlite" | "postgres" | "ndjson" | "text";

/** A file that is to be imported, looked at. */
export interface Input {
  path: string;
  /** The path as it may be printed. */
  shown: string;
  kind: Kind;
  isPacked: boolean;
  bytes: number;
  /** The first lines of a text. */
  head: readonly string[];
}

const headBytes = 1 << 16;
const tailBytes = 1 << 17;
const mostRatio = 500;
const ratioFloor = 64 << 20;
/** What stands before the description of an MMDB file, in its last 128 KiB. */
const mmdbMark = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");

/**
 * Looks at a file and says what it is. Throws `inventory.not_found`, `inventory.cannot_read`, and `inventory.unknown_kind` where
 * it is none that can be read.
 */
export async function look(path: string): Promise<Input> {
  if (/^postgres(ql)?:/.test(path)) return serverOf(path);
  const shown = visible(path);
  try {
    // Else a pipe would hold the program until somebody writes into it.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = fstatSync(fd);
      if (!status.isFile()) throw unknownKind(shown, "it is no regular file");
      const first = partOf(fd, 0, Math.min(headBytes, status.size));
      const isPacked = first[0] === 0x1f && first[1] === 0x8b;
      const head = isPacked ? await unpackedHead(path, shown) : first;
      const last = isPacked ? head : partOf(fd, Math.max(0, status.size - tailBytes), tailBytes);
      const kind = kindOf(head, isPacked ? Buffer.alloc(0) : last, shown);
      return { path, shown, kind, isPacked, bytes: status.size, head: headLines(head) };
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw readError(shown, cause);
  }
}

/** A database of the old system on a server. Throws the codes of `targetOf`. */
function serverOf(url: string): Input {
  const target = targetOf(url, {}, "The database to import");
  return {
    path: url,
    shown: visible(shownTarget(target)),
    kind: "postgres",
    isPacked: false,
    bytes: 0,
    head: [],
  };
}

function partOf(fd: number, from: number, length: number): Buffer {
  const part = Buffer.alloc(length);
  return part.subarray(0, readSync(fd, part, 0, length, from));
}

async function unpackedHead(path: string, shown: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf({ path, shown, isPacked: true })) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= headBytes) break;
  }
  return Buffer.concat(parts).subarray(0, headBytes);
}

function kindOf(head: Buffer, tail: Buffer, shown: string): Kind {
  if (tail.includes(mmdbMark)) return "mmdb";
  if (head.subarray(0, 16).toString("latin1") === "SQLite format 3\0") {
    if (tail.length === 0) throw unknownKind(shown, "a packed SQLite file must be unpacked first");
    return "sqlite";
  }
  if (head.includes(0)) throw unknownKind(shown, "it is no text, no MMDB and no SQLite file");
  const start = /^\s*(\S)/.exec(head.toString("latin1").replace(/^\xef\xbb\xbf/, ""))?.[1];
  if (start === undefined) throw unknownKind(shown, "it is empty");
  if (start === "[")
    throw unknownKind(shown, "it is one JSON array; write an object a line, as jq -c '.[]' does");
  return start === "{" ? "ndjson" : "text";
}

/** The lines of the head, without the last one where it may be cut. */
function headLines(head: Buffer): string[] {
  const lines = head
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split(/\r?\n/);
  return head.length < headBytes || lines.length === 1 ? lines : lines.slice(0, -1);
}

/** The bytes of a text, unpacked. A packed one that grows without end is broken off with `inventory.unknown_kind`. */
export async function* chunksOf(input: Pick<Input, "path" | "shown" | "isPacked">): AsyncGenerator<Buffer> {
  const file = createReadStream(input.path, { highWaterMark: 1 << 18 });
  const through = input.isPacked ? createGunzip({ chunkSize: 1 << 18 }) : undefined;
  file.on("error", (error) => through?.destroy(error));
  let unpacked = 0;
  try {
    const source = through === undefined ? file : file.pipe(through);
    for await (const chunk of source as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > ratioFloor && unpacked > file.bytesRead * mostRatio)
        throw unknownKind(input.shown, `it unpacks to more than ${mostRatio} times its size`);
      yield chunk;
    }
  } catch (cause) {
    throw readError(input.shown, cause);
  } finally {
    through?.destroy();
    file.destroy();
  }
}

function unknownKind(shown: string, why: string): CowriedbError {
  return new CowriedbError("inventory.unknown_kind", `${shown} cannot be imported: ${why}.`, {
    hint: "Give CSV, NDJSON, a list of addresses, an MMDB file or the old system's database: runbooks/reference/inventory.md.",
  });
}

/** A failure of the file system, or of the unpacking, as ours. */
export function readError(shown: string, cause: unknown): CowriedbError {
  if (cause instanceof CowriedbError) return cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR")
    return new CowriedbError("inventory.not_found", `There is no file ${shown}.`, {
      hint: "Check the path.",
      cause,
    });
  return new CowriedbError("inventory.cannot_read", `${shown} cannot be read: ${code || "it is damaged"}.`, {
    hint: "Check that this user may read the file, and that it is whole; then run the same command again.",
    cause,
  });
}
