import { codeUnit, isOutOfRange, skipBlank } from "./json-token.ts";

/** A record in the form that every engine can store, and the flags that say what was changed. */
export interface Portable {
  payload: Buffer;
  flags: string[];
}

/**
 * The portable form of a record that the scan found whole: an escaped U+0000 or unpaired surrogate becomes the six
 * characters of its escape, a number that no double can hold becomes a string of its digits. The evidence keeps the
 * record as it was.
 */
export function portableRecord(bytes: Buffer, from: number, to: number): Portable {
  const pieces: Uint8Array[] = [];
  const flags = new Set<string>();
  let copied = from;
  const insert = (at: number, text: string): void => {
    pieces.push(bytes.subarray(copied, at), Buffer.from(text));
    copied = at;
  };
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte === 0x22) {
      const stop = stringEnd(bytes, at + 1);
      const isKey = bytes[skipBlank(bytes, stop + 1, to)] === 0x3a;
      markString(bytes, at + 1, stop, isKey, flags, insert);
      at = stop + 1;
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      const stop = numberEnd(bytes, at, to);
      if (stop - at > 300 || hasExponent(bytes, at, stop)) {
        if (isOutOfRange(bytes, at, stop)) {
          insert(at, '"');
          insert(stop, '"');
          flags.add("number_range");
        }
      }
      at = stop;
    } else at++;
  }
  pieces.push(bytes.subarray(copied, to));
  return { payload: Buffer.concat(pieces), flags: [...flags] };
}

function markString(
  bytes: Buffer,
  from: number,
  stop: number,
  isKey: boolean,
  flags: Set<string>,
  insert: (at: number, text: string) => void,
): void {
  for (let at = from; at < stop; at++) {
    if (bytes[at] !== 0x5c) continue;
    if (bytes[at + 1] !== 0x75) {
      at++;
      continue;
    }
    const unit = codeUnit(bytes, at, stop);
    const isSurrogate = unit >= 0xd800 && unit < 0xe000;
    const next =
      isSurrogate && bytes[at + 6] === 0x5c && bytes[at + 7] === 0x75 ? codeUnit(bytes, at + 6, stop) : -1;
    if (unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      at += 11;
      continue;
    }
    if (unit === 0 || isSurrogate) {
      insert(at, "\\");
      flags.add(isSurrogate ? "surrogate" : isKey ? "nul_key" : "nul");
    }
    at += 5;
  }
}

function stringEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return at;
}

function numberEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && /[-+.0-9eE]/.test(String.fromCharCode(bytes[at] as number))) at++;
  return at;
}

function hasExponent(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (((bytes[at] as number) | 0x20) === 0x65) return true;
  return false;
}

/**
 * The text of the inside of a JSON string, in its portable form: an escaped U+0000 or unpaired surrogate stays as the
 * six characters of its escape.
 */
export function portableText(bytes: Buffer, from: number, to: number): string {
  const raw = bytes.toString("utf8", from, to);
  return JSON.parse(`"${portableEscapes(raw)}"`) as string;
}

/** Doubles the backslash of every escaped U+0000 and unpaired surrogate in the inside of a JSON string. */
export function portableEscapes(raw: string): string {
  return raw.replace(
    /\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|[^u])/g,
    (escape: string, high: string | undefined, _low: string | undefined, single: string | undefined) => {
      if (high !== undefined || single === undefined) return escape;
      return single === "0000" || /^d[89a-f]/i.test(single) ? `\\${escape}` : escape;
    },
  );
}
