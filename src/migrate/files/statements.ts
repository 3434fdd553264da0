import type { Dialect } from "./files.ts";

const pieces: Record<Dialect, RegExp> = {
  postgres:
    /--[^\n\r]*|\/\*|(?<![\w$])[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[0-9][\w.]*|\s+|[\s\S]/y,
  sqlite:
    /--[^\n]*|\/\*|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[0-9][\w.]*|\s+|[\s\S]/y,
};

/** A statement of a file. */
export interface Statement {
  /** Its bytes in the file, with what stands before it; those of all statements together are the file. */
  text: string;
  /** Its words with one blank between, in small letters, without comments and the insides of texts and bodies. */
  words: string;
}

/** Where the reading of a file stands. */
interface Reading {
  tokens: string[];
  depth: number;
  bodies: number;
}

/** The statements of a file. Semicolons within texts, bodies, parentheses and triggers end none. */
export function statementsOf(text: string, dialect: Dialect): Statement[] {
  const found: Statement[] = [];
  let from = 0;
  let reading: Reading = { tokens: [], depth: 0, bodies: 0 };
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at, dialect);
    at += token.length;
    const word = wordOf(token);
    if (word === undefined) continue;
    if (word === ";" && isEnd(reading, dialect)) {
      found.push({ text: text.slice(from, at), words: reading.tokens.join(" ") });
      from = at;
      reading = { tokens: [], depth: 0, bodies: 0 };
      continue;
    }
    take(reading, word);
  }
  if (reading.tokens.length > 0) found.push({ text: text.slice(from), words: reading.tokens.join(" ") });
  else if (from < text.length) {
    const last = found.at(-1);
    if (last !== undefined) last.text += text.slice(from);
  }
  return found;
}

/** A piece of a file that says something. */
export interface Token {
  text: string;
  /** Where it begins. */
  at: number;
}

/** The pieces of a file without blanks and comments, byte for byte. */
export function placedTokensOf(text: string, dialect: Dialect): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at, dialect);
    if (wordOf(token) !== undefined) found.push({ text: token, at });
    at += token.length;
  }
  return found;
}

/** The same without their places. */
export function tokensOf(text: string, dialect: Dialect): string[] {
  return placedTokensOf(text, dialect).map((token) => token.text);
}

/** The line on which a place of a text is, from 1. */
export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

/** A name as the catalogs have it; in SQLite, to which its case means nothing, in small letters. */
export function nameOf(token: string, dialect: Dialect): string {
  if (!/^["`[]./.test(token)) return token.toLowerCase();
  const quote = token.slice(0, 1);
  const inside = token.slice(1, -1);
  const name = quote === "[" ? inside : inside.replaceAll(quote + quote, quote);
  return dialect === "sqlite" ? name.toLowerCase() : name;
}

/** All names that a text has, as `nameOf` gives them, those in bodies in dollars too, and none of its comments and texts. */
export function namesIn(text: string, dialect: Dialect): Set<string> {
  const names = new Set<string>();
  for (const token of placedTokensOf(text, dialect)) {
    const body = bodyOf(token.text);
    if (body !== undefined) for (const name of namesIn(body, dialect)) names.add(name);
    else if (/^[A-Za-z_\u0080-\uffff"`[]/.test(token.text) && !/^[eE]'/.test(token.text))
      names.add(nameOf(token.text, dialect));
  }
  return names;
}

/** What stands between the dollars; undefined where a piece is no such body. */
export function bodyOf(token: string): string | undefined {
  return /^(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)([\s\S]*)\1$/.exec(token)?.[2];
}

/** The next piece: a comment, a text, a body in dollars, a word, blanks or one character. */
function tokenAt(text: string, at: number, dialect: Dialect): string {
  const pattern = pieces[dialect];
  pattern.lastIndex = at;
  const token = pattern.exec(text)?.[0] ?? text.slice(at, at + 1);
  if (token === "/*") return commentAt(text, at, dialect === "postgres");
  if (dialect === "postgres" && token.startsWith("$") && token.length > 1) {
    const end = text.indexOf(token, at + token.length);
    return end < 0 ? text.slice(at) : text.slice(at, end + token.length);
  }
  return token;
}

/** A comment in slashes and stars; PostgreSQL lets them stand in one another. */
function commentAt(text: string, at: number, isNested: boolean): string {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at + 2;
  let depth = 1;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === "*/") depth--;
    else if (isNested) depth++;
    if (depth === 0) return text.slice(at, marks.lastIndex);
  }
  return text.slice(at);
}

/** What a piece says of a statement; undefined where it says nothing. */
function wordOf(token: string): string | undefined {
  if (/^(\s|--|\/\*)/.test(token)) return undefined;
  if (/^[eE]?'/.test(token) || /^\$.*\$$/s.test(token)) return "''";
  if (/^["`[]./.test(token)) return `"${token.slice(1, -1).replaceAll(" ", "\u00a0")}"`;
  return token.toLowerCase();
}

function take(reading: Reading, word: string): void {
  const before = reading.tokens.at(-1);
  if (word === "(") reading.depth++;
  if (word === ")") reading.depth = Math.max(0, reading.depth - 1);
  if (word === "atomic" && before === "begin") reading.bodies++;
  else if (reading.bodies > 0 && word === "case") reading.bodies++;
  else if (reading.bodies > 0 && word === "end") reading.bodies--;
  // `schema.name` is one word.
  if (before !== undefined && (word === "." || before.endsWith(".")))
    reading.tokens[reading.tokens.length - 1] = before + word;
  else reading.tokens.push(word);
}

function isEnd({ tokens, depth, bodies }: Reading, dialect: Dialect): boolean {
  const isTrigger =
    dialect === "sqlite" && /^create (temp |temporary )?trigger /.test(tokens.slice(0, 4).join(" "));
  if (isTrigger && !(tokens.at(-1) === "end" && tokens.at(-2) === ";")) {
    tokens.push(";");
    return false;
  }
  if (dialect === "postgres" && (depth > 0 || bodies > 0)) {
    tokens.push(";");
    return false;
  }
  return true;
}
