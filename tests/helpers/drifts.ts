import { postgresDrifts } from "./drifts-postgres.ts";
import { sqliteDrifts } from "./drifts-sqlite.ts";
import type { Engine } from "./database.ts";

/** A drift: what it is, the SQL that makes it, what a sentence must say, and a mark: `lost` where data goes with it, `place` where a column moves. */
export type DriftCase = readonly [name: string, sql: string, said: string, mark?: "lost" | "place"];

/** The drifts of an engine. */
export function driftsOf({ dialect }: Engine): readonly DriftCase[] {
  return dialect === "sqlite" ? sqliteDrifts : postgresDrifts;
}
