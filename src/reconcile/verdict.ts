import { exitCodes, type ExitCode } from "../errors.ts";

/** What a run came to, as far as its exit code is concerned. */
export interface Standing {
  /** Findings that only a person can settle, or of the same class for three nights. */
  person: number;
  /** Confirmed differences that are still there. */
  drift: number;
  /** Something in scope that was not proved: a range, a score of other rules, the rest of a run that was stopped. */
  unproved: number;
  repaired: number;
}

/** The exit code: the first of the list that applies. */
export function verdict(standing: Standing): ExitCode {
  if (standing.person > 0) return exitCodes.needsPerson;
  if (standing.drift > 0) return exitCodes.differences;
  if (standing.unproved > 0) return exitCodes.unproved;
  if (standing.repaired > 0) return exitCodes.repaired;
  return exitCodes.done;
}
