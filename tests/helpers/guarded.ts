import type { Test } from "tap";
import { engines, freshStore, type Engine } from "./database.ts";
import {
  batchStatements,
  openPlain,
  outcomeOf,
  sourceStatement,
  type HandEvent,
  type Plain,
} from "./plain.ts";

/** A way to connect. */
export interface Way {
  name: string;
  engine: Engine;
  foreignKeys: boolean;
}

/** Every way to connect that must be guarded alike. */
export const ways: readonly Way[] = engines().flatMap((engine) =>
  engine.dialect === "sqlite"
    ? [
        { name: `${engine.name} without a PRAGMA`, engine, foreignKeys: true },
        { name: `${engine.name} with foreign keys off`, engine, foreignKeys: false },
      ]
    : [{ name: engine.name, engine, foreignKeys: true }],
);

/** A store with a source, and batch 1 of these events sealed, seen through a plain connection. */
export async function sealedStore(
  test: Test,
  { engine, foreignKeys }: Way,
  events: readonly HandEvent[],
): Promise<Plain> {
  const store = await freshStore(engine);
  const plain = openPlain(store, { foreignKeys });
  test.teardown(async () => {
    await plain.close();
    await store.dispose();
  });
  await plain.run(sourceStatement(plain));
  const outcome = await outcomeOf(plain, batchStatements(plain, 1, events));
  if (outcome !== "accepted") throw new Error(`batch 1 was refused: ${outcome}`);
  return plain;
}
