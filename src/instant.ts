/** Milliseconds since 1970 as an instant is stored and told: ISO 8601, UTC, six digits of a second. */
export function instantOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}

/** The present as an instant is stored. */
export function nowText(): string {
  return instantOf(Date.now());
}
