import { found } from "../../events/found.ts";
import { blame } from "../../events/gate.ts";
import { skipBlank } from "../../events/json-token.ts";
import { scan, scanValue } from "../../events/scan.ts";
import { rejectRegion, settle, type RecordContext } from "./records.ts";

/** The elements of an array that stands on one line; a line whose array is broken is one refused record. */
export function readArrayLine(
  context: RecordContext,
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
  extra: readonly string[],
): void {
  const spans = elementSpans(bytes, from, to);
  if (!Array.isArray(spans)) {
    blame(bytes, from, to, spans);
    rejectRegion(context.sink, bytes, from, to, offset);
    return;
  }
  for (const [start, stop] of spans) {
    const outcome = scanValue(bytes, start, stop);
    if (outcome === found.value) settle(context, bytes, start, stop, offset + start - from, extra);
    else {
      blame(bytes, start, stop, outcome as 1);
      rejectRegion(context.sink, bytes, start, stop, offset + start - from);
    }
  }
}

/** Where the elements of an array on one line stand, or why it is no array. */
function elementSpans(bytes: Buffer, from: number, to: number): [number, number][] | 1 | 2 | 3 | 4 {
  const spans: [number, number][] = [];
  let at = skipBlank(bytes, skipBlank(bytes, from, to) + 1, to);
  if (bytes[at] === 0x5d && at < to) return skipBlank(bytes, at + 1, to) < to ? found.badJson : spans;
  for (;;) {
    const outcome = scanValue(bytes, at, to);
    if (outcome === found.blank) return found.truncated;
    if (scan.end < 0) return outcome as 1;
    spans.push([at, scan.end]);
    at = skipBlank(bytes, scan.end, to);
    if (at >= to) return found.truncated;
    if (bytes[at] === 0x5d) return skipBlank(bytes, at + 1, to) < to ? found.badJson : spans;
    if (bytes[at] !== 0x2c) return found.badJson;
    at = skipBlank(bytes, at + 1, to);
  }
}
