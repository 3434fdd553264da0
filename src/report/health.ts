import type { Database } from "../db/database.ts";
import {
  doctorServer,
  doctorSettings,
  doctorSizes,
  doctorStore,
  schemaEngineVersion,
  type DoctorSettingsRow,
  type DoctorSizesRow,
} from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";

/** How much something matters: a fault may lose data, a warning will hurt, a note may. */
export const levels = ["fault", "warning", "note", "ok"] as const;

/** Something that was looked at, what it is and should be, and what to do. */
export type Finding = DoctorSettingsRow & {
  area: "schema" | "settings" | "server" | "store" | "shadows";
  level: (typeof levels)[number];
};

/** What is known of the place that a store is in; -1 where it cannot be seen from here. */
export interface Place {
  free_bytes: number;
  wal_bytes: number;
}

/** What was found of an engine and a store. */
export interface Health {
  findings: Finding[];
  /** Greatest first; none where it would take too long to know. */
  sizes: DoctorSizesRow[];
}

/** In a larger SQLite file it takes seconds to tell the tables' sizes. */
const mostBytes = 2 ** 30;

/** Looks at an engine, and where the schema is today's at the store; reads alone. */
export async function healthOf(database: Database, place: Place, isCurrent: boolean): Promise<Health> {
  const found = (area: Finding["area"], rows: readonly DoctorSettingsRow[]): Finding[] =>
    rows.map((row) => ({ area, ...row, level: levels.find((level) => level === row.level) ?? "fault" }));
  return {
    findings: [
      ...found("settings", await many(database, doctorSettings, {})),
      ...found("server", await many(database, doctorServer, place)),
      ...found("store", isCurrent ? await many(database, doctorStore, {}) : []),
    ],
    sizes: await many(database, doctorSizes, { most_bytes: mostBytes }),
  };
}

/** The engine and its version, as `PostgreSQL 18.4`. */
export async function engineVersion(database: Database): Promise<string> {
  return (await one(database, schemaEngineVersion, {})).engine;
}
