import type { SchemaModelRow } from "../sql/generated.ts";
import { neutralExpression, neutralIndexColumns } from "./model-text.ts";
import type { Dialect } from "../migrate/files/names.ts";
import { readIndexText, readTableText, readTriggerText, type Rule } from "../migrate/files/sqlite-text.ts";

/** A schema in words that both engines share: values by kind, name and attribute. */
export type Model = Map<string, string>;

/** A difference of the two dialects. */
export interface DialectDifference {
  kind: string;
  name: string;
  attribute: string;
  /** What an engine has; `-` where it has no such thing. */
  sqlite: string;
  postgres: string;
}

/** How an entry is kept in a model. */
function keyOf(kind: string, name: string, attribute: string): string {
  return [kind, name, attribute].join("\t");
}

/** The neutral model of a schema, from the rows of `schema/model`. */
export function modelOf(dialect: Dialect, rows: readonly SchemaModelRow[]): Model {
  return dialect === "postgres" ? modelOfPostgres(rows) : modelOfSqlite(rows);
}

const actions: Record<string, string> = {
  ...{ a: "no action", r: "restrict", c: "cascade", n: "set null", d: "set default" },
};

function modelOfPostgres(rows: readonly SchemaModelRow[]): Model {
  const types = new Map(
    rows
      .filter(({ kind, attribute }) => kind === "column" && attribute === "type")
      .map(({ name, value }) => [name, value]),
  );
  const model: Model = new Map();
  for (const { kind, name, attribute, value } of rows) {
    const put = (told: string): void => void model.set(keyOf(kind, name, attribute), told);
    if (kind === "column" && attribute === "type") put(typeOfPostgres(value));
    else if (kind === "column" && attribute === "default")
      put(defaultOf("postgres", value, types.get(name) ?? ""));
    else if (kind === "reference" && attribute.startsWith("on ")) put(actions[value] ?? value);
    else if (["generated", "expression", "predicate"].includes(attribute))
      put(neutralExpression("postgres", value));
    else if (kind === "index" && attribute === "columns") put(neutralIndexColumns("postgres", value));
    else put(value);
  }
  return model;
}

function typeOfPostgres(type: string): string {
  if (/^(smallint|integer|bigint)$/.test(type)) return "number";
  if (/^(real|double precision|numeric)/.test(type)) return "fraction";
  if (type.startsWith("timestamp with time zone")) return "instant";
  if (/^(json|jsonb)$/.test(type)) return "json";
  const known: Record<string, string> = { text: "text", bytea: "bytes", boolean: "boolean" };
  return known[type] ?? type;
}

function modelOfSqlite(rows: readonly SchemaModelRow[]): Model {
  const model: Model = new Map();
  const rules = new Map<string, Rule[]>();
  for (const { kind, name, attribute, value } of rows)
    if (kind === "table" && attribute === "text") rules.set(name, readTableText(value).rules);
  for (const { kind, name, attribute, value } of rows) {
    const put = (what: string, told: string): void => void model.set(keyOf(kind, name, what), told);
    if (kind === "table") put("there", "yes");
    else if (kind === "index") putIndex(name, value, model);
    else if (kind === "trigger") putTrigger(value, model);
    else if (kind === "column") {
      const [table = "", column = ""] = name.split(".");
      const type = typeOfSqlite(column, rows, name, rules.get(table) ?? []);
      if (attribute === "type") put(attribute, type);
      else put(attribute, attribute === "default" ? defaultOf("sqlite", value, type) : value);
    } else put(attribute, value);
  }
  for (const [table, found] of rules) for (const rule of found) putRule(table, rule, model);
  for (const [key, value] of [...model])
    if (key.startsWith("key\t") && !value.includes(",")) {
      const column = `${key.split("\t")[1] ?? ""}.${value}`;
      // A key of one number is the rowid, which counts.
      if (model.get(keyOf("column", column, "type")) === "number")
        model.set(keyOf("column", column, "default"), "next number");
    }
  return model;
}

/** SQLite has no types of its own for instants, JSON and booleans: names, defaults and checks tell them. */
function typeOfSqlite(
  column: string,
  rows: readonly SchemaModelRow[],
  name: string,
  rules: readonly Rule[],
): string {
  const declared =
    rows.find((row) => row.kind === "column" && row.name === name && row.attribute === "type")?.value ?? "";
  const checks = rules.filter(
    (rule) => rule.kind === "check" && (rule.column === column || rule.column === ""),
  );
  const says = (pattern: string): boolean => checks.some(({ text }) => new RegExp(pattern).test(text));
  if (declared === "integer")
    return says(`^check \\( ${column} in \\( 0 , 1 \\) \\)$`) ? "boolean" : "number";
  if (declared === "text") {
    if (says(`json_valid \\( ${column} `)) return "json";
    return /_(?:at|seen)$/.test(column) ? "instant" : "text";
  }
  const known: Record<string, string> = { blob: "bytes", real: "fraction" };
  return known[declared] ?? declared;
}

function putRule(table: string, rule: Rule, model: Model): void {
  const expression = neutralExpression("sqlite", rule.text.replace(/^(?:check|generated always as|as) /, ""));
  if (rule.kind === "check") model.set(keyOf("check", `${table}.${rule.name}`, "expression"), expression);
  if (rule.kind === "generated") {
    const text = expression.replace(/ (?:stored|virtual)$/, "");
    model.set(keyOf("column", `${table}.${rule.column}`, "generated"), text);
  }
  if (rule.kind !== "foreign key") return;
  const columns =
    rule.column === ""
      ? (/^foreign key \( (.*?) \)/.exec(rule.text)?.[1] ?? "").replaceAll(" ,", ",")
      : rule.column;
  const isDeferred = /deferrable initially deferred/.test(rule.text);
  model.set(keyOf("reference", `${table}(${columns})`, "deferred"), isDeferred ? "yes" : "no");
}

function putIndex(name: string, text: string, model: Model): void {
  const { table, columns, predicate, isUnique } = readIndexText(text);
  model.set(keyOf("index", name, "table"), table);
  model.set(keyOf("index", name, "columns"), neutralIndexColumns("sqlite", columns));
  model.set(keyOf("index", name, "unique"), isUnique ? "yes" : "no");
  if (predicate !== "") model.set(keyOf("index", name, "predicate"), neutralExpression("sqlite", predicate));
}

function putTrigger(text: string, model: Model): void {
  const { table, time, event } = readTriggerText(text);
  // What makes a view a procedure is told as one.
  if (time !== "instead of") model.set(keyOf("trigger", `${table} ${time} ${event}`, "enabled"), "yes");
}

/** What a column gets when nothing is said, in words that both share. */
function defaultOf(dialect: Dialect, text: string, type: string): string {
  if (/\bnow\b|clock_timestamp|current_timestamp/i.test(text)) return "now";
  if (text === "next number") return text;
  const plain = text.replace(/^\((.*)\)$/, "$1").replace(/::[\w ]+$/, "");
  if (type === "boolean") return { "0": "false", "1": "true" }[plain] ?? plain;
  return dialect === "sqlite" ? plain : plain.replace(/^'(-?\d+)'$/, "$1");
}

/** What is in one model and not in the other, or otherwise; of a thing that one lacks, that it is not there. */
export function modelDifferences(sqlite: Model, postgres: Model): DialectDifference[] {
  const found: DialectDifference[] = [];
  const [ours, theirs] = [thingsIn(sqlite), thingsIn(postgres)];
  const keys = [...new Set([...sqlite.keys(), ...postgres.keys()])].sort();
  const told = new Set<string>();
  for (const key of keys) {
    const [one, other] = [sqlite.get(key), postgres.get(key)];
    if (one === other) continue;
    const [kind = "", name = "", attribute = ""] = key.split("\t");
    const thing = `${kind}\t${name}`;
    if (ours.has(thing) && theirs.has(thing)) {
      found.push({ kind, name, attribute, sqlite: shown(one), postgres: shown(other) });
      continue;
    }
    const table = name.split(/[.( ]/)[0] ?? "";
    const isOfMissing = kind !== "table" && ours.has(`table\t${table}`) !== theirs.has(`table\t${table}`);
    if (told.has(thing) || isOfMissing) continue;
    told.add(thing);
    const place = (isThere: boolean): string => (isThere ? "yes" : "-");
    found.push({
      kind,
      name,
      attribute: "there",
      sqlite: place(ours.has(thing)),
      postgres: place(theirs.has(thing)),
    });
  }
  return found;
}

function thingsIn(model: Model): Set<string> {
  return new Set([...model.keys()].map((key) => key.split("\t").slice(0, 2).join("\t")));
}

function shown(value: string | undefined): string {
  return value ?? "-";
}
