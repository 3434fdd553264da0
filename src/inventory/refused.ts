import { cut, visible } from "../term.ts";

/** A row that was not taken: where it stands, and why. */
export interface RefusedRow {
  line: number;
  reason: string;
}

/** What has been read of a file, and what of it was refused. */
export interface ReadCounts {
  rows_read: number;
  rows_refused: number;
  /** Rows that say nothing: an address without a fact, a hash without a verdict. */
  rows_empty: number;
  /** The first refused rows. */
  refused: RefusedRow[];
}

/** Rows that are named; the others are counted. */
const mostNamed = 10;

/** Nothing is read yet. */
export function noneRead(): ReadCounts {
  return { rows_read: 0, rows_refused: 0, rows_empty: 0, refused: [] };
}

/** Counts a refused row; the first ones are named. */
export function refuse(counts: ReadCounts, line: number, reason: string): void {
  counts.rows_refused++;
  if (counts.refused.length < mostNamed) counts.refused.push({ line, reason });
}

/** Whether more than half of the rows were refused. */
export function isUnreadable(counts: ReadCounts): boolean {
  return counts.rows_refused * 2 > counts.rows_read;
}

/** A value of a file as a message may show it. */
export function shown(value: unknown): string {
  const plain = typeof value === "bigint" ? String(value) : (value ?? null);
  const text = typeof plain === "string" ? plain : JSON.stringify(plain);
  return `"${cut(visible(text.slice(0, 400)), 60)}"`;
}
