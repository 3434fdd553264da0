import { typed, type TestStore } from "./database.ts";

/** The views on the quality of the data, those that they are made of, and the columns that differ between two loads. */
export const qualityViews: Record<string, readonly string[]> = {
  sensor_streams: [],
  sessions_without_close: [],
  sessions_on_two_sensors: [],
  sensor_presence: [],
  sensor_gaps: [],
  snapshot_days: [],
  snapshot_coverage: [],
  top_rejects: ["first_refused_at", "last_refused_at", "source"],
  check_events_without_summary: [],
  check_summaries_without_events: [],
  batch_clock_jumps: [],
  batch_time_holes: [],
  session_clock_jumps: [],
  clock_jumps: [],
  data_quality: [],
};

/** The rows of a query that a DBA would type, with what the engines spell differently in one form. */
export async function asked(store: TestStore, text: string): Promise<Record<string, unknown>[]> {
  const rows = await typed(store.database, text);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === "boolean" ? Number(value) : value]),
    ),
  );
}

/** The rows of a view on the quality of the data, sorted, without what differs between two loads of the same lines. */
export async function qualityRows(store: TestStore, view: string): Promise<string[]> {
  const rows = await asked(store, `select * from ${view}`);
  return rows
    .map((row) =>
      JSON.stringify(
        Object.fromEntries(
          Object.entries(row).filter(([name]) => qualityViews[view]?.includes(name) !== true),
        ),
      ),
    )
    .sort();
}

/** Sets a setting. */
export async function settingOf(store: TestStore, setting: string, value: number): Promise<void> {
  await typed(store.database, `update settings set value = ${value} where setting = '${setting}'`);
}
