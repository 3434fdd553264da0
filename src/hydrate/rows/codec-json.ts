import type { Refusal } from "./codec.ts";

/** Most digits of a number of PostgreSQL before the point, and behind it. */
const mostBefore = 131_072;
const mostBehind = 16_383;
/** Most levels: SQLite reads no more, and a server ends its statement at some that its stack decides. */
const mostDepth = 1_000;
/** Only with such an exponent, or in a text of such a length, can a number have more. */
const greatExponent = /[0-9][eE][-+]?0*[1-9][0-9]{3}/;
const escapes = /\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|[^u])/g;
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?/g;

/**
 * Why JSONB cannot hold a JSON text that SQLite has found well formed: an escaped U+0000, half a surrogate pair, a number with
 * too many digits, or more levels than any store lets in. Costs next to nothing for a text that has no such escape, exponent or length.
 */
export function jsonRefusal(text: string): Refusal | undefined {
  if (text.includes("\\u")) {
    const found = escapeRefusal(text);
    if (found !== undefined) return found;
  }
  if (text.length > mostDepth && depthOf(text) > mostDepth) return "too_deep";
  if (text.length > mostBehind || greatExponent.test(text)) return numberRefusal(text);
  return undefined;
}

const stringsAndBrackets = /"[^"\\]*(?:\\.[^"\\]*)*"|[[{]|[\]}]/gs;

function depthOf(text: string): number {
  let [depth, most] = [0, 0];
  for (const [part] of text.matchAll(stringsAndBrackets)) {
    if (part === "[" || part === "{") most = Math.max(most, (depth += 1));
    else if (part === "]" || part === "}") depth -= 1;
  }
  return most;
}

function escapeRefusal(text: string): Refusal | undefined {
  for (const [, high, , single] of text.matchAll(escapes)) {
    if (high !== undefined || single === undefined) continue;
    if (single === "0000") return "nul_escape";
    if (/^d[89a-f]/i.test(single)) return "surrogate_escape";
  }
  return undefined;
}

function numberRefusal(text: string): Refusal | undefined {
  for (const [, whole, fraction = "", exponent = "0"] of text.matchAll(token)) {
    if (whole === undefined) continue;
    const shift = Number(exponent);
    const tooLong = whole.length + shift > mostBefore || fraction.length - shift > mostBehind;
    if (tooLong) return "number_range";
  }
  return undefined;
}

/**
 * A JSON text as JSONB gives it back: keys once, the last value of each, by length and then by bytes; numbers without exponent;
 * one space behind commas and colons. Throws where the text is no JSON.
 */
export function canonicalJson(text: string): string {
  const reader = { text, at: 0 };
  const value = readValue(reader);
  skip(reader);
  if (reader.at !== text.length) throw new SyntaxError("text behind the JSON value");
  return value;
}

interface Reader {
  text: string;
  at: number;
}

function skip(reader: Reader): void {
  while (/[ \t\n\r]/.test(reader.text[reader.at] ?? "")) reader.at += 1;
}

function expect(reader: Reader, sign: string): void {
  skip(reader);
  if (reader.text[reader.at] !== sign) throw new SyntaxError(`${sign} is missing at ${reader.at}`);
  reader.at += 1;
}

function isNext(reader: Reader, sign: string): boolean {
  skip(reader);
  if (reader.text[reader.at] !== sign) return false;
  reader.at += 1;
  return true;
}

function readValue(reader: Reader): string {
  skip(reader);
  const sign = reader.text[reader.at];
  if (sign === "{") return readObject(reader);
  if (sign === "[") return readArray(reader);
  if (sign === '"') return stringText(readString(reader));
  const word = /(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)/y;
  word.lastIndex = reader.at;
  const found = word.exec(reader.text)?.[0];
  if (found === undefined) throw new SyntaxError(`no JSON value at ${reader.at}`);
  reader.at += found.length;
  return /^[-\d]/.test(found) ? numericText(found) : found;
}

function readObject(reader: Reader): string {
  const members = new Map<string, string>();
  reader.at += 1;
  if (isNext(reader, "}")) return "{}";
  do {
    skip(reader);
    const key = readString(reader);
    expect(reader, ":");
    members.set(key, readValue(reader));
  } while (isNext(reader, ","));
  expect(reader, "}");
  const keys = [...members.keys()].map((key) => ({ key, bytes: Buffer.from(key) }));
  keys.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes));
  return `{${keys.map(({ key }) => `${stringText(key)}: ${members.get(key) ?? ""}`).join(", ")}}`;
}

function readArray(reader: Reader): string {
  const items: string[] = [];
  reader.at += 1;
  if (isNext(reader, "]")) return "[]";
  do items.push(readValue(reader));
  while (isNext(reader, ","));
  expect(reader, "]");
  return `[${items.join(", ")}]`;
}

function readString(reader: Reader): string {
  const whole = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
  whole.lastIndex = reader.at;
  const found = whole.exec(reader.text)?.[0];
  if (found === undefined) throw new SyntaxError(`no JSON string at ${reader.at}`);
  reader.at += found.length;
  return JSON.parse(found) as string;
}

const named: Record<string, string> = {
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

function stringText(value: string): string {
  const escaped = value.replace(
    // oxlint-disable-next-line no-control-regex
    /["\\\u0000-\u001f]/g,
    (sign) => named[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

/** A number as NUMERIC writes it: no exponent, no zero before it, no sign before nothing, as many digits behind the point. */
function numericText(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const shift = Number(exponent);
  const scale = Math.max(0, fraction.length - shift);
  const all = `${whole}${fraction}`;
  if (/^0*$/.test(all)) return scale === 0 ? "0" : `0.${"0".repeat(scale)}`;
  const padded = shift > fraction.length ? all + "0".repeat(shift - fraction.length) : all;
  const filled = padded.padStart(scale + 1, "0");
  const before = filled.slice(0, filled.length - scale).replace(/^0+(?=\d)/, "");
  return scale === 0 ? `${sign}${before}` : `${sign}${before}.${filled.slice(filled.length - scale)}`;
}
