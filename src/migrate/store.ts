import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { databaseError, hasRaised } from "../db/database-error.ts";
import { openDatabase, whileOpen } from "../db/open.ts";
import { readingOnly } from "../db/open-to-read.ts";
import { usualPatience } from "./patience.ts";
import { CowriedbError } from "../errors.ts";
import { hydrateState } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { visible } from "../term.ts";
import type { ChangeRunner } from "./procedures/engine.ts";

export { readingOnly, usualPatience };

/** A store that is open. */
export interface Store {
  database: Database;
  /** Changes its schema. */
  changes: ChangeRunner;
}

/** Opens the store that `target` names, as `openDatabase` does, runs `work` and closes it. Throws what `work` throws. */
export async function inStore<T>(
  target: Target,
  options: { create?: boolean; word?: string; tell?: (text: string) => void },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  // What the database says is no fault of the program, whoever asked it.
  return whileOpen(await openDatabase(target, options), "go on", async (database) => {
    try {
      return await work({ database, changes: changesOf(database, target, options.tell) });
    } catch (error) {
      throw hasRaised(error, "WR056") ? await notOpen(database, error) : error;
    }
  });
}

/** What a store that takes no writers says, with what to do: who is in its place knows it alone. */
async function notOpen(database: Database, error: unknown): Promise<CowriedbError> {
  const { code, message, exitCode, hint } = databaseError(error, "go on", database.name);
  const found = await one(database, hydrateState, {}).catch(() => undefined);
  const hints: Partial<Record<string, string>> = {
    retired: `It is retired, and another store has its place: --db ${visible(found?.moved_to ?? "…")}`,
    hydrating: "A copy comes into it, or was left unfinished. See: cowriedb doctor",
    copied: "It is a copy that nobody uses yet: cowriedb hydrate --cutover gives it the place of its source.",
  };
  const better = hints[found?.state ?? ""] ?? hint;
  return new CowriedbError(code, message, {
    ...(better === undefined ? {} : { hint: better }),
    ...{ exitCode, cause: error },
  });
}

/** Changes of a database. Their runners take longer to import than most commands to run, so they come when they are called for. */
export function changesOf(database: Database, target: Target, tell?: (text: string) => void): ChangeRunner {
  return async (work) => {
    if (database.dialect === "sqlite") {
      const { sqliteChanges } = await import("./sqlite-engine.ts");
      return sqliteChanges(database)(work);
    }
    if (target.dialect === "sqlite") throw new TypeError("a PostgreSQL store has a URL");
    const { postgresChanges } = await import("./postgres-engine.ts");
    const patience = { ...usualPatience, ...(tell === undefined ? {} : { tell }) };
    return postgresChanges(target.url, target.shown, patience)(work);
  };
}
