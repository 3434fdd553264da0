import type { Watch } from "../jobs/pages.ts";
import { progressLine } from "../telemetry/progress.ts";
import type { CommonOptions } from "./output.ts";
import type { StopRequest } from "./signals.ts";

/** Runs a long look through the store, which shows how far it is and can be stopped. */
export async function watched<T>(
  verb: string,
  options: CommonOptions,
  stop: StopRequest,
  look: (watch: Watch) => Promise<T>,
): Promise<T> {
  const progress = progressLine(verb, options.quiet);
  const began = performance.now();
  return look({
    stop,
    onProgress: (sessions) => {
      progress.show(0, 0, sessions, performance.now() - began);
    },
  }).finally(progress.end);
}
