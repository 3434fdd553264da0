import type { Target } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import { CowriedbError } from "../../errors.ts";
import { ledgerCurrentEntries, ledgerHasLedger, schemaBaseOwner } from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { differencesOf, type Difference } from "./differences.ts";
import { hydrationOf, shadowHydration, type Hydration } from "./hydration.ts";
import { movedIn, scriptsFor, seemsMoved, type Moved } from "./moves.ts";
import type { Script } from "./script.ts";
import { agreeOnSpelling, isSpelledOtherwise } from "./spelling.ts";
import { proveLedger, type LedgerProof } from "../ledger.ts";
import { keyOf, readModel, type Model, type Thing } from "./definitions.ts";
import { appliedMigrations, appliedOfFolder } from "../applied-files.ts";
import { editedDowns, editedDownsOf, type EditedDown } from "../history/down-files.ts";
import { readFolderLedger, refuseOtherFolder, refuseUnfitFolder } from "../folder/folder.ts";
import type { Folder } from "../files/folder-files.ts";
import { onOwnPath } from "../prove/own-path.ts";
import { refuseNewer, refuseUnfit, statusOf, type Entry, type Standing } from "../status.ts";
import { inShadow, openShadow, type Stop } from "../prove/shadow.ts";
import { fillWithFolder, fillWithStore, type StoreFiles } from "../prove/shadow-fill.ts";
import { nameOf } from "../files/statements.ts";
import { readingOnly } from "../store.ts";

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
  /** Migrations whose files were edited since: what is compared is what was applied, by the ledger. */
  changed: Standing[];
  changed_downs: EditedDown[];
  /** What a copy or a cutover has made of the store; undefined where the schema knows of none. */
  hydration: Hydration | undefined;
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
  changed: Standing[];
  changedDowns: EditedDown[];
  /** Owners of other folders in the same database. */
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
  const isOfStore = ofStore || target.dialect === "sqlite";
  const hydration = isOfStore
    ? await readingOnly(target, async (database) => hydrationOf(database, live))
    : undefined;
  return inShadow(target, given, stop, async (place) => {
    const { shadow, schemas } =
      wanted.folder === undefined
        ? { shadow: place, schemas: [] }
        : await onOwnPath(target, place, wanted.folder);
    await openShadow(shadow, async (database) => {
      if (wanted.store.migrations.length > 0) await fillWithStore(shadow, database, wanted.store);
      if (hydration !== undefined) await shadowHydration(database, hydration, wanted);
      if (wanted.folder !== undefined) await fillWithFolder(shadow, database, wanted.folder);
    });
    const reading = { ofStore, owner: wanted.owner };
    const model = await readingOnly(shadow.target, async (database) => readModel(database, reading));
    // Whose they are, and who may use them, is said by whoever made them.
    const isTheirs = ({ kind, relation }: Thing): boolean =>
      /^(schema|privilege)$/.test(kind) && schemas.includes(nameOf(relation, "postgres"));
    for (const one of [live, model]) forget(one, isTheirs);
    if (isSpelledOtherwise(live, model))
      await openShadow(shadow, async (database) => agreeOnSpelling(database, live, model, reading));
    const moved = seemsMoved(live, model)
      ? await openShadow(shadow, async (database) => movedIn(database, live, model, reading))
      : undefined;
    return readingOnly(shadow.target, async (database) => {
      leaveToOperators(live, model);
      const beside = setApart(live, moved?.told ?? model, wanted);
      const models = [live, model, ...(moved === undefined ? [] : [moved.told, moved.there, moved.back])];
      for (const one of models)
        forget(one, ({ kind, relation, name }) => wanted.unknown.has(bareName(kind, relation, name)));
      const isOlder = !ofStore && ledger.head === null;
      if (isOlder) for (const one of models) forget(one, ({ relation }) => relation === "schema_ledger");
      const compared = await comparisonOf(database, { live, shouldBe: model, moved }, wanted, beside);
      return { ...compared, ledger, hydration };
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
    ...{ ledger, changed: [], changed_downs: [], hydration: undefined },
  };
}

async function comparisonOf(
  database: Database,
  { live, shouldBe, moved }: { live: Model; shouldBe: Model; moved: Moved | undefined },
  wanted: Wanted,
  beside: string[],
): Promise<Omit<Drift, "ledger" | "hydration">> {
  const { restore, up } = await scriptsFor(database, live, shouldBe, moved);
  const differences = [
    ...(moved?.moves ?? []).map(({ difference }) => difference),
    ...differencesOf(live, moved?.told ?? shouldBe),
  ];
  const refused = new Map(restore.refused.map(({ key, why }) => [key, why]));
  return {
    dialect: database.dialect,
    schema_version: wanted.schemaVersion,
    differences: differences.map((difference) => {
      const why = difference.is_cosmetic
        ? "columns keep their places until their table is written anew"
        : difference.kind === "type" && difference.facet === "definition"
          ? "the values of a type keep their order"
          : (refused.get(JSON.stringify([difference.kind, difference.relation, difference.name])) ?? null);
      return { ...difference, restorable: why === null, why_not: why };
    }),
    restore,
    migration: { up, down: restore },
    not_compared: [
      ...[...wanted.unknown].sort().map((name) => `${name}: it was put in place from another text`),
      ...beside,
    ],
    ...{ changed: wanted.changed, changed_downs: wanted.changedDowns },
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
  const owners = [...new Set(folders.map(({ name }) => name.split("/")[0] ?? ""))];
  const base = {
    owner,
    // On a server the store has a schema of its own.
    others:
      database.dialect === "sqlite" || folder !== undefined
        ? owners.filter((name) => name !== folder?.owner)
        : [],
  };
  const ofStore = await storeOf(database, folder === undefined);
  if (folder === undefined) return { ...base, ...ofStore, folder };
  const { schema_version, migrations } = refuseOtherFolder(database, folder, folders);
  const applied = await appliedOfFolder(database, folder, folders);
  refuseUnfitFolder(database, folder, folders, applied.untold);
  const pending = new Set(migrations.filter(({ state }) => state === "pending").map(({ name }) => name));
  return {
    ...{ ...base, ...ofStore, schemaVersion: schema_version },
    folder: { ...folder, migrations: applied.migrations.filter(({ name }) => !pending.has(name)) },
    changed: migrations.filter(({ state }) => state === "changed"),
    changedDowns: await editedDownsOf(database, folder),
  };
}

/** What of the store is applied, as it was; for a folder on a server nothing, which is told apart from it there. */
async function storeOf(
  database: Database,
  isAsked: boolean,
): Promise<Pick<Wanted, "store" | "unknown" | "schemaVersion" | "changed" | "changedDowns">> {
  const entries = (await many(database, ledgerCurrentEntries, {})) as Entry[];
  const status = statusOf(database.dialect, entries);
  const { schema_version: schemaVersion } = status;
  const none = { store: { migrations: [], procedures: [] }, unknown: new Set<string>() };
  // In one file a store and what lies beside it are not told apart.
  if (!isAsked && database.dialect === "postgres")
    return { ...none, schemaVersion, changed: [], changedDowns: [] };
  refuseNewer(status, database.name);
  const { migrations, untold } = await appliedMigrations(database, entries);
  const unread = status.migrations.filter(({ name }) => untold.includes(name));
  refuseUnfit(database, { ...status, migrations: unread }, entries);
  const isApplied = ({ state }: Standing): boolean => state === "applied" || state === "changed";
  const applied = new Set(status.migrations.filter(isApplied).map(({ name }) => name));
  if (isAsked && applied.size === 0) throw noStore(database.name);
  const strange = status.procedures.filter(({ state }) => state === "changed" || state === "missing_file");
  return {
    store: {
      migrations: migrations.filter(({ name }) => applied.has(name)),
      procedures: status.procedures.filter(({ state }) => state === "applied").map(({ name }) => name),
    },
    unknown: new Set(strange.map(({ name }) => name.split("/")[1] ?? name)),
    schemaVersion,
    changed: status.migrations.filter(({ state }) => state === "changed"),
    changedDowns: await editedDowns(database),
  };
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

/** A publication that no migration has made is its operator's, with what it sends on. */
function leaveToOperators(live: Model, shouldBe: Model): void {
  const isMade = (name: string): boolean => shouldBe.things.has(keyOf("publication", name, ""));
  forget(
    live,
    ({ kind, relation, name }) => kind === "publication" && !isMade(name === "" ? relation : name),
  );
}

/** Whether a thing stands for itself, and may be somebody else's; on a server a routine, a type or a schema too. */
function isOfSomebody({ dialect }: Model, kind: string, name: string): boolean {
  if (dialect === "sqlite") return ["table", "view", "virtual table"].includes(kind);
  return name === "" && !["setting", "privilege", "owner"].includes(kind);
}

/** In a database where other folders have tables too, what is not ours is theirs. */
function setApart(live: Model, shouldBe: Model, { others }: Wanted): string[] {
  if (others.length === 0) return [];
  const theirs = new Set(
    [...live.things.values()]
      .filter(({ key, kind, name }) => !shouldBe.things.has(key) && isOfSomebody(live, kind, name))
      .map(({ relation }) => relation),
  );
  forget(live, ({ relation }) => theirs.has(relation));
  return [...theirs]
    .sort()
    .map((name) => `${name}: it may be of ${others.join(" or ")}; name the folder with --dir`);
}
