import type * as api from "@opentelemetry/api";

let inUse: typeof api | undefined;

/** OpenTelemetry's API, once an SDK is registered; importing it takes 15 ms, which most commands never need. */
export function telemetryApi(): typeof api | undefined {
  return inUse;
}

/** Has spans and metrics made from now on. */
export function useTelemetryApi(found: typeof api): void {
  inUse = found;
}
