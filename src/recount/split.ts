import { restOfArray, walkArray, walkOn, type ArrayWalk } from "./array.ts";

/** Takes what a file falls into. */
export interface Pieces {
  /** A line without its newline; the last one of a file may have had none. */
  onLine(bytes: Buffer, isTerminated: boolean): void;
  /** An element of the array that the whole file is. */
  onElement(bytes: Buffer): void;
  /** The element that the file ends in. */
  onOpenElement(bytes: Buffer): void;
  onUtf16(): void;
}

/** One file that is being cut up. */
export interface Splitter {
  pieces: Pieces;
  mostBytes: number;
  mode: "start" | "lines" | "array" | "utf16";
  /** The first bytes, until they show what the file is. */
  start: Buffer;
  walk: ArrayWalk;
  isBehindArray: boolean;
  parts: Buffer[];
  kept: number;
}

const newline = 10;

/** So far a file may be blank before it has to show whether it is an array. */
const mostBlankBytes = 1024 * 1024;

/**
 * Starts to cut a file into lines, or, where it starts with an array of objects, into the elements of that array and
 * the lines behind it.
 *
 * Limit: of a line over `mostBytes` only the first mostBytes + 8 bytes are given, enough to see that it is too long.
 */
export function startSplit(mostBytes: number, pieces: Pieces): Splitter {
  return {
    pieces,
    mostBytes,
    mode: "start",
    start: Buffer.alloc(0),
    walk: walkArray(mostBytes, pieces.onElement),
    isBehindArray: false,
    parts: [],
    kept: 0,
  };
}

/** Cuts the next bytes of the file. */
export function splitOn(splitter: Splitter, chunk: Buffer): void {
  if (splitter.mode === "start") {
    splitter.start = Buffer.concat([splitter.start, chunk]);
    begin(splitter, splitter.start.length > mostBlankBytes);
  } else if (splitter.mode === "array") {
    walk(splitter, chunk);
  } else if (splitter.mode === "lines") {
    cutLines(splitter, chunk);
  }
}

/** Gives what is left when the file is at its end. */
export function endSplit(splitter: Splitter): void {
  if (splitter.mode === "start") begin(splitter, true);
  const open = restOfArray(splitter.walk);
  if (open !== null) splitter.pieces.onOpenElement(open);
  if (splitter.kept > 0) giveLine(splitter, false);
}

function begin(splitter: Splitter, isAll: boolean): void {
  const form = formOf(splitter.start, isAll);
  if (form === null) return;
  splitter.mode = form.mode;
  const bytes = splitter.start;
  splitter.start = Buffer.alloc(0);
  if (form.mode === "utf16") {
    splitter.pieces.onUtf16();
  } else if (form.mode === "lines") {
    cutLines(splitter, bytes);
  } else {
    for (let i = 0; i < form.blankLines; i += 1) splitter.pieces.onLine(Buffer.alloc(0), true);
    walk(splitter, bytes.subarray(form.arrayAt));
  }
}

function walk(splitter: Splitter, chunk: Buffer): void {
  const end = walkOn(splitter.walk, chunk);
  if (end < 0) return;
  splitter.mode = "lines";
  splitter.isBehindArray = true;
  cutLines(splitter, chunk.subarray(end));
}

function cutLines(splitter: Splitter, chunk: Buffer): void {
  let from = 0;
  for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
    keep(splitter, chunk.subarray(from, end));
    giveLine(splitter, true);
    from = end + 1;
  }
  keep(splitter, chunk.subarray(from));
}

function keep(splitter: Splitter, bytes: Buffer): void {
  const part = bytes.subarray(0, Math.max(0, splitter.mostBytes + 8 - splitter.kept));
  if (part.length > 0) splitter.parts.push(Buffer.from(part));
  splitter.kept += part.length;
}

function giveLine(splitter: Splitter, isTerminated: boolean): void {
  const line = Buffer.concat(splitter.parts);
  splitter.parts = [];
  splitter.kept = 0;
  // The blanks between the end of an array and the end of its line are no line of their own.
  const isRest = splitter.isBehindArray && line.every((byte) => byte === 32 || byte === 9 || byte === 13);
  splitter.isBehindArray = false;
  if (!isRest) splitter.pieces.onLine(line, isTerminated);
}

interface Form {
  mode: "lines" | "array" | "utf16";
  /** Behind the opening bracket of the array. */
  arrayAt: number;
  /** How many lines stand before it. */
  blankLines: number;
}

/** How a file starts; null while there are too few bytes to tell. */
function formOf(bytes: Buffer, isAll: boolean): Form | null {
  const lines: Form = { mode: "lines", arrayAt: 0, blankLines: 0 };
  if (bytes.length < 3 && !isAll) return null;
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") return { ...lines, mode: "utf16" };
  const bom = bytes.subarray(0, 3).toString("hex") === "efbbbf" ? 3 : 0;
  const first = afterBlanks(bytes, bom);
  if (first < bytes.length && bytes[first] !== 91) return lines;
  const second = afterBlanks(bytes, first + 1);
  if (second >= bytes.length) return isAll ? lines : null;
  if (bytes[second] !== 123 && bytes[second] !== 93) return lines;
  const blankLines = bytes.subarray(0, first).filter((byte) => byte === newline).length;
  return { mode: "array", arrayAt: first + 1, blankLines };
}

function afterBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === newline || bytes[at] === 13) at += 1;
  return at;
}
