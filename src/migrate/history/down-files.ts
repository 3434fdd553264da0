import type { Database } from "../../db/database.ts";
import { packageFiles } from "../files/files.ts";
import { ledgerName, type Folder } from "../files/folder-files.ts";
import { readFolderLedger } from "../folder/folder.ts";
import { readLedger } from "../status.ts";

/**
 * A down file that is another than when its migration was applied. It has changed nothing, so it stops nobody; but it is not what was
 * proved, and the next way down is another.
 */
export interface EditedDown {
  name: string;
  /** The digest of the ledger. */
  was: string;
  /** That of the file; null where there is none any more. */
  is: string | null;
}

/** Of the store's migrations in force, those whose down file was edited since. */
export async function editedDowns(database: Database): Promise<EditedDown[]> {
  const files = new Map(
    packageFiles(database.dialect).migrations.map(({ name, downDigest }) => [name, downDigest]),
  );
  const entries = await readLedger(database);
  return edited(
    entries.filter(({ kind }) => kind === "migration"),
    files,
  );
}

/** The same of a folder. One that had no down file may get one. */
export async function editedDownsOf(database: Database, folder: Folder): Promise<EditedDown[]> {
  const files = new Map(
    folder.migrations.map(({ name, down }) => [ledgerName(folder, name), down?.digest ?? null]),
  );
  const found = edited(await readFolderLedger(database), files);
  return found.map((one) => ({ ...one, name: one.name.slice(folder.owner.length + 1) }));
}

function edited(
  entries: readonly { name: string; down_digest: string | null }[],
  files: ReadonlyMap<string, string | null>,
): EditedDown[] {
  return entries.flatMap(({ name, down_digest: was }) => {
    const is = files.get(name);
    return was === null || is === undefined || is === was ? [] : [{ name, was, is }];
  });
}
