import { readTime } from "../events/time.ts";
import type { Fields } from "./columns.ts";
import { objectOf, type JsonObject } from "./json.ts";
import { rangeOf, subjectOf, type AddressNumber, type AddressRange } from "./network.ts";
import { shown } from "./refused.ts";

/** What a file says of an address or a network; null is what it does not say. */
export interface Facts {
  asn: number | null;
  asn_name: string | null;
  country: string | null;
  label: string | null;
  dshield_reports: number | null;
  enrichment: JsonObject | null;
}

/** A row for `inventory/put_addresses`. */
export interface AddressRow extends Facts {
  ip_address: string;
  enriched_at: string;
}

/** A row for `inventory/put_networks`. */
export interface NetworkRow {
  asn: number;
  name: string | null;
  country: string | null;
  registry: string | null;
  kind: string | null;
  enrichment: JsonObject | null;
  enriched_at: string;
}

/** A row for `inventory/put_verdicts`. */
export interface VerdictRow {
  shasum: string;
  source: string;
  is_malicious: boolean;
  judged_at: string;
  detail: JsonObject | null;
}

/** What a row of a file came to. */
export type Told =
  | { is: "address"; address: AddressNumber; row: AddressRow }
  | { is: "range"; range: AddressRange; facts: Facts; enriched_at: string }
  | { is: "network"; row: NetworkRow }
  | { is: "verdict"; row: VerdictRow }
  | { is: "empty" }
  | { is: "refused"; reason: string };

/** What holds where a row says nothing else. */
export interface Given {
  /** Since when the facts hold, whatever the row says. */
  asOf: string | null;
  /** Since when they hold where the row does not say it. */
  otherwise: string;
  label: string | null;
  source: string;
}

/** Takes what is wrong with a row; the first counts. */
type Complain = (reason: string) => void;

const mostName = 1_000;

/** Reads a row: what it speaks of, and what it says. */
export function toldBy(fields: Fields, given: Given): Told {
  let problem: string | undefined;
  const told = read(fields, given, (reason) => (problem ??= reason));
  return problem === undefined ? told : { is: "refused", reason: problem };
}

function read(fields: Fields, given: Given, complain: Complain): Told {
  const at = given.asOf ?? instantOf(fields.as_of, complain) ?? given.otherwise;
  if (fields.shasum !== undefined) return verdictOf(fields, at, given.source, complain);
  if (fields.address !== undefined || fields.first !== undefined)
    return aboutAddresses(fields, at, given, complain);
  const asn = asnOf(fields.asn, complain);
  if (asn === null) {
    if (fields.asn === undefined) complain("it names no address, network, hash or AS number");
    return { is: "empty" };
  }
  return {
    is: "network",
    row: {
      asn,
      name: textOf(fields.asn_name, "the name", complain),
      country: textOf(fields.country, "the country", complain),
      registry: textOf(fields.registry, "the registry", complain),
      kind: textOf(fields.kind, "the kind", complain),
      enrichment: enrichmentOf(fields.enrichment, complain),
      enriched_at: at,
    },
  };
}

function aboutAddresses(fields: Fields, at: string, given: Given, complain: Complain): Told {
  const subject =
    fields.first === undefined
      ? subjectOf(scalar(fields.address))
      : rangeOf(scalar(fields.first), scalar(fields.last));
  if (typeof subject === "string") {
    complain(`${subject}: ${shown(fields.first ?? fields.address)}`);
    return { is: "empty" };
  }
  const facts = factsOf(fields, given, complain);
  if (Object.values(facts).every((fact) => fact === null)) return { is: "empty" };
  if ("version" in subject) return { is: "range", range: subject, facts, enriched_at: at };
  if (subject.range !== null) return { is: "range", range: subject.range, facts, enriched_at: at };
  const { address } = subject;
  return { is: "address", address, row: { ip_address: address.canonical, enriched_at: at, ...facts } };
}

function factsOf(fields: Fields, given: Given, complain: Complain): Facts {
  return {
    asn: asnOf(fields.asn, complain),
    asn_name: textOf(fields.asn_name, "the name", complain),
    country: textOf(fields.country, "the country", complain),
    label: textOf(fields.label, "the label", complain) ?? given.label,
    dshield_reports: countOf(fields.reports, complain),
    enrichment: enrichmentOf(fields.enrichment, complain),
  };
}

/** A file's verdict; one that was never judged is none. */
function verdictOf(fields: Fields, at: string, source: string, complain: Complain): Told {
  const shasum = scalar(fields.shasum).trim().toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(shasum)) complain(`the hash is no SHA-256: ${shown(fields.shasum)}`);
  const malicious = truthOf(fields.malicious, complain);
  const isOpen = malicious === false && /^(pending|failed)$/i.test(scalar(fields.state));
  if (malicious === null || isOpen) return { is: "empty" };
  const named = textOf(fields.source, "the source", complain) ?? source;
  const detail = enrichmentOf(fields.enrichment, complain);
  return { is: "verdict", row: { shasum, source: named, is_malicious: malicious, judged_at: at, detail } };
}

/** A value as text; what is no text, number or truth is an empty one. */
function scalar(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : "";
}

/** A text; null where it is empty or a dash. */
function textOf(value: unknown, what: string, complain: Complain): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "object") complain(`${what} is no text: ${shown(value)}`);
  const text = scalar(value).trim();
  if (text.length > mostName) complain(`${what} is longer than ${mostName} characters: ${shown(text)}`);
  if (text.includes("\0")) complain(`${what} has a NUL: ${shown(text)}`);
  return text === "" || text === "-" ? null : text;
}

/** An AS number, with or without `AS` before it; 0 is the number of what nobody announces. */
function asnOf(value: unknown, complain: Complain): number | null {
  const text = scalar(value).trim();
  if (text === "" || text === "-") {
    if (typeof value === "object" && value !== null) complain(`the AS number is none: ${shown(value)}`);
    return null;
  }
  const number = /^(?:AS)?(\d{1,10})$/i.exec(text)?.[1];
  if (number === undefined || Number(number) > 4_294_967_295) {
    complain(`the AS number is none: ${shown(value)}`);
    return null;
  }
  return Number(number) === 0 ? null : Number(number);
}

function countOf(value: unknown, complain: Complain): number | null {
  const text = scalar(value).trim();
  if (value === undefined || text === "") return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  complain(`the number of reports is none: ${shown(value)}`);
  return null;
}

function truthOf(value: unknown, complain: Complain): boolean | null {
  const text = scalar(value).trim().toLowerCase();
  if (value === undefined || text === "") return null;
  if (/^\d{1,15}$/.test(text)) return Number(text) > 0;
  if (/^(true|t|yes|y|malicious|malware|bad)$/.test(text)) return true;
  if (/^(false|f|no|n|benign|clean|harmless|good|undetected)$/.test(text)) return false;
  if (/^(unknown|pending|none|null|-)$/.test(text)) return null;
  complain(`the verdict is none: ${shown(value)}`);
  return null;
}

/** An object, or its JSON text; an empty one says nothing. */
function enrichmentOf(value: unknown, complain: Complain): JsonObject | null {
  if (value === undefined || value === null || value === "") return null;
  const object = typeof value === "string" ? (value.trim() === "null" ? {} : objectOf(value)) : value;
  if (typeof object === "string" || typeof object !== "object" || Array.isArray(object)) {
    complain(`the enrichment: ${typeof object === "string" ? object : "it is no object"}: ${shown(value)}`);
    return null;
  }
  return Object.keys(object as JsonObject).length === 0 ? null : (object as JsonObject);
}

/** An instant: ISO 8601, or whole seconds or milliseconds since 1970. */
function instantOf(value: unknown, complain: Complain): string | null {
  const text = scalar(value).trim();
  if (value === undefined || text === "") return null;
  const iso = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const time = /^(\d{10}|\d{13})$/.test(text) ? epochText(text) : readTime(iso)?.text;
  if (time === undefined) complain(`the instant is none: ${shown(value)}`);
  return time ?? null;
}

function epochText(digits: string): string {
  const ms = Number(digits.padEnd(13, "0"));
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
