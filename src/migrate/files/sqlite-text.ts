import { nameOf, tokensOf } from "./statements.ts";

/** A rule of a table, as its text has it. */
export interface Rule {
  kind: "primary key" | "unique" | "check" | "foreign key" | "default" | "collation" | "generated" | "null";
  /** Empty where it has none. */
  name: string;
  /** The column at which it stands; empty where it is the table's. */
  column: string;
  /** Its words with a blank between. */
  text: string;
}

/** What the text of a table says beyond what PRAGMAs tell. */
export interface TableText {
  rules: Rule[];
  /** As `strict` and `without rowid`. */
  options: string[];
}

/** Takes the text of a table of `sqlite_schema` apart. */
export function readTableText(text: string): TableText {
  const tokens = tokensOf(text, "sqlite");
  const from = tokens.indexOf("(");
  // A virtual table has arguments, not columns.
  if (from < 0 || lower(tokens[1]) === "virtual") return { rules: [], options: [plainText(text)] };
  const { members, end } = membersOf(tokens, from + 1);
  return {
    rules: members.flatMap(rulesOf),
    options: listOf(tokens.slice(end).map(lower))
      .map((words) => words.join(" "))
      .filter((option) => option !== "")
      .sort(),
  };
}

/** A text in one form, however it is laid out, in which case words stand, and whether names are quoted. */
export function plainText(text: string): string {
  return plain(tokensOf(text, "sqlite"));
}

function plain(tokens: readonly string[]): string {
  return tokens.map((token) => (/^["`[]/.test(token) ? nameOf(token, "sqlite") : lower(token))).join(" ");
}

/** A word in small letters; a text in quotes stays as it is. */
function lower(token: string | undefined): string {
  return token === undefined || token.startsWith("'") ? (token ?? "") : token.toLowerCase();
}

/** Columns and rules: the pieces between the commas of the outer parentheses, and where these end. */
function membersOf(tokens: readonly string[], from: number): { members: string[][]; end: number } {
  let depth = 1;
  let end = from;
  while (end < tokens.length && depth > 0) {
    if (tokens[end] === "(") depth++;
    if (tokens[end] === ")") depth--;
    end++;
  }
  return { members: listOf(tokens.slice(from, end - 1)), end };
}

function listOf(tokens: readonly string[]): string[][] {
  const pieces: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (token === "," && depth === 0) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces;
}

const ofTable = ["constraint", "primary", "unique", "check", "foreign"];
const starts = [
  ...ofTable,
  ...["not", "null", "default", "collate", "references", "generated", "as"],
] as readonly string[];

/** The rules of a column, or the one that stands alone. */
function rulesOf(member: readonly string[]): Rule[] {
  const [first = ""] = member;
  const isOfTable = ofTable.includes(lower(first));
  const column = isOfTable ? "" : nameOf(first, "sqlite");
  const rules: Rule[] = [];
  let name = "";
  for (let at = isOfTable ? 0 : 1; at < member.length;) {
    const word = lower(member[at]);
    if (word === "constraint") {
      name = nameOf(member[at + 1] ?? "", "sqlite");
      at += 2;
      continue;
    }
    const end = endOf(member, at);
    const kind = kinds[word];
    const text = plain(member.slice(at, end));
    if (kind !== undefined) rules.push({ kind, name, column, text });
    if (kind !== undefined) name = "";
    at = end;
  }
  return rules;
}

const kinds: Readonly<Record<string, Rule["kind"] | undefined>> = {
  ...{ primary: "primary key", unique: "unique", check: "check", foreign: "foreign key", not: "null" },
  ...{ references: "foreign key", default: "default", collate: "collation", generated: "generated" },
  ...{ as: "generated", null: "null" },
};

/** Where the rule that begins at a word ends: before the next one that is no part of it. */
function endOf(member: readonly string[], from: number): number {
  const first = lower(member[from]);
  let depth = 0;
  for (let at = from + 1; at < member.length; at++) {
    const word = lower(member[at]);
    if (member[at] === "(") depth++;
    if (member[at] === ")") depth--;
    if (depth > 0 || !starts.includes(word)) continue;
    const before = lower(member[at - 1]);
    // `generated always as`, `foreign key … references`, `on delete set null`, `not deferrable`, `not null`, `default null`.
    if (first === "generated" && word === "as") continue;
    if (first === "foreign" && word === "references") continue;
    if (before === "set" || before === "not") continue;
    if (word === "not" && lower(member[at + 1]) === "deferrable") continue;
    if (first === "default" && at === from + 1) continue;
    return at;
  }
  return member.length;
}

/** What the text of an index says. */
export function readIndexText(text: string): {
  table: string;
  columns: string;
  predicate: string;
  isUnique: boolean;
} {
  const tokens = tokensOf(text, "sqlite");
  const on = tokens.findIndex((token) => lower(token) === "on");
  const { members, end } = membersOf(tokens, on + 3);
  return {
    table: nameOf(tokens[on + 1] ?? "", "sqlite"),
    columns: members.map(plain).join(", "),
    predicate: plain(tokens.slice(end + 1)),
    isUnique: lower(tokens[1]) === "unique",
  };
}

/** What a trigger is for. */
export function readTriggerText(text: string): { table: string; time: string; event: string } {
  const words = tokensOf(text, "sqlite");
  const at = words.findIndex((word) => /^(insert|delete|update)$/i.test(word));
  const on = words.findIndex((word, place) => place > at && lower(word) === "on");
  const before = lower(words[at - 1]);
  const time = before === "of" ? "instead of" : before === "before" ? "before" : "after";
  return { table: nameOf(words[on + 1] ?? "", "sqlite"), time, event: lower(words[at]) };
}
