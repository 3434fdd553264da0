import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { folderDown, folderDownPlan, folderUp } from "../../src/migrate/folder/change.ts";
import type { Engine } from "./database.ts";
import { ownFolder, silent, type OwnFolder } from "./own-folder.ts";

/** Somebody's database and folder, named `ours`, whose files a test writes itself. */
export interface Theirs extends OwnFolder {
  write(name: string, upText: string, downText?: string): void;
  up(): Promise<unknown>;
  /** Takes the last one back. */
  down(): Promise<unknown>;
}

/** An empty database and an empty folder, gone with the test. */
export async function theirsFor(t: Test, engine: Engine): Promise<Theirs> {
  const own = await ownFolder(t, engine, []);
  const { database, dir, folder, place } = own;
  const files = join(dir, engine.dialect);
  mkdirSync(files, { recursive: true });
  return {
    ...own,
    write: (name, upText, downText) => {
      writeFileSync(join(files, `${name}.up.sql`), upText);
      if (downText !== undefined) writeFileSync(join(files, `${name}.down.sql`), downText);
    },
    up: async () => folderUp(database, place.target, folder(), "", silent),
    down: async () =>
      folderDown(database, place.target, folder(), await folderDownPlan(database, folder()), silent),
  };
}
