import type { Target } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import type { Folder } from "../files/folder-files.ts";
import type { FolderTalk } from "../folder/run.ts";
import { inFolderSession } from "../folder/session.ts";
import { folderLadder, storeLadder, type Ladder } from "./ladders.ts";
import { migrationNames, type Dialect } from "../files/names.ts";
import { onOwnPath } from "./own-path.ts";
import { isClimbed, Progress, proveLadder, provePrefixes, type PrefixProof, type Proof } from "./prove.ts";
import { inShadow, openShadow, type Stop } from "./shadow.ts";
import { shadowChanges } from "./shadow-fill.ts";

/** What was proved of all migrations. */
export interface Proven {
  dialect: Dialect;
  migrations: Proof[];
  /** From each height to the top and back. */
  prefixes: PrefixProof[];
  /** Tables that took no made-up row. */
  empty_tables: string[];
}

/** Where and how it is proved. */
export interface Proving {
  target: Target;
  /** An empty database to use, where none can be made. */
  shadow: string;
  stop: Stop;
  /** Which heights are gone down to from the top and back; all, where nothing is said. */
  isWanted?: (height: number) => boolean;
}

/** Proves the migrations of somebody's own folder on throw-away databases, up to and with `last`. */
export async function proveFolder(
  proving: Proving,
  folder: Folder,
  last: string,
  talk: FolderTalk,
): Promise<Proven> {
  const { target, shadow, stop } = proving;
  const migrations = folder.migrations.filter(({ name }) => last === "" || name <= last);
  const part = { ...folder, migrations };
  return proveAll(
    proving,
    migrations.map(({ name }) => name),
    async (work) =>
      inShadow(target, shadow, stop, async (bare) => {
        const { shadow: place } = await onOwnPath(target, bare, part);
        await openShadow(place, async (database) =>
          inFolderSession(
            database,
            place.target,
            async (session) => work(await folderLadder(target.dialect, session, part, talk, place.turn)),
            talk.patience,
          ),
        );
      }),
  );
}

/** Proves the store's own migrations likewise; `load` puts events into a whole store. */
export async function proveStore(
  proving: Proving,
  last: string,
  load: (database: Database) => Promise<void>,
): Promise<Proven> {
  const { target, shadow, stop } = proving;
  const names = migrationNames(target.dialect).filter((name) => last === "" || name <= last);
  return proveAll(proving, names, async (work) =>
    inShadow(target, shadow, stop, async (place) =>
      openShadow(place, async (database) =>
        work(await storeLadder(database, shadowChanges(database, place.target), last, load, place.turn)),
      ),
    ),
  );
}

/** Goes on in another database as long as one is spoiled by what was found there. */
async function proveAll(
  { target: { dialect }, isWanted = () => true }: Proving,
  names: readonly string[],
  inDatabase: (work: (ladder: Ladder) => Promise<void>) => Promise<void>,
): Promise<Proven> {
  const progress = new Progress();
  const began = Date.now();
  do {
    await inDatabase(async (ladder) => proveLadder(ladder, progress, began));
  } while (progress.isSpoiled && !progress.isStuck && progress.proofs.length < names.length);
  if (isClimbed(progress)) await inDatabase(async (ladder) => provePrefixes(ladder, progress, isWanted));
  const missed = names
    .slice(progress.proofs.length)
    .map((name): Proof => ({ name, outcome: "not_reached", rows: 0, differences: [], note: "" }));
  return {
    dialect,
    migrations: [...progress.proofs, ...missed],
    prefixes: progress.prefixes,
    empty_tables: [...progress.emptyTables].sort(),
  };
}
