import { digestOf } from "../../checksum.ts";
import { judge, refused, type GateRules, type Reason } from "../../events/gate.ts";

/** Where a reader of records puts what it finds. Positions are in the unpacked stream. */
export interface RecordSink {
  /** An event that `judge` has just passed; its bytes stay valid. */
  event(bytes: Buffer, from: number, to: number): void;
  reject(letter: DeadLetter): void;
  skip(code: SkipCode): void;
  /** All records before `offset` are accounted for; a batch may end here. */
  boundary(offset: number): void;
}

/** Why a record is counted and nothing else; `refused_before` is the writer's, for one that has its dead letter already. */
export type SkipCode = "blank" | "nul_run" | "refused_before";

/** A refused record. */
export interface DeadLetter {
  offset: number;
  length: number;
  digest: Buffer;
  /** The whole record, or its first 4 KiB. */
  head: Buffer;
  /** Its last 4 KiB where `head` is not the whole. */
  tail: Buffer | null;
  reason: Reason;
  detail: string;
}

/** What the parts of a record reader share. */
export interface RecordContext {
  sink: RecordSink;
  rules: GateRules;
}

/** Bytes of the longest record that is read. */
export const longestRecord = 16 << 20;
/** Bytes of the longest record that a dead letter keeps whole. */
export const wholeLetter = 65_536;
/** Bytes that a dead letter keeps of each end of a longer record. */
export const letterEnd = 4_096;

/** No flags beside those that the gate gives. */
export const noFlags: readonly string[] = [];

/**
 * Gives a value that `scanValue` has just found whole to the sink, as an event or a refusal. It stands in
 * `bytes[from, to)`, and at `offset` in the stream; `extra` are flags that the reader gives.
 */
export function settle(
  { sink, rules }: RecordContext,
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
  extra: readonly string[],
): void {
  if (judge(bytes, from, to, rules, extra)) sink.event(bytes, from, to);
  else rejectRegion(sink, bytes, from, to, offset);
}

/** Gives a region to the sink as one refused record, for the reason that `refused` holds. */
export function rejectRegion(
  sink: RecordSink,
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
): void {
  const region = bytes.subarray(from, to);
  const isLong = region.length > wholeLetter;
  sink.reject({
    offset,
    length: region.length,
    digest: digestOf(region),
    head: Buffer.from(isLong ? region.subarray(0, letterEnd) : region),
    tail: isLong ? Buffer.from(region.subarray(region.length - letterEnd)) : null,
    reason: refused.reason,
    detail: refused.detail,
  });
}
