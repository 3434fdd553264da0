import { fieldRoom, fieldOfEscapedKey, fieldOfKey, noField, otherCase } from "./fields.ts";
import { found, maxDepth, type Found } from "./found.ts";
import { hashOf, hasRepeatedKey, hasTooManyKeys, noteKey, openKeys, startKeys } from "./json-keys.ts";
import { marks, readEscape, readNumber } from "./json-token.ts";

/**
 * A strict reader of one JSON text (RFC 8259) over bytes: one pass, no objects made. It finds the first value of a
 * region, remembers where the wanted fields of a top-level object stand, and notes what the engines would disagree on.
 *
 * Trap: SQLite, PostgreSQL and JavaScript accept different texts and pick different ones of two equal keys. What passes
 * here means the same to all three.
 *
 * Every record passes here. Keys and strings are read in this file, because a name that is imported is looked up at each
 * use: with all tokens in a file of their own a scan of 400,000 lines took 8 % longer.
 */

/** What the last call of `scanValue` found. One record is scanned at a time; the arrays are used again. */
export const scan = {
  /** Position behind the value, or -1 where its end was not reached. */
  end: 0,
  /** First byte of the value: 0x7b for an object. */
  kind: 0,
  nonAscii: false,
  /** A key or string has an escaped U+0000 or unpaired surrogate, or a number no double can hold. */
  needsPortable: false,
  keyCase: false,
  /** Start of each field's value, or -1. */
  start: new Int32Array(fieldRoom),
  /** Position behind each field's value; not set where that is an object or array. */
  stop: new Int32Array(fieldRoom),
  /** 1 where the field's string has an escape. */
  escaped: new Uint8Array(fieldRoom),
};

/** The first byte of each open container, by depth; its closing bracket is that byte + 2. */
const openedBy = new Uint8Array(maxDepth + 1);
/** The field whose value is due. */
let field = noField;
/** The last string has an escape. */
let hasEscape = false;
/** The hash of the last key's bytes. */
let keyHash = 0;
/** The last key has an ASCII capital; not known of one with an escape or a byte over 0x7f. */
let hasUpper = false;
/** A string of the text has a byte over 0x7f. */
let nonAscii = false;

/**
 * Reads the first value of `bytes[from, to)`. The result is in `scan`. Duplicate keys are compared unescaped, at every
 * level.
 */
export function scanValue(bytes: Buffer, from: number, to: number): Found {
  scan.start.fill(-1);
  scan.keyCase = false;
  scan.end = -1;
  field = noField;
  startKeys();
  marks.needsPortable = false;
  nonAscii = false;
  const outcome = walk(bytes, from, to);
  scan.nonAscii = nonAscii;
  scan.needsPortable = marks.needsPortable;
  const isOther = outcome === found.tooDeep || outcome === found.blank;
  return hasTooManyKeys() && !isOther ? found.tooManyKeys : outcome;
}

function walk(bytes: Buffer, from: number, to: number): Found {
  let at = skipBlank(bytes, from, to);
  if (at === to) return found.blank;
  scan.kind = bytes[at] as number;
  let depth = 0;
  // Each turn reads one value at `at`, or opens one that is not empty, and stops before the next value.
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === 0x7b || byte === 0x5b) {
      if (depth === maxDepth) return found.tooDeep;
      depth++;
      openedBy[depth] = byte;
      openKeys(depth);
      field = noField;
      at = skipBlank(bytes, at + 1, to);
      if (at === to) return found.truncated;
      if (bytes[at] !== byte + 2) {
        if (byte === 0x7b) at = readName(bytes, at, to, depth);
        if (at < 0) return -at as Found;
        continue;
      }
    } else {
      at = readFieldScalar(bytes, at, to);
      if (at < 0) return -at as Found;
    }
    for (;;) {
      if (depth === 0) return finish(bytes, at);
      at = skipBlank(bytes, at, to);
      if (at === to) return found.truncated;
      if (bytes[at] === 0x2c) break;
      if (bytes[at] !== (openedBy[depth] as number) + 2) return found.badJson;
      at++;
      depth--;
    }
    at = skipBlank(bytes, at + 1, to);
    if (at === to) return found.truncated;
    if (openedBy[depth] === 0x7b) at = readName(bytes, at, to, depth);
    if (at < 0) return -at as Found;
  }
}

/** Reads a member's name and colon; gives the position of its value, or minus a `found`. */
function readName(bytes: Buffer, from: number, to: number, depth: number): number {
  if (bytes[from] !== 0x22) return -found.badJson;
  const stop = readKey(bytes, from + 1, to);
  if (stop < 0) return stop;
  noteKey(bytes, from + 1, stop, depth, keyHash, hasEscape);
  if (depth > 1) field = noField;
  else if (hasEscape) field = fieldOfEscapedKey(bytes, from + 1, stop);
  else field = fieldOfKey(bytes, from + 1, stop, keyHash, hasUpper);
  if (field === otherCase) scan.keyCase = true;
  let at = skipBlank(bytes, stop + 1, to);
  if (at === to) return -found.truncated;
  if (bytes[at] !== 0x3a) return -found.badJson;
  at = skipBlank(bytes, at + 1, to);
  if (at === to) return -found.truncated;
  if (field >= 0) scan.start[field] = at;
  return at;
}

/** As `readScalar`, and remembers the value where it is a field's. */
function readFieldScalar(bytes: Buffer, from: number, to: number): number {
  const behind = readScalar(bytes, from, to);
  if (field >= 0) {
    scan.stop[field] = behind;
    scan.escaped[field] = hasEscape ? 1 : 0;
  }
  return behind;
}

function finish(bytes: Buffer, end: number): Found {
  scan.end = end;
  return hasRepeatedKey(bytes) ? found.duplicateKey : found.value;
}

/** Reads a key up to its closing quote, with its hash. Gives the quote's position, or minus a `found`. */
function readKey(bytes: Buffer, from: number, to: number): number {
  let hash = 0;
  let upper = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x22) {
      hasEscape = false;
      keyHash = hash;
      hasUpper = upper;
      return at;
    }
    if (byte === 0x5c || byte < 0x20 || byte >= 0x80) {
      keyHash = hashOf(bytes, from, at, 0);
      return readString(bytes, at, to, from);
    }
    if (byte < 0x5b && byte > 0x40) upper = true;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return -found.truncated;
}

/** Reads a string from inside it up to its closing quote. Gives the quote's position, or minus a `found`. */
function readString(bytes: Buffer, from: number, to: number, hashFrom = -1): number {
  hasEscape = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x22) {
      if (hashFrom >= 0) {
        keyHash = hashOf(bytes, hashFrom, at, 0);
        hasUpper = false;
      }
      return at;
    }
    if (byte === 0x5c) {
      hasEscape = true;
      const behind = readEscape(bytes, at, to);
      if (behind < 0) return behind;
      at = behind;
    } else if (byte < 0x20) return -found.controlChar;
    else if (byte >= 0x80) nonAscii = true;
  }
  return -found.truncated;
}

/** Reads a string, number or literal; gives the position behind it, or minus a `found`. */
function readScalar(bytes: Buffer, from: number, to: number): number {
  const byte = bytes[from] as number;
  if (byte === 0x22) {
    const stop = readString(bytes, from + 1, to);
    return stop < 0 ? stop : stop + 1;
  }
  hasEscape = false;
  if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return readNumber(bytes, from, to);
  if (byte === 0x74) return readWord(bytes, from, to, "true");
  if (byte === 0x66) return readWord(bytes, from, to, "false");
  if (byte === 0x6e) return readWord(bytes, from, to, "null");
  return -found.badJson;
}

function readWord(bytes: Buffer, from: number, to: number, word: string): number {
  for (let index = 0; index < word.length; index++) {
    if (from + index >= to) return -found.truncated;
    if (bytes[from + index] !== word.charCodeAt(index)) return -found.badJson;
  }
  return from + word.length;
}

/** Skips blanks; gives the position of the first byte that is none, or `to`. */
function skipBlank(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}
