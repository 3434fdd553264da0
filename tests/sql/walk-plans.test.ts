import t from "tap";
import {
  jobsHasDifferences,
  jobsHasStrays,
  jobsMissingSessions,
  jobsNextPage,
  jobsPredictCommands,
  jobsPredictFiles,
  jobsPredictRange,
  jobsSessionsPage,
} from "../../src/sql/generated.ts";
import type { Query } from "../../src/sql/run.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { planOf } from "../helpers/plans.ts";

const instants: Record<string, string> = {
  from_at: "'0001-01-01T00:00:00.000000Z'",
  to_at: "'9999-12-31T23:59:59.999999Z'",
  session_id: "null",
  after_session: "''",
  kind: "'rebuild_summaries'",
  parts: "'summaries command_stats'",
};

/** What a rebuild asks for each page, which must cost as much as the page has sessions, however many the store has. */
const asked: readonly Query<never, unknown>[] = [
  jobsNextPage,
  jobsSessionsPage,
  jobsPredictRange,
  jobsPredictCommands,
  jobsPredictFiles,
  jobsMissingSessions,
  jobsHasDifferences,
  jobsHasStrays,
] as Query<never, unknown>[];

for (const engine of engines()) {
  await t.test(`a page of a rebuild is read by its place (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    for (const query of asked) {
      const plan = await planOf(store.database, withValues(query, engine.dialect));
      test.notMatch(indexNames(plan), /first_event_at/, `${query.name}: not by its time`);
      test.notMatch(plan, /ix_raw_events_shasum/, `${query.name}: no file is looked up in all sessions`);
      test.notMatch(plan, /TEMP B-TREE FOR ORDER BY/, `${query.name}: no sorting of all sessions`);
      test.notMatch(
        plan,
        /^SCAN (session_summaries|s|k|e)$|Seq Scan on (session_summaries|raw_events)/m,
        `${query.name}: no table is read whole`,
      );
    }
    await store.dispose();
  });
}

/** The indexes that a plan uses. */
function indexNames(plan: string): string {
  return [...plan.matchAll(/\b(?:ix|uq|pk)_[a-z_]+/g)].map(([name]) => name).join(" ");
}

function withValues(query: Query<never, unknown>, dialect: "sqlite" | "postgres"): string {
  const valueOf = (name: string): string => instants[name] ?? "1";
  return dialect === "sqlite"
    ? query.sqlite.replace(/:([a-z_]+)/g, (_all, name: string) => valueOf(name))
    : query.postgres.replace(/\$(\d+)/g, (_all, place: string) =>
        valueOf(query.parameters[Number(place) - 1] ?? ""),
      );
}
