import type { Accumulator, Arenas } from "./accumulator.ts";

/** The numbers of the events in the order of their identity: session, time, digest. */
export function ordered(held: Accumulator): Uint32Array {
  const { sessions, times, arenas } = held;
  const order = Uint32Array.from(sessions, (_session, index) => index);
  return order.sort((left, right) => {
    const a = sessions[left] as string;
    const b = sessions[right] as string;
    if (a !== b) return a < b ? -1 : 1;
    const s = times[left] as string;
    const t = times[right] as string;
    if (s !== t) return s < t ? -1 : 1;
    return compareLeaves(arenas, left, right);
  });
}

function compareLeaves({ leaves }: Arenas, left: number, right: number): number {
  return leaves.compare(leaves, right * 32, right * 32 + 16, left * 32, left * 32 + 16);
}

/** The events without those that the batch has already, and how often it has them again. */
export function withoutRepeats(
  held: Accumulator,
  order: Uint32Array,
): { unique: number[]; repeats: [number, number][] } {
  const { sessions, times, arenas } = held;
  const unique: number[] = [];
  const repeats: [number, number][] = [];
  for (const index of order) {
    const last = unique.at(-1);
    const isRepeat =
      last !== undefined &&
      times[last] === times[index] &&
      sessions[last] === sessions[index] &&
      compareLeaves(arenas, last, index) === 0;
    if (!isRepeat) {
      unique.push(index);
      continue;
    }
    const ordinal = unique.length - 1;
    const open = repeats.at(-1);
    if (open?.[0] === ordinal) open[1]++;
    else repeats.push([ordinal, 1]);
  }
  return { unique, repeats };
}
