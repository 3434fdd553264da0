import type { SchemaFactsRow } from "../../sql/generated.ts";
import { visible } from "../../term.ts";
import type { Dialect } from "../files/names.ts";
import { plainText, readTableText } from "../files/sqlite-text.ts";

/** What is known of one object: its attributes with their values. */
export interface Fact {
  kind: string;
  name: string;
  attributes: Map<string, string>;
}

/** The objects of a schema by kind and name. */
export type Facts = Map<string, Fact>;

/** A difference of two schemas. */
export interface FactDifference {
  kind: string;
  name: string;
  /** What happened to it, seen from the first schema. */
  change: "gone" | "new" | "changed";
  attribute: string | null;
  before: string | null;
  after: string | null;
}

/** Gathers the rows of `schema/facts`; what SQLite keeps as text alone is taken apart. */
export function factsOf(dialect: Dialect, rows: readonly SchemaFactsRow[]): Facts {
  const facts: Facts = new Map();
  const put = (kind: string, name: string, attribute: string, value: string): void => {
    const key = `${kind} ${name}`;
    const fact = facts.get(key) ?? { kind, name, attributes: new Map<string, string>() };
    fact.attributes.set(attribute, value);
    facts.set(key, fact);
  };
  for (const { kind, name, attribute, value } of rows) {
    if (dialect === "postgres" || attribute !== "text") put(kind, name, attribute, value);
    else if (kind === "table") putTable(name, value, put);
    else put(kind, name, "definition", plainText(value));
  }
  return facts;
}

type Put = (kind: string, name: string, attribute: string, value: string) => void;

function putTable(table: string, text: string, put: Put): void {
  const { rules, options } = readTableText(text);
  put("table", table, "options", options.join(", "));
  for (const rule of rules) {
    // Of these a PRAGMA tells the whole.
    if (rule.kind === "default" || rule.kind === "null") continue;
    if (rule.kind === "collation" || rule.kind === "generated")
      put("column", `${table}.${rule.column}`, rule.kind, rule.text);
    else {
      const of = rule.column === "" ? "" : `${rule.column} `;
      const name = rule.name === "" ? `${of}${rule.text}` : rule.name;
      put("constraint", `${table}.${name}`, "definition", `${of}${rule.text}`);
    }
  }
}

/** The differences of two schemas; what belongs to an object that is gone or new is not told besides. */
export function factDifferences(before: Facts, after: Facts): FactDifference[] {
  const found: FactDifference[] = [];
  for (const [key, fact] of before) {
    const now = after.get(key);
    if (now !== undefined) found.push(...changesOf(fact, now));
    else if (!isPartOfMissing(fact, before, after)) found.push(whole(fact, "gone"));
  }
  for (const [key, fact] of after)
    if (!before.has(key) && !isPartOfMissing(fact, after, before)) found.push(whole(fact, "new"));
  return found;
}

function whole({ kind, name, attributes }: Fact, change: "gone" | "new"): FactDifference {
  const definition = attributes.get("definition") ?? null;
  return {
    ...{ kind, name, change, attribute: null },
    before: change === "gone" ? definition : null,
    after: change === "new" ? definition : null,
  };
}

function changesOf({ kind, name, attributes }: Fact, now: Fact): FactDifference[] {
  const names = [...new Set([...attributes.keys(), ...now.attributes.keys()])];
  return names
    .filter((attribute) => attributes.get(attribute) !== now.attributes.get(attribute))
    .map((attribute) => ({
      ...{ kind, name, change: "changed" as const, attribute },
      before: attributes.get(attribute) ?? null,
      after: now.attributes.get(attribute) ?? null,
    }));
}

const holders = ["table", "view", "materialized view", "foreign table", "composite type"];

/** Whether an object belongs to a table or view that one of the schemas does not have. */
function isPartOfMissing({ kind, name, attributes }: Fact, here: Facts, there: Facts): boolean {
  if (holders.includes(kind)) return false;
  const missing = (of: string): boolean =>
    holders.some((holder) => here.has(`${holder} ${of}`) && !there.has(`${holder} ${of}`));
  for (let at = name.indexOf("."); at >= 0; at = name.indexOf(".", at + 1))
    if (missing(name.slice(0, at))) return true;
  const definition = attributes.get("definition") ?? "";
  const table = kind === "index" ? / on (?:only )?(\S+)/i.exec(definition)?.[1] : undefined;
  if (table !== undefined && missing(table)) return true;
  const owner = kind === "sequence" ? attributes.get("owned by") : undefined;
  return owner !== undefined && [owner, `public.${owner}`].some((of) => missing(of.replace(/\.[^.]+$/, "")));
}

/** A difference as a sentence about the second schema. */
export function sentenceOf({ kind, name, change, attribute, before, after }: FactDifference): string {
  const object = `${kind} ${visible(name)}`;
  if (change === "gone") return `${object} is gone${before === null ? "" : `: ${short(before)}`}`;
  if (change === "new") return `${object} is left over${after === null ? "" : `: ${short(after)}`}`;
  return `${object}: ${attribute ?? ""} was ${short(before)}, is ${short(after)}`;
}

function short(value: string | null): string {
  if (value === null) return "nothing";
  const text = visible(value.replaceAll(/\s+/g, " ").trim());
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}
