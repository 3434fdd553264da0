import type { Database } from "../db/database.ts";
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

const sessionsOfRange = 2_000;

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

/** Counts all derived rows again, by ranges of sessions; gives the number of sessions. Ends early where `goesOn` is false. */
export async function proveAllSessions(
  database: Database,
  findings: Findings,
  goesOn: () => boolean,
): Promise<number> {
  const rules_changed_at = await rulesChangedAt(database);
  let from = "";
  let sessions = 0;
  for (;;) {
    await new Promise(setImmediate);
    const upTo = await maybe(database, verifySessionBoundary, {
      after_session: from,
      row_offset: sessionsOfRange - 1,
    });
    const to = upTo?.session_id ?? lastOfAll;
    const range = { from_session: from, up_to_session: to, rules_changed_at };
    const read = async (store: Database): Promise<VerifyDerivedOfRangeRow[]> =>
      many(store, verifyDerivedOfRange, range);
    // Halves the time on PostgreSQL, which reads whole tables for a range otherwise: 630 ms for 2,000 of 35,000 sessions, and 1,320.
    const rows = await (database.dialect === "postgres" ? inRangeSnapshot(database, read) : read(database));
    // A range begins with the last session of the one before, whose rows are named there.
    for (const row of rows) if (row.session_id !== from || from === "") name(findings, row);
    if (upTo === undefined) {
      const { sessions: left } = await one(database, verifySessionCount, { after_session: from });
      return sessions + left;
    }
    from = to;
    sessions += sessionsOfRange;
    if (!goesOn()) return sessions;
  }
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
