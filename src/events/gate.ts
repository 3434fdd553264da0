import { isUtf8 } from "node:buffer";
import { readAddress } from "./address.ts";
import { noteTypes, type FieldType } from "./field-checks.ts";
import { fieldNumber, type Field } from "./fields.ts";
import { found, type Found } from "./found.ts";
import { portableRecord, portableText } from "./portable.ts";
import { scan } from "./scan.ts";
import { readTime, storedForm } from "./time.ts";

/** The data that the gate goes by; all of it stands in tables of the store. */
export interface GateRules {
  /** `event_types`: known ids, and the id that a numbered one stands for. */
  eventTypes: ReadonlyMap<string, string | null>;
  /** `session_identifiers` other than `session`, by priority. */
  sessionIdentifiers: readonly string[];
  /** `event_fields` that have a flag. */
  fieldTypes: readonly FieldType[];
  /** The load's own time in milliseconds since 1970, for the flag `clock`. */
  now: number;
}

/** Reasons of `dead_letter_reasons` that concern one record. */
export type Reason =
  | "bad_json"
  | "bad_timestamp"
  | "bad_utf8"
  | "control_char"
  | "duplicate_key"
  | "encoding_utf16"
  | "fragment"
  | "legacy_eventid"
  | "line_too_long"
  | "missing_field"
  | "multiple_values"
  | "not_object"
  | "nul_byte"
  | "session_too_long"
  | "too_deep"
  | "too_many_keys"
  | "truncated_line"
  | `file:${string}`;

/** What the gate made of the last record it let through. The object is used again. */
export const passed = {
  sessionId: "",
  occurredAt: "",
  flags: "",
  canonicalIp: null as string | null,
  canonicalType: null as string | null,
  sensor: "",
  /** The payload where it differs from the record's own bytes. */
  payload: undefined as Buffer | undefined,
};

/** Why the last record was refused. */
export const refused = { reason: "bad_json" as Reason, detail: "" };

const longRecord = 65_536;
const longestSession = 1_024;
const earliestClock = "2014-01-01";
const tenYearsMs = 315_360_000_000;
const portFields = [fieldNumber.src_port, fieldNumber.dst_port, fieldNumber.orig_port];
const pathFields = [fieldNumber.outfile, fieldNumber.destfile, fieldNumber.filename, fieldNumber.ttylog];
const hashedTypes = /^cowrie\.(session\.file_(down|up)load|log\.closed)$/;

const reasonOf: Record<Exclude<Found, 0 | 7>, Reason> = {
  [found.truncated]: "truncated_line",
  [found.badJson]: "bad_json",
  [found.controlChar]: "control_char",
  [found.tooDeep]: "too_deep",
  [found.tooManyKeys]: "too_many_keys",
  [found.duplicateKey]: "duplicate_key",
};

/**
 * Decides on the record that `scanValue` has just found whole in `bytes[from, to)`. True: it is an event, described by
 * `passed`. False: it is none, and `refused` says why. `extra` are flags that the reader of lines gives.
 */
export function judge(
  bytes: Buffer,
  from: number,
  to: number,
  rules: GateRules,
  extra: readonly string[],
): boolean {
  if (scan.nonAscii && !isUtf8(bytes.subarray(from, to))) return refuse("bad_utf8", "");
  if (scan.kind !== 0x7b) return refuse("not_object", "the value is no JSON object");
  const flags: string[] = extra.length === 0 ? [] : [...extra];
  const eventType = fieldText(bytes, fieldNumber.eventid);
  if (eventType === undefined || eventType === "") return refuse("missing_field", "eventid");
  const timeNumber = fieldNumber.timestamp;
  const timeStart = scan.start[timeNumber] as number;
  if (timeStart < 0 || bytes[timeStart] !== 0x22 || bytes[timeStart + 1] === 0x22) {
    return refuse("missing_field", "timestamp");
  }
  const session = fieldNumber.session;
  if ((scan.start[session] as number) >= 0 && (fieldText(bytes, session) ?? "") === "") {
    return refuse("missing_field", "session");
  }
  passed.canonicalType = null;
  const known = rules.eventTypes.get(eventType);
  if (known === undefined) {
    if (/^(COW|KIPP)\d{4}$/.test(eventType)) return refuse("legacy_eventid", eventType);
    flags.push("unknown_event");
  } else if (known !== null) passed.canonicalType = known;
  if (!readOccurredAt(bytes, rules, flags)) return false;
  if (!readSession(bytes, rules, passed.canonicalType ?? eventType, flags)) return false;
  readSource(bytes, flags);
  noteOddFields(bytes, rules, known ?? eventType, flags);
  if (to - from > longRecord) flags.push("long");
  passed.payload = undefined;
  if (scan.needsPortable) {
    const portable = portableRecord(bytes, from, to);
    passed.payload = portable.payload;
    flags.push(...portable.flags);
  }
  passed.flags = flags.length === 0 ? "" : [...new Set(flags)].sort().join(",");
  return true;
}

/** Says why a region that `scanValue` did not find whole is refused: encoding before grammar. */
export function blame(bytes: Buffer, from: number, to: number, outcome: Exclude<Found, 0 | 7>): void {
  const region = bytes.subarray(from, to);
  if (region.includes(0)) refuse("nul_byte", `at byte ${region.indexOf(0)} of the record`);
  else if (!isUtf8(region)) refuse("bad_utf8", "");
  else refuse(reasonOf[outcome], "");
}

/** Notes a reason; gives false. */
export function refuse(reason: Reason, detail: string): false {
  refused.reason = reason;
  refused.detail = detail;
  return false;
}

/** The text of a string field of the scanned object, or undefined where it is missing or of another type. */
function fieldText(bytes: Buffer, field: number): string | undefined {
  const start = scan.start[field] as number;
  if (start < 0 || bytes[start] !== 0x22) return undefined;
  const stop = scan.stop[field] as number;
  if (scan.escaped[field] === 1) return portableText(bytes, start + 1, stop - 1);
  return textOf(bytes, start + 1, stop - 1);
}

function textOf(bytes: Buffer, from: number, to: number): string {
  return bytes.toString(scan.nonAscii ? "utf8" : "latin1", from, to);
}

function readOccurredAt(bytes: Buffer, rules: GateRules, flags: string[]): boolean {
  const field = fieldNumber.timestamp;
  const start = (scan.start[field] as number) + 1;
  const stop = (scan.stop[field] as number) - 1;
  let text = scan.escaped[field] === 1 ? "" : storedForm(bytes, start, stop);
  if (text === "") {
    const written = fieldText(bytes, field) ?? "";
    const time = readTime(written);
    if (time === undefined) return refuse("bad_timestamp", written.slice(0, 100));
    text = time.text;
    if (time.assumedZone) flags.push("tz_assumed");
    if (time.leapSecond) flags.push("time_range");
  }
  if (text < earliestClock || text > latestClock(rules.now)) flags.push("clock");
  passed.occurredAt = text;
  return true;
}

let latestFor = Number.NaN;
let latest = "";

function latestClock(now: number): string {
  if (now !== latestFor) {
    latestFor = now;
    latest = new Date(now + 86_400_000).toISOString();
  }
  return latest;
}

function readSession(bytes: Buffer, rules: GateRules, eventType: string, flags: string[]): boolean {
  if ((scan.start[fieldNumber.session] as number) >= 0) {
    passed.sessionId = fieldText(bytes, fieldNumber.session) ?? "";
  } else {
    passed.sessionId = otherSession(bytes, rules, eventType);
    flags.push(passed.sessionId === "" ? "no_session" : "event_session");
  }
  if (passed.sessionId.length > longestSession / 4 && Buffer.byteLength(passed.sessionId) > longestSession) {
    return refuse("session_too_long", `${Buffer.byteLength(passed.sessionId)} bytes`);
  }
  return true;
}

/** Trap: the message of a login holds the attacker's own words; only a connect message names the session. */
function otherSession(bytes: Buffer, rules: GateRules, eventType: string): string {
  for (const name of rules.sessionIdentifiers) {
    const field = fieldNumber[name as Field] as number | undefined;
    const text = field === undefined ? undefined : fieldText(bytes, field);
    if (text === undefined || (name === "message" && eventType !== "cowrie.session.connect")) continue;
    const session = name === "message" ? (/\[session: ([0-9A-Za-z._-]{1,64})\]/.exec(text)?.[1] ?? "") : text;
    if (session !== "") return session;
  }
  return "";
}

function readSource(bytes: Buffer, flags: string[]): void {
  passed.canonicalIp = null;
  passed.sensor = fieldText(bytes, fieldNumber.sensor) ?? "";
  const text = fieldText(bytes, fieldNumber.src_ip);
  if (text === undefined) return;
  const address = readAddress(text);
  if (address.canonical === undefined) flags.push("bad_ip");
  else if (address.canonical !== text) passed.canonicalIp = address.canonical;
  if (address.isBogon) flags.push("bogon");
}

function noteOddFields(bytes: Buffer, rules: GateRules, eventType: string, flags: string[]): void {
  if (scan.keyCase) flags.push("key_case");
  noteTypes(bytes, eventType, rules.fieldTypes, flags);
  for (const field of portFields) {
    if ((scan.start[field] as number) >= 0 && !isPort(bytes, field)) {
      flags.push("bad_port");
      break;
    }
  }
  if (
    ((scan.start[fieldNumber.duration] as number) >= 0 &&
      !isDuration(bytes, fieldNumber.duration, tenYearsMs / 1000)) ||
    ((scan.start[fieldNumber.duration_ms] as number) >= 0 &&
      !isDuration(bytes, fieldNumber.duration_ms, tenYearsMs))
  ) {
    flags.push("duration");
  }
  for (const field of pathFields) {
    if ((scan.start[field] as number) >= 0 && isOddPath(fieldText(bytes, field) ?? "")) {
      flags.push("path");
      break;
    }
  }
  if ((scan.start[fieldNumber.shasum] as number) >= 0 && hashedTypes.test(eventType)) {
    const shasum = fieldText(bytes, fieldNumber.shasum);
    if (shasum !== undefined && !/^[0-9a-f]{64}$/.test(shasum)) flags.push("bad_hash");
  }
}

function rawText(bytes: Buffer, field: number): string {
  return textOf(bytes, scan.start[field] as number, scan.stop[field] as number);
}

function isPort(bytes: Buffer, field: number): boolean {
  const first = bytes[scan.start[field] as number] as number;
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return false;
  const port = Number(rawText(bytes, field));
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}

function isDuration(bytes: Buffer, field: number, most: number): boolean {
  const first = bytes[scan.start[field] as number] as number;
  if (first === 0x22) {
    const text = fieldText(bytes, field) ?? "";
    return field === fieldNumber.duration && /^\d+(\.\d+)?$/.test(text) && Number(text) <= most;
  }
  if (first < 0x30 || first > 0x39) return false;
  return Number(rawText(bytes, field)) <= most;
}

function isOddPath(text: string): boolean {
  return (
    /(^|[\\/])\.\.([\\/]|$)/.test(text) ||
    /^\/(dev|proc)(\/|$)/.test(text) ||
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f]|\\u0000/.test(text)
  );
}
