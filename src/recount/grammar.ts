/** Why a text is no JSON value, as a reason of dead_letter_reasons. */
export type Fault = "bad_json" | "control_char" | "truncated_line" | "too_deep" | "too_many_keys";

/** How far one JSON value goes, and what JSON.parse does not tell of it. */
export interface Scan {
  text: string;
  /** Behind the value, or where the first fault stands. */
  at: number;
  depth: number;
  keys: number;
  /** Start and end of every number that is a member of the outermost object. */
  numbers: number[];
  fault: Fault | null;
  /** The text ends inside a string, a number or a word: a line break there cannot be white space. */
  inToken: boolean;
}

const mostDepth = 64;
const mostKeys = 1024;
const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const numberStart = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*|(?:\.\d+)?[eE][+-]?\d*)?)?$/;

/** Reads one value of RFC 8259 from `from` on, up to its end or its first fault. */
export function scanValue(text: string, from: number): Scan {
  const scan: Scan = { text, at: from, depth: 0, keys: 0, numbers: [], fault: null, inToken: false };
  skipSpace(scan);
  value(scan);
  return scan;
}

/** The first place from `at` on that is no JSON white space. */
export function afterSpace(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return at;
    at += 1;
  }
}

function skipSpace(scan: Scan): void {
  scan.at = afterSpace(scan.text, scan.at);
}

function fail(scan: Scan, fault: Fault): false {
  scan.fault = fault;
  return false;
}

/** The fault of something unexpected: the text may simply have ended. */
function unexpected(scan: Scan): false {
  return fail(scan, scan.at >= scan.text.length ? "truncated_line" : "bad_json");
}

function value(scan: Scan): boolean {
  switch (scan.text[scan.at]) {
    case "{":
      return container(scan, "}", member);
    case "[":
      return container(scan, "]", value);
    case '"':
      return string(scan);
    case "t":
      return word(scan, "true");
    case "f":
      return word(scan, "false");
    case "n":
      return word(scan, "null");
    default:
      return number(scan);
  }
}

function container(scan: Scan, close: string, part: (scan: Scan) => boolean): boolean {
  scan.depth += 1;
  if (scan.depth > mostDepth) return fail(scan, "too_deep");
  scan.at += 1;
  skipSpace(scan);
  if (scan.text[scan.at] !== close) {
    for (;;) {
      if (!part(scan)) return false;
      skipSpace(scan);
      if (scan.text[scan.at] === close) break;
      if (scan.text[scan.at] !== ",") return unexpected(scan);
      scan.at += 1;
      skipSpace(scan);
    }
  }
  scan.at += 1;
  scan.depth -= 1;
  return true;
}

function member(scan: Scan): boolean {
  if (scan.text[scan.at] !== '"') return unexpected(scan);
  if (!string(scan)) return false;
  scan.keys += 1;
  if (scan.keys > mostKeys) return fail(scan, "too_many_keys");
  skipSpace(scan);
  if (scan.text[scan.at] !== ":") return unexpected(scan);
  scan.at += 1;
  skipSpace(scan);
  const start = scan.at;
  const isTop = scan.depth === 1;
  if (!value(scan)) return false;
  const first = scan.text.charCodeAt(start);
  if (isTop && (first === 45 || (first >= 48 && first <= 57))) scan.numbers.push(start, scan.at);
  return true;
}

function string(scan: Scan): boolean {
  const { text } = scan;
  for (let at = scan.at + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      scan.at = at + 1;
      return true;
    }
    if (code < 32) {
      scan.at = at;
      return fail(scan, "control_char");
    }
    if (code === 92) {
      const width = escapeWidth(text, at + 1);
      if (width === 0) {
        scan.at = at;
        return fail(scan, "bad_json");
      }
      at += width;
    }
  }
  scan.at = text.length;
  scan.inToken = true;
  return fail(scan, "truncated_line");
}

/** How many characters behind a backslash belong to it, those that the text lacks at its end included; 0: none may. */
function escapeWidth(text: string, at: number): number {
  if (at >= text.length) return 1;
  if (text[at] !== "u") return '"\\/bfnrt'.includes(text[at] ?? "x") ? 1 : 0;
  return /^[0-9A-Fa-f]*$/.test(text.slice(at + 1, at + 5)) ? 5 : 0;
}

function word(scan: Scan, expected: string): boolean {
  const found = scan.text.slice(scan.at, scan.at + expected.length);
  if (found === expected) {
    scan.at += expected.length;
    return true;
  }
  scan.inToken = true;
  return fail(scan, expected.startsWith(found) ? "truncated_line" : "bad_json");
}

function number(scan: Scan): boolean {
  let end = scan.at;
  while (end < scan.text.length && "0123456789+-.eE".includes(scan.text[end] ?? "x")) end += 1;
  if (end === scan.at) return unexpected(scan);
  const found = scan.text.slice(scan.at, end);
  if (numberForm.test(found)) {
    scan.at = end;
    return true;
  }
  scan.inToken = true;
  const isCut = end === scan.text.length && numberStart.test(found);
  return fail(scan, isCut ? "truncated_line" : "bad_json");
}
