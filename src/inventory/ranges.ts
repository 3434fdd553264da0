import type { AddressNumber, AddressRange } from "./network.ts";

/** Addresses in order, to be asked which of them a range covers. */
export interface SeenAddresses {
  4: SeenOfVersion;
  6: SeenOfVersion;
}

interface SeenOfVersion {
  numbers: readonly bigint[];
  canonical: readonly string[];
}

/** What ranges say of the addresses that they cover; the narrowest one counts. */
export interface Covered<T> {
  /** Takes a range; says whether it covers an address. Of two equal ones the later counts. */
  add(range: AddressRange, told: T): boolean;
  /** Leaves out an address of which a row of its own speaks. */
  leaveOut(address: AddressNumber): void;
  /** Each covered address with what the narrowest range says. */
  resolved(): Generator<{ ip_address: string; told: T }>;
}

/** Puts addresses in order. */
export function seenOf(addresses: readonly AddressNumber[]): SeenAddresses {
  const of = (version: 4 | 6): SeenOfVersion => {
    const own = addresses.filter((address) => address.version === version);
    own.sort((left, right) => (left.number < right.number ? -1 : left.number > right.number ? 1 : 0));
    return { numbers: own.map(({ number }) => number), canonical: own.map(({ canonical }) => canonical) };
  };
  return { 4: of(4), 6: of(6) };
}

/** A range by the places of the addresses that it covers. */
interface Span<T> {
  from: number;
  to: number;
  width: bigint;
  order: number;
  told: T;
}

/**
 * Collects ranges over addresses. What is kept is a span of places, and only the narrowest range of those that cover the same
 * addresses: the memory follows the addresses, not the ranges.
 */
export function coverage<T>(seen: SeenAddresses): Covered<T> {
  const spans = { 4: new Map<number, Span<T>>(), 6: new Map<number, Span<T>>() };
  const leftOut = { 4: new Set<number>(), 6: new Set<number>() };
  let order = 0;
  return {
    add: ({ version, first, last }, told) => {
      const { numbers } = seen[version];
      const from = firstAtLeast(numbers, first);
      const to = firstAtLeast(numbers, last + 1n) - 1;
      if (to < from) return false;
      const key = from * numbers.length + to;
      const width = last - first;
      const known = spans[version].get(key);
      order++;
      if (known === undefined || width <= known.width)
        spans[version].set(key, { from, to, width, order, told });
      return true;
    },
    leaveOut: ({ version, number }) => {
      const place = firstAtLeast(seen[version].numbers, number);
      if (seen[version].numbers[place] === number) leftOut[version].add(place);
    },
    resolved: function* () {
      for (const version of [4, 6] as const) {
        const told = painted([...spans[version].values()], seen[version].numbers.length, leftOut[version]);
        for (const [place, found] of told.entries()) {
          const ip_address = seen[version].canonical[place];
          if (found !== undefined && ip_address !== undefined) yield { ip_address, told: found.told };
        }
      }
    },
  };
}

/** Gives each place to the narrowest span over it: each place is written once, a span steps over what is written. */
function painted<T>(spans: Span<T>[], places: number, leftOut: ReadonlySet<number>): (Span<T> | undefined)[] {
  spans.sort((left, right) =>
    left.width === right.width ? right.order - left.order : left.width < right.width ? -1 : 1,
  );
  const owner = new Array<Span<T> | undefined>(places).fill(undefined);
  const next = Int32Array.from({ length: places + 1 }, (_, place) => place + Number(leftOut.has(place)));
  const free = (place: number): number => {
    let at = place;
    while (next[at] !== at) {
      next[at] = next[next[at] as number] as number;
      at = next[at] as number;
    }
    return at;
  };
  for (const span of spans) {
    for (let place = free(span.from); place <= span.to; place = free(place)) {
      owner[place] = span;
      next[place] = place + 1;
    }
  }
  return owner;
}

/** The place of the first number that is at least `bound`. */
function firstAtLeast(numbers: readonly bigint[], bound: bigint): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as bigint) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
