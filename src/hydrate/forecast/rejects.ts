import type { Database } from "../../db/database.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { eachRowOfText } from "../../db/texts.ts";
import type { HydrateQuarantineCountsRow } from "../../sql/generated.ts";
import type { RefusedRow } from "../rows/refused-row.ts";
import { orphanReason, orphanTexts, referencesOf, type Reference } from "../orphans.ts";
import { keyText, type CopiedTable } from "../rows/tables.ts";

/** A row that would be kept out. */
export interface Reject {
  table_name: string;
  row_key: string;
  column_name: string;
  reason: string;
}

/** Rows that would be kept out of a copy. */
export interface Rejects {
  add(table: string, row: Pick<RefusedRow, "row_key" | "column_name" | "reason">): void;
  /** Adds rows that refer to nothing, or to one that is kept out. */
  addOrphans(source: Sqlite): Promise<void>;
  counts(): HydrateQuarantineCountsRow[];
  /** The first of them, by table and key. */
  first(): Reject[];
  /** Whether what refers to them could be found: so many keys are held, and no more. */
  isWhole(): boolean;
}

/** Rows that are named one by one. */
const mostNamed = 10_000;
/** Keys of tables with references that are held, to find what refers to them. */
const mostHeld = 250_000;
/** Keys that are looked for by one statement. */
const keysAtOnce = 1_000;

/** Begins a list of what a copy of some tables would keep out. */
export function startRejects(tables: readonly CopiedTable[]): Rejects {
  const references = referencesOf(tables);
  const linked = new Set(references.flatMap(({ table_name, parent_table }) => [table_name, parent_table]));
  const counted = new Map<string, HydrateQuarantineCountsRow>();
  const named: Reject[] = [];
  const held = new Map<string, Set<string>>();
  let [isWhole, heldKeys] = [true, 0];
  const rejects: Rejects = {
    add: (table_name, { row_key, column_name, reason }) => {
      const place = JSON.stringify([table_name, column_name, reason]);
      const count = counted.get(place) ?? { table_name, column_name, reason, row_count: 0 };
      counted.set(place, { ...count, row_count: Number(count.row_count) + 1 });
      if (named.length < mostNamed) named.push({ table_name, row_key, column_name, reason });
      if (!linked.has(table_name)) return;
      isWhole &&= heldKeys < mostHeld;
      if (!isWhole) return;
      const keys = held.get(table_name) ?? new Set<string>();
      held.set(table_name, keys.add(row_key));
      heldKeys += 1;
    },
    addOrphans: async (source) => {
      for (let before = -1; before < heldKeys && isWhole;) {
        before = heldKeys;
        for (const reference of references) await addOrphansOf(source, reference, held, rejects);
      }
    },
    counts: () => [...counted.values()].sort(byPlace),
    first: () => [...named].sort(byPlace),
    isWhole: () => isWhole,
  };
  return rejects;
}

function byPlace(a: object, b: object): number {
  return JSON.stringify(Object.values(a)) < JSON.stringify(Object.values(b)) ? -1 : 1;
}

async function addOrphansOf(
  source: Sqlite,
  reference: Reference,
  held: ReadonlyMap<string, ReadonlySet<string>>,
  rejects: Rejects,
): Promise<void> {
  const texts = await orphanTexts(source as Database, reference);
  const add = (text: string, values: string[]): void => {
    for (const row of eachRowOfText(source, text, values, true)) {
      const row_key = keyText(row);
      if (held.get(reference.table_name)?.has(row_key) === true) continue;
      rejects.add(reference.table_name, {
        row_key,
        column_name: reference.column_name,
        reason: orphanReason,
      });
    }
  };
  add(texts.find_text, []);
  // All references are to keys of one column.
  const parents = [...(held.get(reference.parent_table) ?? [])].map(
    (key) => (JSON.parse(key) as string[])[0],
  );
  for (let from = 0; from < parents.length; from += keysAtOnce)
    add(texts.children_text, [JSON.stringify(parents.slice(from, from + keysAtOnce))]);
}
