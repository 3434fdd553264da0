import { join } from "node:path";
import type { Test } from "tap";
import { packageFolder, readMigrations, type Migration } from "../../src/migrate/files/files.ts";
import { statementsOf } from "../../src/migrate/files/statements.ts";
import { atBoundaries } from "./boundaries.ts";
import { isNightly } from "./cli.ts";
import {
  faulted,
  faults,
  goOn,
  placeFor,
  sceneOf,
  withPlace,
  type Fault,
  type Scene,
} from "./crash-scene.ts";
import { engines, type Engine } from "./database.ts";
import { emptyPlace, type EmptyPlace } from "./empty.ts";
import {
  carryOut,
  prepare,
  stateOf,
  statesOf,
  type SchemaChange,
  type SchemaState,
} from "./schema-changes.ts";

const dir = join(packageFolder, "runbooks/examples/index-a-table");
/** Whole changes: each is one transaction, but those outside of any. */
const changes: readonly SchemaChange[] = [
  { says: "a store made from nothing", direction: "up", from: "" },
  { says: "a store taken back to nothing", direction: "down", from: "" },
  { says: "a folder with files outside of any transaction", direction: "up", from: "", dir },
  { says: "an index of it taken back", direction: "down", from: "0002_orders_index", dir },
];

/** A fault is tried at so many statements of a whole change of a store, and of a folder too in a short run. */
const fewPoints = isNightly ? 8 : 2;
/** The change is ended behind each so-manieth fault; behind the last of each change always. */
const endEvery = isNightly ? 5 : 2;
/**
 * A nightly run takes each migration up and down from the version before it, with a fault at each of its statements and at so many
 * behind, which are its notes in the ledger and the commit; and at one in `rest` of the 1,900 that put procedures in place and check them.
 */
const near = 12;
const rest = 30;
/** To look at some alone: `COWRIEDB_TEST_RUNGS=3-5` is the third to the fifth migration, `0-0` whole changes. */
const [firstRung = 0, lastRung = Number.POSITIVE_INFINITY] = (process.env["COWRIEDB_TEST_RUNGS"] ?? "")
  .split("-")
  .filter((word) => word !== "")
  .map(Number);

/** A change that is to be met with faults, from a place that is copied for each. */
interface Way {
  change: SchemaChange;
  pattern: EmptyPlace;
  /** Every state that may be seen. */
  states: readonly SchemaState[];
  /** What it sends. */
  texts: readonly string[];
  points: readonly number[];
}

/** What became of faults. */
interface Tally {
  points: number;
  /** How many have stopped their change. */
  stopped: number;
  /** How often the next command has ended it. */
  ended: number;
}

/** Tests that a fault at any statement leaves a change of a schema whole or undone, noted or not, on every engine that can have it. */
export async function crashTests(t: Test, wanted: readonly Fault[]): Promise<void> {
  for (const [turn, engine] of engines().entries()) {
    for (const [index, fault] of faults[engine.dialect].entries()) {
      if (!wanted.includes(fault)) continue;
      await t.test(
        `${engine.name}: ${fault} at any statement: all is done and noted, or nothing`,
        async (t) => {
          const scene = await sceneOf(t, engine, fault);
          for (const [place, change] of firstRung > 0 ? [] : changes.entries()) {
            // In a short run a server meets each change with half of the faults, and each fault with half of the changes.
            if (!isNightly && engine.dialect === "postgres" && (place + index + turn) % 2 === 0) continue;
            await t.test(change.says, async (t) => wholeChange(t, scene, change, turn));
          }
          if (isNightly && lastRung > 0)
            await t.test("each migration from the version before it, and back", async (t) =>
              eachRung(t, scene),
            );
        },
      );
    }
  }
}

async function wholeChange(t: Test, scene: Scene, change: SchemaChange, turn: number): Promise<void> {
  const pattern = await emptyPlace(scene.engine);
  t.teardown(pattern.dispose);
  await prepare(change, pattern);
  const states = await withPlace(scene, pattern, async (place) => statesOf(change, place));
  const texts = await withPlace(scene, pattern, async (place) => textsOf(change, place));
  const isEach = isNightly && change.dir !== undefined;
  const points = isEach ? texts.map((_, index) => index + 1) : spread(texts.length, fewPoints, turn);
  const tally = await atPoints(t, scene, { change, pattern, states, texts, points });
  t.ok(tally.stopped > 0, sentenceOf(tally));
}

/** So many points, others on each engine. */
function spread(length: number, count: number, turn: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Math.min(length, 1 + Math.floor((length / count) * (index + (1 + 2 * turn) / 7))),
  );
}

/** Climbs the store's migrations, and meets each step up and down with faults. */
async function eachRung(t: Test, scene: Scene): Promise<void> {
  const migrations = readMigrations(scene.engine.dialect);
  const total: Tally = { points: 0, stopped: 0, ended: 0 };
  let below = await emptyPlace(scene.engine);
  const [first, last] = [Math.max(1, firstRung), Math.min(migrations.length, lastRung)];
  const before = migrations[first - 2]?.name;
  if (before === undefined) await prepare({ says: "", direction: "up", from: "" }, below);
  else await carryOut({ says: "", direction: "up", from: "", step: before }, below);
  for (const [index, migration] of migrations.entries()) {
    if (index + 1 < first || index + 1 > last) continue;
    const above = await placeFor(scene, below);
    const isEnd = index === 0 || index === migrations.length - 1;
    for (const [pattern, direction] of [
      [below, "up"],
      [above, "down"],
    ] as const) {
      const change: SchemaChange = { says: "", direction, from: "", step: migration.name };
      const states = [await stateOf(change, pattern)];
      const sent = async (place: EmptyPlace): Promise<string[]> => {
        const found = await textsOf(change, place);
        states.push(await stateOf(change, place));
        return found;
      };
      const texts = direction === "up" ? await sent(above) : await withPlace(scene, pattern, sent);
      const points = pointsOf(texts, migration, scene.engine, direction, isEnd);
      await t.test(`${migration.name} ${direction}`, async (t) => {
        const tally = await atPoints(t, scene, { change, pattern, states, texts, points });
        for (const key of ["points", "stopped", "ended"] as const) total[key] += tally[key];
      });
    }
    await below.dispose();
    below = above;
  }
  await below.dispose();
  t.ok(total.stopped > 0, sentenceOf(total));
}

function sentenceOf({ points, stopped, ended }: Tally): string {
  return `${stopped} of ${points} faults have stopped the change, and ${ended} times the next command has ended it`;
}

async function atPoints(t: Test, scene: Scene, way: Way): Promise<Tally> {
  const { change, pattern, states, texts } = way;
  const last = states.at(-1);
  const tally: Tally = { points: 0, stopped: 0, ended: 0 };
  let place = await placeFor(scene, pattern);
  const points = way.points.flatMap((point) => signed(scene, point, texts.length));
  for (const [index, point] of points.entries()) {
    const next = await faulted(scene, change, place, point);
    await scene.mend(place);
    const state = await stateOf(change, place);
    const where = `${point < 0 ? "behind " : ""}statement ${Math.abs(point)} of ${texts.length}`;
    t.ok(isLegal(change, state, states), `${where}: what is there is what the ledger says`);
    tally.points++;
    const isStopped = !same(state, last);
    if (isStopped) tally.stopped++;
    if (same(state, states[0]) && index % endEvery !== endEvery - 1 && index < points.length - 1) continue;
    if (isStopped) {
      await goOn(t, scene, change, place, next);
      tally.ended++;
    }
    t.same(await stateOf(change, place), last, `${where}: the next command ends it`);
    await place.dispose();
    place = await placeFor(scene, pattern);
  }
  await place.dispose();
  return tally;
}

/**
 * On a server half of the points are behind their statement, when nobody has heard an answer yet: a runner is killed, a connection cut
 * while the server is at work. At the last statement, the commit, both are tried.
 */
function signed({ engine, fault }: Scene, point: number, length: number): number[] {
  const canBeBehind = fault === "the runner is killed" || fault === "the connection breaks";
  if (engine.dialect === "sqlite" || !canBeBehind) return [point];
  return point === length ? [point, -point] : [point % 2 === 0 ? point : -point];
}

/** The points of a migration's own statements and notes; of the first and last one also those before and far behind. */
function pointsOf(
  texts: readonly string[],
  { upText, downText }: Migration,
  { dialect }: Engine,
  direction: "up" | "down",
  isEnd: boolean,
): number[] {
  const file = direction === "up" ? upText : downText;
  const parts = statementsOf(file, dialect).map(({ text }) => text);
  const begin = texts.findIndex((text) => text === parts[0] || text === file);
  if (begin < 0) throw new Error(`The statements of ${file.slice(0, 60)} are not sent.`);
  const last = begin + parts.length;
  return texts
    .map((_, index) => index + 1)
    .filter(
      (point) =>
        (point > begin && point <= last + near) ||
        point > texts.length - near ||
        (isEnd && (point <= near || point % rest === 0)),
    );
}

/**
 * Whether the ledger says what is there. Of a file outside of any transaction its one statement may be done and not noted yet, or
 * half done: the next run does it again.
 */
function isLegal(change: SchemaChange, state: SchemaState, states: readonly SchemaState[]): boolean {
  return states.some(
    (legal, index) =>
      String(state.ledger) === String(legal.ledger) &&
      (same(state, legal) ||
        (change.dir !== undefined && isBetween(state.objects, legal.objects, states[index + 1]?.objects))),
  );
}

/** Whether objects are those of two states, but for an index that is half built or half dropped. */
function isBetween(
  objects: readonly string[],
  one: readonly string[],
  other: readonly string[] | undefined,
): boolean {
  if (other === undefined) return false;
  const isOfBoth = (object: string): boolean => one.includes(object) || other.includes(object);
  return (
    objects.every((object) => isOfBoth(object) || object.startsWith("index ")) &&
    one.filter((object) => other.includes(object)).every((object) => objects.includes(object))
  );
}

function same(one: SchemaState | undefined, other: SchemaState | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The statements that a change sends. */
async function textsOf(change: SchemaChange, place: EmptyPlace): Promise<string[]> {
  const texts: string[] = [];
  const end = atBoundaries((_number, text) => void texts.push(text));
  try {
    await carryOut(change, place);
  } finally {
    end();
  }
  return texts;
}
