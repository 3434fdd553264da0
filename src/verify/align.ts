import type { Records } from "../events/evidence-records.ts";

/** Which record each stored event has, by the digest of its line. */
export interface Alignment {
  /** By place of the event in the batch: the number of its record, or -1 where the evidence has none like it. */
  recordOf: number[];
  /** Records that no event has. */
  unseen: number[];
  /** Places of events whose record stands behind that of a later one. */
  moved: number[];
  /** Each event has the record of its own place, and no record is left over. */
  isWhole: boolean;
}

/** Finds the record of every event of a batch; `digests` are the events' line digests in the order of `event_id`. */
export function align(records: Records, digests: readonly Uint8Array[]): Alignment {
  const count = records.starts.length;
  const isWhole =
    digests.length === count &&
    digests.every(
      (digest, index) => records.leaves.compare(digest, 0, 16, index * 32, index * 32 + 16) === 0,
    );
  if (isWhole) return { recordOf: digests.map((_none, index) => index), unseen: [], moved: [], isWhole };
  const numbers = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    numbers.set(records.leaves.toString("hex", index * 32, index * 32 + 16), index);
  }
  const seen = new Set<number>();
  const recordOf = digests.map((digest) => {
    const number = numbers.get(Buffer.from(digest).toString("hex")) ?? -1;
    if (number < 0 || seen.has(number)) return -1;
    seen.add(number);
    return number;
  });
  const unseen = records.starts.flatMap((_start, index) => (seen.has(index) ? [] : [index]));
  return { recordOf, unseen, moved: movedPlaces(recordOf), isWhole };
}

/** Places whose number is less than one before it. */
function movedPlaces(numbers: readonly number[]): number[] {
  let most = -1;
  return numbers.flatMap((number, place) => {
    if (number < 0) return [];
    if (number < most) return [place];
    most = number;
    return [];
  });
}
