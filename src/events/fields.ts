import { hashOf } from "./json-keys.ts";
import { portableText } from "./portable.ts";

/** The top-level fields that the gate looks at; the index is the field's number. */
const fields = [
  "eventid",
  "timestamp",
  "session",
  "src_ip",
  "sensor",
  "protocol",
  "username",
  "password",
  "input",
  "shasum",
  "url",
  "message",
  "hassh",
  "version",
  "src_port",
  "dst_port",
  "orig_port",
  "duration",
  "duration_ms",
  "outfile",
  "destfile",
  "filename",
  "ttylog",
  "session_id",
  "sessionid",
  "sid",
] as const;

export type Field = (typeof fields)[number];

/** The number of each field. */
export const fieldNumber = Object.fromEntries(fields.map((name, index) => [name, index])) as Record<
  Field,
  number
>;

/** How many fields a scan has room for: those above, and those that the registry adds. */
export const fieldRoom = 64;

/** Fields whose spelling in other letter case is worth a flag: the first twelve. */
const caseWatched = 12;

// A table with open addressing: the hash of a field's name leads to its number, or to -1.
const tableSize = 256;
const tableField = new Int8Array(tableSize).fill(-1);
const fieldBytes: Buffer[] = [];
const fieldHash: number[] = [];
for (const name of fields) addField(name);

function addField(name: string): void {
  const bytes = Buffer.from(name);
  const hash = hashOf(bytes, 0, bytes.length, 0);
  let slot = hash & (tableSize - 1);
  while ((tableField[slot] ?? -1) >= 0) slot = (slot + 1) & (tableSize - 1);
  tableField[slot] = fieldBytes.length;
  fieldBytes.push(bytes);
  fieldHash.push(hash);
}

/**
 * The number of a field by its name; the scan looks at it from now on. Undefined where there is no room for another: a
 * registry that grew beyond it is not looked at whole, and no record is refused for that.
 */
export function watchedField(name: string): number | undefined {
  const wanted = Buffer.from(name);
  const known = fieldBytes.findIndex((bytes) => bytes.equals(wanted));
  if (known >= 0) return known;
  if (fieldBytes.length === fieldRoom) return undefined;
  addField(name);
  return fieldBytes.length - 1;
}

/** What `fieldOfKey` gives for a key that names no field, and for one that differs from a field in letter case only. */
export const noField = -1;
export const otherCase = -2;

/**
 * The number of the field that a key names, else `noField` or `otherCase`. `hash` is that of the key's bytes; `hasUpper`
 * says that an ASCII capital is among them.
 */
export function fieldOfKey(bytes: Buffer, from: number, to: number, hash: number, hasUpper: boolean): number {
  const exact = lookUp(bytes, from, to, hash, 0);
  if (exact >= 0 || !hasUpper) return exact;
  const folded = lookUp(bytes, from, to, hashOf(bytes, from, to, 0x20), 0x20);
  return folded >= 0 && folded < caseWatched ? otherCase : noField;
}

/** The number of the field that a key with an escape names, else `noField`. */
export function fieldOfEscapedKey(bytes: Buffer, from: number, to: number): number {
  const name = Buffer.from(portableText(bytes, from, to));
  return lookUp(name, 0, name.length, hashOf(name, 0, name.length, 0), 0);
}

/** `fold` 0x20 takes capitals for small letters; `hash` is that of the folded bytes. */
function lookUp(bytes: Buffer, from: number, to: number, hash: number, fold: number): number {
  for (let slot = hash & (tableSize - 1); ; slot = (slot + 1) & (tableSize - 1)) {
    const index = tableField[slot] as number;
    if (index < 0) return noField;
    const name = fieldBytes[index] as Buffer;
    if (fieldHash[index] !== hash || name.length !== to - from) continue;
    let same = 0;
    while (same < name.length && ((bytes[from + same] as number) | fold) === name[same]) same++;
    if (same === name.length) return index;
  }
}
