import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import { schemaEngineVersion } from "../../sql/generated.ts";
import { one } from "../../sql/run.ts";
import { costsText, type Cost } from "../costs/costs.ts";
import { pendingOf, readFolderLedger } from "./folder.ts";
import { folderUp } from "./change.ts";
import type { Folder, FolderMigration } from "../files/folder-files.ts";
import type { FolderTalk } from "./run.ts";
import { inFolderSession } from "./session.ts";
import { countOrNone, measureReferences, measureUnit, type Bench } from "../costs/measure.ts";
import { maybeTextOf } from "../files/names.ts";

/** What was measured of a folder. */
export interface FolderMeasured {
  owner: string;
  /** Where it is kept. */
  file: string;
  costs: Cost[];
  /** Those that run in no transaction, or in many, and were only applied. */
  not_measured: string[];
}

/**
 * Applies what is pending of a folder to a database that is a copy, and measures each file before in a transaction that is taken
 * back. What was found goes to `costs.tsv` beside the files.
 */
export async function measureFolder(
  database: Database,
  target: Target,
  folder: Folder,
  talk: FolderTalk,
): Promise<FolderMeasured> {
  const { engine } = await one(database, schemaEngineVersion, {});
  const pending = pendingOf(database, folder, await readFolderLedger(database), "");
  const found: FolderMeasured = {
    owner: folder.owner,
    file: join(folder.path, "costs.tsv"),
    costs: [],
    not_measured: [],
  };
  for (const migration of pending) {
    if (migration.up.transactions === "one")
      found.costs.push(...(await measured(database, target, migration, engine)));
    else found.not_measured.push(migration.name);
    await folderUp(database, target, folder, migration.name, talk);
  }
  if (found.costs.length > 0)
    found.costs.push(...(await takenBack(database, target, engine, measureReferences)));
  writeFileSync(found.file, costsText(maybeTextOf(found.file) ?? "", found.costs));
  return found;
}

async function measured(
  database: Database,
  target: Target,
  { name, up }: FolderMigration,
  engine: string,
): Promise<Cost[]> {
  const unit = { migration: name, digest: up.digest.slice(0, 16), texts: [up.text] };
  return takenBack(database, target, engine, async (bench) => measureUnit(bench, unit));
}

/** Measures in a transaction that is taken back. */
async function takenBack(
  database: Database,
  target: Target,
  engine: string,
  measure: (bench: Bench) => Promise<Cost[]>,
): Promise<Cost[]> {
  const undone = new Error("taken back");
  let costs: Cost[] = [];
  await inFolderSession(database, target, async (session) =>
    session
      .transaction("schema", async (transaction) => {
        costs = await measure({
          ...{ dialect: database.dialect, engine, rows: transaction.rows, table: transaction.table },
          run: async (text: string) => void (await transaction.run(text)),
          count: (table: string) => countOrNone(database, table),
        });
        throw undone;
      })
      .catch((error: unknown) => {
        if (error !== undone && (error as Error).cause !== undone) throw error;
      }),
  );
  return costs;
}
