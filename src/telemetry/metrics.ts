import type { Attributes, Counter, Histogram } from "@opentelemetry/api";
import { telemetryApi } from "./api.ts";

/** What the program counts; runbooks/reference/telemetry.md describes them. */
const counters = {
  "cowriedb.ingest.records": { unit: "{record}", description: "Records read from logs, by outcome" },
  "cowriedb.ingest.batches": { unit: "{batch}", description: "Batches sealed" },
  "cowriedb.job.rows": { unit: "{row}", description: "Rows that jobs have processed" },
  "cowriedb.drift.findings": { unit: "{finding}", description: "Differences that a reconciliation found" },
  "cowriedb.hook.calls": { unit: "{call}", description: "Hooks called, by outcome" },
} as const;

const made = new Map<string, Counter>();
let batchSeconds: Histogram | undefined;

/** Adds to a counter; costs nothing unless an SDK is registered. */
export function count(name: keyof typeof counters, more: number, attributes: Attributes): void {
  const api = telemetryApi();
  if (more <= 0 || api === undefined) return;
  // Made at first use: unlike a tracer, a meter from before the registration counts nothing ever after.
  let counter = made.get(name);
  if (counter === undefined) {
    counter = api.metrics.getMeter("cowriedb").createCounter(name, counters[name]);
    made.set(name, counter);
  }
  counter.add(more, attributes);
}

/** Notes how long a batch of a kind took, commit included. */
export function noteBatchSeconds(seconds: number, attributes: Attributes): void {
  const api = telemetryApi();
  if (api === undefined) return;
  batchSeconds ??= api.metrics.getMeter("cowriedb").createHistogram("cowriedb.batch.duration", {
    unit: "s",
    description: "Duration of batches, commit included",
    advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] },
  });
  batchSeconds.record(seconds, attributes);
}
