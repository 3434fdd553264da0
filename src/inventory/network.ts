import { readAddress } from "../events/address.ts";

/** Addresses from one to another, both within; as numbers, IPv4 from 0 on. */
export interface AddressRange {
  version: 4 | 6;
  first: bigint;
  last: bigint;
}

/** An address as a number. */
export interface AddressNumber {
  version: 4 | 6;
  number: bigint;
  canonical: string;
}

const most = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;
const bitsOf = { 4: 32, 6: 128 } as const;
/** Where IPv4 lies in IPv6: `::ffff:0:0/96`. */
const mapped = 0xffffn << 32n;

/** Reads an address; IPv4 in IPv6 is IPv4. Undefined where the text is none, or has a zone. */
export function addressNumber(text: string): AddressNumber | undefined {
  const { canonical } = readAddress(text);
  if (canonical === undefined || canonical.includes("%")) return undefined;
  return canonical.includes(":")
    ? { version: 6, number: sixNumber(canonical), canonical }
    : { version: 4, number: fourNumber(canonical), canonical };
}

function fourNumber(text: string): bigint {
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return BigInt(((a * 256 + b) * 256 + c) * 256 + d);
}

/** The canonical spelling has no dotted part. */
function sixNumber(text: string): bigint {
  const [left = "", right] = text.split("::", 2);
  const groups = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const zeros = Array.from({ length: right === undefined ? 0 : 8 - groups.length - tail.length }, () => "0");
  return BigInt(`0x${[...groups, ...zeros, ...tail].map((group) => group.padStart(4, "0")).join("")}`);
}

/** Reads `first,last`: addresses, or their numbers. Gives what is wrong with them as text. */
export function rangeOf(first: string, last: string): AddressRange | string {
  const [from, to] = [endOf(first), endOf(last)];
  if (from === undefined) return "the first address is none";
  if (to === undefined) return "the last address is none";
  const isNumeric = from.canonical === "" && to.canonical === "";
  // A number below 2^32 is IPv4 only where both ends are.
  const version = isNumeric ? (from.version === 4 && to.version === 4 ? 4 : 6) : from.version;
  if (from.version !== to.version && !isNumeric) return "one end is IPv4 and the other IPv6";
  if (from.number > to.number) return "the first address is behind the last one";
  return unmapped({ version, first: from.number, last: to.number });
}

function endOf(text: string): AddressNumber | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,39}$/.test(trimmed)) return addressNumber(trimmed);
  const number = BigInt(trimmed);
  if (number > most[6]) return undefined;
  return { version: number > most[4] ? 6 : 4, number, canonical: "" };
}

/** A range within the IPv4 part of IPv6 as one of IPv4. */
function unmapped(range: AddressRange): AddressRange {
  if (range.version === 4 || range.first < mapped || range.last > mapped + most[4]) return range;
  return { version: 4, first: range.first - mapped, last: range.last - mapped };
}

/** What a row speaks of: an address, or a range; a text says what is wrong. */
export type Subject = { address: AddressNumber; range: null } | { address: null; range: AddressRange };

/** Reads an address, a network (`192.0.2.0/24`) or a range (`192.0.2.0-192.0.2.9`). */
export function subjectOf(text: string): Subject | string {
  const trimmed = text.trim();
  const slash = trimmed.indexOf("/");
  if (slash > 0) {
    const range = networkOf(trimmed.slice(0, slash), trimmed.slice(slash + 1));
    return typeof range === "string" ? range : { address: null, range };
  }
  const dash = trimmed.indexOf("-");
  if (dash > 0) {
    const range = rangeOf(trimmed.slice(0, dash), trimmed.slice(dash + 1));
    return typeof range === "string" ? range : { address: null, range };
  }
  const address = addressNumber(trimmed);
  return address === undefined ? "it is no address" : { address, range: null };
}

/** Bits behind the prefix are taken for zero: many lists have a host's address there. */
function networkOf(address: string, length: string): AddressRange | string {
  const base = addressNumber(address);
  if (base === undefined) return "it is no network";
  const isMapped = base.version === 4 && address.includes(":");
  const bits = /^\d{1,3}$/.test(length) ? Number(length) - (isMapped ? 96 : 0) : -1;
  if (bits < 0 || bits > bitsOf[base.version]) return "the length of its prefix is wrong";
  const host = (1n << BigInt(bitsOf[base.version] - bits)) - 1n;
  const first = base.number & ~host;
  return { version: base.version, first, last: first | host };
}
