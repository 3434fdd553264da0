import { isUtf8 } from "node:buffer";
import { canonicalJson, jsonRefusal } from "./codec-json.ts";
import { failed, isNested, keyEnd, scalarEnd, skipSpace, valueEnd, type Scanned } from "./json-ends.ts";
import { makeRoom, type Page, type Refusal, type SqliteValue } from "./codec.ts";

/** A JSON text on its way into the text that JSONB gives back. */
interface Work extends Scanned {
  to: Buffer;
  at: number;
  /** Of each member of the objects that are open: where its key begins and ends, and its value. */
  marks: Int32Array;
  top: number;
}

const markSize = 4;
const shortest = 48;
let scratch = Buffer.allocUnsafeSlow(1 << 16);
const work: Work = {
  from: scratch,
  size: 0,
  to: Buffer.alloc(0),
  at: 0,
  marks: new Int32Array(markSize * 4_096),
  top: 0,
};

/**
 * Writes a JSON text as COPY gives the JSONB that it becomes, with its length before it. The bytes of members are moved, and no
 * value is made of them: a payload has about twenty. What is rare, as an escaped letter, an exponent, a key twice, is left to
 * `canonicalJson`.
 */
export function putCanonicalJson(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  if (typeof value === "number" || typeof value === "bigint") return "wrong_class";
  if (typeof value === "object" && !isUtf8(value)) return "not_utf8";
  const text = typeof value === "string" ? value : Buffer.from(value).toString();
  if (text.includes("\0")) return "nul";
  if (typeof value === "string" && text.includes("\uFFFD")) return "doubt";
  const refusal = jsonRefusal(text);
  if (refusal !== undefined) return refusal;
  const length = move(page, text) ?? put(page, text);
  if (length === undefined) return "wrong_class";
  endField(page, length);
  return undefined;
}

/**
 * As `putCanonicalJson`, for a text of a few thousand bytes that lies between two places and is UTF-8 without a NUL; false where
 * that would refuse it.
 */
export function putCanonicalBytes(page: Page, bytes: Buffer, from: number, to: number): boolean {
  const length = moveBytes(page, bytes, from, to);
  if (length === undefined) return putCanonicalJson(page, bytes.toString("utf8", from, to)) === undefined;
  endField(page, length);
  return true;
}

function endField(page: Page, length: number): void {
  page.view.setInt32(page.at, length + 1);
  page.bytes[page.at + 4] = 1;
  page.at += 5 + length;
}

/** Writes what has nothing rare in it; gives its length, or undefined. */
function move(page: Page, text: string): number | undefined {
  const most = 3 * text.length;
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(2 * most);
  return moveBytes(page, scratch, 0, scratch.write(text, 0));
}

function moveBytes(page: Page, bytes: Buffer, from: number, to: number): number | undefined {
  work.from = bytes;
  work.size = to;
  // A comma and a colon may have a space more.
  makeRoom(page, 16 + 2 * (to - from));
  work.to = page.bytes;
  work.at = page.at + 5;
  work.top = 0;
  const end = putValue(work, skipSpace(work, from), 0);
  return end !== failed && skipSpace(work, end) === work.size ? work.at - page.at - 5 : undefined;
}

function put(page: Page, text: string): number | undefined {
  try {
    const canonical = canonicalJson(text);
    makeRoom(page, 5 + Buffer.byteLength(canonical));
    return page.bytes.write(canonical, page.at + 5);
  } catch (error) {
    // It is no JSON; what threw is a place in a text that is not shown.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function copy(work: Work, start: number, end: number): void {
  const { from, to } = work;
  if (end - start > shortest) from.copy(to, work.at, start, end);
  else for (let at = start, here = work.at; at < end; at++, here++) to[here] = from[at] as number;
  work.at += end - start;
}

/** Writes the value that begins at a place; gives the place behind it, or `failed`. */
function putValue(work: Work, at: number, depth: number): number {
  const sign = work.from[at];
  if (sign === 0x7b) return depth > 100 ? failed : putObject(work, at, depth);
  if (sign === 0x5b) return depth > 100 ? failed : putList(work, at, depth);
  const end = scalarEnd(work, at);
  if (end !== failed) copy(work, at, end);
  return end;
}

function putList(work: Work, start: number, depth: number): number {
  const { from, to } = work;
  to[work.at++] = 0x5b;
  let at = skipSpace(work, start + 1);
  for (let isFirst = true; from[at] !== 0x5d; isFirst = false) {
    if (!isFirst) {
      if (from[at] !== 0x2c) return failed;
      at = skipSpace(work, at + 1);
      to[work.at++] = 0x2c;
      to[work.at++] = 0x20;
    }
    at = putValue(work, at, depth + 1);
    if (at === failed) return failed;
    at = skipSpace(work, at);
  }
  to[work.at++] = 0x5d;
  return at + 1;
}

function putObject(work: Work, start: number, depth: number): number {
  const base = work.top;
  const end = markMembers(work, start);
  if (end === failed || !sortMembers(work, base)) return failed;
  const { to, marks } = work;
  const top = work.top;
  to[work.at++] = 0x7b;
  for (let mark = base; mark < top; mark += markSize) {
    if (mark > base) {
      to[work.at++] = 0x2c;
      to[work.at++] = 0x20;
    }
    copy(work, (marks[mark] as number) - 1, (marks[mark + 1] as number) + 1);
    to[work.at++] = 0x3a;
    to[work.at++] = 0x20;
    const value = marks[mark + 2] as number;
    // What is no list or object was seen to its end.
    if (!isNested(work.from[value] as number)) copy(work, value, marks[mark + 3] as number);
    else if (putValue(work, value, depth + 1) === failed) return failed;
  }
  to[work.at++] = 0x7d;
  work.top = base;
  return end;
}

/** Notes the members of the object at a place; gives the place behind it. */
function markMembers(work: Work, start: number): number {
  const { from, marks } = work;
  let at = skipSpace(work, start + 1);
  for (let isFirst = true; from[at] !== 0x7d; isFirst = false) {
    if (!isFirst) {
      if (from[at] !== 0x2c) return failed;
      at = skipSpace(work, at + 1);
    }
    const key = at;
    at = keyEnd(work, key);
    if (at === failed || work.top + markSize > marks.length) return failed;
    marks[work.top] = key + 1;
    marks[work.top + 1] = at - 1;
    at = skipSpace(work, at);
    if (from[at] !== 0x3a) return failed;
    at = skipSpace(work, at + 1);
    marks[work.top + 2] = at;
    at = valueEnd(work, at);
    if (at === failed) return failed;
    marks[work.top + 3] = at;
    work.top += markSize;
    at = skipSpace(work, at);
  }
  return at + 1;
}

/** Puts the members behind `base` into the order of JSONB: shorter keys first, then by bytes. False where a key is there twice. */
function sortMembers({ from, marks, top }: Work, base: number): boolean {
  for (let next = base + markSize; next < top; next += markSize) {
    const [start, end] = [marks[next] as number, marks[next + 1] as number];
    const [value, valueEnds] = [marks[next + 2] as number, marks[next + 3] as number];
    let place = next;
    for (; place > base; place -= markSize) {
      const order = compareKeys(from, marks, place - markSize, start, end);
      if (order === 0) return false;
      if (order < 0) break;
      for (let part = place; part < place + markSize; part++) marks[part] = marks[part - markSize] as number;
    }
    marks[place] = start;
    marks[place + 1] = end;
    marks[place + 2] = value;
    marks[place + 3] = valueEnds;
  }
  return true;
}

function compareKeys(from: Buffer, marks: Int32Array, mark: number, start: number, end: number): number {
  const other = marks[mark] as number;
  const length = (marks[mark + 1] as number) - other;
  if (length !== end - start) return length - (end - start);
  for (let index = 0; index < length; index++) {
    const order = (from[other + index] as number) - (from[start + index] as number);
    if (order !== 0) return order;
  }
  return 0;
}
