import { closeSync, readSync } from "node:fs";
import type { Database } from "../db/database.ts";
import { sourcesIsLineRefused } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { asked } from "./asked.ts";
import type { InputFile } from "./files.ts";
import { sourcesOf, type KnownSource } from "./known-source.ts";
import { openFile } from "./place.ts";
import { prefixDigest } from "./read/prefix-digest.ts";

const chunkBytes = 1 << 20;

/**
 * Whether the line that starts at `offset` of a file is a dead letter already: read to its end by a load that did not
 * know the rest. What has been refused so takes no rest any more.
 */
export async function isLineRefused(database: Database, file: InputFile, offset: number): Promise<boolean> {
  for (const source of await sourcesOf(database, file)) {
    if (source.next_offset <= offset || source.next_offset > file.sizeBytes) continue;
    const { is_refused } = await asked(database, "look for a refused line", () =>
      one(database, sourcesIsLineRefused, { source_id: source.source_id, line_offset: offset }),
    );
    // Read last: it goes over the whole file.
    if (is_refused === 1 && (await isReadFrom(file, source))) return true;
  }
  return false;
}

/** Whether the bytes of a file are those that were read for a source. */
async function isReadFrom(file: InputFile, source: KnownSource): Promise<boolean> {
  const opened = openFile(file.path);
  if (opened === undefined) return false;
  try {
    const digest = await prefixOf(opened.fd, source.next_offset);
    return digest?.equals(source.prefix_digest ?? Buffer.alloc(0)) === true;
  } finally {
    closeSync(opened.fd);
  }
}

/** The digest of so many bytes at the start of an open file; undefined where there are fewer. */
async function prefixOf(fd: number, length: number): Promise<Buffer | undefined> {
  const digest = prefixDigest();
  try {
    for (let at = 0; at < length;) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, length - at));
      const bytesRead = readSync(fd, chunk, 0, chunk.length, at);
      if (bytesRead === 0) return undefined;
      digest.keep(chunk.subarray(0, bytesRead));
      at += bytesRead;
      digest.advance(at);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return digest.read();
  } finally {
    digest.close();
  }
}
