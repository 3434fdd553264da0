import { isUtf8 } from "node:buffer";
import { canonicalJson, jsonRefusal } from "./codec-json.ts";
import { makeRoom, type Page, type Refusal, type SqliteValue } from "./codec.ts";

/** A JSON text on its way into the text that JSONB gives back. */
interface Work {
  from: Buffer;
  size: number;
  to: Buffer;
  at: number;
  /** Of each member of the objects that are open: where its key begins and ends, and where its value begins. */
  marks: Int32Array;
  top: number;
}

const failed = -1;
const shortest = 48;
const work: Work = {
  from: Buffer.allocUnsafeSlow(1 << 16),
  size: 0,
  to: Buffer.alloc(0),
  at: 0,
  marks: new Int32Array(3 * 4_096),
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
  page.view.setInt32(page.at, length + 1);
  page.bytes[page.at + 4] = 1;
  page.at += 5 + length;
  return undefined;
}

/** Writes what has nothing rare in it; gives its length, or undefined. */
function move(page: Page, text: string): number | undefined {
  const most = 3 * text.length;
  if (work.from.length < most) work.from = Buffer.allocUnsafeSlow(2 * most);
  work.size = work.from.write(text, 0);
  // A comma and a colon may have a space more.
  makeRoom(page, 16 + 2 * work.size);
  work.to = page.bytes;
  work.at = page.at + 5;
  work.top = 0;
  const end = putValue(work, skipSpace(work, 0), 0);
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

function skipSpace({ from, size }: Work, start: number): number {
  let at = start;
  for (; at < size; at++) {
    const sign = from[at];
    if (sign !== 0x20 && sign !== 0x0a && sign !== 0x0d && sign !== 0x09) break;
  }
  return at;
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

/** The place behind a string, number or word that JSONB gives back as it is. */
function scalarEnd(work: Work, at: number): number {
  const sign = work.from[at] as number;
  if (sign === 0x22) return stringEnd(work, at);
  if (sign === 0x74) return wordEnd(work, at, "true");
  if (sign === 0x66) return wordEnd(work, at, "false");
  if (sign === 0x6e) return wordEnd(work, at, "null");
  return numberEnd(work, at);
}

function wordEnd({ from }: Work, at: number, word: string): number {
  for (let index = 0; index < word.length; index++)
    if (from[at + index] !== word.charCodeAt(index)) return failed;
  return at + word.length;
}

function stringEnd({ from, size }: Work, start: number): number {
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
function numberEnd({ from, size }: Work, start: number): number {
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
  for (let mark = base; mark < top; mark += 3) {
    if (mark > base) {
      to[work.at++] = 0x2c;
      to[work.at++] = 0x20;
    }
    copy(work, (marks[mark] as number) - 1, (marks[mark + 1] as number) + 1);
    to[work.at++] = 0x3a;
    to[work.at++] = 0x20;
    if (putValue(work, marks[mark + 2] as number, depth + 1) === failed) return failed;
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
    if (at === failed || work.top + 3 > marks.length) return failed;
    marks[work.top] = key + 1;
    marks[work.top + 1] = at - 1;
    at = skipSpace(work, at);
    if (from[at] !== 0x3a) return failed;
    at = skipSpace(work, at + 1);
    marks[work.top + 2] = at;
    work.top += 3;
    at = valueEnd(work, at);
    if (at === failed) return failed;
    at = skipSpace(work, at);
  }
  return at + 1;
}

/** The place behind a key without an escape. */
function keyEnd({ from, size }: Work, start: number): number {
  if (from[start] !== 0x22) return failed;
  for (let at = start + 1; at < size; at++) {
    const sign = from[at] as number;
    if (sign === 0x22) return at + 1;
    if (sign === 0x5c || sign < 0x20) return failed;
  }
  return failed;
}

/** The place behind a value; of a list or object by its brackets alone, for it is looked at when it is written. */
function valueEnd(work: Work, start: number): number {
  const { from, size } = work;
  const first = from[start];
  if (first !== 0x7b && first !== 0x5b) return scalarEnd(work, start);
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

/** Puts the members behind `base` into the order of JSONB: shorter keys first, then by bytes. False where a key is there twice. */
function sortMembers({ from, marks, top }: Work, base: number): boolean {
  for (let next = base + 3; next < top; next += 3) {
    const [start, end, value] = [marks[next] as number, marks[next + 1] as number, marks[next + 2] as number];
    let place = next;
    for (; place > base; place -= 3) {
      const order = compareKeys(from, marks, place - 3, start, end);
      if (order === 0) return false;
      if (order < 0) break;
      marks[place] = marks[place - 3] as number;
      marks[place + 1] = marks[place - 2] as number;
      marks[place + 2] = marks[place - 1] as number;
    }
    marks[place] = start;
    marks[place + 1] = end;
    marks[place + 2] = value;
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
