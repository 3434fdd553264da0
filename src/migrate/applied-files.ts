import { hexDigestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { ledgerAppliedText } from "../sql/generated.ts";
import { maybe } from "../sql/run.ts";
import { packageFiles, type Migration } from "./files/files.ts";
import {
  ledgerName,
  readScript,
  scriptDigest,
  type Folder,
  type FolderMigration,
} from "./files/folder-files.ts";
import { isChained, rowsOf } from "./ledger.ts";

/** What the ledger has of a migration in force. */
interface Known {
  name: string;
  digest: string;
}

/** Migrations as they were applied. */
export interface Applied<M> {
  /** All that have files; where one was edited since, its up text and digest are those of the ledger. */
  migrations: M[];
  /** Edited since, and the ledger has no text of it: the file is given. */
  untold: string[];
}

/** The store's migrations as they were applied. */
export async function appliedMigrations(
  database: Database,
  entries: readonly (Known & { kind: string })[],
): Promise<Applied<Migration>> {
  const known = entries.filter(({ kind }) => kind === "migration");
  return appliedOf(database, packageFiles(database.dialect).migrations, {
    entryOf: ({ name }) => known.find((entry) => entry.name === name),
    digestOf: ({ digest }) => digest,
    digest: hexDigestOf,
    as: (file, digest, upText) => ({ ...file, digest, upText: upText ?? file.upText }),
  });
}

/** The same of a folder. */
export async function appliedOfFolder(
  database: Database,
  folder: Folder,
  entries: readonly Known[],
): Promise<Applied<FolderMigration>> {
  return appliedOf(database, folder.migrations, {
    entryOf: ({ name }) => entries.find((entry) => entry.name === ledgerName(folder, name)),
    digestOf: ({ up }) => up.digest,
    digest: scriptDigest,
    as: (file, digest, text) => {
      const shown = `${folder.shown}/${database.dialect}/${file.name}.up.sql`;
      const up = text === undefined ? file.up : readScript(Buffer.from(text), database.dialect, shown);
      return { ...file, up: { ...up, digest } };
    },
  });
}

interface Reading<M> {
  entryOf(file: M): Known | undefined;
  digestOf(file: M): string;
  digest(text: string): string;
  as(file: M, digest: string, text: string | undefined): M;
}

async function appliedOf<M extends { name: string }>(
  database: Database,
  files: readonly M[],
  { entryOf, digestOf, digest, as }: Reading<M>,
): Promise<Applied<M>> {
  const found: Applied<M> = { migrations: [], untold: [] };
  const hasTexts = await isChained(rowsOf(database));
  for (const file of files) {
    const entry = entryOf(file);
    if (entry === undefined || entry.digest === digestOf(file)) {
      found.migrations.push(file);
      continue;
    }
    const row = hasTexts ? await maybe(database, ledgerAppliedText, { name: entry.name }) : undefined;
    const body = row?.body ?? undefined;
    // A line of the ledger that was changed by hand says nothing.
    const text = body !== undefined && digest(body) === entry.digest ? body : undefined;
    if (text === undefined) found.untold.push(file.name);
    found.migrations.push(as(file, entry.digest, text));
  }
  return found;
}
