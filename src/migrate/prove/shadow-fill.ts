import type { Database } from "../../db/database.ts";
import {
  ledgerCreateLedger,
  ledgerGrantRoles,
  ledgerLetRead,
  schemaDropNewRoles,
  schemaNoteRoles,
} from "../../sql/generated.ts";
import type { Target } from "../../config.ts";
import type { ChangeRunner } from "../procedures/engine.ts";
import { readProcedures, type Migration } from "../files/files.ts";
import { folderUp } from "../folder/change.ts";
import type { Folder } from "../files/folder-files.ts";
import type { Shadow } from "./shadow.ts";
import { changesOf } from "../store.ts";

/**
 * Changes of a store that is a shadow. Roles are of the whole server: those that a migration makes there are dropped again before
 * anybody can see them.
 */
export function shadowChanges(database: Database, target: Target): ChangeRunner {
  const changes = changesOf(database, target);
  if (database.dialect === "sqlite") return changes;
  return async (work) =>
    changes(async (change) => {
      await change.rows(schemaNoteRoles, {});
      const result = await work(change);
      await change.rows(schemaDropNewRoles, {});
      return result;
    });
}

/** The procedure that gives the roles what is theirs. */
const grants = "functions/grant_roles";

/** What of the store's files stands in a shadow. */
export interface StoreFiles {
  migrations: readonly Migration[];
  /** Names of files. */
  procedures: readonly string[];
}

/** Puts a store into a shadow, open as `database`: these migrations and procedures of ours, in their order. */
export async function fillWithStore(shadow: Shadow, database: Database, files: StoreFiles): Promise<void> {
  const { dialect } = database;
  await shadow.turn();
  await shadowChanges(
    database,
    shadow.target,
  )(async (change) => {
    await change.rows(ledgerCreateLedger, {});
    await change.migrate(files.migrations, "up");
    const procedures = readProcedures(dialect).filter(({ name }) => files.procedures.includes(name));
    for (const { text } of procedures) await change.execute(text);
    const hasGrants = procedures.some(({ name }) => name === grants);
    await change.rows(hasGrants ? ledgerGrantRoles : ledgerLetRead, {});
  });
  await shadow.turn();
}

/** Puts somebody's own folder into a shadow, all of its migrations; where there are none, the ledger alone. */
export async function fillWithFolder(shadow: Shadow, database: Database, folder: Folder): Promise<void> {
  const names = folder.migrations.map(({ name }) => name);
  for (const name of names.length === 0 ? [""] : names) {
    await shadow.turn();
    await folderUp(database, shadow.target, folder, name, {
      stop: { requested: false },
      onBatch: () => undefined,
    });
  }
}
