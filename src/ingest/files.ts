import { lstat, readdir, stat } from "node:fs/promises";
import { digestOf } from "../checksum.ts";
import { CowriedbError } from "../errors.ts";
import { visibleBytes } from "../term.ts";
import { readTime } from "../events/time.ts";
import { openFile, type FilePlace } from "./place.ts";
import { unpack, type Compression } from "./read/unpack.ts";

/** A log file as it was found, before it is read. */
export interface InputFile {
  /** The path's bytes, or `-`. */
  path: Buffer;
  shown: string;
  sizeBytes: number;
  /** Null for standard input. */
  place: FilePlace | null;
  /** Nothing will be appended: the name has a date, a number or a packer's suffix, or it is standard input. */
  isClosed: boolean;
  compression: Compression;
  /** BLAKE3 of the first 4,096 unpacked bytes, or of all of them. */
  fingerprint: Buffer;
  /** The first unpacked bytes, 4,096 at most. */
  firstBytes: Buffer;
  /** The first time in the file, as stored, or an empty string. */
  firstTime: string;
  /** The rest of the last line, where a rotation has cut it and the next file has it. */
  closing: Buffer | null;
  /** Bytes at the start that belong to the line before. */
  skipBytes: number;
  /** Only whole lines are taken: the file is being written, or the file that goes on with its last line is not there yet. */
  isOpenEnded: boolean;
}

/** Bytes that a fingerprint covers at most. */
export const fingerprintBytes = 4_096;
const logName = /json|ndjson/i;
/** How the names of files end that nobody writes to any more. */
const closedName = /(\.(gz|bz2|zst|zstd)|\.\d+|[._-]\d{4}[-_.]?\d{1,2}[-_.]?\d{1,2})$/i;

/**
 * The files that `paths` name, in the order of the first time in each. A path is a file, a folder (its files with json
 * in their name, at any depth), a pattern with `*`, `?` and `**`, or `-` for standard input. Throws `ingest.not_found`,
 * `ingest.no_permission` or `ingest.not_regular_file`.
 */
export async function findFiles(paths: readonly string[]): Promise<InputFile[]> {
  const found = new Map<string, Buffer>();
  for (const path of paths) {
    for (const file of await expand(path)) found.set(file.toString("latin1"), file);
  }
  if (found.size === 0) {
    throw new CowriedbError(
      "ingest.not_found",
      `There is no log file in ${visibleBytes(Buffer.from(paths.join(", ")))}.`,
      {
        hint: "In a folder, files with json in their name are taken; name others one by one.",
      },
    );
  }
  const files: InputFile[] = [];
  for (const path of found.values()) files.push(await inspect(path));
  return inOrder(files);
}

/** Whether a path is named as a file is that nobody writes to any more. */
export function hasClosedName(path: Buffer): boolean {
  return closedName.test(path.toString("latin1"));
}

/** The name that a log has while it is written, for it and for what rotation makes of it. */
export function familyOf(path: Buffer): string {
  let name = path.toString("latin1");
  while (closedName.test(name)) name = name.replace(closedName, "");
  return name;
}

/** Files in the order in which they are read: by the first time in each. */
export function inOrder(files: InputFile[]): InputFile[] {
  return files.sort(
    (left, right) =>
      compareText(
        left.firstTime === "" ? "~" : left.firstTime,
        right.firstTime === "" ? "~" : right.firstTime,
      ) || Buffer.compare(left.path, right.path),
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The files that one path names; see `findFiles`. */
export async function expand(path: string): Promise<Buffer[]> {
  if (path === "-") return [Buffer.from(path)];
  const bytes = Buffer.from(path);
  let status;
  try {
    status = await stat(bytes);
  } catch (cause) {
    if (await isLink(bytes)) throw notRegular(bytes);
    if (/[*?[]/.test(path)) return expandPattern(path);
    throw fileError(bytes, cause);
  }
  if (status.isDirectory()) return walk(bytes, (name) => logName.test(name));
  if (!status.isFile()) throw notRegular(bytes);
  return [bytes];
}

/** A link that leads nowhere is no file; one that leads to a log is read as that log. */
async function isLink(path: Buffer): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status?.isSymbolicLink() === true;
}

async function walk(folder: Buffer, wanted: (name: string) => boolean): Promise<Buffer[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true, encoding: "buffer" });
  } catch (cause) {
    throw fileError(folder, cause);
  }
  const files: Buffer[] = [];
  for (const entry of entries) {
    const name = entry.name as unknown as Buffer;
    if (name[0] === 0x2e) continue;
    const path = Buffer.concat([folder, folder.at(-1) === 0x2f ? Buffer.alloc(0) : Buffer.from("/"), name]);
    if (entry.isDirectory()) files.push(...(await walk(path, wanted)));
    else if (
      wanted(name.toString("latin1")) &&
      (await stat(path).catch(() => undefined))?.isFile() === true
    ) {
      files.push(path);
    }
  }
  return files;
}

async function expandPattern(pattern: string): Promise<Buffer[]> {
  const fixed = /^[^*?[]*\//.exec(pattern)?.[0] ?? "";
  const source = pattern
    .slice(fixed.length)
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?/g, (mark) =>
      mark === "**/" ? "(?:.*/)?" : mark === "**" ? ".*" : mark === "*" ? "[^/]*" : "[^/]",
    );
  const form = new RegExp(`^${source}$`, "s");
  const root = Buffer.from(fixed === "" ? "./" : fixed);
  const all = await walk(root, () => true);
  const files = all.filter((path) => form.test(path.subarray(root.length).toString("utf8")));
  if (files.length === 0) {
    throw new CowriedbError("ingest.not_found", `No file matches ${visibleBytes(Buffer.from(pattern))}.`, {
      hint: "Check the pattern; quote it so that the shell leaves it alone.",
    });
  }
  return files;
}

/** Looks at the start of a file. */
export async function inspect(path: Buffer): Promise<InputFile> {
  const shown = visibleBytes(path);
  const name = path.toString("latin1");
  if (name === "-") {
    return {
      path,
      shown: "standard input",
      sizeBytes: 0,
      place: null,
      isClosed: true,
      compression: "plain",
      fingerprint: digestOf(""),
      firstBytes: Buffer.alloc(0),
      firstTime: "",
      closing: null,
      skipBytes: 0,
      isOpenEnded: false,
    };
  }
  try {
    const opened = openFile(path);
    if (opened === undefined) throw notRegular(path);
    const { place } = opened;
    const unpacked = await unpack(opened.fd);
    const parts: Buffer[] = [];
    let length = 0;
    for await (const chunk of unpacked.chunks) {
      parts.push(chunk.subarray(0, 65_536));
      length += chunk.length;
      if (length >= 65_536) break;
    }
    const head = Buffer.concat(parts);
    const firstBytes = Buffer.from(head.subarray(0, fingerprintBytes));
    const time = /"timestamp"\s*:\s*"([^"\\]{1,40})"/.exec(head.toString("latin1"))?.[1];
    return {
      path,
      shown,
      sizeBytes: place.sizeBytes,
      place,
      isClosed: closedName.test(name) || unpacked.compression !== "plain",
      compression: unpacked.compression,
      fingerprint: digestOf(firstBytes),
      firstBytes,
      firstTime: (time === undefined ? undefined : readTime(time)?.text) ?? "",
      closing: null,
      skipBytes: 0,
      isOpenEnded: false,
    };
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** A file error of Node as ours. */
export function fileError(path: Buffer, cause: unknown): CowriedbError {
  if (cause instanceof CowriedbError) return cause;
  const shown = visibleBytes(path);
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new CowriedbError("ingest.not_found", `There is no file ${shown}.`, {
      hint: "Check the path; a folder or a quoted pattern works too.",
      cause,
    });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new CowriedbError("ingest.no_permission", `${shown} may not be read by this user.`, {
      hint: "Give this user the right to read it, or run as the user that owns the logs.",
      cause,
    });
  }
  return new CowriedbError("ingest.cannot_read", `${shown} cannot be read: ${code}.`, {
    hint: "Check the disk, then run the same command again: it goes on where it stopped.",
    cause,
  });
}

function notRegular(path: Buffer): CowriedbError {
  return new CowriedbError("ingest.not_regular_file", `${visibleBytes(path)} is no regular file.`, {
    hint: "Name a file or a folder; pipe other things in and name -.",
  });
}
