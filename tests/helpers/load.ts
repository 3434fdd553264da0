import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../src/db/database.ts";
import type { LoadResult } from "../../src/ingest/load-result.ts";
import { loadFiles } from "../../src/ingest/loader.ts";

/** Loads contents as files of the given names, through the loader that the command uses. */
export async function loadContents(
  database: Database,
  files: readonly { name: string; content: string | Uint8Array }[],
  options: { batchEvents?: number; multiLine?: boolean } = {},
): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-load-"));
  try {
    const paths = files.map(({ name, content }) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    });
    return await loadFiles(database, paths, {
      multiLine: options.multiLine ?? false,
      batchEvents: options.batchEvents ?? 1_000,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
