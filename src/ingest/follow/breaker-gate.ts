import { breakerSettings, forgive, isProbeDue, probeRecords, tripWhereDue } from "./breaker.ts";
import type { KnownSource } from "../known-source.ts";
import type { Load } from "../load.ts";
import type { FileResult } from "../load-result.ts";

/** The circuit breaker beside the reading of one file. */
export interface BreakerGate {
  /** Most events in the first batch: a file that was tripped is probed first. */
  firstBatch: number;
  /** To be asked after every batch. */
  hasTripped(result: FileResult, sourceId: number | null): Promise<boolean>;
}

const alwaysClosed: BreakerGate = {
  firstBatch: Number.POSITIVE_INFINITY,
  hasTripped: async () => Promise.resolve(false),
};

/** The breaker of a source; undefined where it is open and no probe is due. A bulk load has none. */
export async function breakerGate(
  load: Load,
  source: KnownSource | undefined,
): Promise<BreakerGate | undefined> {
  const { database } = load.writer;
  const { delta } = load.options;
  if (delta === undefined) return alwaysClosed;
  const isProbe = source?.state === "tripped";
  if (isProbe) {
    if (!(await delta.patiently(() => isProbeDue(database, source.source_id)))) return undefined;
    await delta.patiently(() => forgive(database, source.source_id));
  }
  let batches = 0;
  let rejected = 0;
  return {
    firstBatch: isProbe
      ? probeRecords(await delta.patiently(() => breakerSettings(database)))
      : Number.POSITIVE_INFINITY,
    hasTripped: async (result, sourceId) => {
      const isAsked = sourceId !== null && result.batches > batches && result.records_rejected > rejected;
      const isFirst = batches === 0;
      batches = result.batches;
      rejected = result.records_rejected;
      if (!isAsked) return false;
      return delta.patiently(() => tripWhereDue(database, sourceId, { isProbe: isProbe && isFirst }));
    },
  };
}
