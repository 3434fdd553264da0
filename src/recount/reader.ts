import { walkArray, walkOn } from "./array.ts";
import { addLine, blockBytes, openBlock, startsAnew, startsWithKeyOrEnd, type Block } from "./block.ts";
import { mostRecordBytes, readRecord, type Reading } from "./record.ts";
import { endSplit, splitOn, startSplit, type Splitter } from "./split.ts";
import type { LogEvent, RecountOptions } from "./types.ts";

/** Takes what becomes of the records of a file. */
export interface Outcomes {
  onEvent(event: LogEvent): void;
  onRejected(reason: string): void;
  onSkipped(reason: string): void;
  onUnread(bytes: number): void;
}

/** Why a file ends: more may be written to it, nothing more will be, or its compressed stream breaks off. */
export type FileEnd = "active" | "closed" | "damaged";

/** One file that is being read. */
export interface Reader {
  options: RecountOptions;
  outcomes: Outcomes;
  splitter: Splitter;
  /** A line that leaves an object open, until the next line shows whether it goes on there. */
  held: Buffer | null;
  block: Block | null;
  end: FileEnd;
}

/** Starts to read a file into events and refusals. */
export function startReader(options: RecountOptions, outcomes: Outcomes): Reader {
  const splitter = startSplit(mostRecordBytes, {
    onLine: (bytes, isTerminated) => {
      takeLine(reader, bytes, isTerminated);
    },
    onElement: (bytes) => {
      give(reader, readRecord(bytes, options));
    },
    onOpenElement: (bytes) => {
      takeOpenElement(reader, bytes);
    },
    onUtf16: () => {
      outcomes.onRejected("encoding_utf16");
    },
  });
  const reader: Reader = { options, outcomes, splitter, held: null, block: null, end: "closed" };
  return reader;
}

/** Reads the next bytes of the file. */
export function readOn(reader: Reader, chunk: Buffer): void {
  splitOn(reader.splitter, chunk);
}

/** Settles what the file ends with. */
export function endReader(reader: Reader, end: FileEnd): void {
  reader.end = end;
  endSplit(reader.splitter);
  settleHeld(reader);
  if (reader.block !== null && end === "active") reader.outcomes.onUnread(reader.block.bytes);
  else settleBlock(reader);
}

function give({ outcomes }: Reader, reading: Reading): void {
  for (const event of reading.events) outcomes.onEvent(event);
  if (reading.rejected !== null) outcomes.onRejected(reading.rejected);
}

function settleHeld(reader: Reader): void {
  if (reader.held !== null) reader.outcomes.onRejected("truncated_line");
  reader.held = null;
}

function settleBlock(reader: Reader): void {
  const { block, options } = reader;
  if (block === null) return;
  reader.block = null;
  if (options.multiLine === true) give(reader, readRecord(blockBytes(block), options));
  else reader.outcomes.onRejected("fragment");
}

/** Whether a line belongs to an object that earlier lines have opened. */
function isTakenByBlock(reader: Reader, line: Buffer, isTerminated: boolean): boolean {
  if (reader.held !== null && startsWithKeyOrEnd(line)) {
    reader.block = openBlock(reader.held);
    reader.held = null;
  }
  settleHeld(reader);
  const { block } = reader;
  if (block === null) return false;
  if (startsAnew(line)) {
    settleBlock(reader);
    return false;
  }
  addLine(block, line);
  const isBroken = block.isBroken && (isTerminated || reader.end !== "active");
  if (isBroken || block.depth <= 0 || block.bytes > mostRecordBytes) settleBlock(reader);
  return true;
}

function takeLine(reader: Reader, bytes: Buffer, isTerminated: boolean): void {
  if (isTakenByBlock(reader, bytes, isTerminated)) return;
  const line = stripped(bytes);
  if (!isTerminated) {
    takeLastLine(reader, line, bytes.length);
    return;
  }
  if (line.hasNuls) reader.outcomes.onSkipped("nul_run");
  if (isBlank(line.bytes)) {
    if (!line.hasNuls) reader.outcomes.onSkipped("blank");
    return;
  }
  const record = behindArrays(reader, line.bytes);
  if (record === null) return;
  const reading = readRecord(record, reader.options);
  const opensObject = reading.isUnfinished && !reading.inToken && startsWithBrace(record);
  if (opensObject) reader.held = record;
  else give(reader, reading);
}

/** The last line of a file, where it has no newline. */
function takeLastLine(reader: Reader, line: Line, length: number): void {
  const { end, options, outcomes } = reader;
  if (isBlank(line.bytes)) {
    if (end === "active") outcomes.onUnread(length);
    else outcomes.onSkipped(line.hasNuls ? "nul_run" : "blank");
    return;
  }
  const record = behindArrays(reader, line.bytes);
  const reading = record === null ? null : readRecord(record, options);
  const isCut = reading !== null && reading.rejected !== null;
  if (
    isCut &&
    end === "active" &&
    readRecord(withoutCutCharacter(record ?? line.bytes), options).isUnfinished
  ) {
    outcomes.onUnread(record === line.bytes ? length : (record?.length ?? 0));
    return;
  }
  if (line.hasNuls) outcomes.onSkipped("nul_run");
  if (isCut && end === "damaged") outcomes.onRejected("truncated_line");
  else if (reading !== null) give(reader, reading);
}

function takeOpenElement(reader: Reader, bytes: Buffer): void {
  const reading = readRecord(bytes, reader.options);
  if (reader.end === "active") reader.outcomes.onUnread(bytes.length);
  else if (reader.end === "damaged") reader.outcomes.onRejected("truncated_line");
  else give(reader, reading);
}

/** Gives the elements of the arrays that a line starts with, and returns what stands behind; null for blanks. */
function behindArrays(reader: Reader, line: Buffer): Buffer | null {
  let rest = line;
  for (;;) {
    const open = rest.findIndex((byte) => byte !== 32 && byte !== 9 && byte !== 13);
    if (open < 0) return null;
    if (rest[open] !== 91) return rest;
    const elements: Buffer[] = [];
    const walk = walkArray(mostRecordBytes, (bytes) => elements.push(bytes));
    const end = walkOn(walk, rest.subarray(open + 1));
    if (end < 0) return rest;
    for (const element of elements) give(reader, readRecord(element, reader.options));
    rest = rest.subarray(open + 1 + end);
  }
}

interface Line {
  bytes: Buffer;
  hasNuls: boolean;
}

/** A line without one carriage return at its end, a byte order mark, and NUL bytes at its start. */
function stripped(line: Buffer): Line {
  let bytes = line[line.length - 1] === 13 ? line.subarray(0, -1) : line;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  let nuls = 0;
  while (bytes[nuls] === 0) nuls += 1;
  return { bytes: bytes.subarray(nuls), hasNuls: nuls > 0 };
}

/** Whether a line holds nothing but blanks, tabs and carriage returns. */
function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 32 || byte === 9 || byte === 13);
}

function startsWithBrace(line: Buffer): boolean {
  return line.find((byte) => byte !== 32 && byte !== 9) === 123;
}

/** The bytes without the first part of a character at their end. */
function withoutCutCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte < 0xc0) continue;
    const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return width > back ? bytes.subarray(0, -back) : bytes;
  }
  return bytes;
}
