/** Something in the store that is not what was sealed, or not what follows from it. */
export interface Difference {
  /** The batch, or null where no batch is concerned: a derived row, or one that is gone. */
  batch_id: number | null;
  table: string;
  /** The row's key as text, or null where it is not known. */
  key: string | null;
  /** Null where a whole row is concerned, or the column is not known. */
  column: string | null;
  problem: string;
  stored: string | null;
  expected: string | null;
}

/** What was found so far; of many differences the first are kept, and all are counted. */
export interface Findings {
  differences: number;
  byTable: Record<string, number>;
  first: Difference[];
  unproved: { batch_id: number | null; reason: string }[];
  unprovedCount: number;
}

const mostKept = 100;
const longestValue = 200;

/** Nothing found yet. */
export function noFindings(): Findings {
  return { differences: 0, byTable: {}, first: [], unproved: [], unprovedCount: 0 };
}

/** Notes a difference; what is not given is null. */
export function differs(
  findings: Findings,
  table: string,
  problem: string,
  rest: Partial<Omit<Difference, "table" | "problem">> = {},
): void {
  findings.differences++;
  findings.byTable[table] = (findings.byTable[table] ?? 0) + 1;
  if (findings.first.length >= mostKept) return;
  findings.first.push({
    batch_id: rest.batch_id ?? null,
    table,
    key: shortened(rest.key),
    column: rest.column ?? null,
    problem,
    stored: shortened(rest.stored),
    expected: shortened(rest.expected),
  });
}

/** Notes that something in scope could be neither proved nor refuted. */
export function leftUnproved(findings: Findings, batchId: number | null, reason: string): void {
  findings.unprovedCount++;
  if (findings.unproved.length < mostKept) findings.unproved.push({ batch_id: batchId, reason });
}

/** How much was found, to see whether more has come. */
export function findingCount(findings: Findings): number {
  return findings.differences + findings.unprovedCount;
}

function shortened(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`;
}
