import { resolve } from "node:path";
import type { Database } from "../db/database.ts";
import { locks, takeLock } from "../sql/lock.ts";
import { closeDatabase } from "../db/open.ts";
import type { Postgres } from "../db/postgres.ts";
import { rowsOfText } from "../db/texts.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { hydrateFilledTables, hydrateLastRun, hydrateState } from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";
import { visible } from "../term.ts";
import { textsOf, type CopiedTable } from "./rows/tables.ts";

/** Takes the lock of a run, on a connection of its own. */
export async function lockedConnection(target: Postgres): Promise<Database> {
  const store = await target.another();
  const holder = await takeLock(async (query, parameters) => many(store, query, parameters), locks.copy);
  if (holder === undefined) return store;
  await closeDatabase(store);
  throw new CowriedbError("hydrate.locked", `Another run copies into ${target.name} (${holder}).`, {
    exitCode: exitCodes.busy,
    hint: "Wait for it, then run the command again.",
  });
}

/** Whether one of two stores was copied from the other, or is to be. */
async function areRelated(source: Database, target: Database): Promise<boolean> {
  const [from, to] = [await one(source, hydrateState, {}), await one(target, hydrateState, {})];
  const [before, last] = [await maybe(source, hydrateLastRun, {}), await maybe(target, hydrateLastRun, {})];
  return last?.source_store_id === from.store_id || before?.source_store_id === to.store_id;
}

/** Whether a store is the one that another has noted: by another user or spelling of its path it is the same. */
function isNoted({ name, dialect }: Database, noted: string | null): boolean {
  return noted !== null && placeOf(name, dialect) === placeOf(noted, dialect);
}

function placeOf(name: string, dialect: Database["dialect"]): string {
  if (dialect === "sqlite") return resolve(name);
  if (!URL.canParse(name)) return name;
  const { hostname, port, pathname, search } = new URL(name);
  return `${hostname}:${port === "" ? "5432" : port}${pathname}${search}`;
}

/** The store that is in use in place of one that is not; null for one that is, and for one that nothing is known of. */
async function inUseFor(store: Database): Promise<string | null> {
  const { state, moved_to } = await one(store, hydrateState, {});
  if (state === "retired") return moved_to;
  return state === "copied" ? ((await maybe(store, hydrateLastRun, {}))?.source_name ?? null) : null;
}

/**
 * Sees that a run leaves no two stores open: who copies into a retired store, or opens one, has the store that took its place, or
 * says by its name in `lost` that it is lost. `isOpened` says that the target is to be open in the end.
 */
export async function assertOneInUse(
  source: Database,
  target: Database,
  { lost, isOpened }: { lost: string; isOpened: boolean },
): Promise<void> {
  const isRetired = (await one(target, hydrateState, {})).state === "retired";
  const pairs = [
    ...(isOpened ? [[source, target] as const] : []),
    ...(isRetired ? [[target, source] as const] : []),
  ];
  for (const [store, other] of pairs) {
    const used = await inUseFor(store);
    if (used === null || isNoted(other, used) || used === lost) continue;
    throw new CowriedbError(
      "hydrate.other_in_use",
      `${store.name} is not in use: ${visible(used)} is in its place, and may take writers.`,
      {
        hint: `Two stores must not be open. Go on with that one; where it is lost, name it in --confirm ${visible(used)}`,
      },
    );
  }
}

/** Whether a cutover has ended before: the source is retired for the target, which is open. */
export async function hasTakenOver(source: Database, target: Database): Promise<boolean> {
  const [from, to] = [await one(source, hydrateState, {}), await one(target, hydrateState, {})];
  return (
    from.state === "retired" &&
    to.state === "open" &&
    isNoted(target, from.moved_to) &&
    (await areRelated(source, target))
  );
}

/** Sees that the target may take the source: nobody has used it, or one of the two was copied from the other. */
export async function assertFree(
  source: Database,
  target: Database,
  tables: readonly CopiedTable[],
  resume: boolean,
): Promise<void> {
  const [from, to] = [await one(source, hydrateState, {}), await one(target, hydrateState, {})];
  const last = await maybe(target, hydrateLastRun, {});
  if (from.state === "hydrating")
    throw new CowriedbError("hydrate.not_whole", `${source.name} is being copied into itself.`, {
      hint: "Let that copy end first.",
    });
  if (resume && (last === undefined || last.state === "done")) throw notBegun(target);
  const isRelated = await areRelated(source, target);
  if (last === undefined && !isRelated) return assertUnused(target, tables);
  if (!isRelated)
    throw new CowriedbError(
      "hydrate.other_source",
      `${target.name} holds a copy of another store, ${last?.source_name ?? ""}.`,
      { hint: "Check --from, or give an empty store in --to." },
    );
  if (to.state === "open")
    throw new CowriedbError("hydrate.in_use", `${target.name} is in use since ${to.changed_at}.`, {
      hint: "A store that is in use is not copied into. To go back to the one that it has replaced: cowriedb hydrate --reopen, or --from and --to the other way round",
    });
}

/** What is said where nothing is to be resumed. */
export function notBegun({ name }: Database): CowriedbError {
  return new CowriedbError("hydrate.not_begun", `No copy into ${name} was left unfinished.`, {
    hint: "Check --to; without --resume the command begins a copy, or brings one up to date.",
  });
}

async function assertUnused(target: Database, tables: readonly CopiedTable[]): Promise<void> {
  const filled = new Set((await many(target, hydrateFilledTables, {})).map((row) => row.table_name));
  for (const table of tables) {
    if (filled.has(table.name)) continue;
    const { end_text: text } = await textsOf(target, table, "none");
    if ((await rowsOfText(target, text)).length > 0)
      throw new CowriedbError("hydrate.not_empty", `${target.name} has rows in ${table.name}.`, {
        hint: "Give an empty store in --to; nothing is ever written over.",
      });
  }
}
