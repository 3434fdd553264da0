import { hexDigestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { inRangeSnapshot } from "../db/snapshot.ts";
import { reconcileDifferencesOfSessions, type ReconcileDifferencesOfSessionsRow } from "../sql/generated.ts";
import { sessionLists } from "../sql/session-lists.ts";
import { many } from "../sql/run.ts";

/** Something that is not as it must be, as it is stored. */
export type Finding = ReconcileDifferencesOfSessionsRow;

/** What a second look has made of sessions that differed. */
export interface Confirmed {
  findings: Finding[];
  /** Sessions that agreed the second time. */
  inFlight: Set<string>;
  snapshotMs: number;
}

const longestItem = 200;

/** Counts the derived rows of some sessions again, from their events alone. */
export async function differencesOf(database: Database, sessions: readonly string[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const some of sessionLists(database, sessions)) {
    // One by one: a list of arguments has an end, and a session may have more differing rows than that.
    for (const row of await many(database, reconcileDifferencesOfSessions, { sessions: some }))
      found.push(row);
  }
  return found;
}

/** Looks at sessions that differed once more, in a snapshot of its own: what moves meanwhile is no difference. */
export async function confirm(database: Database, sessions: readonly string[]): Promise<Confirmed> {
  if (sessions.length === 0) return { findings: [], inFlight: new Set(), snapshotMs: 0 };
  const began = performance.now();
  const findings = await inRangeSnapshot(database, async (snapshot) => differencesOf(snapshot, sessions));
  const differing = new Set(findings.map((finding) => finding.session_id));
  return {
    findings: findings.map(shortened),
    inFlight: new Set(sessions.filter((session) => !differing.has(session))),
    snapshotMs: performance.now() - began,
  };
}

/** A finding as it may be kept: a long command ends in its digest, for it is part of a key. */
export function shortened(finding: Finding): Finding {
  const { item, stored, expected } = finding;
  return {
    ...finding,
    item: item.length > longestItem ? `${cut(item)}… ${hexDigestOf(item)}` : item,
    stored: stored === null ? null : cut(stored),
    expected: expected === null ? null : cut(expected),
  };
}

/** The first characters; never half of one. */
function cut(text: string): string {
  return text.length <= longestItem ? text : [...text.slice(0, longestItem)].slice(0, -1).join("");
}
