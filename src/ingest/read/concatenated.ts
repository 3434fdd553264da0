import { found } from "../../events/found.ts";
import { blame, judge, refuse } from "../../events/gate.ts";
import { skipBlank } from "../../events/json-token.ts";
import { scan, scanValue } from "../../events/scan.ts";
import { noFlags, rejectRegion, settle, type RecordContext } from "./records.ts";

const gluedFlag: readonly string[] = ["glued"];

/**
 * Several values on one line: all are events, or the line is one refusal. `scan` holds the first value; the second
 * starts at `second`.
 */
export function readConcatenated(
  context: RecordContext,
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
  extra: readonly string[],
  second: number,
): void {
  const spans: [number, number][] = [[from, scan.end]];
  let allPass = judge(bytes, from, scan.end, context.rules, extra);
  let at = second;
  while (at < to) {
    const outcome = scanValue(bytes, at, to);
    if (outcome !== found.value) {
      const isValueFollowing = bytes[at] === 0x7b || bytes[at] === 0x5b;
      if (isValueFollowing && outcome !== found.controlChar) refuse("multiple_values", "");
      else blame(bytes, from, to, found.badJson);
      rejectRegion(context.sink, bytes, from, to, offset);
      return;
    }
    spans.push([at, scan.end]);
    allPass = judge(bytes, at, scan.end, context.rules, noFlags) && allPass;
    at = skipBlank(bytes, scan.end, to);
  }
  if (!allPass) {
    refuse("multiple_values", `${spans.length} values on one line`);
    rejectRegion(context.sink, bytes, from, to, offset);
    return;
  }
  spans.forEach(([start, stop], index) => {
    const flags = index === 0 && extra.length > 0 ? [...extra, ...gluedFlag] : gluedFlag;
    scanValue(bytes, start, stop);
    settle(context, bytes, start, stop, offset + start - from, flags);
  });
}
