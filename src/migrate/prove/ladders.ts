import type { Database } from "../../db/database.ts";
import { countOf } from "../../db/read-only.ts";
import { rowsOfText } from "../../db/texts.ts";
import { CowriedbError } from "../../errors.ts";
import { ledgerCreateLedger, ledgerCreateSchema, ledgerGrantRoles } from "../../sql/generated.ts";
import type { ChangeRunner } from "../procedures/engine.ts";
import { headerOf, readMigrations, readProcedures, readVerifyQueries, type Dialect } from "../files/files.ts";
import { groupsOf } from "../folder/folder.ts";
import type { Folder } from "../files/folder-files.ts";
import { runGroup, type FolderTalk } from "../folder/run.ts";
import type { FolderSession } from "../folder/session.ts";
import { groundOfFolder, groundOfStore, type ProvingGround } from "./proving-ground.ts";
import { dropProcedures } from "../procedures/renewal.ts";

/** A migration, as far as a proof asks. */
export interface Rung {
  name: string;
  hasDown: boolean;
  /** What its header says is lost; empty where it says nothing. */
  undo: string;
  /** Whether its header says that it cannot be taken back. */
  isIrreversible: boolean;
  /** What its down file says that is lost, and of which tables. */
  loss: string;
  loses: string[];
  verify: string | undefined;
  /** The up file. */
  text: string;
}

/** Migrations on a throw-away database, which is moved up and down by them. */
export interface Ladder {
  ground: ProvingGround;
  rungs: Rung[];
  /** Applies the migrations from one place to before another. */
  up(from: number, to: number): Promise<void>;
  /** Takes them back, the last first. */
  down(from: number, to: number): Promise<void>;
  /** How many rows the verify query of a migration gives. */
  verify(rung: Rung): Promise<number>;
  /** Whether there are real rows, so that none need be made up before they are loaded. */
  loads: boolean;
  /** Puts real rows in at the top, where there are such. */
  load(): Promise<void>;
  /** Lets a signal be heard between two steps. */
  turn(): Promise<void>;
}

function rungOf(name: string, text: string, down: string | undefined, verify: string | undefined): Rung {
  const undo = headerOf(text, "Undo");
  const loss = headerOf(down ?? "", "Loses");
  const loses = loss.split(":")[0]?.match(/[\w.]*\w/g) ?? [];
  const isIrreversible = /^irreversible\b/i.test(undo);
  return { name, hasDown: down !== undefined, undo, isIrreversible, loss, loses, verify, text };
}

/** The ladder of somebody's own folder, over one session; makes the ledger. */
export async function folderLadder(
  dialect: Dialect,
  session: FolderSession,
  folder: Folder,
  talk: FolderTalk,
  turn: () => Promise<void>,
): Promise<Ladder> {
  await session.transaction("rows", async (transaction) => {
    await transaction.rows(ledgerCreateSchema, {});
    await transaction.rows(ledgerCreateLedger, {});
  });
  const rungs = folder.migrations.map(({ name, up, down, verify }) =>
    rungOf(name, up.text, down?.text, verify),
  );
  return {
    ground: groundOfFolder(dialect, session),
    rungs,
    up: async (from, to) => {
      for (const group of groupsOf(folder.migrations.slice(from, to)))
        await runGroup({ folder, session, direction: "up", talk }, group);
    },
    down: async (from, to) => {
      for (const migration of folder.migrations.slice(from, to).toReversed()) {
        if (migration.down === undefined) throw noDown(migration.name, folder.owner);
        await runGroup({ folder, session, direction: "down", talk }, [migration]);
      }
    },
    verify: async ({ verify }) =>
      verify === undefined
        ? 0
        : session.transaction("read", async (transaction) => transaction.count(verify)),
    loads: false,
    load: async () => Promise.resolve(),
    turn,
  };
}

function noDown(name: string, owner: string): CowriedbError {
  return new CowriedbError(
    "migrate.no_down",
    `Migration ${name} of ${owner} has no down file: it cannot be taken back.`,
  );
}

/**
 * The ladder of the store's own migrations; at the top the procedures are in place too. `load` puts events into a store that is
 * whole.
 */
export async function storeLadder(
  database: Database,
  changes: ChangeRunner,
  last: string,
  load: (database: Database) => Promise<void>,
  turn: () => Promise<void>,
): Promise<Ladder> {
  const { dialect } = database;
  const all = readMigrations(dialect);
  const migrations = last === "" ? all : all.filter(({ name }) => name <= last);
  const queries = readVerifyQueries(dialect);
  const isWhole = migrations.length === all.length;
  await changes(async (change) => void (await change.rows(ledgerCreateLedger, {})));
  return {
    ground: groundOfStore(database),
    rungs: migrations.map(({ name, upText, downText }) => rungOf(name, upText, downText, queries.get(name))),
    up: async (from, to) => {
      await changes(async (change) => {
        await dropProcedures(change);
        await change.migrate(migrations.slice(from, to), "up");
        if (to < all.length) return;
        for (const { text } of readProcedures(dialect)) await change.execute(text);
        await change.compile(readProcedures(dialect));
        await change.rows(ledgerGrantRoles, {});
      });
    },
    down: async (from, to) => {
      await changes(async (change) => {
        await dropProcedures(change);
        await change.migrate(migrations.slice(from, to), "down");
      });
    },
    verify: async ({ verify }) =>
      verify === undefined ? 0 : Number((await rowsOfText(database, countOf(verify)))[0]?.[0]),
    loads: isWhole,
    load: async () => (isWhole ? load(database) : Promise.resolve()),
    turn,
  };
}
