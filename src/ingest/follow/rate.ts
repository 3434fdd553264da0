/** Waits until so many records more are within the rate, or until a stop is asked for. */
export type RateLimit = (records: number) => Promise<void>;

/** Lets at most so many records a second through on average, one batch at a time; 0 is no limit. */
export function rateLimit(perSecond: number, stop: { requested: boolean }): RateLimit {
  let freeAt = 0;
  return async (records) => {
    if (perSecond === 0) return;
    while (performance.now() < freeAt && !stop.requested) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, freeAt - performance.now() + 1)));
    }
    freeAt = Math.max(freeAt, performance.now()) + (records * 1_000) / perSecond;
  };
}
