/**
 * A strict reader of one JSON text (RFC 8259) over bytes: one pass, no objects made. It finds the first value of a
 * region, remembers where the wanted fields of a top-level object stand, and notes what the engines would disagree on.
 *
 * Trap: SQLite, PostgreSQL and JavaScript accept different texts and pick different ones of two equal keys. What passes
 * here means the same to all three.
 */

/** What a scan found. */
export const found = {
  /** One whole value; `scan.end` is behind it. */
  value: 0,
  /** The text ends inside the value. */
  truncated: 1,
  badJson: 2,
  controlChar: 3,
  tooDeep: 4,
  tooManyKeys: 5,
  duplicateKey: 6,
  /** Nothing but blanks. */
  blank: 7,
} as const;

export type Found = (typeof found)[keyof typeof found];

/** Deepest nesting that is taken. */
export const maxDepth = 64;
/** Most keys in one record, all levels together. */
export const maxKeys = 1024;

/** The top-level fields that the gate looks at; the index is the field's number. */
export const fields = [
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

/** Fields whose spelling in other letter case is worth a flag: the first twelve. */
const caseWatched = 12;

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
  start: new Int32Array(fields.length),
  /** Position behind each field's value. */
  stop: new Int32Array(fields.length),
  /** 1 where the field's string has an escape. */
  escaped: new Uint8Array(fields.length),
};

const keyStart = new Int32Array(maxKeys);
const keyStop = new Int32Array(maxKeys);
const keyHash = new Int32Array(maxKeys);
const keyBefore = new Int32Array(maxKeys);
const keyObject = new Int32Array(maxKeys);
const stackKind = new Uint8Array(maxDepth + 1);
const stackLastKey = new Int32Array(maxDepth + 1);
const stackObject = new Int32Array(maxDepth + 1);

let hasEscape = false;
let stringHash = 0;
let hasUpper = false;
let odd = false;
let repeated = false;
let tooMany = false;
let nonAscii = false;

const tableSize = 256;
const tableField = new Int8Array(tableSize).fill(-1);
const fieldBytes = fields.map((name) => Buffer.from(name));
const fieldHash = fieldBytes.map((bytes) => hashOf(bytes, 0, bytes.length, 0));
fields.forEach((_name, index) => {
  let slot = (fieldHash[index] ?? 0) & (tableSize - 1);
  while ((tableField[slot] ?? -1) >= 0) slot = (slot + 1) & (tableSize - 1);
  tableField[slot] = index;
});

function hashOf(bytes: Buffer, from: number, to: number, fold: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + ((bytes[at] as number) | fold)) | 0;
  return hash;
}

/**
 * Reads the first value of `bytes[from, to)`. The result is in `scan`. Duplicate keys are compared unescaped, at every
 * level; an escape in a key makes the caller's `portable` step compare again.
 */
export function scanValue(bytes: Buffer, from: number, to: number): Found {
  let outcome = walk(bytes, from, to);
  if (tooMany && outcome !== found.tooDeep && outcome !== found.blank) outcome = found.tooManyKeys;
  scan.nonAscii = nonAscii;
  scan.needsPortable = odd;
  return outcome;
}

function walk(bytes: Buffer, from: number, to: number): Found {
  scan.start.fill(-1);
  scan.keyCase = false;
  scan.end = -1;
  odd = false;
  repeated = false;
  tooMany = false;
  nonAscii = false;
  let at = skipBlank(bytes, from, to);
  if (at === to) return found.blank;
  scan.kind = bytes[at] as number;
  let depth = 0;
  let keys = 0;
  let objects = 0;
  let escapedKeys = false;
  // 0: a value is due, 1: a value or ] is due, 2: a key or } is due, 3: a key is due, 4: , or the end is due
  let due = 0;
  let field = -1;
  for (;;) {
    at = skipBlank(bytes, at, to);
    if (at === to) return found.truncated;
    const byte = bytes[at] as number;
    if (due === 4) {
      const kind = stackKind[depth] as number;
      if (byte === 0x2c) {
        due = kind === 0x7b ? 3 : 0;
        at++;
        continue;
      }
      if (byte !== kind + 2) return found.badJson;
      at++;
      if (--depth === 0) return finish(bytes, at, keys, escapedKeys);
      continue;
    }
    if (due >= 2) {
      if (byte === 0x7d && due === 2) {
        at++;
        if (--depth === 0) return finish(bytes, at, keys, escapedKeys);
        due = 4;
        continue;
      }
      if (byte !== 0x22) return found.badJson;
      const stop = readKey(bytes, at + 1, to);
      if (stop < 0) return -stop as Found;
      if (keys === maxKeys) {
        tooMany = true;
        keys--;
      }
      keyStart[keys] = at + 1;
      keyStop[keys] = stop;
      keyHash[keys] = stringHash;
      keyObject[keys] = stackObject[depth] as number;
      keyBefore[keys] = stackLastKey[depth] as number;
      const isEscaped = hasEscape;
      if (isEscaped) escapedKeys = true;
      else if (!tooMany && isKnownKey(bytes, keys)) repeated = true;
      stackLastKey[depth] = keys;
      keys++;
      field = depth === 1 ? fieldAt(bytes, at + 1, stop, isEscaped) : -1;
      at = skipBlank(bytes, stop + 1, to);
      if (at === to) return found.truncated;
      if (bytes[at] !== 0x3a) return found.badJson;
      at = skipBlank(bytes, at + 1, to);
      if (at === to) return found.truncated;
      due = 0;
      if (field >= 0) {
        scan.start[field] = at;
        const first = bytes[at] as number;
        if (first !== 0x7b && first !== 0x5b) {
          const behind = readScalar(bytes, at, to);
          if (behind < 0) return -behind as Found;
          scan.stop[field] = behind;
          scan.escaped[field] = hasEscape ? 1 : 0;
          at = behind;
          due = 4;
        }
      }
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) {
      if (depth === maxDepth) return found.tooDeep;
      depth++;
      stackKind[depth] = byte;
      stackLastKey[depth] = -1;
      stackObject[depth] = objects++;
      due = byte === 0x7b ? 2 : 1;
      at++;
      continue;
    }
    if (byte === 0x5d && due === 1) {
      at++;
      if (--depth === 0) return finish(bytes, at, keys, escapedKeys);
      due = 4;
      continue;
    }
    const behind = readScalar(bytes, at, to);
    if (behind < 0) return -behind as Found;
    at = behind;
    if (depth === 0) return finish(bytes, at, keys, escapedKeys);
    due = 4;
  }
}

function finish(bytes: Buffer, end: number, keys: number, escapedKeys: boolean): Found {
  scan.end = end;
  return repeated || (escapedKeys && hasEqualKeys(bytes, keys)) ? found.duplicateKey : found.value;
}

function skipBlank(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}

/** Reads a key up to its closing quote, with its hash. Gives the quote's position, or minus a `found`. */
function readKey(bytes: Buffer, from: number, to: number): number {
  let hash = 0;
  let upper = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x22) {
      hasEscape = false;
      stringHash = hash;
      hasUpper = upper;
      return at;
    }
    if (byte === 0x5c || byte < 0x20 || byte >= 0x80) {
      stringHash = hashOf(bytes, from, at, 0);
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
        stringHash = hashOf(bytes, hashFrom, at, 0);
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

/** Reads an escape; gives its last position, or minus a `found`. */
function readEscape(bytes: Buffer, from: number, to: number): number {
  if (from + 1 >= to) return -found.truncated;
  const letter = bytes[from + 1] as number;
  if (letter !== 0x75) {
    return isPlainEscape(letter) ? from + 1 : -found.badJson;
  }
  const unit = codeUnit(bytes, from, to);
  if (unit < 0) return unit;
  if (unit === 0) odd = true;
  else if (unit >= 0xd800 && unit < 0xe000) {
    const low =
      unit < 0xdc00 && bytes[from + 6] === 0x5c && bytes[from + 7] === 0x75
        ? codeUnit(bytes, from + 6, to)
        : -1;
    if (low >= 0xdc00 && low < 0xe000) return from + 11;
    odd = true;
  }
  return from + 5;
}

function isPlainEscape(letter: number): boolean {
  return (
    letter === 0x22 ||
    letter === 0x5c ||
    letter === 0x2f ||
    letter === 0x62 ||
    letter === 0x66 ||
    letter === 0x6e ||
    letter === 0x72 ||
    letter === 0x74
  );
}

/** The code unit of the escape at `from`, or minus a `found`. */
export function codeUnit(bytes: Buffer, from: number, to: number): number {
  let unit = 0;
  for (let at = from + 2; at < from + 6; at++) {
    if (at >= to) return -found.truncated;
    const byte = bytes[at] as number;
    const digit =
      byte >= 0x30 && byte <= 0x39
        ? byte - 0x30
        : byte >= 0x61 && byte <= 0x66
          ? byte - 0x57
          : byte >= 0x41 && byte <= 0x46
            ? byte - 0x37
            : -1;
    if (digit < 0) return -found.badJson;
    unit = unit * 16 + digit;
  }
  return unit;
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

function readNumber(bytes: Buffer, from: number, to: number): number {
  let at = from;
  if (bytes[at] === 0x2d) at++;
  if (at === to) return -found.truncated;
  const whole = readDigits(bytes, at, to);
  if (whole === at || (bytes[at] === 0x30 && whole > at + 1)) return -found.badJson;
  at = whole;
  let long = at - from > 300;
  if (bytes[at] === 0x2e && at < to) {
    const behind = readDigits(bytes, at + 1, to);
    if (behind === at + 1) return behind === to ? -found.truncated : -found.badJson;
    at = behind;
    long ||= at - from > 300;
  }
  if (at < to && ((bytes[at] as number) | 0x20) === 0x65) {
    let digits = at + 1;
    if (digits < to && (bytes[digits] === 0x2b || bytes[digits] === 0x2d)) digits++;
    const behind = readDigits(bytes, digits, to);
    if (behind === digits) return behind === to ? -found.truncated : -found.badJson;
    at = behind;
    long = true;
  }
  if (long && isOutOfRange(bytes, from, at)) odd = true;
  return at;
}

function readDigits(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
  return at;
}

/** Whether no finite double other than zero stands for the number, or it has more than 1,000 characters. */
export function isOutOfRange(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > 1000) return true;
  // PostgreSQL refuses even a zero with such an exponent.
  const text = bytes.toString("latin1", from, to);
  const value = Number(text);
  if (!Number.isFinite(value) || Math.abs(Number(text.split(/[eE]/)[1] ?? 0)) > 1000) return true;
  return value === 0 && /[1-9]/.test(text.split(/[eE]/)[0] ?? "");
}

/** Whether the key with number `key` stands in its object already; keys with escapes are compared later. */
function isKnownKey(bytes: Buffer, key: number): boolean {
  const hash = keyHash[key] as number;
  const start = keyStart[key] as number;
  const length = (keyStop[key] as number) - start;
  for (let other = keyBefore[key] as number; other >= 0; other = keyBefore[other] as number) {
    if (keyHash[other] !== hash || (keyStop[other] as number) - (keyStart[other] as number) !== length)
      continue;
    const otherStart = keyStart[other] as number;
    let index = 0;
    while (index < length && bytes[start + index] === bytes[otherStart + index]) index++;
    if (index === length) return true;
  }
  return false;
}

/** Compares all keys of the record in their portable form; only for records with an escape in a key. */
function hasEqualKeys(bytes: Buffer, keys: number): boolean {
  const seen = new Set<string>();
  for (let key = 0; key < keys; key++) {
    const text = portableText(bytes, keyStart[key] as number, keyStop[key] as number);
    const name = `${keyObject[key] as number} ${text}`;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}

function fieldAt(bytes: Buffer, from: number, to: number, isEscaped: boolean): number {
  if (!isEscaped) return fieldOf(bytes, from, to);
  return fieldNumber[portableText(bytes, from, to) as Field] ?? -1;
}

/** The field that a top-level key names, or -1; notes a key that differs in letter case only. */
function fieldOf(bytes: Buffer, from: number, to: number): number {
  const exact = lookUp(bytes, from, to, stringHash, 0);
  if (exact >= 0 || !hasUpper) return exact;
  const folded = lookUp(bytes, from, to, hashOf(bytes, from, to, 0x20), 0x20);
  if (folded >= 0 && folded < caseWatched) scan.keyCase = true;
  return -1;
}

function lookUp(bytes: Buffer, from: number, to: number, hash: number, fold: number): number {
  for (let slot = hash & (tableSize - 1); ; slot = (slot + 1) & (tableSize - 1)) {
    const index = tableField[slot] as number;
    if (index < 0) return -1;
    const name = fieldBytes[index] as Buffer;
    if (fieldHash[index] !== hash || name.length !== to - from) continue;
    let same = 0;
    while (same < name.length && ((bytes[from + same] as number) | fold) === name[same]) same++;
    if (same === name.length) return index;
  }
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
