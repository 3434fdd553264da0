import { isUtf8 } from "node:buffer";

import { digestOf } from "../checksum.ts";
import { canonicalAddress } from "./address.ts";
import { durationOf } from "./duration.ts";
import { afterSpace, scanValue, type Scan } from "./grammar.ts";
import { momentOf } from "./moment.ts";
import { defaultSessionIdentifiers, type LogEvent, type RecountOptions } from "./types.ts";

/** The longest record that is read. */
export const mostRecordBytes = 16 * 1024 * 1024;

/** What some bytes turn out to be: one record mostly, several where objects are glued together. */
export interface Reading {
  events: LogEvent[];
  /** Why it is no event; a reason of dead_letter_reasons. */
  rejected: string | null;
  /** More bytes could still make it whole. */
  isUnfinished: boolean;
  /** A line break at its end cannot be white space inside an object. */
  inToken: boolean;
}

type Fields = Record<string, unknown>;

/**
 * Reads the bytes of one record, or of several objects glued together. The checks stand in the order in which their
 * reasons win.
 */
export function readRecord(bytes: Buffer, options: RecountOptions): Reading {
  if (bytes.length > mostRecordBytes) return refused("line_too_long");
  if (bytes.includes(0)) return refused("nul_byte");
  if (!isUtf8(bytes)) return refused("bad_utf8");
  const text = bytes.toString("utf8");
  const scan = scanValue(text, 0);
  if (scan.fault !== null) {
    return { ...refused(scan.fault), isUnfinished: scan.fault === "truncated_line", inToken: scan.inToken };
  }
  const start = afterSpace(text, 0);
  const next = afterSpace(text, scan.at);
  if (next < text.length) {
    const isGlued = text[start] === "{" && text[next] === "{";
    return isGlued ? readGlued(text, start, options) : refused("bad_json");
  }
  if (text[start] !== "{") return refused("not_object");
  const event = eventOf(scan, 0, bytes, options);
  return typeof event === "string" ? refused(event) : { ...refused(null), events: [event] };
}

function refused(reason: string | null): Reading {
  return { events: [], rejected: reason, isUnfinished: false, inToken: false };
}

function readGlued(text: string, from: number, options: RecountOptions): Reading {
  const events: LogEvent[] = [];
  let isBroken = false;
  for (let at = from; at < text.length;) {
    const scan = scanValue(text, at);
    if (scan.fault !== null || text[at] !== "{") {
      return { ...refused("multiple_values"), isUnfinished: scan.fault === "truncated_line", inToken: true };
    }
    const event = eventOf(scan, at, Buffer.from(text.slice(at, scan.at)), options);
    if (typeof event === "string") isBroken = true;
    else events.push(event);
    at = afterSpace(text, scan.at);
  }
  return isBroken ? refused("multiple_values") : { ...refused(null), events };
}

/** The event that a whole object is, or the reason why it is none. */
function eventOf(scan: Scan, from: number, bytes: Buffer, options: RecountOptions): LogEvent | string {
  const text = scan.text.slice(from, scan.at);
  const written = JSON.parse(portable(text)) as Fields;
  if (countKeys(written) !== scan.keys) return "duplicate_key";
  const id = own(written, "eventid");
  const time = own(written, "timestamp");
  if (typeof id !== "string" || id === "" || typeof time !== "string" || time === "") return "missing_field";
  const session = sessionOf(written, options.legacyTypes.get(id) ?? id, options);
  if (session === null) return "missing_field";
  const legacy = options.legacyTypes.get(id);
  if (legacy === undefined && /^(?:COW|KIPP)\d{4}$/.test(id)) return "legacy_eventid";
  const occurredAt = momentOf(time);
  if (occurredAt === null) return "bad_timestamp";
  if (Buffer.byteLength(session.id) > 1024) return "session_too_long";
  const wide = wideNumbers(scan);
  const fields = wide.length === 0 ? written : (JSON.parse(portable(quoted(scan, from, wide))) as Fields);
  const type = legacy ?? id;
  return {
    session: session.id,
    hasSessionField: session.isField,
    occurredAt,
    type,
    digest: digestOf(bytes).subarray(0, 16),
    ...columnsOf(fields),
    durationMs:
      type === "cowrie.session.closed" ? durationOf(fields, (name) => rawNumber(scan, from, name)) : null,
  };
}

function columnsOf(
  fields: Fields,
): Omit<LogEvent, "session" | "hasSessionField" | "occurredAt" | "type" | "digest" | "durationMs"> {
  const text = (name: string): string | null => {
    const value = own(fields, name);
    return typeof value === "string" ? value : null;
  };
  const short = (name: string): string | null => {
    const value = text(name);
    if (value === null || value.length <= 512) return value;
    // A character is one or two units of UTF-16.
    return value.length <= 1024 && [...value].length <= 512 ? value : null;
  };
  const address = short("src_ip");
  return {
    sourceIp: address === null ? null : canonicalAddress(address),
    sensor: text("sensor"),
    protocol: text("protocol"),
    clientVersion: text("version"),
    hassh: short("hassh"),
    username: short("username"),
    password: text("password"),
    input: text("input"),
    shasum: short("shasum"),
    url: text("url"),
    // An empty text counts as none, so that the second name is used.
    fileName: text("filename") || text("destfile") || null,
  };
}

/** The session of a record: `id` is empty where there is none; null where the session field is unusable. */
function sessionOf(
  fields: Fields,
  type: string,
  options: RecountOptions,
): { id: string; isField: boolean } | null {
  for (const { field, matcher } of options.sessionIdentifiers ?? defaultSessionIdentifiers) {
    const isField = matcher === "session";
    if (isField && !Object.hasOwn(fields, field)) continue;
    const value = own(fields, field);
    if (isField) return typeof value === "string" && value !== "" ? { id: value, isField } : null;
    // Only a connect message is Cowrie's own; others repeat what the attacker typed.
    if (typeof value !== "string" || (field === "message" && type !== "cowrie.session.connect")) continue;
    const id = field === "message" ? /\[session: ([0-9A-Za-z._-]{1,64})\]/.exec(value)?.[1] : value;
    if (id !== undefined && id !== "") return { id, isField };
  }
  return { id: "", isField: true };
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The keys that are left of an object and of all in it: fewer than were read where one stands twice. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const part of Object.values(value)) {
    if (typeof part === "object") count += countKeys(part);
  }
  return count;
}

/** The text with U+0000 and halves of surrogate pairs spelt out as the six characters of their escapes. */
function portable(text: string): string {
  if (!/\\u(?:0000|[dD][89a-fA-F])/.test(text)) return text;
  const pair =
    /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u0000|u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g;
  return text.replace(pair, (found) => (found.length === 6 ? `\\${found}` : found));
}

/** Numbers of the outermost object that no double can hold, as start and end pairs. */
function wideNumbers(scan: Scan): number[] {
  const wide: number[] = [];
  for (let i = 0; i < scan.numbers.length; i += 2) {
    const start = scan.numbers[i] ?? 0;
    const end = scan.numbers[i + 1] ?? 0;
    const digits = scan.text.slice(start, end);
    if (digits.length <= 300 && !/[eE]/.test(digits)) continue;
    const near = Number(digits);
    if (!Number.isFinite(near) || (near === 0 && /^[^eE]*[1-9]/.test(digits))) wide.push(start, end);
  }
  return wide;
}

function quoted(scan: Scan, from: number, numbers: readonly number[]): string {
  let text = "";
  let done = from;
  for (let i = 0; i < numbers.length; i += 2) {
    const start = numbers[i] ?? 0;
    const end = numbers[i + 1] ?? 0;
    text += `${scan.text.slice(done, start)}"${scan.text.slice(start, end)}"`;
    done = end;
  }
  return text + scan.text.slice(done, scan.at);
}

/** The digits of a number as they stand in the record: every number is read again as text. */
function rawNumber(scan: Scan, from: number, field: string): string {
  const fields = JSON.parse(portable(quoted(scan, from, scan.numbers))) as Fields;
  return String(own(fields, field));
}
