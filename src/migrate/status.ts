import type { Database } from "../db/database.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { ledgerCurrentEntries, ledgerHasLedger } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { counted } from "../term.ts";
import {
  packageFiles,
  packageFolder,
  toolVersion,
  type Dialect,
  type Migration,
  type SchemaFiles,
} from "./files/files.ts";
import { ledgerError } from "./ledger.ts";
import { disorderOf, type Disorder, type Heights } from "./reach.ts";
import { readTags } from "./files/tags.ts";

/** The tags of the package's migrations. */
export const storeTags = `${packageFolder}migrations/tags.tsv`;

/** A migration or procedure as it stands in a store. */
export interface Standing {
  name: string;
  state: "applied" | "pending" | "changed" | "missing_file";
  applied_at: string | null;
}

/** How a store's schema stands against this program's files. */
export interface SchemaStatus extends Disorder {
  dialect: Dialect;
  tool_version: string;
  /** The last migration applied, or null. */
  schema_version: string | null;
  migrations: Standing[];
  procedures: Standing[];
}

/** The ledger's last word on a migration or procedure. */
export interface Entry {
  kind: string;
  name: string;
  digest: string;
  down_digest: string | null;
  applied_at: string;
  tool_version: string;
  /** Rises in the order in which they were applied. */
  applied_position: number;
}

/** Reads how the schema stands; changes nothing. */
export async function schemaStatus(database: Database): Promise<SchemaStatus> {
  const entries = await readLedger(database);
  return statusOf(database.dialect, entries);
}

/** Throws unless the store is exactly at this program's schema. */
export async function assertCurrent(database: Database): Promise<void> {
  const entries = await readLedger(database);
  if (entries.length === 0) {
    throw new CowriedbError("migrate.no_store", `${database.name} holds no cowriedb store.`, {
      hint: "Run: cowriedb init",
    });
  }
  const status = statusOf(database.dialect, entries);
  refuseUnfit(database, status, entries);
  const stale = [...status.migrations, ...status.procedures].filter(
    (standing) => standing.state !== "applied",
  );
  if (stale.length > 0) {
    throw new CowriedbError(
      "migrate.pending",
      `${counted(stale.length, "migration or procedure is", "migrations or procedures are")} not applied to ${database.name}. First: ${stale[0]?.name ?? ""}.`,
      {
        hint: "Run: cowriedb migrate up",
      },
    );
  }
}

/** What the ledger says is in force; nothing where there is none. */
export async function readLedger(database: Database): Promise<Entry[]> {
  try {
    const { found } = await one(database, ledgerHasLedger, {});
    if (Number(found) === 0) return [];
    return (await many(database, ledgerCurrentEntries, {})) as Entry[];
  } catch (error) {
    throw ledgerError(error, database.name);
  }
}

/** How the files stand against the ledger. */
export function statusOf(
  dialect: Dialect,
  entries: readonly Entry[],
  files: SchemaFiles = packageFiles(dialect),
): SchemaStatus {
  const standings = (kind: string, files: readonly { name: string; digest: string }[]): Standing[] => {
    const known = new Map(entries.filter((entry) => entry.kind === kind).map((entry) => [entry.name, entry]));
    const present: Standing[] = files.map(({ name, digest }) => {
      const entry = known.get(name);
      known.delete(name);
      if (entry === undefined) return { name, state: "pending", applied_at: null };
      return { name, state: entry.digest === digest ? "applied" : "changed", applied_at: entry.applied_at };
    });
    const gone: Standing[] = [...known.values()].map(({ name, applied_at }) => ({
      name,
      state: "missing_file",
      applied_at,
    }));
    return [...present, ...gone];
  };
  const migrations = standings("migration", files.migrations);
  return {
    dialect,
    tool_version: toolVersion,
    schema_version:
      migrations
        .filter((standing) => standing.state !== "pending")
        .map((standing) => standing.name)
        .sort()
        .at(-1) ?? null,
    migrations,
    procedures: standings("procedure", files.procedures),
    ...disorderOf(migrations, appliedOf(entries)),
  };
}

/** The migrations in force, in the order in which they were applied. */
export function appliedOf(entries: readonly Entry[]): string[] {
  return entries
    .filter(({ kind }) => kind === "migration")
    .sort((one, other) => Number(one.applied_position) - Number(other.applied_position))
    .map(({ name }) => name);
}

/** How a store's migrations stand, for targets. */
export function heightsOf(database: Database, entries: readonly Entry[]): Heights {
  return {
    subject: database.name,
    names: packageFiles(database.dialect).migrations.map(({ name }) => name),
    applied: appliedOf(entries),
    tags: readTags(storeTags),
  };
}

/** The migrations that are not applied. */
export function pendingIn(status: SchemaStatus, files: SchemaFiles): Migration[] {
  return migrationsIn(status, "pending", files);
}

/** Throws where a store is of a newer program, or a file is not what was applied. */
export function refuseUnfit(
  database: Database,
  status: SchemaStatus,
  entries: readonly Entry[],
  files: SchemaFiles = packageFiles(database.dialect),
): void {
  refuseNewer(status, database.name);
  refuseChanged(status, entries, files);
}

/** The migrations that stand so, in order. */
export function migrationsIn(
  status: SchemaStatus,
  state: Standing["state"],
  files: SchemaFiles,
): Migration[] {
  const names = new Set(
    status.migrations.filter((standing) => standing.state === state).map(({ name }) => name),
  );
  return files.migrations.filter(({ name }) => names.has(name));
}

/** Throws where a store has a migration of a newer program. */
export function refuseNewer(status: SchemaStatus, store: string): void {
  const unknown = status.migrations.find((standing) => standing.state === "missing_file");
  if (unknown === undefined) return;
  throw new CowriedbError(
    "migrate.newer_schema",
    `${store} has migration ${unknown.name}, which cowriedb ${toolVersion} does not know.`,
    { hint: "Install the newer cowriedb that applied it." },
  );
}

function refuseChanged(status: SchemaStatus, entries: readonly Entry[], files: SchemaFiles): void {
  const changed = status.migrations.find((standing) => standing.state === "changed");
  if (changed === undefined) return;
  const entry = entries.find(({ kind, name }) => kind === "migration" && name === changed.name);
  const file = files.migrations.find(({ name }) => name === changed.name);
  throw new CowriedbError(
    "migrate.changed_file",
    `Migration ${changed.name} was changed after it was applied on ${entry?.applied_at ?? ""} by cowriedb ${entry?.tool_version ?? ""}. ` +
      `Applied ${entry?.digest ?? ""}, file has ${file?.digest ?? ""}.`,
    {
      exitCode: exitCodes.failed,
      hint: `Restore the file, or add a new migration; where its comments alone are others, run: cowriedb migrate bless ${changed.name} --reason "…"`,
    },
  );
}
