import type { Database } from "../db/database.ts";
import { execute } from "../db/execute.ts";
import { sortOnDisk } from "../db/sqlite.ts";
import { inBuild, setToBuild, type ServerSettings } from "../db/writing.ts";
import {
  hydrateAddObject,
  hydrateAside,
  hydrateObjectBack,
  hydrateObjectsAside,
  type HydrateObjectsAsideRow,
} from "../sql/generated.ts";
import { many, none } from "../sql/run.ts";
import { inLanes } from "./lanes.ts";
import { nowText } from "../instant.ts";
import type { CopiedTable } from "./rows/tables.ts";

/**
 * Sets aside what a copy does without, and notes first how each thing comes back, in the transaction of `writing`: what dies
 * behind its commit leaves a list that the next run follows.
 */
export async function setAside(
  writing: Database,
  hydrationId: number,
  tables: readonly CopiedTable[],
  emptyTables: readonly string[],
  withStatistics = true,
): Promise<void> {
  const all = await many(writing, hydrateAside, {
    tables: JSON.stringify(tables.map(({ name }) => name)),
    empty_tables: JSON.stringify(emptyTables),
  });
  const parts = all.filter(({ kind }) => withStatistics || kind !== "statistics");
  for (const { aside_text: _, ...part } of parts)
    await none(writing, hydrateAddObject, { ...part, hydration_id: hydrationId, now: nowText() });
  for (const { aside_text: text } of parts) await execute(writing, text);
}

/** Over how many connections a server builds, and with what. */
export interface Building {
  connections: number;
  settings: ServerSettings;
}

/** The last step that brings back indexes and keys. */
const lastOfKeys = 2;

/**
 * Brings back all that is set aside, by this run or one that has died; each thing in a transaction of its own, and those of one
 * step over as many connections as a server's store has. `onPart` is told what comes next, and may throw to stop. Between the
 * keys and what refers to them comes `beforeReferences`.
 */
export async function bringBack(
  target: Database,
  how: Building,
  onPart: (part: HydrateObjectsAsideRow, left: number) => void,
  beforeReferences: () => Promise<void>,
): Promise<void> {
  // What an index is built of must not be held in memory: the larger the store, the more it is.
  const sortAsBefore = target.dialect === "sqlite" ? sortOnDisk(target) : undefined;
  try {
    await bringAllBack(target, how, onPart, beforeReferences);
  } finally {
    sortAsBefore?.();
  }
}

/** What is checked of rows that are there already, while others may write again. */
const ofOldRows = "validation";

/**
 * Brings back, in the transaction of `writing`, what a store must have before others write into it: all that is set aside but the
 * look at rows that are there already, which takes the longer the more there are. That is left to `bringBack`.
 */
export async function bringBackAtOnce(writing: Database): Promise<void> {
  await setToBuild(writing);
  const parts = (await many(writing, hydrateObjectsAside, {})).filter(({ kind }) => kind !== ofOldRows);
  // All of them are on their way at once: to wait for each answer would take longer than what they do.
  await Promise.all(
    parts.map(async ({ hydration_object_id, back_text: text }) => {
      await execute(writing, text);
      await none(writing, hydrateObjectBack, { hydration_object_id, now: nowText() });
    }),
  );
}

async function bringAllBack(
  target: Database,
  { connections, settings }: Building,
  onPart: (part: HydrateObjectsAsideRow, left: number) => void,
  beforeReferences: () => Promise<void>,
): Promise<void> {
  const parts = await many(target, hydrateObjectsAside, {});
  let left = parts.length;
  let isBefore = true;
  for (const step of new Set(parts.map((part) => part.step))) {
    if (isBefore && step > lastOfKeys) {
      await beforeReferences();
      isBefore = false;
    }
    const queue = parts.filter((part) => part.step === step);
    // Constraints of one table wait for each other; indexes and statistics do not.
    const isFree = queue.every(({ kind }) => kind === "index" || kind === "statistics");
    const lanes = isFree && target.dialect === "postgres" ? connections : 1;
    await inLanes(queue, lanes, async (part) => {
      onPart(part, left--);
      const { hydration_object_id } = part;
      await inBuild(target, settings, part.back_text, async (writing) =>
        none(writing, hydrateObjectBack, { hydration_object_id, now: nowText() }),
      );
    });
  }
}
