import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { CowriedbError } from "../../src/errors.ts";
import { atBoundaries, type Sender } from "./boundaries.ts";
import { isNightly } from "./cli.ts";
import { onServer, type Engine } from "./database.ts";
import type { EmptyPlace } from "./empty.ts";
import { faultyRun } from "./faults.ts";
import { carryOut, copyOf, wordsOf, type SchemaChange } from "./schema-changes.ts";
import { broughtBack, ownServer, smallSteps } from "./servers.ts";
import { smallDisk, type SmallDisk } from "./small-disk.ts";
import { warm } from "./warm.ts";

/** What ends a change of a schema before its time. */
export type Fault =
  "the runner is killed" | "the connection breaks" | "the server ends it" | "the disk is full";

/** What can happen on an engine. */
export const faults: Record<Engine["dialect"], readonly Fault[]> = {
  sqlite: ["the runner is killed", "the disk is full"],
  postgres: ["the runner is killed", "the connection breaks", "the server ends it", "the disk is full"],
};

const listener = fileURLToPath(new URL("./boundaries.js", import.meta.url));
const mebibyte = 1 << 20;
/** So long a server may take to notice that a runner is dead. */
const noticeMs = 30_000;
const plainTypes = { fetch_types: false };

/** Where changes are made, and what may be done to it. */
export interface Scene {
  engine: Engine;
  fault: Fault;
  disk: SmallDisk | undefined;
  /** Brings a server back that has given up, or waits until it knows that nobody works in a place any more. */
  mend(place: EmptyPlace): Promise<void>;
}

/** How a change with a fault has ended, as its runner says it. */
export interface Told {
  error: string;
  /** The next command; "" where nothing was told. */
  hint: string;
}

const nothing: Told = { error: "nothing", hint: "" };

/** Does a change with a fault before one of its statements, behind it where that is negative. */
export async function faulted(
  scene: Scene,
  change: SchemaChange,
  place: EmptyPlace,
  point: number,
): Promise<Told> {
  if (scene.fault === "the runner is killed") {
    await faultyRun(wordsOf(change, place), { env: { COWRIEDB_TEST_KILL_AT: String(point) }, listener });
    return nothing;
  }
  const end = atBoundaries(async (number, _text, sender) => {
    if (number === Math.abs(point)) await strike(scene, sender, point);
  });
  try {
    await carryOut(change, place);
    return nothing;
  } catch (error) {
    const hint = error instanceof CowriedbError ? (error.hint ?? "") : "";
    return { error: String(error), hint };
  } finally {
    end();
  }
}

async function strike({ fault, disk, engine }: Scene, sender: Sender, point: number): Promise<void> {
  if (fault === "the disk is full") {
    if (disk !== undefined) disk.fill();
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
    if (point > 0) stream.destroy();
    else setImmediate(() => stream.destroy());
    return;
  }
  const pid = (client as unknown as { processID: number }).processID;
  await onServer(engine.url ?? "", async (sql) => sql`select pg_terminate_backend(${pid}, 5000)`);
}

/** Carries out what was told, or what the program tells who asks it; waits where the dead one still holds the lock. */
export async function goOn(
  t: Test,
  scene: Scene,
  change: SchemaChange,
  place: EmptyPlace,
  { error, hint }: Told,
): Promise<void> {
  if (scene.fault !== "the runner is killed")
    t.match(
      hint,
      /[Rr]un (the same command|the command|it) again|Run: cowriedb/,
      `what is to be done next is told: ${error}`,
    );
  const words = wordsOf(change, place);
  for (let tries = 1; ; tries++) {
    const outcome = await warm(words);
    if (outcome.code === 75 && tries < 20) continue;
    t.equal(outcome.code, 0, outcome.stderr);
    return;
  }
}

/** A place like the pattern. */
export async function placeFor({ engine, disk }: Scene, pattern: EmptyPlace): Promise<EmptyPlace> {
  return copyOf(pattern, engine, engine.dialect === "sqlite" ? disk?.path : undefined);
}

/** Runs `work` in a place like the pattern, which is gone then. */
export async function withPlace<T>(
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
export async function sceneOf(t: Test, engine: Engine, fault: Fault): Promise<Scene> {
  const isUnheard = fault === "the runner is killed" || fault === "the connection breaks";
  const left = async (place: EmptyPlace): Promise<void> => (isUnheard ? nobodyIn(engine, place) : undefined);
  const plain: Scene = { engine, fault, disk: undefined, mend: left };
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

/** Waits until the server has noticed that whoever worked in a place is gone: until then it may be at a last statement of his. */
async function nobodyIn({ url }: Engine, place: EmptyPlace): Promise<void> {
  if (url === undefined) return;
  const name = new URL(place.db).pathname.slice(1);
  const end = performance.now() + noticeMs;
  await onServer(
    url,
    async (sql) => {
      for (;;) {
        const [row] = await sql`
        select count(*)::integer as n from pg_stat_activity where datname = ${name} and backend_type = 'client backend'`;
        if (row?.["n"] === 0) return;
        if (performance.now() > end) throw new Error(`${name} is still worked in by somebody who is dead.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    plainTypes,
  );
}
