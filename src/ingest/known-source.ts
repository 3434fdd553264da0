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
    many(database, sourcesCandidates, {
      fingerprint: file.fingerprint,
      device: file.place?.device ?? null,
      inode: file.place?.inode ?? null,
    }),
  );
  return rows.filter((row) => {
    if (row.fingerprint_bytes === 0) return false;
    if (row.fingerprint_bytes > file.firstBytes.length) return false;
    const start = file.firstBytes.subarray(0, row.fingerprint_bytes);
    return digestOf(start).equals(row.fingerprint);
  });
}
