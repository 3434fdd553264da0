import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { CowriedbError } from "../../src/errors.ts";
import { packageFolder } from "../../src/migrate/files.ts";
import { atBoundaries, type Sender } from "../helpers/boundaries.ts";
import { cowriedb, isNightly } from "../helpers/cli.ts";
import { engines, onServer, type Engine } from "../helpers/database.ts";
import { emptyPlace, type EmptyPlace } from "../helpers/empty.ts";
import { faultyRun } from "../helpers/faults.ts";
import { broughtBack, ownServer, smallSteps } from "../helpers/servers.ts";
import { smallDisk, type SmallDisk } from "../helpers/small-disk.ts";
import {
  carryOut,
  copyOf,
  prepare,
  stateOf,
  statesOf,
  wordsOf,
  type SchemaChange,
  type SchemaState,
} from "../helpers/schema-changes.ts";

const dir = join(packageFolder, "runbooks/examples/index-a-table");
const listener = fileURLToPath(new URL("../helpers/boundaries.js", import.meta.url));
const mebibyte = 1 << 20;
const changes: readonly SchemaChange[] = [
  { says: "a store made from nothing", direction: "up", from: "" },
  { says: "a store taken back to nothing", direction: "down", from: "" },
  { says: "a folder with files outside of any transaction", direction: "up", from: "", dir },
  { says: "an index of it taken back", direction: "down", from: "0002_orders_index", dir },
];

type Fault = "the runner is killed" | "the connection breaks" | "the server ends it" | "the disk is full";
const faults: Record<Engine["dialect"], readonly Fault[]> = {
  sqlite: ["the runner is killed", "the disk is full"],
  postgres: ["the runner is killed", "the connection breaks", "the server ends it", "the disk is full"],
};
/**
 * In a short run a fault is tried at so many statements of a change; the change is ended behind each `endEvery`th of them. A nightly
 * one tries each statement of each migration, and one in `rest` of those that put procedures in place behind them.
 */
const fewPoints = 2;
const endEvery = isNightly ? 10 : 2;
const rest = 10;

/** Where changes are made, and what may be done to it. */
interface Scene {
  engine: Engine;
  fault: Fault;
  disk: SmallDisk | undefined;
  /** Brings a server back that has given up. */
  mend(): Promise<void>;
}

for (const [turn, engine] of engines().entries()) {
  for (const [index, fault] of faults[engine.dialect].entries()) {
    await t.test(
      `${engine.name}: ${fault} at any statement: all is done and noted, or nothing`,
      async (t) => {
        const scene = await sceneOf(t, engine, fault);
        for (const [place, change] of changes.entries()) {
          // In a short run a server meets each change with half of the faults, and each fault with half of the changes.
          if (!isNightly && engine.dialect === "postgres" && (place + index + turn) % 2 === 0) continue;
          await t.test(change.says, async (t) => atEveryPoint(t, scene, change, turn));
        }
      },
    );
  }
}

async function atEveryPoint(t: Test, scene: Scene, change: SchemaChange, turn: number): Promise<void> {
  const pattern = await emptyPlace(scene.engine);
  t.teardown(pattern.dispose);
  await prepare(change, pattern);
  const states = await withPlace(scene, pattern, async (place) => statesOf(change, place));
  const texts = await withPlace(scene, pattern, async (place) => textsOf(change, place));
  const last = states.at(-1);
  let place = await placeFor(scene, pattern);
  let harmed = 0;
  const points = pointsOf(texts, turn);
  for (const [index, point] of points.entries()) {
    const next = await faulted(scene, change, place, point);
    await scene.mend();
    const state = await stateOf(change, place);
    const where = `statement ${point} of ${texts.length}`;
    t.ok(isLegal(change, state, states), `${where}: what is there is what the ledger says`);
    const isBefore = same(state, states[0]);
    if (!same(state, last)) harmed++;
    if (isBefore && index % endEvery !== endEvery - 1 && index < points.length - 1) continue;
    if (!same(state, last)) await goOn(t, scene, change, place, next);
    t.same(await stateOf(change, place), last, `${where}: the next command ends it`);
    await place.dispose();
    place = await placeFor(scene, pattern);
  }
  await place.dispose();
  t.ok(harmed > 0, `${harmed} of ${points.length} faults have stopped the change`);
}

/** Does a change with a fault at one of its statements; gives the next command as it was told, "" where nothing was. */
async function faulted(
  scene: Scene,
  change: SchemaChange,
  place: EmptyPlace,
  point: number,
): Promise<string> {
  if (scene.fault === "the runner is killed") {
    // On a server half of the points are behind their statement, when nobody has heard an answer yet.
    const at = String(scene.engine.dialect === "sqlite" || point % 2 === 0 ? point : -point);
    const env = { COWRIEDB_TEST_KILL_AT: at };
    await faultyRun(wordsOf(change, place), { env, listener });
    return "";
  }
  const end = atBoundaries(async (number, _text, sender) => {
    if (number === point) await strike(scene, sender, point);
  });
  try {
    await carryOut(change, place);
    return "";
  } catch (error) {
    return error instanceof CowriedbError ? (error.hint ?? "") : "";
  } finally {
    end();
  }
}

async function strike({ fault, disk, engine }: Scene, sender: Sender, point: number): Promise<void> {
  if (fault === "the disk is full") {
    if (disk !== undefined) disk.resize(disk.usedBytes());
    else if (sender.dialect === "sqlite")
      sender.handle.pragma(
        `max_page_count = ${Number(sender.handle.pragma("page_count", { simple: true }))}`,
      );
    else throw Object.assign(new Error("could not extend file"), { code: "53100" });
    return;
  }
  if (sender.dialect === "sqlite") return;
  const { client } = sender;
  if (fault === "the connection breaks") {
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection;
    if (point % 2 === 0) stream.destroy();
    else setImmediate(() => stream.destroy());
    return;
  }
  const pid = (client as unknown as { processID: number }).processID;
  await onServer(engine.url ?? "", async (sql) => sql`select pg_terminate_backend(${pid}, 5000)`);
}

/** Carries out what was told, or what the program tells who asks it; waits where the dead one still holds the lock. */
async function goOn(
  t: Test,
  scene: Scene,
  change: SchemaChange,
  place: EmptyPlace,
  hint: string,
): Promise<void> {
  if (scene.fault !== "the runner is killed")
    t.match(
      hint,
      /[Rr]un (the same command|the command|it) again|Run: cowriedb/,
      "what is to be done next is told",
    );
  const words = wordsOf(change, place);
  for (let tries = 1; ; tries++) {
    const outcome = await cowriedb(words);
    if (outcome.code === 75 && tries < 20) continue;
    t.equal(outcome.code, 0, outcome.stderr);
    return;
  }
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

function pointsOf(texts: readonly string[], turn: number): number[] {
  if (!isNightly) {
    const stride = texts.length / fewPoints;
    return Array.from(
      { length: fewPoints },
      (_, index) => 1 + Math.floor(stride * (index + (1 + 2 * turn) / 7)),
    );
  }
  let isOfProcedure = false;
  return texts.flatMap((text, index) => {
    const code = text.replaceAll(/^\s*--.*$/gm, "").trim();
    if (!/^insert into\s+schema_ledger/.test(code))
      isOfProcedure = /^(create( or replace)?( constraint)?|drop) (function|procedure|view|trigger)/i.test(
        code,
      );
    return isOfProcedure && index % rest !== 0 ? [] : [index + 1];
  });
}

async function placeFor({ engine, disk }: Scene, pattern: EmptyPlace): Promise<EmptyPlace> {
  return copyOf(pattern, engine, engine.dialect === "sqlite" ? disk?.path : undefined);
}

async function withPlace<T>(
  scene: Scene,
  pattern: EmptyPlace,
  work: (place: EmptyPlace) => Promise<T>,
): Promise<T> {
  const place = await placeFor(scene, pattern);
  try {
    return await work(place);
  } finally {
    await place.dispose();
  }
}

/** A small disk under a SQLite file, or, in a nightly run, under a server of its own; who may mount none gets refusals made by hand. */
async function sceneOf(t: Test, engine: Engine, fault: Fault): Promise<Scene> {
  const plain: Scene = { engine, fault, disk: undefined, mend: async () => Promise.resolve() };
  const isSqlite = engine.dialect === "sqlite";
  if (fault !== "the disk is full" || !(isSqlite || isNightly)) return plain;
  const size = (isSqlite ? 64 : 1_024) * mebibyte;
  const disk = smallDisk(size);
  if (disk === undefined) return plain;
  const resized = async (): Promise<void> => Promise.resolve(disk.resize(size));
  if (isSqlite) {
    t.teardown(() => {
      disk.remove();
    });
    return { ...plain, disk, mend: resized };
  }
  const own = await ownServer(engine, { ...smallSteps, folder: disk.path });
  t.teardown(async () => {
    await own.server.stop();
    disk.remove();
  });
  return {
    ...plain,
    engine: own.engine,
    disk,
    mend: async () => {
      await resized();
      await broughtBack(own.server);
    },
  };
}
