/** How a long run stands, as whoever does the work knows it. */
export interface JobStatus {
  /** `running` while it works, then how it ended or why it waits: `done`, `failed`, `paused`, `interrupted`, … */
  state: string;
  /** What it is at: a word, the same ones in every run of its kind. */
  phase: string;
  current: number;
  /** Null where nobody knows. */
  total: number | null;
  /** What is counted, in the singular: `row` where it is not given; `byte` is shown in units that people read. */
  unit?: string;
  /** Further counts by name, in snake case. */
  counts?: Readonly<Record<string, number>>;
  batchSize?: number | null;
  failedBatches?: number;
  /** The code of the failure, and its message as it may be shown. */
  error?: { code: string; message: string } | null;
  exitCode?: number | null;
}

/** What follows from how a run stood before and stands now. */
export interface Measures {
  elapsedS: number;
  /** Rounded down, so that 100 is said when all is done and not before; null where the total is not known. */
  percent: number | null;
  /** Of late while it runs; of all of its phase once it has ended. */
  ratePerSec: number | null;
  /** Seconds left; null where nobody can tell. */
  etaS: number | null;
}

/** Measures a run that began with `first`. */
export interface Meter {
  measure(status: JobStatus): Measures;
}

/** What a sample weighs once the next one is there. */
const decay = 0.75;
const leastSampleMs = 1_000;

/** Makes a meter. `now` is the clock, in milliseconds. */
export function meterOf(first: JobStatus, now: () => number = () => performance.now()): Meter {
  const began = now();
  let pace = newPace(first, began);
  return {
    measure: (status) => {
      const at = now();
      // Another phase counts something else, and a count that falls is one begun anew.
      if (status.phase !== pace.phase || status.current < pace.current) pace = newPace(status, at);
      else if (at - pace.at >= leastSampleMs && status.current > pace.current) sample(pace, status, at);
      const ratePerSec = rateOf(pace, status, at);
      return {
        elapsedS: Math.max(0, at - began) / 1000,
        percent: percentOf(status),
        ratePerSec,
        etaS: etaOf(status, ratePerSec),
      };
    },
  };
}

/** Sums of samples, the older ones weighing less. */
interface Pace {
  phase: string;
  began: { at: number; current: number };
  current: number;
  at: number;
  rows: number;
  ms: number;
  /** How long the last sample took. */
  lastMs: number;
}

function newPace({ phase, current }: JobStatus, at: number): Pace {
  return { phase, began: { at, current }, current, at, rows: 0, ms: 0, lastMs: 0 };
}

function sample(pace: Pace, { current }: JobStatus, at: number): void {
  pace.lastMs = at - pace.at;
  pace.rows = pace.rows * decay + (current - pace.current);
  pace.ms = pace.ms * decay + pace.lastMs;
  pace.current = current;
  pace.at = at;
}

/** Counts a second; a run that stands still for longer than a sample takes is getting slower. */
function rateOf(pace: Pace, { state, current }: JobStatus, at: number): number | null {
  const { began } = pace;
  if (state !== "running") return at > began.at ? ((current - began.current) * 1000) / (at - began.at) : null;
  const since = at - pace.at;
  if (pace.ms === 0)
    return current > pace.current && since > 0 ? ((current - pace.current) * 1000) / since : null;
  return (pace.rows * 1000) / (pace.ms + Math.max(0, since - Math.max(pace.lastMs, leastSampleMs)));
}

function percentOf({ current, total }: JobStatus): number | null {
  if (total === null) return null;
  if (total <= 0 || current >= total) return 100;
  return Math.max(0, Math.floor((current / total) * 10_000) / 100);
}

function etaOf({ state, current, total }: JobStatus, rate: number | null): number | null {
  if (state !== "running" || total === null) return null;
  if (current >= total) return 0;
  return rate === null || rate <= 0 ? null : (total - current) / rate;
}
