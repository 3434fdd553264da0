import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { sourcesCandidates } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import type { InputFile } from "./files.ts";
import { asked } from "./asked.ts";

/** A file that the store has read before. */
export interface KnownSource {
  source_id: number;
  next_offset: number;
  prefix_digest: Uint8Array | null;
  device: number | null;
  inode: number | null;
  state: string;
}

/** The sources that start with the same bytes: the one with the file's inode first, then the one read furthest. */
export async function sourcesOf(database: Database, file: InputFile): Promise<KnownSource[]> {
  if (file.sizeBytes === 0) return [];
  const rows = await asked(database, "look for the file", () =>
    many(database, sourcesCandidates, lookParameters(file)),
  );
  return rows.filter((row) => isSource(row, file));
}

/** What a source says of the first bytes of its file. */
export interface SourceStart {
  fingerprint: Uint8Array;
  fingerprint_bytes: number;
}

/** Whether a file starts as that of a source. */
export function isSource(source: SourceStart, { firstBytes }: InputFile): boolean {
  const length = source.fingerprint_bytes;
  if (length === 0 || length > firstBytes.length) return false;
  return digestOf(firstBytes.subarray(0, length)).equals(source.fingerprint);
}

/** What a file is looked for by in the store. */
export function lookParameters(file: InputFile): {
  fingerprint: Buffer;
  device: number | null;
  inode: number | null;
} {
  return {
    fingerprint: file.fingerprint,
    device: file.place?.device ?? null,
    inode: file.place?.inode ?? null,
  };
}
