import type { Model, Thing } from "./definitions.ts";
import { isPartOf } from "./differences.ts";

/** Kinds in the order in which they are made where nothing says another. */
const ranks = [
  ...[
    "schema",
    "extension",
    "type",
    "value",
    "domain",
    "sequence",
    "table",
    "virtual table",
    "column",
    "primary key",
  ],
  ...[
    "unique constraint",
    "check",
    "exclusion constraint",
    "constraint",
    "parent",
    "function",
    "procedure",
    "aggregate",
  ],
  ...["index", "foreign key", "view", "materialized view", "rule", "trigger", "policy", "statistics"],
  ...["event trigger", "publication", "setting", "row", "default privilege", "privilege"],
];

/** Things in an order in which each can be made: behind what it needs. */
export function inOrder(model: Model, things: readonly Thing[]): Thing[] {
  const waiting = things.toSorted(
    (one, other) => ranks.indexOf(one.kind) - ranks.indexOf(other.kind) || one.place - other.place,
  );
  const byKey = new Map(waiting.map((thing) => [thing.key, thing]));
  const done = new Set<string>();
  const ordered: Thing[] = [];
  const visit = (thing: Thing): void => {
    if (done.has(thing.key)) return;
    // Noted first: two that need each other do not go round for ever.
    done.add(thing.key);
    for (const key of model.needs.get(thing.key) ?? []) {
      const needed = byKey.get(key);
      if (needed !== undefined) visit(needed);
    }
    ordered.push(thing);
  };
  for (const thing of waiting) visit(thing);
  return ordered;
}

/** Kinds that stand on a column's type. */
const onTypes = new Set(["view", "materialized view", "rule", "policy", "trigger", "function", "procedure"]);

/**
 * What cannot stay while `gone` are dropped and the columns `retyped` get another type: all that needs one of them. Where that would
 * be a column that holds data, or its table, the thing is refused instead.
 */
export function closureOf(
  model: Model,
  gone: readonly Thing[],
  retyped: readonly Thing[],
): { things: Set<Thing>; refused: Map<string, string> } {
  const dependents = new Map<string, Thing[]>();
  for (const [key, needs] of model.needs) {
    const thing = model.things.get(key);
    if (thing === undefined) continue;
    for (const needed of needs) dependents.set(needed, [...(dependents.get(needed) ?? []), thing]);
  }
  const things = new Set<Thing>();
  const refused = new Map<string, string>();
  const asked = new Set(gone.map(({ key }) => key));
  const fallWith = (root: Thing, isRetyped: boolean): void => {
    const found = new Set<Thing>();
    const visit = (thing: Thing, isRoot: boolean): void => {
      if (found.has(thing)) return;
      const skipsSelf = isRoot && isRetyped;
      if (!skipsSelf) found.add(thing);
      const parts = skipsSelf ? [] : [...model.things.values()].filter((part) => isPartOf(part, thing));
      const near = dependents.get(thing.key) ?? [];
      const next = skipsSelf ? near.filter((one) => onTypes.has(one.kind) || isGenerated(one)) : near;
      for (const one of [...parts, ...next]) visit(one, false);
    };
    visit(root, true);
    const hurt = [...found].find(
      (thing) => thing !== root && !asked.has(thing.key) && holdsData(thing) && !isPartOf(thing, root),
    );
    if (hurt === undefined) for (const thing of found) things.add(thing);
    else refused.set(root.key, `${hurt.kind} ${hurt.name} of ${hurt.relation} needs it, and holds data`);
  };
  for (const root of gone) fallWith(root, false);
  for (const root of retyped) fallWith(root, true);
  return { things, refused };
}

function isGenerated({ kind, facets }: Thing): boolean {
  return kind === "column" && (facets.get("generation")?.value ?? "") !== "";
}

function holdsData(thing: Thing): boolean {
  return thing.kind === "table" || (thing.kind === "column" && !isGenerated(thing));
}
