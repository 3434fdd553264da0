/** A walk through one JSON array, from behind its opening bracket on. */
export interface ArrayWalk {
  onElement: (bytes: Buffer) => void;
  mostBytes: number;
  parts: Buffer[];
  kept: number;
  isInside: boolean;
  depth: number;
  inString: boolean;
  isEscaped: boolean;
  isLineStart: boolean;
}

const newline = 10;
const quote = 34;
const backslash = 92;
const braceOpen = 123;
const bracketClose = 93;

/**
 * Starts a walk. Only strings and brackets are looked at: whether an element is a record is for others to say, and the
 * commas are not checked.
 *
 * Limit: of an element over `mostBytes` only the first mostBytes + 1 are kept.
 */
export function walkArray(mostBytes: number, onElement: (bytes: Buffer) => void): ArrayWalk {
  return {
    onElement,
    mostBytes,
    parts: [],
    kept: 0,
    isInside: false,
    depth: 0,
    inString: false,
    isEscaped: false,
    isLineStart: false,
  };
}

/** Walks on; gives the place behind the closing bracket, or -1 where the array goes on. */
export function walkOn(walk: ArrayWalk, chunk: Buffer): number {
  let start = 0;
  for (let at = 0; at < chunk.length; at += 1) {
    const byte = chunk[at] ?? 0;
    const end = walk.isInside ? endAt(walk, byte) : "none";
    if (end !== "none") {
      keep(walk, chunk.subarray(start, end === "behind" ? at + 1 : at));
      walk.onElement(takeElement(walk));
    }
    if (!walk.isInside && end !== "behind" && !isSeparator(byte)) {
      if (byte === bracketClose) return at + 1;
      start = at;
      walk.isInside = true;
      walk.inString = byte === quote;
      walk.depth = opens(byte) ? 1 : 0;
    }
    walk.isLineStart = byte === newline;
  }
  if (walk.isInside) keep(walk, chunk.subarray(start));
  return -1;
}

/** The element that is not at its end when the file is; null where there is none. */
export function restOfArray(walk: ArrayWalk): Buffer | null {
  return walk.isInside ? takeElement(walk) : null;
}

/**
 * Whether a byte ends the element it stands in. A broken element must not swallow what follows: it ends at a line
 * break inside a string, and before a line that starts with `{` or NUL.
 */
function endAt(walk: ArrayWalk, byte: number): "none" | "before" | "behind" {
  if (walk.inString) {
    if (byte === newline) return "before";
    if (walk.isEscaped) walk.isEscaped = false;
    else if (byte === backslash) walk.isEscaped = true;
    else if (byte === quote) walk.inString = false;
    return "none";
  }
  if (walk.depth > 0 && walk.isLineStart && (byte === braceOpen || byte === 0)) return "before";
  if (walk.depth === 0 && (isSeparator(byte) || byte === bracketClose || byte === braceOpen)) return "before";
  if (byte === quote) walk.inString = true;
  else if (opens(byte)) walk.depth += 1;
  else if ((byte === 125 || byte === bracketClose) && walk.depth > 0) {
    walk.depth -= 1;
    if (walk.depth === 0) return "behind";
  }
  return "none";
}

function keep(walk: ArrayWalk, bytes: Buffer): void {
  const part = bytes.subarray(0, Math.max(0, walk.mostBytes + 1 - walk.kept));
  if (part.length > 0) walk.parts.push(Buffer.from(part));
  walk.kept += part.length;
}

function takeElement(walk: ArrayWalk): Buffer {
  const bytes = Buffer.concat(walk.parts);
  walk.parts = [];
  walk.kept = 0;
  walk.depth = 0;
  walk.isInside = false;
  walk.inString = false;
  walk.isEscaped = false;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] !== 44 && isSeparator(bytes[end - 1] ?? 0)) end -= 1;
  return bytes.subarray(0, end);
}

function opens(byte: number): boolean {
  return byte === braceOpen || byte === 91;
}

/** JSON white space or a comma. */
function isSeparator(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === newline || byte === 13 || byte === 44;
}
