import {
  hydrateColumns,
  hydrateJournal,
  hydrateState,
  type HydrateColumnsRow,
  type HydrateStateRow,
} from "../sql/generated.ts";
import { CowriedbError } from "../errors.ts";
import { visible } from "../term.ts";
import type { Change } from "./procedures/engine.ts";
import type { Entry } from "./status.ts";

/** Whether a store is in use, being copied into, or retired for another one. */
export type Place = Pick<HydrateStateRow, "state" | "moved_to" | "changed_at">;

/** Since when a store knows that. */
const since = "0019_hydrate_create";

/** The place of a store; undefined for a schema that knows of none. */
export async function placeOf(rows: Change["rows"], entries: readonly Entry[]): Promise<Place | undefined> {
  if (!entries.some(({ kind, name }) => kind === "migration" && name === since)) return undefined;
  return (await rows(hydrateState, {}))[0];
}

/** Refuses to change the schema of a store that is being copied into: what it does without meanwhile is set aside. */
export function refuseHalf(store: string, place: Place | undefined): void {
  if (place?.state !== "hydrating") return;
  throw new CowriedbError(
    "migrate.not_open",
    `${store} is being copied into since ${place.changed_at}; its schema is not whole.`,
    {
      hint: "End that copy with the version that began it: cowriedb hydrate --resume. Or copy into an empty database anew.",
    },
  );
}

/** Refuses to take back the schema of a retired store: what refuses writers there is made of it, and so is the way back. */
export function refuseRetired(store: string, place: Place | undefined): void {
  if (place?.state !== "retired") return;
  throw new CowriedbError(
    "migrate.not_open",
    `${store} is retired since ${place.changed_at}: ${visible(place.moved_to ?? "another store")} has its place, and the guards against writers need its schema.`,
    { hint: "Nothing was changed. Open it again first: cowriedb hydrate --reopen, or a cutover back." },
  );
}

/**
 * Changes the schema of a store; a retired one has no guards against writers meanwhile, which is within one transaction, and has
 * them on every table of the new schema then.
 */
export async function withoutGuards<T>(
  change: Change,
  place: Place | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (place?.state !== "retired") return work();
  await runGuards(change, "drop_text");
  const result = await work();
  if (change.dialect === "sqlite") await runGuards(change, "drop_text");
  await runGuards(change, "refuse_text");
  return result;
}

async function runGuards({ rows, execute }: Change, kind: "drop_text" | "refuse_text"): Promise<void> {
  const tables = tablesToNote(await rows(hydrateColumns, {}));
  const triggers = await rows(hydrateJournal, { tables: JSON.stringify(tables) });
  const texts = triggers.map(({ [kind]: text }) => text).filter((text) => text !== "");
  if (texts.length > 0) await execute(texts.join(";\n"));
}

/** The tables that are copied with their keys, as sql/hydrate/journal takes them; of those in `noting` the keys that are noted. */
export function tablesToNote(
  all: readonly HydrateColumnsRow[],
  noting: ReadonlyMap<string, readonly string[] | undefined> = new Map(),
): { name: string; key: readonly string[] }[] {
  const columns = all.filter(({ reason }) => reason === "");
  return [...new Set(columns.map(({ table_name }) => table_name))].map((name) => ({
    name,
    key:
      noting.get(name) ??
      columns
        .filter((column) => column.table_name === name && Number(column.key_position) > 0)
        .sort((one, other) => Number(one.key_position) - Number(other.key_position))
        .map(({ column_name: column, is_rowid: isRowid }) => (isRowid ? "rowid" : column)),
  }));
}
