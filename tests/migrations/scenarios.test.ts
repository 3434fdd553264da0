import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { engines, type Engine } from "../helpers/database.ts";
import { emptyPlace } from "../helpers/empty.ts";
import { ourTool, postgresPlace, sqlitePlace } from "../helpers/migration-places.ts";
import { scenarios, type Scenario } from "../helpers/migration-scenarios.ts";
import { isGood, played, type Outcome } from "../helpers/migration-verdicts.ts";

/** Most of a scenario is programs that start. */
const atOnce = 3;

for (const engine of engines()) {
  void t.test(
    `${engine.name}: what happens to migrations is refused, detected or recovered from`,
    async (t) => {
      const waiting = [...scenarios];
      const unseen: string[] = [];
      const playNext = async (): Promise<void> => {
        for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
          const outcome = await playedOn(engine, scenario);
          if (!isGood(outcome)) unseen.push(`${scenario.name}: ${outcome.verdict}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, playNext));

      t.equal(scenarios.length, 14);
      t.same(unseen, []);
    },
  );
}

/** Each with a database of its own. */
async function playedOn(engine: Engine, scenario: Scenario): Promise<Outcome> {
  const place = await emptyPlace(engine);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-scenario-"));
  const server = engine.dialect === "postgres" ? postgresPlace(place.db) : undefined;
  try {
    return await played(scenario, ourTool(place.db, engine.dialect, folder), server ?? sqlitePlace(place.db));
  } finally {
    await server?.close();
    await place.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
