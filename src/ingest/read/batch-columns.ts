import type { SealedMark } from "../../events/record-digest.ts";
import type { Accumulator } from "./accumulator.ts";
import type { ReadBatch } from "./batch.ts";

/** What a batch says of each of its events, in the order of `unique`. */
export function columnsOf(
  held: Accumulator,
  unique: readonly number[],
): Pick<
  ReadBatch,
  | "sessions"
  | "times"
  | "leaves"
  | "digests"
  | "marks"
  | "marksOf"
  | "marked"
  | "firstEventAt"
  | "lastEventAt"
> {
  const { leaves: known } = held.arenas;
  const times = Buffer.allocUnsafeSlow(unique.length * 27);
  const leaves = Buffer.allocUnsafeSlow(unique.length * 32);
  const digests = Buffer.allocUnsafeSlow(unique.length * 16);
  const marksOf = Buffer.alloc(unique.length * 6, "0");
  const marked: SealedMark[] = [];
  let first: string | null = null;
  let last: string | null = null;
  unique.forEach((index, ordinal) => {
    const time = held.times[index] as string;
    if (first === null || time < first) first = time;
    if (last === null || time > last) last = time;
    times.write(time, ordinal * 27, "latin1");
    known.copy(leaves, ordinal * 32, index * 32, index * 32 + 32);
    known.copy(digests, ordinal * 16, index * 32, index * 32 + 16);
    const mark = held.marksOf[index] as number;
    if (mark === 0) return;
    digits(marksOf, ordinal * 6, 6, mark);
    const session = held.sessions[index] as string;
    marked.push({ ordinal, session_id: session, ...(held.marks[mark] as Accumulator["marks"][number]) });
  });
  return {
    sessions: JSON.stringify(unique.map((index) => held.sessions[index])),
    times,
    leaves,
    digests,
    marks: JSON.stringify(held.marks),
    marksOf,
    marked,
    firstEventAt: first,
    lastEventAt: last,
  };
}

/** The records and payloads of a batch, and where each stands; written into `spare` where that is large enough. */
export function textsOf(
  held: Accumulator,
  unique: readonly number[],
  spare: ArrayBuffer | undefined,
): Pick<ReadBatch, "text" | "linesBytes" | "lineStart" | "spans"> {
  let linesBytes = Math.max(0, unique.length - 1);
  for (const index of unique) linesBytes += held.lengths[index] as number;
  const needed = linesBytes + held.payloadBytes;
  const memory =
    spare !== undefined && spare.byteLength >= needed
      ? spare
      : new ArrayBuffer(Math.ceil(needed * 1.1) + 4_096);
  const text = Buffer.from(memory, 0, needed);
  const lineStart = new Uint32Array(unique.length + 1);
  const spans = Buffer.allocUnsafeSlow(unique.length * 20);
  let at = 0;
  let payloadAt = linesBytes;
  unique.forEach((index, ordinal) => {
    if (ordinal > 0) text[at++] = 0x0a;
    const start = held.starts[index] as number;
    const length = held.arenas.text.copy(text, at, start, start + (held.lengths[index] as number));
    lineStart[ordinal] = at;
    const payload = held.payloads[index];
    digits(spans, ordinal * 20, 10, 1 + (payload === undefined ? at : payloadAt));
    digits(spans, ordinal * 20 + 10, 10, payload?.length ?? length);
    if (payload !== undefined) payloadAt += payload.copy(text, payloadAt);
    at += length;
  });
  lineStart[unique.length] = at + 1;
  return { text, linesBytes, lineStart, spans };
}

function digits(target: Buffer, at: number, width: number, value: number): void {
  let rest = value;
  for (let place = at + width - 1; place >= at; place--) {
    const next = Math.trunc(rest / 10);
    target[place] = 0x30 + rest - next * 10;
    rest = next;
  }
}
