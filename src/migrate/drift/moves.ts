import type { Database } from "../../db/database.ts";
import { isOfDriver } from "../../db/database-error.ts";
import { execute } from "../../db/execute.ts";
import { inTrial } from "../../db/writing.ts";
import { schemaRenameThing } from "../../sql/generated.ts";
import { one } from "../../sql/run.ts";
import { keyOf, readModel, type Model, type Reading, type Thing } from "./definitions.ts";
import { capital, rankOf, type Difference } from "./differences.ts";
import { scriptFrom, type Script } from "./script.ts";

/** What was done by hand that has moved no row, and is taken back the same way: a new name, a partition taken off or put on. */
export interface Move {
  difference: Difference;
  /** What does it where it was not done. */
  forth: string[];
  back: string[];
}

/** A schema as it should be, but for moves: as SQL of ours works on it, and as one who did them by hand has left it. */
export interface Moved {
  moves: Move[];
  /** As the engine leaves what reads a thing that gets another name. */
  told: Model;
  /** With the moves, and with the moves and their way back, done as a script does them. */
  there: Model;
  back: Model;
}

/** Whether there is anything to look at in a shadow. */
export function seemsMoved(live: Model, shouldBe: Model): boolean {
  const looks = [schemasOf, tablesOf, columnsOf, partitionsOf];
  return looks.some((look) => look(live, shouldBe).length > 0);
}

/**
 * Finds moves in `live` and makes them in `shadow`, which is as it should be, to see what else differs; all of it is taken back.
 * Undefined where there are none, or where the shadow does not take them: then they are things that are missing and others too many.
 */
export async function movedIn(
  shadow: Database,
  live: Model,
  shouldBe: Model,
  reading: Reading,
): Promise<Moved | undefined> {
  const moves = await movesIn(shadow, live, shouldBe, reading);
  if (moves.length === 0) return undefined;
  const forth = moves.flatMap((move) => move.forth);
  const back = moves.toReversed().flatMap((move) => move.back);
  const after = async (statements: readonly string[]): Promise<Model> =>
    inTrial(shadow, async (trial) => {
      for (const statement of statements) await execute(trial, statement);
      return readModel(trial, reading);
    });
  try {
    const told = await after(forth);
    const [there, again] = await asScript(shadow, async () => [
      await after(forth),
      await after([...forth, ...back]),
    ]);
    return { moves, told, there, back: again };
  } catch (error) {
    if (isOfDriver(error)) return undefined;
    throw error;
  }
}

/** Runs `work` with the settings of SQLite that a script has. */
async function asScript<T>(shadow: Database, work: () => Promise<T>): Promise<T> {
  if (shadow.dialect === "postgres") return work();
  const { handle } = shadow;
  handle.pragma("foreign_keys = off");
  handle.pragma("legacy_alter_table = on");
  try {
    return await work();
  } finally {
    handle.pragma("legacy_alter_table = off");
    handle.pragma("foreign_keys = on");
  }
}

/** What puts a schema back, and what makes it official, whether there are moves or not. */
export async function scriptsFor(
  database: Database,
  live: Model,
  shouldBe: Model,
  moved: Moved | undefined,
): Promise<{ restore: Script; up: Script }> {
  if (moved === undefined) {
    return {
      restore: await scriptFrom(database, live, shouldBe),
      up: await scriptFrom(database, shouldBe, live),
    };
  }
  const { moves, there, back } = moved;
  const plain = (statements: string[]): Script => ({ statements, behind: [], refused: [] });
  return {
    restore: joined([
      await scriptFrom(database, live, there),
      plain(moves.toReversed().flatMap((move) => move.back)),
      await scriptFrom(database, back, shouldBe),
    ]),
    up: joined([plain(moves.flatMap((move) => move.forth)), await scriptFrom(database, there, live)]),
  };
}

function joined(scripts: readonly Script[]): Script {
  return {
    statements: scripts.flatMap(({ statements }) => statements),
    behind: scripts.flatMap(({ behind }) => behind),
    refused: scripts.flatMap(({ refused }) => refused),
  };
}

/** Columns before tables: as a script renames, a view that reads them names a table that is not there then. */
async function movesIn(
  database: Database,
  live: Model,
  shouldBe: Model,
  { ofStore }: Reading,
): Promise<Move[]> {
  const schemas = schemasOf(live, shouldBe);
  const names = schemas.length > 0 ? schemas : [...columnsOf(live, shouldBe), ...tablesOf(live, shouldBe)];
  const moves: Move[] = [];
  for (const [is, wanted] of names) {
    const { kind, relation } = is;
    const nameOf = (thing: Thing): string => (thing.name === "" ? thing.relation : thing.name);
    const rename = async (relation: string, name: string, next: string): Promise<string> => {
      const asked = { of_store: ofStore ? 1 : 0, kind, relation, name, wanted: next };
      return (await one(database, schemaRenameThing, asked)).statement;
    };
    const [forth, back] = [
      await rename(wanted.relation, nameOf(wanted), nameOf(is)),
      await rename(relation, nameOf(is), nameOf(wanted)),
    ];
    const what = `${capital(kind)} ${wanted.name === "" ? wanted.relation : `${wanted.name} of ${relation}`}`;
    const done = kind === "table" && spaceOf(is) !== spaceOf(wanted) ? "moved" : "renamed";
    const sentence = `${what} is missing, and ${nameOf(is)} is in its place: it seems to have been ${done}, and what is in it is kept.`;
    moves.push({
      difference: moveOf(wanted, "name", [nameOf(is), nameOf(wanted)], sentence),
      forth: [forth],
      back: [back],
    });
  }
  return [...partitionsOf(live, shouldBe), ...moves];
}

function moveOf(
  { kind, relation, name }: Thing,
  facet: string,
  [is, wanted]: readonly [string, string],
  sentence: string,
): Difference {
  return {
    ...{ kind, relation, name, facet, is, should_be: wanted, sentence },
    ...{ difference: "other", is_cosmetic: false, loss: null },
  };
}

/** A schema that is missing and one that is too many, with tables of the same names. */
function schemasOf(live: Model, shouldBe: Model): [Thing, Thing][] {
  const lone = (one: Model, other: Model): Thing[] =>
    [...one.things.values()].filter(({ key, kind }) => kind === "schema" && !other.things.has(key));
  const tablesIn = ({ things }: Model, { relation }: Thing): string =>
    [...things.values()]
      .filter((thing) => thing.kind === "table" && spaceOf(thing) === `${relation}.`)
      .map((thing) => thing.relation.slice(relation.length))
      .sort()
      .join("\n");
  const [[is, ...more], [wanted, ...others]] = [lone(live, shouldBe), lone(shouldBe, live)];
  if (is === undefined || wanted === undefined || more.length + others.length > 0) return [];
  const tables = tablesIn(live, is);
  return tables !== "" && tables === tablesIn(shouldBe, wanted) ? [[is, wanted]] : [];
}

/** `public.` of `public.things`. */
function spaceOf({ relation }: Thing): string {
  return /^(.*\.)?/.exec(relation)?.[0] ?? "";
}

/** Tables of the same columns, one that is missing and one that is too many: of one schema, or of one name in two. */
function tablesOf(live: Model, shouldBe: Model): [Thing, Thing][] {
  const inSchema = twinsOf(live, shouldBe, spaceOf);
  const found = new Set(inSchema.flat().map(({ key }) => key));
  const elsewhere = twinsOf(live, shouldBe, (thing) => thing.relation.slice(spaceOf(thing).length));
  return [...inSchema, ...elsewhere.filter((pair) => pair.every(({ key }) => !found.has(key)))];
}

/** Tables of the same columns and of the same mark. */
function twinsOf(live: Model, shouldBe: Model, markOf: (thing: Thing) => string): [Thing, Thing][] {
  const lone = (one: Model, other: Model): Map<string, Thing[]> => {
    const found = new Map<string, Thing[]>();
    for (const thing of one.things.values()) {
      if (thing.kind !== "table" || !thing.facets.has("") || other.things.has(thing.key)) continue;
      const form = [markOf(thing), ...columnListOf(one, thing.relation)].join("\n");
      found.set(form, [...(found.get(form) ?? []), thing]);
    }
    return found;
  };
  const missing = lone(shouldBe, live);
  return [...lone(live, shouldBe)].flatMap(([form, tables]): [Thing, Thing][] => {
    const [[is, more], [wanted, others]] = [tables, missing.get(form) ?? []];
    return is === undefined || wanted === undefined || more !== undefined || others !== undefined
      ? []
      : [[is, wanted]];
  });
}

function columnListOf({ things }: Model, table: string): string[] {
  return [...things.values()]
    .filter(({ kind, relation }) => kind === "column" && relation === table)
    .sort((one, other) => one.place - other.place)
    .map(({ name, facets }) => `${name} ${facets.get("type")?.value ?? ""}`);
}

/** Columns of one type in one place, between the same others; so the values of an enumeration. */
function columnsOf(live: Model, shouldBe: Model): [Thing, Thing][] {
  const lone = (one: Model, other: Model): Map<string, Thing[]> => {
    const found = new Map<string, Thing[]>();
    for (const thing of one.things.values()) {
      const { kind, relation, key, facets } = thing;
      const whole = { column: "table", value: "type" }[kind];
      const isInBoth = whole !== undefined && other.things.has(keyOf(whole, relation, ""));
      if (!isInBoth || other.things.has(key) || (facets.get("generation")?.value ?? "") !== "") continue;
      const place = JSON.stringify([kind, relation, rankOf(thing, one, other)]);
      found.set(place, [...(found.get(place) ?? []), thing]);
    }
    for (const columns of found.values()) columns.sort((a, b) => a.place - b.place);
    return found;
  };
  const missing = lone(shouldBe, live);
  return [...lone(live, shouldBe)].flatMap(([place, columns]) => {
    const wanted = missing.get(place) ?? [];
    if (wanted.length !== columns.length) return [];
    return columns.flatMap((is, index): [Thing, Thing][] => {
      const other = wanted[index];
      return other !== undefined && isTwin(is, other) ? [[is, other]] : [];
    });
  });
}

function isTwin(one: Thing, other: Thing): boolean {
  return ["type", "collation", "identity", "primary key"].every(
    (facet) => (one.facets.get(facet)?.value ?? "") === (other.facets.get(facet)?.value ?? ""),
  );
}

function partitionsOf(live: Model, shouldBe: Model): Move[] {
  const others = tablesOf(live, shouldBe);
  return [...shouldBe.things.values()].flatMap((wanted): Move[] => {
    const [is, should] = [live.things.get(wanted.key)?.facets, wanted.facets].map((facets) =>
      facets?.get("partition"),
    );
    if (is === undefined || should === undefined || is.value === should.value) return [];
    // The name of what it is a partition of is told alone.
    if (others.some(([now, before]) => isNamed(is.value, now) && isNamed(should.value, before))) return [];
    const shown = (text: string): string => (text === "" ? "no partition" : `a partition ${text}`);
    const sentence = `Table ${wanted.relation} is ${shown(is.value)}, and should be ${shown(should.value)}.`;
    const from = (one: typeof is, other: typeof is): string[] =>
      [one.remove, other.put].filter((text) => text !== null);
    return [
      {
        difference: moveOf(wanted, "partition", [is.value, should.value], sentence),
        forth: from(should, is),
        back: from(is, should),
      },
    ];
  });
}

function isNamed(partition: string, { relation }: Thing): boolean {
  return partition.startsWith(`of ${relation} `) || partition.startsWith(`of cowrie.${relation} `);
}
