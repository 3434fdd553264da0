import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { deltaPass } from "../../src/ingest/follow/delta.ts";
import { follow } from "../../src/ingest/follow/follow.ts";
import { patientStore, type PatientStore } from "../../src/ingest/follow/patience.ts";
import { isNightly } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { scenarios } from "../helpers/rotation-scenarios.ts";
import { newWorld, type Scenario, type World } from "../helpers/rotation-world.ts";

// What happens to log files, each case looked at by passes and by a follower. The count is by the lines that were
// written, not by anything that the program reads.

const atOnce = 6;
const pollMs = 50;
const patienceMs = 20_000;

for (const [number, engine] of engines().entries()) {
  // In the short run an engine sees one case in six, another sixth on each.
  const stride = isNightly ? 1 : 6;
  const cases = scenarios.filter((_scenario, index) => index % stride === number % stride);
  void t.test(engine.name, async (t) => {
    await t.test("passes", async (t) => inParallel(cases, (scenario) => byPasses(t, engine, scenario)));
    await t.test("a follower", async (t) => inParallel(cases, (scenario) => byFollower(t, engine, scenario)));
  });
}

async function inParallel<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

function patient(store: TestStore, stop: { requested: boolean }): PatientStore {
  const silent = (): void => undefined;
  return patientStore(store.database, { stop, onAway: silent, onBack: silent, recordsPerSecond: 0 });
}

async function byPasses(t: Test, engine: Engine, scenario: Scenario): Promise<void> {
  const store = await freshStore(engine);
  const base = mkdtempSync(join(tmpdir(), "cowriedb-rotation-"));
  const stop = { requested: false };
  const patientOne = patient(store, stop);
  const look = async (): Promise<void> => {
    await deltaPass(patientOne, [join(base, "logs")], { multiLine: false, batchEvents: 5_000, stop });
  };
  const world = newWorld(join(base, "logs"), look);
  try {
    await scenario.run(world);
    await look();
    await look();
    await recount(t, store, scenario, world);
  } finally {
    await store.dispose();
    rmSync(base, { recursive: true, force: true });
  }
}

async function byFollower(t: Test, engine: Engine, scenario: Scenario): Promise<void> {
  const store = await freshStore(engine);
  const base = mkdtempSync(join(tmpdir(), "cowriedb-rotation-"));
  const stop: { requested: boolean; onRequested?: () => void } = { requested: false };
  const world: World = newWorld(join(base, "logs"), async () => {
    await until(async () => (await stored(store)).size >= world.events.size);
  });
  const silent = (): void => undefined;
  const callbacks = { onPass: silent, onReady: silent, onTrip: silent, onResume: silent };
  const following = follow(patient(store, stop), [world.folder], {
    ...{ multiLine: false, batchEvents: 5_000, pollMs, stop },
    ...callbacks,
  });
  try {
    await scenario.run(world);
    await world.look();
    await until(async () => (await counts(store)).rejected >= (scenario.rejected ?? 0));
    // What would be read twice would be read twice by the time that files are let go and looked at again.
    await new Promise((resolve) => setTimeout(resolve, pollMs * 12));
    stop.requested = true;
    stop.onRequested?.();
    await following;
    await recount(t, store, scenario, world);
  } finally {
    stop.requested = true;
    stop.onRequested?.();
    await following.catch(() => undefined);
    await store.dispose();
    rmSync(base, { recursive: true, force: true });
  }
}

/** Waits for something that must come; gives up silently, because the recount says what is missing. */
async function until(isDone: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isDone()) && performance.now() - began < patienceMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stored({ database }: TestStore): Promise<Set<string>> {
  const rows = await typed(database, "select line_digest from raw_events");
  return new Set(rows.map((row) => Buffer.from(row["line_digest"] as Uint8Array).toString("hex")));
}

async function counts({
  database,
}: TestStore): Promise<Record<"events" | "duplicates" | "rejected", number>> {
  const [row] = await typed(
    database,
    `select coalesce(sum(events_accepted), 0) as events, coalesce(sum(events_duplicate), 0) as duplicates,
       coalesce(sum(records_rejected), 0) as rejected from ingest_batches`,
  );
  return {
    events: Number(row?.["events"]),
    duplicates: Number(row?.["duplicates"]),
    rejected: Number(row?.["rejected"]),
  };
}

async function recount(t: Test, store: TestStore, scenario: Scenario, world: World): Promise<void> {
  const found = await stored(store);
  const sums = await counts(store);
  await t.test(scenario.name, (t) => {
    t.same(
      {
        lost: [...world.events].filter((event) => !found.has(event)).length,
        unknown: [...found].filter((event) => !world.events.has(event)).length,
        events: sums.events,
        rejected: sums.rejected,
        ...(scenario.repeats === undefined ? { duplicates: sums.duplicates } : {}),
      },
      {
        lost: 0,
        unknown: 0,
        events: world.events.size,
        rejected: scenario.rejected ?? 0,
        ...(scenario.repeats === undefined ? { duplicates: 0 } : {}),
      },
    );
    t.end();
  });
}
