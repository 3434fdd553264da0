/** A JSON text that is looked through: it ends at a place of the bytes that it is in. */
export interface Scanned {
  from: Buffer;
  size: number;
}

/** The place behind what is not to be found, or is rare. */
export const failed = -1;

export function skipSpace({ from, size }: Scanned, start: number): number {
  let at = start;
  for (; at < size; at++) {
    const sign = from[at];
    if (sign !== 0x20 && sign !== 0x0a && sign !== 0x0d && sign !== 0x09) break;
  }
  return at;
}

/** The place behind a string, number or word that JSONB gives back as it is. */
export function scalarEnd(work: Scanned, at: number): number {
  const sign = work.from[at] as number;
  if (sign === 0x22) return stringEnd(work, at);
  if (sign === 0x74) return wordEnd(work, at, "true");
  if (sign === 0x66) return wordEnd(work, at, "false");
  if (sign === 0x6e) return wordEnd(work, at, "null");
  return numberEnd(work, at);
}

function wordEnd({ from }: Scanned, at: number, word: string): number {
  for (let index = 0; index < word.length; index++)
    if (from[at + index] !== word.charCodeAt(index)) return failed;
  return at + word.length;
}

function stringEnd({ from, size }: Scanned, start: number): number {
  for (let at = start + 1; at < size; at++) {
    const sign = from[at] as number;
    if (sign === 0x22) return at + 1;
    if (sign < 0x20) return failed;
    if (sign !== 0x5c) continue;
    at += 1;
    // The quote, the backslash, and b f n r t; what else is escaped comes back as it reads.
    const escaped = from[at] as number;
    if (escaped !== 0x22 && escaped !== 0x5c && !isNamedEscape(escaped)) return failed;
  }
  return failed;
}

function isNamedEscape(sign: number): boolean {
  return sign === 0x62 || sign === 0x66 || sign === 0x6e || sign === 0x72 || sign === 0x74;
}

/** A number without exponent, and not below zero where it may be nothing: -0 comes back as 0. */
function numberEnd({ from, size }: Scanned, start: number): number {
  let at = from[start] === 0x2d ? start + 1 : start;
  if (at > start && from[at] === 0x30) return failed;
  const first = at;
  for (; at < size; at++) {
    const sign = from[at] as number;
    if (sign === 0x65 || sign === 0x45) return failed;
    if ((sign < 0x30 || sign > 0x39) && sign !== 0x2e) break;
  }
  return at === first ? failed : at;
}

/** The place behind a key without an escape. */
export function keyEnd({ from, size }: Scanned, start: number): number {
  if (from[start] !== 0x22) return failed;
  for (let at = start + 1; at < size; at++) {
    const sign = from[at] as number;
    if (sign === 0x22) return at + 1;
    if (sign === 0x5c || sign < 0x20) return failed;
  }
  return failed;
}

/** The place behind a value; of a list or object by its brackets alone, for it is looked at when it is written. */
export function valueEnd(work: Scanned, start: number): number {
  const { from, size } = work;
  if (!isNested(from[start] as number)) return scalarEnd(work, start);
  let depth = 0;
  for (let at = start; at < size; at++) {
    const sign = from[at];
    if (sign === 0x22) {
      at = stringEnd(work, at) - 1;
      if (at < start) return failed;
    } else if (sign === 0x7b || sign === 0x5b) depth += 1;
    else if (sign === 0x7d || sign === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return failed;
}

/** Whether a value that begins so is an object or a list. */
export function isNested(sign: number): boolean {
  return sign === 0x7b || sign === 0x5b;
}
