import { execFileSync } from "node:child_process";
import { createWriteStream, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip, gzipSync } from "node:zlib";
import { partChunks, partLength } from "./hostile/expand.ts";
import type { HostileCase, HostileFile, HostilePart } from "./hostile/types.ts";

export type * from "./hostile/types.ts";

/** A path as Node's file functions take it: bytes where the name is no UTF-8. */
export type CasePath = string | Buffer;

let loaded: HostileCase[] | undefined;

/** The path of corpus.json, found from the package's root whether this runs from the source or compiled. */
export function corpusPath(): string {
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    if (existsSync(join(folder, "package.json"))) return join(folder, "tests/fixtures/hostile/corpus.json");
  }
  throw new Error("No package.json stands above tests/helpers.");
}

/** Every hostile case, in the order of the rows. Each expects a fresh store. */
export function hostileCases(): HostileCase[] {
  loaded ??= JSON.parse(readFileSync(corpusPath(), "utf8")) as HostileCase[];
  return loaded;
}

/** The files of a case in the order in which they are read; one for most cases. */
export function caseFiles(hostileCase: HostileCase): HostileFile[] {
  if (hostileCase.files !== undefined) return hostileCase.files;
  const { file, ...rest } = hostileCase;
  if (file === undefined) throw new Error(`Case ${hostileCase.id} names no file.`);
  return [{ file, ...rest }];
}

/** The bytes of one file at once, as they stand on disk. For large files `fileChunks` needs less memory. */
export function fileBytes(file: HostileFile): Buffer {
  const plain = Buffer.concat([...partChunks(partsOf(file))]);
  return file.generate === "gzip" ? Buffer.concat([gzipSync(plain), afterOf(file)]) : plain;
}

/** The bytes of a file in blocks of about a mebibyte, before any compression. */
export function fileChunks(file: HostileFile): Generator<Buffer> {
  return partChunks(partsOf(file));
}

/** How many bytes a file holds before any compression. */
export function plainLength(file: HostileFile): number {
  return partLength(partsOf(file));
}

/** Writes the files of a case into a folder, block by block, and gives their paths in the order of reading. */
export async function writeCase(hostileCase: HostileCase, folder: string): Promise<CasePath[]> {
  const paths: CasePath[] = [];
  for (const file of caseFiles(hostileCase)) paths.push(await writeFile(file, folder));
  return paths;
}

async function writeFile(file: HostileFile, folder: string): Promise<CasePath> {
  const path = pathOf(file, folder);
  if (file.generate === "device") return "/dev/zero";
  if (file.generate === "fifo") execFileSync("mkfifo", ["--", path.toString()]);
  else if (file.generate === "dangling_symlink") symlinkSync("nothing", path);
  else if (file.generate === "symlink") {
    writeFileSync(join(folder, "target"), fileBytes(file));
    symlinkSync("target", path);
  } else if (file.generate === "gzip") {
    await pipeline(Readable.from(fileChunks(file)), createGzip(), createWriteStream(path));
    writeFileSync(path, afterOf(file), { flag: "a" });
  } else await pipeline(Readable.from(fileChunks(file)), createWriteStream(path));
  return path;
}

function pathOf(file: HostileFile, folder: string): CasePath {
  if (file.file_base64 === undefined) return join(folder, file.file);
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(file.file_base64, "base64")]);
}

function partsOf(file: HostileFile): readonly HostilePart[] {
  return file.parts ?? [{ base64: file.bytes ?? "" }];
}

function afterOf(file: HostileFile): Buffer {
  return Buffer.from(file.after ?? "", "base64");
}
