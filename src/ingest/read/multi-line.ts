import { found } from "../../events/found.ts";
import { blame, judge, refuse } from "../../events/gate.ts";
import { skipBlank } from "../../events/json-token.ts";
import { scan, scanValue } from "../../events/scan.ts";
import { readLine, type LineContext, type OpenLine } from "./line.ts";
import { noFlags, rejectRegion, settle } from "./records.ts";

/** The lines of an object that may spread over several, until it is whole or proves to be none. */
export interface MultiLine {
  context: LineContext;
  /** Whether such an object is read; else it is refused as a whole. */
  isWanted: boolean;
  /** None while no object is open. */
  lines: OpenLine[];
  bytes: number;
}

const mostBytes = 1 << 20;
const mostLines = 5_000;
const newline = Buffer.from("\n");

/** Reads one line, as part of the open object or for itself. */
export function takeLine(state: MultiLine, bytes: Buffer, from: number, to: number, offset: number): void {
  if (state.lines.length > 0) continueObject(state, bytes, from, to, offset);
  else readAlone(state, bytes, from, to, offset);
}

/** Settles the open lines when nothing can close the object: the first is a cut line, the others stand for themselves. */
export function dropObject(state: MultiLine): void {
  const [first, ...others] = state.lines;
  state.lines = [];
  if (first !== undefined) {
    blame(first.bytes, 0, first.bytes.length, found.truncated);
    rejectRegion(state.context.sink, first.bytes, 0, first.bytes.length, first.offset);
  }
  for (const { bytes, offset } of others) readLine(state.context, bytes, 0, bytes.length, offset, false);
}

function readAlone(state: MultiLine, bytes: Buffer, from: number, to: number, offset: number): void {
  const open = readLine(state.context, bytes, from, to, offset, true);
  if (open === undefined) return;
  state.lines.push(open);
  state.bytes = open.bytes.length;
}

function continueObject(state: MultiLine, bytes: Buffer, from: number, to: number, offset: number): void {
  const stop = to > from && bytes[to - 1] === 0x0d ? to - 1 : to;
  state.bytes += to - from + 1;
  if (isWholeEvent(state, bytes, from, stop) || state.bytes > mostBytes || state.lines.length >= mostLines) {
    dropObject(state);
    // This line may stay open in its turn, but all before it are settled: a batch that ended earlier would have them twice.
    state.context.sink.boundary(offset);
    readAlone(state, bytes, from, to, offset);
    return;
  }
  state.lines.push({ bytes: Buffer.from(bytes.subarray(from, stop)), offset });
  const last = lastInk(bytes, from, stop);
  if (last === 0x7d || last === 0x5d) tryObject(state);
}

function isWholeEvent(state: MultiLine, bytes: Buffer, from: number, to: number): boolean {
  return (
    bytes[from] === 0x7b &&
    scanValue(bytes, from, to) === found.value &&
    judge(bytes, from, scan.end, state.context.rules, noFlags)
  );
}

function tryObject(state: MultiLine): void {
  const { context, lines } = state;
  const whole = Buffer.concat(
    lines.flatMap((line, index) => (index === 0 ? [line.bytes] : [newline, line.bytes])),
  );
  const outcome = scanValue(whole, 0, whole.length);
  if (outcome === found.truncated) return;
  if (outcome !== found.value || skipBlank(whole, scan.end, whole.length) < whole.length) {
    dropObject(state);
    return;
  }
  const offset = lines[0]?.offset ?? 0;
  state.lines = [];
  if (state.isWanted) settle(context, whole, 0, whole.length, offset, noFlags);
  else {
    refuse("fragment", "an object over several lines; read the file with --multi-line");
    rejectRegion(context.sink, whole, 0, whole.length, offset);
  }
}

/** The last byte that is neither space nor tab, or 0. */
function lastInk(bytes: Buffer, from: number, to: number): number {
  let at = to - 1;
  while (at >= from && (bytes[at] === 0x20 || bytes[at] === 0x09)) at--;
  return at < from ? 0 : (bytes[at] as number);
}
