import type { Database } from "../../db/database.ts";
import { schemaRebuildTable } from "../../sql/generated.ts";
import { many } from "../../sql/run.ts";
import { keyOf, type Facet, type Model, type Thing } from "./definitions.ts";
import { isPartOf } from "./differences.ts";
import { closureOf, inOrder } from "./order.ts";

/** The SQL that makes one schema of another. */
export interface Script {
  statements: string[];
  /** What of SQLite cannot be done inside a transaction. */
  behind: string[];
  /** What no SQL of ours makes so, with the reason. */
  refused: { key: string; why: string }[];
}

/** Kinds of which a change of SQLite writes the whole table anew. */
const tableParts = new Set(["table", "column", "constraint"]);
/** Facets whose change everything must stand back for that reads the column. */
const retyping = new Set(["type", "collation", "generation", "expression"]);

/** Writes the SQL that makes `to` of `from`; `database` is any of the engine. */
export async function scriptFrom(database: Database, from: Model, to: Model): Promise<Script> {
  const rebuilt = from.dialect === "sqlite" ? tablesToRebuild(from, to) : new Set<string>();
  const isRebuilt = ({ kind, relation }: Thing): boolean => tableParts.has(kind) && rebuilt.has(relation);
  const lone = (one: Model, other: Model): Thing[] =>
    [...one.things.values()].filter(
      (thing) => !other.things.has(thing.key) && thing.facets.has("") && !isRebuilt(thing),
    );
  const both = [...to.things.values()].filter((thing) => from.things.has(thing.key) && !isRebuilt(thing));
  const others = both.flatMap((thing) => changedFacets(from, thing).map((facet) => ({ thing, facet })));
  const changed = others
    .filter(({ facet }) => facet.facet === "" || facet.put === null)
    .map(({ thing }) => thing)
    .filter(unique);
  // What cannot be made again stays as it is.
  const anew = changed.filter(isWritten);
  const retyped = others.filter(({ facet }) => facet.put !== null && retyping.has(facet.facet));
  const fallen = closureOf(
    from,
    [...lone(from, to), ...anew, ...inRebuilt(from, rebuilt)],
    retyped.map(({ thing }) => thing),
  );
  const made = [
    ...lone(to, from),
    ...[...fallen.things].flatMap(({ key }) => to.things.get(key) ?? []),
    ...inRebuilt(to, rebuilt),
  ].filter(unique);
  const isMade = new Set(made.map(({ key }) => key));
  const put = others.filter(
    ({ thing, facet }) => !isMade.has(thing.key) && !fallen.refused.has(thing.key) && facet.put !== null,
  );
  const first = put.filter(({ facet }) => isRelease(facet)).map(({ facet }) => facet);
  const then = put.filter(({ facet }) => !isRelease(facet));
  const rebuilds = await Promise.all([...rebuilt].map(async (name) => rebuildOf(database, name, from, to)));
  const statements = [
    ...first.map(textOf),
    ...dropsOf(from, [...fallen.things], rebuilt),
    ...rebuilds.flat(),
    ...createsOf(to, made),
    ...inOrder(to, [...then.map(({ thing }) => thing)].filter(unique)).flatMap((thing) =>
      then
        .filter((one) => one.thing === thing && one.thing.kind !== "setting")
        .map(({ facet }) => textOf(facet)),
    ),
  ];
  const isLite = from.dialect === "sqlite";
  const settings = then.filter(({ thing }) => thing.kind === "setting").map(({ facet }) => textOf(facet));
  return {
    statements: [...statements, ...(isLite ? [] : settings)].filter(
      (text, i, all) => text !== "" && all.indexOf(text) === i,
    ),
    behind: isLite ? settings : [],
    refused: [...fallen.refused, ...keptValues(from, to), ...unwritten([...made, ...changed], made)].map(
      ([key, why]) => ({ key, why }),
    ),
  };
}

/** What no statement of ours makes. */
function unwritten(things: readonly Thing[], made: readonly Thing[]): [key: string, why: string][] {
  return things
    .filter((thing) => !isWritten(thing) && !isWithTable(thing, made))
    .filter(unique)
    .map(({ key }) => [key, "it cannot be written down"]);
}

/** Values that a type of `to` does not have. */
function keptValues(from: Model, to: Model): [key: string, why: string][] {
  return [...from.things.values()]
    .filter(({ key }) => !to.things.has(key))
    .filter(({ kind, relation }) => kind === "value" && to.things.has(keyOf("type", relation, "")))
    .map(({ key }) => [key, "PostgreSQL drops no value of a type, only the whole type"]);
}

function isWritten({ facets }: Thing): boolean {
  return (facets.get("")?.put ?? null) !== null;
}

function unique(thing: Thing, index: number, all: readonly Thing[]): boolean {
  return all.findIndex(({ key }) => key === thing.key) === index;
}

function textOf({ put }: Facet): string {
  return put ?? "";
}

/** What lets go comes before what takes hold: a default of a sequence that is to be dropped, an identity, an access method. */
function isRelease({ facet, value }: Facet): boolean {
  return value === "" && ["default", "identity", "access method"].includes(facet);
}

function changedFacets(from: Model, thing: Thing): Facet[] {
  const now = from.things.get(thing.key);
  return [...thing.facets.values()].filter(
    ({ facet, value }) =>
      facet !== "place" && facet !== "definition" && (now?.facets.get(facet)?.value ?? "") !== value,
  );
}

/** Tables of SQLite whose columns or constraints are others, unless ALTER TABLE can add what is missing. */
function tablesToRebuild(from: Model, to: Model): Set<string> {
  const found = new Set<string>();
  const isThere = (name: string): boolean =>
    [from, to].every(({ things }) => things.has(JSON.stringify(["table", name, ""])));
  const last = (name: string): number =>
    Math.max(
      ...[...from.things.values()]
        .filter((one) => one.kind === "column" && one.relation === name)
        .map(({ place }) => place),
    );
  for (const thing of [...from.things.values(), ...to.things.values()]) {
    if (!tableParts.has(thing.kind) || !isThere(thing.relation)) continue;
    const [now, wanted] = [from.things.get(thing.key), to.things.get(thing.key)];
    const isAdded =
      now === undefined &&
      thing.kind === "column" &&
      (thing.facets.get("")?.put ?? null) !== null &&
      thing.place > last(thing.relation);
    if (isAdded) continue;
    const isSame =
      now !== undefined &&
      wanted !== undefined &&
      [...wanted.facets.values()].every(({ facet, value }) => now.facets.get(facet)?.value === value);
    if (!isSame) found.add(thing.relation);
  }
  return found;
}

/** What falls with a table that is written anew, and is made again. */
function inRebuilt(model: Model, rebuilt: ReadonlySet<string>): Thing[] {
  return [...model.things.values()].filter(
    ({ kind, relation }) => rebuilt.has(relation) && (kind === "index" || kind === "trigger"),
  );
}

async function rebuildOf(database: Database, name: string, from: Model, to: Model): Promise<string[]> {
  const kept = [...to.things.values()]
    .filter(
      ({ key, kind, relation, facets }) =>
        kind === "column" &&
        relation === name &&
        from.things.has(key) &&
        (facets.get("generation")?.value ?? "") === "",
    )
    .map((column) => column.name);
  const text = to.things.get(JSON.stringify(["table", name, ""]))?.facets.get("")?.put ?? "";
  const rows = await many(database, schemaRebuildTable, { name, text, columns: JSON.stringify(kept) });
  return rows.map(({ statement }) => statement);
}

function dropsOf(from: Model, fallen: readonly Thing[], rebuilt: ReadonlySet<string>): string[] {
  return inOrder(from, fallen)
    .toReversed()
    .filter((thing) => !fallen.some((whole) => isPartOf(thing, whole)))
    .filter(({ kind, relation }) => !(rebuilt.has(relation) && kind === "index"))
    .map(({ facets }) => facets.get("")?.remove ?? "");
}

/** What makes things, tables with their columns, and then what is said of them. */
function createsOf(to: Model, made: readonly Thing[]): string[] {
  const wholes = new Set(made.filter(({ kind }) => kind !== "privilege").map(({ relation }) => relation));
  const ordered = inOrder(to, made);
  const creates = ordered
    .filter((thing) => !isWithTable(thing, made))
    .filter((thing) => !isWithOwner(thing, wholes))
    .map((thing) => (thing.kind === "table" ? tableText(to, thing) : (thing.facets.get("")?.put ?? "")));
  const facets = ordered.flatMap((thing) =>
    [...thing.facets.values()]
      .filter(({ facet, value, isMade }) => facet !== "" && !isMade && value !== "")
      .map(textOf),
  );
  return [...creates, ...facets];
}

/** What an owner may do comes with what he owns; a sequence may come with a column, later. */
function isWithOwner({ kind, relation, facets }: Thing, wholes: ReadonlySet<string>): boolean {
  const { isMade = false, part } = facets.get("") ?? {};
  return kind === "privilege" && isMade && (wholes.has(relation) || part === "sequence");
}

/** Whether a column, constraint or value comes with the statement that makes its table or type. */
function isWithTable({ kind, relation }: Thing, made: readonly Thing[]): boolean {
  const whole = { column: "table", constraint: "table", value: "type" }[kind];
  return made.some((one) => one.kind === whole && one.relation === relation);
}

function tableText(to: Model, table: Thing): string {
  const whole = table.facets.get("");
  const put = whole?.put ?? "";
  if (to.dialect === "sqlite" || put.includes(" partition of ")) return put;
  const columns = [...to.things.values()]
    .filter(({ kind, relation }) => kind === "column" && relation === table.relation)
    .sort((one, other) => one.place - other.place)
    .map(({ facets }) => `  ${facets.get("")?.part ?? ""}`);
  return `${put} (\n${columns.join(",\n")}\n)${whole?.part ?? ""}`;
}
