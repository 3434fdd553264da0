import { readFileSync } from "node:fs";
import { Reader } from "mmdb-lib";
import { CowriedbError, messageOf } from "../errors.ts";
import { visible } from "../term.ts";
import { readError, type Input } from "./kind.ts";
import { checkBounds } from "./mmdb-bounds.ts";
import type { SeenAddresses } from "./ranges.ts";
import type { JsonObject } from "./json.ts";

/** An MMDB file that is open. */
export interface Mmdb {
  /** As `GeoLite2-City`, with control characters made visible. */
  type: string;
  builtAt: string;
  /** What it says of an address; null where that is nothing. Throws where the record is damaged or too great. */
  recordOf(ip_address: string, version: 4 | 6): JsonObject | null;
}

const mostBytes = 1 << 30;
const separatorBytes = 16;
const mostKept = 10_000;
const mark = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");

/** Opens an MMDB file. Throws `inventory.damaged` where it is none that can be read. */
export function openMmdb(input: Input): Mmdb {
  if (input.bytes > mostBytes) throw damaged(input, "it is greater than 1 GiB");
  const bytes = bytesOf(input);
  try {
    const start = bytes.lastIndexOf(mark) + mark.length;
    checkBounds(bytes, start, start);
    const guard = guardOf(bytes);
    const reader = new Reader(bytes, { cache: guard });
    const { metadata } = reader;
    if (!isSound(metadata, bytes.length)) throw new Error("its description does not fit its size");
    guard.base = metadata.searchTreeSize + separatorBytes;
    return {
      type: visible(String(metadata.databaseType).slice(0, 100)),
      builtAt: `${metadata.buildEpoch.toISOString().slice(0, 23)}000Z`,
      // In a tree of IPv4 addresses the package would look up the first bits of an IPv6 address as one of IPv4.
      recordOf: (ip_address, version) => {
        guard.isWithin = false;
        const found: unknown = version > metadata.ipVersion ? null : reader.get(ip_address);
        return typeof found === "object" && !Array.isArray(found) ? (found as JsonObject | null) : null;
      },
    };
  } catch (cause) {
    throw damaged(input, messageOf(cause), cause);
  }
}

function bytesOf(input: Input): Buffer {
  try {
    return readFileSync(input.path);
  } catch (cause) {
    throw readError(input.shown, cause);
  }
}

function isSound(
  { nodeCount, searchTreeSize, ipVersion, buildEpoch }: Reader<never>["metadata"],
  length: number,
): boolean {
  const isTree =
    Number.isSafeInteger(nodeCount) && nodeCount >= 0 && searchTreeSize + separatorBytes <= length;
  const year = buildEpoch.getUTCFullYear();
  return isTree && (ipVersion === 4 || ipVersion === 6) && year >= 1970 && year <= 9999;
}

/** What the package keeps decoded values in: it asks here first, and so each record is measured before it is decoded. */
interface Guard {
  base: number;
  isWithin: boolean;
  get(offset: string | number): object | boolean | number | string | undefined | null;
  set(offset: string | number, value: unknown): void;
}

function guardOf(bytes: Buffer): Guard {
  const kept = new Map<number, unknown>();
  let outer = -1;
  const guard: Guard = {
    base: 0,
    isWithin: false,
    get: (offset) => {
      if (guard.isWithin) return undefined;
      guard.isWithin = true;
      const known = kept.get(Number(offset));
      if (known !== undefined) return known as object;
      outer = Number(offset);
      checkBounds(bytes, outer, guard.base);
      return undefined;
    },
    set: (offset, value) => {
      if (Number(offset) !== outer) return;
      if (kept.size >= mostKept) kept.clear();
      kept.set(outer, value);
    },
  };
  return guard;
}

function damaged(input: Input, why: string, cause?: unknown): CowriedbError {
  return new CowriedbError("inventory.damaged", `${input.shown} cannot be read: ${visible(why)}.`, {
    hint: "Get the file again and compare its digest; nothing of it was written.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Every address that was seen, with what the file says of it; a record that cannot be read is told as text. */
export function* recordsOf(
  mmdb: Mmdb,
  seen: SeenAddresses,
): Generator<{ ip_address: string; record: JsonObject | string }> {
  for (const version of [4, 6] as const) {
    for (const ip_address of seen[version].canonical) {
      let record: JsonObject | string | null;
      try {
        record = mmdb.recordOf(ip_address, version);
      } catch (error) {
        record = messageOf(error);
      }
      if (record !== null) yield { ip_address, record };
    }
  }
}
