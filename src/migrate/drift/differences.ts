import type { Model, Thing } from "./definitions.ts";
import { contrastText, shortened, wordOf } from "./words.ts";

/** One difference between a schema as it is and as it should be. */
export interface Difference {
  kind: string;
  relation: string;
  name: string;
  difference: "missing" | "unexpected" | "other";
  /** What of the thing is another; empty where all of it is. */
  facet: string;
  is: string | null;
  should_be: string | null;
  /** It says nothing to a query: the order of columns. */
  is_cosmetic: boolean;
  /** What data went with it, or would go with what puts it back. */
  loss: string | null;
  sentence: string;
}

/** Kinds that others belong to. */
const wholes = new Set([
  ...["table", "view", "materialized view", "virtual table", "sequence", "schema"],
  ...["function", "procedure", "aggregate", "domain", "type"],
]);

/** What differs, in the order of kinds and names; what belongs to a thing that is missing or unexpected is not told again. */
export function differencesOf(is: Model, shouldBe: Model): Difference[] {
  const found: Difference[] = [];
  for (const [one, other, difference] of [
    [shouldBe, is, "missing"],
    [is, shouldBe, "unexpected"],
  ] as const) {
    const lone = [...one.things.values()].filter(
      ({ key, facets }) => facets.has("") && !other.things.has(key),
    );
    const whole = new Set(lone.filter(({ kind }) => wholes.has(kind)).map(({ relation }) => relation));
    for (const thing of lone) {
      if (!wholes.has(thing.kind) && whole.has(thing.relation)) continue;
      const with_ = wholes.has(thing.kind) ? lone.filter((part) => isPartOf(part, thing)).length : 0;
      found.push(loneDifference(thing, difference, with_));
    }
  }
  for (const thing of shouldBe.things.values()) {
    const present = is.things.get(thing.key);
    if (present !== undefined) found.push(...otherFacets(present, thing, is, shouldBe));
  }
  return found.sort((a, b) => orderOf(a).localeCompare(orderOf(b), "en"));
}

/** Whether a thing goes with another that is its table, view or function. */
export function isPartOf(thing: Thing, whole: Thing): boolean {
  return wholes.has(whole.kind) && thing.key !== whole.key && thing.relation === whole.relation;
}

function orderOf({ kind, relation, name, facet }: Difference): string {
  return `${relation}\u0001${kind}\u0001${name}\u0001${facet}`;
}

function loneDifference(thing: Thing, difference: "missing" | "unexpected", parts: number): Difference {
  const { kind, relation, name } = thing;
  const value = thing.facets.get("")?.value ?? "";
  const more =
    parts === 0 ? "" : `, with ${parts} ${parts === 1 ? "thing that belongs" : "things that belong"} to it`;
  const shown = value === "" ? "" : `: ${shortened(value)}`;
  const end =
    difference === "missing" ? `is missing${more}` : `is there, and no migration has made it${more}`;
  const loss = lossOf(thing, difference);
  return {
    ...{ kind, relation, name, difference, facet: "" },
    is: difference === "missing" ? null : value,
    should_be: difference === "missing" ? value : null,
    is_cosmetic: false,
    loss,
    sentence: `${capital(labelOf(thing))} ${end}${shown}.${loss === null ? "" : ` ${loss}`}`,
  };
}

function lossOf({ kind, facets }: Thing, difference: "missing" | "unexpected"): string | null {
  const isGenerated = (facets.get("generation")?.value ?? "") !== "";
  // What a foreign table shows is kept elsewhere.
  const isTable = /^(virtual )?table$/.test(kind) && !facets.get("")?.value.startsWith("foreign table");
  const what = isTable ? "rows" : kind === "column" && !isGenerated ? "values" : undefined;
  if (what === undefined) return null;
  return difference === "missing"
    ? `Its ${what} are lost: no SQL brings them back.`
    : `Its ${what} go with it where it is taken away.`;
}

function otherFacets(present: Thing, wanted: Thing, is: Model, shouldBe: Model): Difference[] {
  const { kind, relation, name } = wanted;
  const facets = [...wanted.facets.values()].filter(({ facet, value }) => {
    const now = present.facets.get(facet)?.value ?? "";
    return facet === "place" ? rankOf(present, is, shouldBe) !== rankOf(wanted, shouldBe, is) : now !== value;
  });
  // A whole definition says nothing that a part of it has not said.
  const isSaid =
    facets.some(({ facet }) => facet !== "definition" && facet !== "place") ||
    (kind === "type" && valuesOf(is, relation) !== valuesOf(shouldBe, relation));
  return facets
    .filter(({ facet }) => facet !== "definition" || !isSaid)
    .map(({ facet, value, put }) => {
      const now = present.facets.get(facet)?.value ?? "";
      return {
        ...{ kind, relation, name, difference: "other" as const, facet },
        is: wordOf(facet, now),
        should_be: wordOf(facet, value),
        is_cosmetic: facet === "place",
        loss: null,
        sentence: `${capital(labelOf(wanted))}${contrastText({ kind, facet, now, wanted: value, put })}`,
      };
    });
}

/** The values of an enumeration, in no order of its own. */
function valuesOf({ things }: Model, type: string): string {
  const values = [...things.values()].filter(({ kind, relation }) => kind === "value" && relation === type);
  return JSON.stringify(values.map(({ name }) => name).sort());
}

/** The place of a column, or of a value, among those that both schemas have. */
export function rankOf(column: Thing, here: Model, there: Model): number {
  let rank = 0;
  for (const { key, kind, relation, place } of here.things.values())
    if (kind === column.kind && relation === column.relation && place < column.place && there.things.has(key))
      rank++;
  return rank;
}

/** As `index ix_a of raw_events`, `table jobs`, `privilege select for bob on jobs`. */
function labelOf({ kind, relation, name }: Thing): string {
  if (name === "") return `${kind} ${relation}`;
  const of = kind.endsWith("privilege") ? "on" : "of";
  return `${kind} ${name} ${of} ${relation}`;
}

/** With a capital letter. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
