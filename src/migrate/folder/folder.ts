import { join } from "node:path";
import type { Database } from "../../db/database.ts";
import { CowriedbError } from "../../errors.ts";
import { ledgerFolderEntries, ledgerHasLedger, type LedgerFolderEntriesRow } from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { toolVersion, type Dialect } from "../files/files.ts";
import { ledgerName, type Folder, type FolderMigration } from "../files/folder-files.ts";
import { ledgerError } from "../ledger.ts";
import type { Standing } from "../migrate.ts";
import { disorderOf, refuseLate, type Disorder, type Heights } from "../reach.ts";
import { readTags } from "../files/tags.ts";

/** How a database stands against the migrations of somebody's own folder. */
export interface FolderStatus extends Disorder {
  dialect: Dialect;
  tool_version: string;
  /** The name under which the ledger keeps the folder. */
  owner: string;
  /** The last migration applied, or null. */
  schema_version: string | null;
  migrations: Standing[];
  /** A folder has none. */
  procedures: Standing[];
}

/** What the ledger has of all folders. */
export async function readFolderLedger(database: Database): Promise<LedgerFolderEntriesRow[]> {
  try {
    const { found } = await one(database, ledgerHasLedger, {});
    return Number(found) === 0 ? [] : await many(database, ledgerFolderEntries, {});
  } catch (error) {
    throw ledgerError(error, database.name);
  }
}

/** Reads how a database stands against a folder; changes nothing. */
export async function folderStatus(database: Database, folder: Folder): Promise<FolderStatus> {
  return folderStatusOf(database.dialect, folder, await readFolderLedger(database));
}

/** How a folder stands against what the ledger has. */
export function folderStatusOf(
  dialect: Dialect,
  folder: Folder,
  entries: readonly LedgerFolderEntriesRow[],
): FolderStatus {
  const known = new Map(
    entries
      .filter(({ name }) => name.startsWith(`${folder.owner}/`))
      .map((entry) => [entry.name.slice(folder.owner.length + 1), entry]),
  );
  const migrations = folder.migrations.map(({ name, up }): Standing => {
    const entry = known.get(name);
    known.delete(name);
    if (entry === undefined) return { name, state: "pending", applied_at: null };
    return { name, state: entry.digest === up.digest ? "applied" : "changed", applied_at: entry.applied_at };
  });
  const gone = [...known].map(([name, { applied_at }]): Standing => ({
    name,
    state: "missing_file",
    applied_at,
  }));
  const all = [...migrations, ...gone].sort((one, other) => (one.name < other.name ? -1 : 1));
  return {
    dialect,
    tool_version: toolVersion,
    owner: folder.owner,
    schema_version: all.filter(({ state }) => state !== "pending").at(-1)?.name ?? null,
    migrations: all,
    procedures: [],
    ...disorderOf(all, appliedOfFolder(folder, entries)),
  };
}

/** The folder's migrations in force, in the order in which they were applied. */
function appliedOfFolder({ owner }: Folder, entries: readonly LedgerFolderEntriesRow[]): string[] {
  return entries
    .filter(({ name }) => name.startsWith(`${owner}/`))
    .sort((one, other) => Number(one.applied_position) - Number(other.applied_position))
    .map(({ name }) => name.slice(owner.length + 1));
}

/** How a folder's migrations stand, for targets. */
export function folderHeights(folder: Folder, entries: readonly LedgerFolderEntriesRow[]): Heights {
  return {
    subject: folder.owner,
    names: folder.migrations.map(({ name }) => name),
    applied: appliedOfFolder(folder, entries),
    tags: readTags(join(folder.path, "tags.tsv")),
  };
}

/**
 * The migrations that are to be applied, in order, up to and with `last` where it is not empty. Throws where the ledger and
 * the folder do not belong together, and where one is late unless that is allowed.
 */
export function pendingOf(
  database: Database,
  folder: Folder,
  entries: readonly LedgerFolderEntriesRow[],
  last: string,
  allowsLate = false,
): FolderMigration[] {
  const status = refuseUnfitFolder(database, folder, entries);
  if (!allowsLate) refuseLate(folder.owner, status, true);
  if (last !== "" && !folder.migrations.some(({ name }) => name === last)) {
    throw new CowriedbError(
      "migrate.name",
      `${folder.shown} has no migration ${JSON.stringify(last)} to go up to.`,
      { hint: "Run: cowriedb migrate status" },
    );
  }
  const pending = new Set(
    status.migrations.filter(({ state }) => state === "pending").map(({ name }) => name),
  );
  return folder.migrations.filter(({ name }) => pending.has(name) && (last === "" || name <= last));
}

/** Throws where a folder is another, or lacks a file that was applied; gives how it stands. */
export function refuseOtherFolder(
  database: Database,
  folder: Folder,
  entries: readonly LedgerFolderEntriesRow[],
): FolderStatus {
  const status = folderStatusOf(database.dialect, folder, entries);
  const { migrations } = status;
  refuseOther(database, folder, entries);
  const gone = migrations.find(({ state }) => state === "missing_file");
  if (gone !== undefined) throw missingFile(database, folder, entries, gone.name);
  return status;
}

/** A file that was applied and is not there: it has another name now, belongs to another folder of that name, or is gone. */
function missingFile(
  database: Database,
  folder: Folder,
  entries: readonly LedgerFolderEntriesRow[],
  name: string,
): CowriedbError {
  const digest = entries.find((entry) => entry.name === ledgerName(folder, name))?.digest;
  const applied = new Set(entries.map((entry) => entry.name));
  const isApplied = (migration: FolderMigration): boolean => applied.has(ledgerName(folder, migration.name));
  const renamed = folder.migrations.find((file) => file.up.digest === digest && !isApplied(file));
  const hint =
    renamed !== undefined
      ? `${renamed.name} has its very text: give its files the name ${name} again.`
      : folder.migrations.some(isApplied)
        ? `Restore ${name}.up.sql, or take the version of the folder that applied it.`
        : "Take the version of the folder that applied it; if it is another folder, give it a name of its own: --owner NAME";
  return new CowriedbError(
    "migrate.newer_schema",
    `${database.name} has migration ${name} of ${folder.owner}, which ${folder.shown} does not have.`,
    { hint },
  );
}

/** The same, and throws where a file of `among`, all where it is not given, was edited since it was applied. */
export function refuseUnfitFolder(
  database: Database,
  folder: Folder,
  entries: readonly LedgerFolderEntriesRow[],
  among?: readonly string[],
): FolderStatus {
  const status = refuseOtherFolder(database, folder, entries);
  const changed = status.migrations.find(
    ({ name, state }) => state === "changed" && (among === undefined || among.includes(name)),
  );
  if (changed !== undefined) {
    const entry = entries.find(({ name }) => name === ledgerName(folder, changed.name));
    const file = folder.migrations.find(({ name }) => name === changed.name);
    throw new CowriedbError(
      "migrate.changed_file",
      `Migration ${changed.name} of ${folder.owner} was changed after it was applied on ${changed.applied_at ?? ""}. ` +
        `Applied ${entry?.digest ?? ""}, file has ${file?.up.digest ?? ""}.`,
      {
        hint: `Restore the file, or add a new migration; where its comments alone are others, run: cowriedb migrate bless ${changed.name} --reason "…"`,
      },
    );
  }
  return status;
}

/** Neighbours that may share a transaction do; every other file stands alone. Before a contract it is seen whether all was copied. */
export function groupsOf(
  migrations: readonly FolderMigration[],
  direction: "up" | "down" = "up",
): FolderMigration[][] {
  const groups: FolderMigration[][] = [];
  const isOne = (migration: FolderMigration | undefined): boolean =>
    migration?.[direction]?.transactions === "one";
  for (const migration of migrations) {
    const group = groups.at(-1);
    const isShared =
      isOne(migration) &&
      isOne(group?.[0]) &&
      (direction === "down" || isContract(migration) === isContract(group?.[0]));
    if (isShared) group?.push(migration);
    else groups.push([migration]);
  }
  return groups;
}

/** Whether a migration takes an old form away. */
export function isContract(migration: FolderMigration | undefined): boolean {
  return migration?.up.phase === "contract";
}

/** A folder that was renamed would be applied a second time. */
function refuseOther(database: Database, folder: Folder, entries: readonly LedgerFolderEntriesRow[]): void {
  if (entries.some(({ name }) => name.startsWith(`${folder.owner}/`))) return;
  for (const { name, up } of folder.migrations) {
    const other = entries.find((entry) => entry.name.endsWith(`/${name}`) && entry.digest === up.digest);
    const owner = other?.name.split("/")[0];
    if (owner === undefined) continue;
    throw new CowriedbError(
      "migrate.other_owner",
      `${database.name} has migration ${name} with this very text under the name ${owner}, not ${folder.owner}.`,
      { hint: `If it is the same folder, give it its name: --owner ${owner}` },
    );
  }
}
