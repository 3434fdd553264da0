import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { CowriedbError } from "../errors.ts";
import { ledgerCurrentEntries, ledgerHasLedger, schemaBaseOwner } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { differencesOf, type Difference } from "./drift-differences.ts";
import { scriptFrom, type Script } from "./drift-script.ts";
import { agreeOnSpelling, isSpelledOtherwise } from "./drift-spelling.ts";
import { proveLedger, type LedgerProof } from "./ledger.ts";
import { readModel, type Model, type Thing } from "./definitions.ts";
import { readFolderLedger, refuseUnfitFolder } from "./folder.ts";
import type { Folder } from "./folder-files.ts";
import { refuseUnfit, statusOf, type Entry } from "./status.ts";
import { inShadow, openShadow, type Stop } from "./shadow.ts";
import { fillWithFolder, fillWithStore, type StoreFiles } from "./shadow-fill.ts";
import { readingOnly } from "./store.ts";

/** How a schema differs from what its ledger says. */
export interface Drift {
  dialect: Database["dialect"];
  schema_version: string | null;
  differences: (Difference & { restorable: boolean; why_not: string | null })[];
  /** What puts it back. */
  restore: Script;
  /** What makes it official, and takes it back. */
  migration: { up: Script; down: Script };
  /** What could not be compared, with the reason. */
  not_compared: string[];
  /** The ledger itself, which says what there should be. */
  ledger: LedgerProof;
}

/** What is looked at. */
export interface DriftAsked {
  shadow: string;
  stop: Stop;
  /** Somebody's own; the store where there is none. */
  folder?: Folder;
}

/** What the ledger says that there should be. */
interface Wanted {
  owner: string;
  store: StoreFiles;
  /** Of the folder, what is applied. */
  folder: Folder | undefined;
  schemaVersion: string | null;
  /** Names of objects that cannot be compared. */
  unknown: Set<string>;
  /** Owners of other folders in the same file. */
  others: string[];
}

/** Compares the live schema with what the ledger says it ought to be; changes nothing and locks nothing but what it reads. */
export async function driftOf(target: Target, { shadow: given, stop, folder }: DriftAsked): Promise<Drift> {
  const ofStore = folder === undefined;
  const { ledger, wanted, live } = await readingOnly(target, async (database) => {
    const proof = await proveLedger(database);
    const found = await trusted(proof, async () => wantedOf(database, folder));
    const owner = found?.owner ?? "";
    return { ledger: proof, wanted: found, live: await readModel(database, { ofStore, owner }) };
  });
  if (wanted === undefined) return onlyLedger(target.dialect, ledger);
  return inShadow(target, given, stop, async (shadow) => {
    await openShadow(shadow, async (database) => {
      if (wanted.store.migrations.length > 0) await fillWithStore(shadow, database, wanted.store);
      if (wanted.folder !== undefined) await fillWithFolder(shadow, database, wanted.folder);
    });
    const reading = { ofStore, owner: wanted.owner };
    const model = await readingOnly(shadow.target, async (database) => readModel(database, reading));
    if (isSpelledOtherwise(live, model))
      await openShadow(shadow, async (database) => agreeOnSpelling(database, live, model, reading));
    return readingOnly(shadow.target, async (database) => {
      const beside = setApart(live, model, wanted);
      for (const one of [live, model])
        forget(one, ({ kind, relation, name }) => wanted.unknown.has(bareName(kind, relation, name)));
      const isOlder = !ofStore && ledger.head === null;
      if (isOlder)
        for (const one of [live, model]) forget(one, ({ relation }) => relation === "schema_ledger");
      return { ...(await comparisonOf(database, live, model, wanted, beside)), ledger };
    });
  });
}

/** What the ledger says there should be; undefined where it was changed and says what cannot be. */
async function trusted({ broken }: LedgerProof, look: () => Promise<Wanted>): Promise<Wanted | undefined> {
  try {
    return await look();
  } catch (error) {
    if (broken.length > 0 && error instanceof CowriedbError && error.code.startsWith("migrate."))
      return undefined;
    throw error;
  }
}

function onlyLedger(dialect: Drift["dialect"], ledger: LedgerProof): Drift {
  const none: Script = { statements: [], behind: [], refused: [] };
  return {
    ...{ dialect, schema_version: null, differences: [], restore: none, migration: { up: none, down: none } },
    not_compared: ["the schema: the ledger was changed, and cannot say what it should be"],
    ledger,
  };
}

async function comparisonOf(
  database: Database,
  live: Model,
  shouldBe: Model,
  wanted: Wanted,
  beside: string[],
): Promise<Omit<Drift, "ledger">> {
  const restore = await scriptFrom(database, live, shouldBe);
  const up = await scriptFrom(database, shouldBe, live);
  const refused = new Map(restore.refused.map(({ key, why }) => [key, why]));
  return {
    dialect: database.dialect,
    schema_version: wanted.schemaVersion,
    differences: differencesOf(live, shouldBe).map((difference) => {
      const why = difference.is_cosmetic
        ? "columns keep their places until their table is written anew"
        : (refused.get(JSON.stringify([difference.kind, difference.relation, difference.name])) ?? null);
      return { ...difference, restorable: why === null, why_not: why };
    }),
    restore,
    migration: { up, down: restore },
    not_compared: [
      ...[...wanted.unknown].sort().map((name) => `${name}: it was put in place from another text`),
      ...beside,
    ],
  };
}

async function wantedOf(database: Database, folder: Folder | undefined): Promise<Wanted> {
  const { found } = await one(database, ledgerHasLedger, {});
  if (Number(found) === 0) {
    throw new CowriedbError(
      "migrate.no_store",
      `${database.name} has no ledger, so nothing says what it should be.`,
      {
        hint: folder === undefined ? "Run: cowriedb init" : "Run: cowriedb migrate up",
      },
    );
  }
  const { owner } = await one(database, schemaBaseOwner, { of_store: folder === undefined ? 1 : 0 });
  const folders = await readFolderLedger(database);
  const entries = (await many(database, ledgerCurrentEntries, {})) as Entry[];
  const status = statusOf(database.dialect, entries);
  const owners = [...new Set(folders.map(({ name }) => name.split("/")[0] ?? ""))];
  const base = {
    owner,
    others: database.dialect === "sqlite" ? owners.filter((name) => name !== folder?.owner) : [],
  };
  // In one file a store and what lies beside it are not told apart.
  const hasStore = folder === undefined || database.dialect === "sqlite";
  if (hasStore) refuseUnfit(database, status, entries);
  const applied = (standings: typeof status.migrations): string[] =>
    hasStore ? standings.filter(({ state }) => state === "applied").map(({ name }) => name) : [];
  const store = { migrations: applied(status.migrations), procedures: applied(status.procedures) };
  const unknown = new Set(
    status.procedures
      .filter(({ state }) => hasStore && (state === "changed" || state === "missing_file"))
      .map(({ name }) => name.split("/")[1] ?? name),
  );
  if (folder === undefined) {
    if (store.migrations.length === 0) throw noStore(database.name);
    return { ...base, store, folder, schemaVersion: status.schema_version, unknown };
  }
  const stands = refuseUnfitFolder(database, folder, folders);
  const pending = new Set(
    stands.migrations.filter(({ state }) => state === "pending").map(({ name }) => name),
  );
  const migrations = folder.migrations.filter(({ name }) => !pending.has(name));
  const of = { ...folder, migrations };
  return { ...base, store, folder: of, schemaVersion: stands.schema_version, unknown };
}

function noStore(name: string): CowriedbError {
  return new CowriedbError("migrate.no_store", `${name} holds no cowriedb store.`, {
    hint: "Run: cowriedb init",
  });
}

/** The name of a procedure's file for an object of it. */
function bareName(kind: string, relation: string, name: string): string {
  const own = kind === "trigger" ? name : relation;
  return own
    .replace(/\(.*$/s, "")
    .replace(/^(tr|tg)_/, "")
    .replace(/_instead_of_insert$/, "");
}

function forget(model: Model, isUnknown: (thing: Thing) => boolean): void {
  for (const thing of [...model.things.values()]) if (isUnknown(thing)) model.things.delete(thing.key);
}

/** In a file where other folders have tables too, what is not ours is theirs. */
function setApart(live: Model, shouldBe: Model, { others }: Wanted): string[] {
  if (others.length === 0) return [];
  const theirs = new Set(
    [...live.things.values()]
      .filter(
        ({ key, kind }) => ["table", "view", "virtual table"].includes(kind) && !shouldBe.things.has(key),
      )
      .map(({ relation }) => relation),
  );
  forget(live, ({ relation }) => theirs.has(relation));
  return [...theirs]
    .sort()
    .map((name) => `${name}: it may be of ${others.join(" or ")}; name the folder with --dir`);
}
