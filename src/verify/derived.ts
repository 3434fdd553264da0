import type { Database } from "../db/database.ts";
import { closeDatabase } from "../db/open.ts";
import { inRangeSnapshot } from "../db/snapshot.ts";
import {
  verifyDerivedOfRange,
  verifyDerivedOfSessions,
  verifyRulesChanged,
  verifySessionBoundary,
  verifySessionCount,
  type VerifyDerivedOfRangeRow,
} from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";
import { sessionLists } from "../sql/session-lists.ts";
import { instantOf } from "../instant.ts";
import { differs, leftUnproved, type Findings } from "./findings.ts";

/** Sessions of a range: SQLite counts in the thread that hears of a stop. */
const sessionsOfRange = { sqlite: 2_000, postgres: 8_000 };

/** Counts the derived rows of some sessions again, from their events alone; gives their number. */
export async function proveSessions(
  database: Database,
  findings: Findings,
  sessions: ReadonlySet<string>,
): Promise<number> {
  const rules_changed_at = await rulesChangedAt(database);
  const all = [...sessions].filter((session) => session !== "");
  let lists = 0;
  for (const some of sessionLists(database, all)) {
    for (const row of await many(database, verifyDerivedOfSessions, { sessions: some, rules_changed_at }))
      name(findings, row);
    if (lists++ % 100 === 0) await new Promise(setImmediate);
  }
  return all.length;
}

/** How all derived rows are counted again. */
export interface RecountOptions {
  /** Asked before each range; where it says no the count ends early. */
  goesOn: () => boolean;
  /** Ranges that are counted at once, each on a connection of its own; SQLite counts one. */
  lanes?: number;
}

/** Counts all derived rows again, by ranges of sessions; gives the number of sessions. What differs is named in their order. */
export async function proveAllSessions(
  database: Database,
  findings: Findings,
  { goesOn, lanes = 1 }: RecountOptions,
): Promise<number> {
  if (database.dialect === "sqlite" || lanes === 1) return proveRanges(database, findings, goesOn, 1);
  const pool = await database.another(lanes);
  try {
    return await proveRanges(pool, findings, goesOn, lanes);
  } finally {
    await closeDatabase(pool);
  }
}

async function proveRanges(
  database: Database,
  findings: Findings,
  goesOn: () => boolean,
  lanes: number,
): Promise<number> {
  const rules_changed_at = await rulesChangedAt(database);
  const size = sessionsOfRange[database.dialect];
  const begun: { from: string; rows: Promise<VerifyDerivedOfRangeRow[]> }[] = [];
  const nameFirst = async (): Promise<void> => {
    const { from = "", rows = [] } = begun.shift() ?? {};
    // A range begins with the last session of the one before, whose rows are named there.
    for (const row of await rows) if (row.session_id !== from || from === "") name(findings, row);
  };
  let from = "";
  let sessions = 0;
  try {
    for (;;) {
      await new Promise(setImmediate);
      const upTo = await maybe(database, verifySessionBoundary, {
        after_session: from,
        row_offset: size - 1,
      });
      const to = upTo?.session_id ?? lastOfAll;
      const rows = rowsOfRange(database, { from_session: from, up_to_session: to, rules_changed_at });
      // Whoever comes to it hears of its failure; another may fail before.
      rows.catch(() => undefined);
      begun.push({ from, rows });
      if (begun.length >= lanes) await nameFirst();
      if (upTo === undefined) {
        while (begun.length > 0) await nameFirst();
        const { sessions: left } = await one(database, verifySessionCount, { after_session: from });
        return sessions + left;
      }
      from = to;
      sessions += size;
      if (goesOn()) continue;
      while (begun.length > 0) await nameFirst();
      return sessions;
    }
  } finally {
    await Promise.allSettled(begun.map(async ({ rows }) => rows));
  }
}

async function rowsOfRange(
  database: Database,
  range: { from_session: string; up_to_session: string; rules_changed_at: string },
): Promise<VerifyDerivedOfRangeRow[]> {
  const read = async (store: Database): Promise<VerifyDerivedOfRangeRow[]> =>
    many(store, verifyDerivedOfRange, range);
  // Halves the time on PostgreSQL, which reads whole tables for a range otherwise: 630 ms for 2,000 of 35,000 sessions, and 1,320.
  return database.dialect === "postgres" ? inRangeSnapshot(database, read) : read(database);
}

/** How long after its statement a change of the rules may have been committed; until then seals used the old ones. */
const longestChangeMs = 3_600_000;

/** Sessions made until then may have scores of rules that are not those of today. */
async function rulesChangedAt(database: Database): Promise<string> {
  const { changed_at: changedAt } = await one(database, verifyRulesChanged, {});
  if (changedAt === null) return "0001-01-01T00:00:00.000000Z";
  return instantOf(Date.parse(changedAt) + longestChangeMs);
}

/** Behind every text that is UTF-8. */
const lastOfAll = "\u{10ffff}".repeat(64);

function name(findings: Findings, row: VerifyDerivedOfRangeRow): void {
  if (row.is_older_score === 1) {
    leftUnproved(
      findings,
      null,
      `${row.table_name} of session ${row.session_id}: ${row.column_name} is not what today's risk rules give, and they were changed since`,
    );
    return;
  }
  const column = row.column_name === "" ? null : row.column_name;
  const problem =
    column !== null
      ? "not what the events add up to"
      : row.stored === null
        ? "a row is missing"
        : "a row without events";
  const key = row.item === "" ? row.session_id : `${row.session_id} ${row.item}`;
  differs(findings, row.table_name, problem, { key, column, stored: row.stored, expected: row.expected });
}
