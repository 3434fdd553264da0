import { isRetryable } from "../db/database-error.ts";
import { inWriting } from "../db/writing.ts";
import type { Database } from "../db/database.ts";
import { hydrateSetState } from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import { refuseChanges } from "./journal.ts";
import { nowText } from "../instant.ts";
import type { Run } from "./run.ts";
import type { CopiedTable } from "./tables.ts";

/** A writer that has a row and wants a table may stand in the way of who wants all tables. */
const mostTries = 10;

/** Has a store refuse every change, once all who write now have ended, and name the one that takes its place. */
export async function retire(
  store: Database,
  tables: readonly CopiedTable[],
  { movedTo, actor }: { movedTo: string; actor: string },
): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      await inWriting(store, async (writing) => {
        await refuseChanges(writing, tables);
        await none(writing, hydrateSetState, { state: "retired", moved_to: movedTo, actor, now: nowText() });
      });
      return;
    } catch (error) {
      if (tries >= mostTries || !isRetryable(error)) throw error;
    }
}

/**
 * Has a SQLite store take the place of one on a server, which it is a copy of: writers there are stopped, what they have changed
 * since comes after and is compared, and the SQLite store opens. In between nobody writes anywhere. `isOpen` is false where
 * a run that has died had come so far.
 */
export async function cutOverBack(
  run: Run,
  isOpen: boolean,
  copyRest: (run: Run) => Promise<void>,
  finish: (run: Run, state: "open") => Promise<void>,
): Promise<void> {
  const { source, target, options, tables } = run;
  const began = performance.now();
  if (isOpen) await retire(source, tables, { movedTo: target.name, actor: options.actor });
  // From here on the server's store is retired, and whoever goes on opens the other one.
  run.pauseMs = 0;
  await copyRest(run);
  if (options.stop.requested) return;
  await finish(run, "open");
  run.pauseMs = Math.round(performance.now() - began);
}
