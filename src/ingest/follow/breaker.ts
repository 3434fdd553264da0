import type { Database } from "../../db/database.ts";
import {
  sourcesBreakerSettings,
  sourcesForgive,
  sourcesProbeDue,
  sourcesRejectShare,
  sourcesTrip,
} from "../../sql/generated.ts";
import { none, one } from "../../sql/run.ts";

/** How the circuit breaker is set in the store. */
export interface BreakerSettings {
  records: number;
  probe_seconds: number;
}

/** Reads the settings of the circuit breaker. */
export async function breakerSettings(database: Database): Promise<BreakerSettings> {
  return one(database, sourcesBreakerSettings, {});
}

/** Records that are read of a tripped file to see whether it is sound again. */
export function probeRecords({ records }: BreakerSettings): number {
  return Math.ceil(records / 10);
}

/** Whether a piece of a tripped source may be read by now. */
export async function isProbeDue(database: Database, sourceId: number): Promise<boolean> {
  return (await one(database, sourcesProbeDue, { source_id: sourceId })).is_due === 1;
}

/** More than the window can be set to. */
const wholeWindow = 1_000_000_000;

/** Opens the breaker of a source where too many of its recent records were refused; says whether it did. */
export async function tripWhereDue(
  database: Database,
  sourceId: number,
  how: { isProbe: boolean },
): Promise<boolean> {
  const leastRecords = how.isProbe ? 1 : wholeWindow;
  const { is_tripped } = await one(database, sourcesRejectShare, {
    source_id: sourceId,
    least_records: leastRecords,
  });
  if (is_tripped === 1) await none(database, sourcesTrip, { source_id: sourceId });
  return is_tripped === 1;
}

/** Closes the breaker of a source; what lies before its place counts no more. */
export async function forgive(database: Database, sourceId: number): Promise<void> {
  await none(database, sourcesForgive, { source_id: sourceId });
}
