import { found } from "./found.ts";

/** Marks of the text that is read; whoever begins a text sets them back. */
export const marks = {
  /** An escaped U+0000 or unpaired surrogate, or a number no double can hold. */
  needsPortable: false,
};

/** Reads an escape; gives its last position, or minus a `found`. */
export function readEscape(bytes: Buffer, from: number, to: number): number {
  if (from + 1 >= to) return -found.truncated;
  const letter = bytes[from + 1] as number;
  if (letter !== 0x75) {
    return isPlainEscape(letter) ? from + 1 : -found.badJson;
  }
  const unit = codeUnit(bytes, from, to);
  if (unit < 0) return unit;
  if (unit === 0) marks.needsPortable = true;
  else if (unit >= 0xd800 && unit < 0xe000) {
    const low =
      unit < 0xdc00 && bytes[from + 6] === 0x5c && bytes[from + 7] === 0x75
        ? codeUnit(bytes, from + 6, to)
        : -1;
    if (low >= 0xdc00 && low < 0xe000) return from + 11;
    marks.needsPortable = true;
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

/** Reads a number; gives the position behind it, or minus a `found`. */
export function readNumber(bytes: Buffer, from: number, to: number): number {
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
  if (long && isOutOfRange(bytes, from, at)) marks.needsPortable = true;
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

/** Skips blanks; gives the position of the first byte that is none, or `to`. */
export function skipBlank(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(bytes[at] as number)) at++;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
