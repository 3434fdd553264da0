import type { Database } from "../../db/database.ts";
import { execute } from "../../db/execute.ts";
import { hydrateColumns, hydrateJournal, hydrateState, type HydrateStateRow } from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { tablesToNote } from "../place.ts";
import { keyOf, type Model, type Thing } from "./definitions.ts";

/** What a copy between the engines, or a cutover, has made of a store. */
export interface Hydration {
  state: Pick<HydrateStateRow, "state" | "moved_to" | "changed_at">;
  /** The tables that note what changes in them, with the columns of the key that they note, where the trigger says them. */
  noting: Map<string, readonly string[] | undefined>;
}

/** How the triggers are named that sql/hydrate/journal makes. */
const ofJournal = /^tr_hydration_/;

/** Reads what a copy or a cutover has made of a store; undefined for a schema that knows of none. */
export async function hydrationOf(database: Database, live: Model): Promise<Hydration | undefined> {
  const known = ["state", "moved_to", "changed_at"];
  if (!known.every((name) => live.things.has(keyOf("column", "store_state", name)))) return undefined;
  const { state, moved_to, changed_at } = await one(database, hydrateState, {});
  const triggers = [...live.things.values()].filter(
    ({ kind, name }) => kind === "trigger" && ofJournal.test(name),
  );
  const noting = triggers.filter(notes);
  return {
    state: { state, moved_to, changed_at },
    noting: new Map(noting.map((trigger) => [trigger.relation, keyIn(trigger)])),
  };
}

/** Whether writers are refused: another store has taken the place, or a copy comes in. */
function isClosed({ state }: Hydration): boolean {
  return state.state === "retired" || state.state === "hydrating";
}

function notes({ facets }: Thing): boolean {
  return /\bhydration_journal\b|\bnote_changes\b/.test(facets.get("")?.value ?? "");
}

/** What a trigger on a server is called with. */
function keyIn({ facets }: Thing): string[] | undefined {
  const words = /note_changes\((.*)\)$/s.exec(facets.get("")?.value ?? "")?.[1];
  return words === undefined
    ? undefined
    : [...words.matchAll(/'((?:[^']|'')*)'/g)].map(([, one = ""]) => one);
}

/**
 * Gives a shadow the triggers that the state of its store asks for: they are ours, of sql/hydrate/journal, and no file of
 * migrations or procedures has them. So one that is gone or another is told, and those that are as they should be are not.
 */
export async function shadowHydration(
  shadow: Database,
  hydration: Hydration,
  { store: { procedures }, unknown }: { store: { procedures: readonly string[] }; unknown: Set<string> },
): Promise<void> {
  const { noting } = hydration;
  if (!isClosed(hydration) && noting.size === 0) return;
  const has = (name: string): boolean =>
    shadow.dialect === "sqlite" || procedures.includes(`functions/${name}`);
  const refuses = isClosed(hydration) && has("refuse_changes");
  const canNote = has("note_changes") && !(isClosed(hydration) && shadow.dialect === "sqlite");
  // What they call was put in place from another text, and is not in the shadow.
  if (!has("refuse_changes")) unknown.add("hydration_refuse");
  if (!has("note_changes"))
    for (const event of ["insert", "update", "delete", "truncate"]) unknown.add(`hydration_note_${event}`);
  const tables = tablesToNote(await many(shadow, hydrateColumns, {}), noting);
  for (const row of await many(shadow, hydrateJournal, { tables: JSON.stringify(tables) })) {
    // In SQLite both have the same name.
    const texts = [
      ...(refuses ? [row.refuse_text] : []),
      ...(canNote && noting.has(row.name) ? [row.note_text] : []),
    ];
    for (const text of texts) await execute(shadow, text);
  }
}

/** What is said of a store that is not simply open. */
export function hydrationText({ state: { state, moved_to, changed_at }, noting }: Hydration): string[] {
  const said: Partial<Record<string, string>> = {
    retired: `The store is retired since ${String(changed_at)}: ${moved_to ?? "another store"} has taken its place, and triggers of ours refuse every change`,
    hydrating: `The store is being copied into since ${String(changed_at)}: what the copy has set aside is told as missing, and comes back with its end`,
    copied: `The store is a copy since ${String(changed_at)}, and nobody uses it yet`,
  };
  const line = said[state];
  return [
    ...(line === undefined ? [] : [`${line}.`]),
    ...(noting.size === 0 || state === "retired"
      ? []
      : [`A cutover follows what changes: triggers of ours note it in ${noting.size} tables.`]),
  ];
}
