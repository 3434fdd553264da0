import type { Cost } from "./costs.ts";
import type { Dialect } from "../files/files.ts";
import { referencesLook } from "../files/frames.ts";
import type { Relations } from "./live.ts";
import { blockedBy, lockModes, ruledLocks, type Work } from "../files/lock-rules.ts";
import { statementsOf } from "../files/statements.ts";

/** Something that is sent to the database, byte for byte. */
export interface Step {
  /** Transactions are numbered from 1. */
  transaction: number;
  /** The migration or procedure whose text it is; else `runner`. */
  of: string;
  text: string;
}

/** The strongest lock on a table that others see. */
export interface PlannedLock {
  transaction: number;
  table: string;
  is_view: boolean;
  lock: string;
  blocks_reads: boolean;
  blocks_writes: boolean;
  work: Work;
  /** About how many rows it has, where they are read or written. */
  rows: number | null;
  /** The first step that takes a lock on it. */
  by: string;
  /** From then to the end of the transaction; null where something in it was not measured. */
  held_ms: number | null;
  /** `rule`, or where it was measured. */
  source: string;
}

/** What a plan says of locks and time. */
export interface Estimate {
  locks: PlannedLock[];
  /** Null where something was not measured. */
  predicted_ms: number | null;
  /** Steps with a statement of which it is not known what it locks. */
  unknown: string[];
}

/** The steps that have one name, with what is known of them. */
interface Unit {
  of: string;
  transaction: number;
  steps: Step[];
  ms: number | null;
  /** How much of it is over before anything is locked. */
  early: number;
  locks: Pick<PlannedLock, "table" | "lock" | "work" | "source">[];
  isKnown: boolean;
}

const works: readonly Work[] = ["catalog", "rows", "scan", "rewrite"];

/** What steps lock and how long they take; `costs` gives what was measured of a step's name. */
export function estimate(
  dialect: Dialect,
  steps: readonly Step[],
  relations: Relations,
  costs: (of: string) => readonly Cost[],
  isReadBlocked: boolean,
): Estimate {
  const looks = looksOf(steps, relations, costs("references"));
  const changes = unitsOf(steps).map((unit) => {
    const measured = costs(unit.of);
    const ruled = byRules(unit, dialect, relations);
    return measured.length > 0 ? byCosts(ruled, measured, relations) : ruled;
  });
  const units = [...looks.before, ...changes, ...looks.within];
  const locks: PlannedLock[] = [];
  units.forEach((unit, index) => {
    const rest = units.slice(index).filter(({ transaction }) => transaction === unit.transaction);
    const whole = sumOf(rest);
    const held_ms = whole === null ? null : whole - unit.early;
    for (const { table, lock, work, source } of unit.locks) {
      const known = locks.find((one) => one.transaction === unit.transaction && one.table === table);
      if (known !== undefined) {
        if (strengthOf(lock) > strengthOf(known.lock)) Object.assign(known, { lock, source });
        if (works.indexOf(work) > works.indexOf(known.work)) known.work = work;
        continue;
      }
      locks.push({
        ...{ transaction: unit.transaction, table, is_view: relations.isView(table), lock },
        ...{ blocks_reads: false, blocks_writes: false },
        ...{ work, rows: null, by: unit.of, held_ms, source },
      });
    }
  });
  for (const lock of locks) {
    const { reads, writes } = blockedBy(lock.lock, isReadBlocked);
    Object.assign(lock, { blocks_reads: reads, blocks_writes: writes });
    if (lock.work !== "catalog") lock.rows = relations.rowsOf(lock.table);
  }
  return {
    locks,
    predicted_ms: sumOf(units),
    unknown: units.filter(({ isKnown }) => !isKnown).map(({ of }) => of),
  };
}

/** Neighbours of one name; what the runner says itself locks nothing that is there but the ledger. */
function unitsOf(steps: readonly Step[]): Unit[] {
  const units: Unit[] = [];
  for (const step of steps) {
    if (step.of === "runner") continue;
    const unit = units.find(({ of, transaction }) => of === step.of && transaction === step.transaction);
    if (unit === undefined) {
      const { of, transaction } = step;
      units.push({ of, transaction, steps: [step], ms: null, early: 0, locks: [], isKnown: true });
    } else unit.steps.push(step);
  }
  return units;
}

/** Where SQLite looks at the references of all rows: before a transaction locks the file, or within it. */
function looksOf(
  steps: readonly Step[],
  relations: Relations,
  costs: readonly Cost[],
): Record<"before" | "within", Unit[]> {
  const ms = costs.reduce((sum, { table, per_million_ms }) => {
    const live = relations.tableOf(table, false);
    return live === undefined ? sum : sum + (per_million_ms * relations.rowsOf(live)) / 1_000_000;
  }, 0);
  const looks: Record<"before" | "within", Unit[]> = { before: [], within: [] };
  if (ms === 0) return looks;
  const begun = new Set<number>();
  for (const { transaction, text } of steps) {
    if (text === "begin immediate") begun.add(transaction);
    if (text !== referencesLook) continue;
    const unit = { of: "references", transaction, steps: [], ms: Math.round(ms), early: 0, locks: [] };
    looks[begun.has(transaction) ? "within" : "before"].push({ ...unit, isKnown: true });
  }
  return looks;
}

function byCosts(unit: Unit, costs: readonly Cost[], relations: Relations): Unit {
  let ms = 0;
  let early = 0;
  const locks: Unit["locks"] = [];
  for (const { table, lock, work, fixed_ms, per_million_ms, measured } of costs) {
    ms += fixed_ms;
    if (table === "-") continue;
    const live = relations.tableOf(table, false);
    if (live === undefined) continue;
    const perRows = per_million_ms > 0 ? (per_million_ms * relations.rowsOf(live)) / 1_000_000 : 0;
    ms += perRows;
    if (lock === "-") early += perRows;
    else locks.push({ table: live, lock, work, source: measured });
  }
  // Of procedures the time alone is kept: views and triggers come and go, and the rules know them.
  const isOfTime = costs.every(({ table }) => table === "-");
  return {
    ...unit,
    ms: Math.round(ms),
    early: Math.round(early),
    locks: isOfTime ? unit.locks : locks,
    isKnown: true,
  };
}

function byRules(unit: Unit, dialect: Dialect, relations: Relations): Unit {
  const locks: Unit["locks"] = [];
  let isKnown = true;
  for (const statement of unit.steps.flatMap(({ text }) => statementsOf(text, dialect))) {
    const ruled = ruledLocks(statement, dialect);
    if (ruled === undefined) isKnown = false;
    for (const { table, lock, work, isIndex } of ruled ?? []) {
      const live = relations.tableOf(table, isIndex);
      if (live !== undefined) locks.push({ table: live, lock, work, source: "rule" });
    }
  }
  return { ...unit, locks, isKnown };
}

function sumOf(units: readonly Unit[]): number | null {
  return units.reduce<number | null>((sum, { ms }) => (sum === null || ms === null ? null : sum + ms), 0);
}

function strengthOf(lock: string): number {
  return lock === "WRITE" ? lockModes.length : lockModes.indexOf(lock as (typeof lockModes)[number]);
}
