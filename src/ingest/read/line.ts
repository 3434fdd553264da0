import { found } from "../../events/found.ts";
import { blame, refuse } from "../../events/gate.ts";
import { skipBlank } from "../../events/json-token.ts";
import { scan, scanValue } from "../../events/scan.ts";
import { readArrayLine } from "./array-line.ts";
import { readConcatenated } from "./concatenated.ts";
import { longestRecord, noFlags, rejectRegion, settle, type RecordContext } from "./records.ts";

/** What a reader of lines keeps from one line to the next. */
export interface LineContext extends RecordContext {
  /** A long run of NULs before a line was let go; the line counts it. */
  hasDroppedNuls: boolean;
}

/** A line that leaves an object open. */
export interface OpenLine {
  bytes: Buffer;
  offset: number;
}

const bomFlag: readonly string[] = ["bom"];

/**
 * Reads the records of one line, `bytes[from, to)`, at `offset` in the stream. Where `mayGoOn`, a line that leaves an
 * object open is given back and not refused yet.
 */
export function readLine(
  context: LineContext,
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
  mayGoOn: boolean,
): OpenLine | undefined {
  let start = from;
  let stop = to;
  if (stop > start && bytes[stop - 1] === 0x0d) stop--;
  while (start < stop && bytes[start] === 0) start++;
  if (start > from || context.hasDroppedNuls) {
    context.hasDroppedNuls = false;
    context.sink.skip("nul_run");
    if (start === stop) return undefined;
  }
  if (stop - start > longestRecord) {
    refuse("line_too_long", `${stop - start} bytes`);
    rejectRegion(context.sink, bytes, start, stop, offset + start - from);
    return undefined;
  }
  const extra = startsWithBom(bytes, start, stop) ? bomFlag : noFlags;
  if (extra === bomFlag) start += 3;
  const at = offset + start - from;
  const outcome = scanValue(bytes, start, stop);
  if (outcome === found.value) {
    const rest = skipBlank(bytes, scan.end, stop);
    if (scan.kind === 0x5b) readArrayLine(context, bytes, start, stop, at, extra);
    else if (rest === stop) settle(context, bytes, start, stop, at, extra);
    else readConcatenated(context, bytes, start, stop, at, extra, rest);
  } else if (outcome === found.blank) context.sink.skip("blank");
  else if (outcome === found.truncated && mayGoOn && scan.kind === 0x7b && extra === noFlags) {
    return { bytes: Buffer.from(bytes.subarray(start, stop)), offset: at };
  } else if (scan.kind === 0x5b && outcome !== found.controlChar) {
    readArrayLine(context, bytes, start, stop, at, extra);
  } else {
    blame(bytes, start, stop, outcome);
    rejectRegion(context.sink, bytes, start, stop, at);
  }
  return undefined;
}

function startsWithBom(bytes: Buffer, from: number, to: number): boolean {
  return to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
}
