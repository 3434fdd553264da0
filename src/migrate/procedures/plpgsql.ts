import { readerOf, withoutInto, type BodyReader } from "./plpgsql-reader.ts";

/** A variable that a statement sees. */
export interface Variable {
  name: string;
  /** As it was declared; `record` where it is what a query gives. */
  type: string;
}

/** SQL within a body. */
export interface Piece {
  kind: "query" | "expression";
  /** Where it begins in the body. */
  at: number;
  /** The SQL without INTO, each byte where it was. */
  text: string;
  scope: readonly Variable[];
  /** The variables that take what it gives. */
  into: string[];
}

/** A body in PL/pgSQL, as far as it is needed to check it and to count what of it was run. */
export interface Walked {
  /** Where each statement begins. */
  statements: number[];
  pieces: Piece[];
}

/** Reads a body. What PostgreSQL itself would refuse is not looked for. */
export function walk(body: string, scope: readonly Variable[]): Walked {
  const reader = readerOf(body);
  const walked: Walked = { statements: [], pieces: [] };
  // `#variable_conflict use_column`
  while (reader.word() === "#") reader.skip(3);
  if (reader.word() === "<") reader.skip(5);
  block({ ...reader, walked }, scope);
  return walked;
}

type Reader = BodyReader & { walked: Walked };

function query(
  { walked }: Reader,
  { at, text }: { at: number; text: string },
  scope: readonly Variable[],
): void {
  const { sql, into } = withoutInto(text);
  walked.pieces.push({ kind: "query", at, text: sql, scope, into });
}

function expression(
  { walked }: Reader,
  { at, text }: { at: number; text: string },
  scope: readonly Variable[],
  into: string[] = [],
): void {
  if (text.trim() !== "") walked.pieces.push({ kind: "expression", at, text, scope, into });
}

function block(reader: Reader, outer: readonly Variable[]): void {
  const { word, skip } = reader;
  let scope = outer;
  if (word() === "declare") {
    skip();
    while (word() !== "begin" && !reader.isEnd()) scope = declaration(reader, scope);
  }
  skip();
  statements(reader, scope);
  if (word() === "exception") {
    skip();
    const inside = [...scope, { name: "sqlstate", type: "text" }, { name: "sqlerrm", type: "text" }];
    while (word() === "when") {
      reader.upTo(["then"]);
      skip();
      statements(reader, inside);
    }
  }
  ended(reader);
}

function declaration(reader: Reader, scope: readonly Variable[]): readonly Variable[] {
  const { word, skip } = reader;
  const name = word();
  skip();
  if (word() === "constant") skip();
  const type = reader.upTo(["not", "default", ":", "=", "collate", ";"]).text.trim();
  if (word() !== ";") {
    reader.upTo(["default", ":", "=", ";"]);
    if (word() === ":") skip();
    if (word() !== ";") skip();
    expression(reader, reader.upTo([";"]), scope, [name]);
    const piece = reader.walked.pieces.at(-1);
    if (piece !== undefined) piece.scope = [...scope, { name, type }];
  }
  skip();
  return [...scope, { name, type }];
}

const ends = new Set(["end", "else", "elsif", "elseif", "when", "exception", ""]);

function statements(reader: Reader, scope: readonly Variable[]): void {
  while (!ends.has(reader.word())) statement(reader, scope);
}

/** `end if;`, `end loop label;` */
function ended(reader: Reader): void {
  while (reader.word() !== ";" && !reader.isEnd()) reader.skip();
  reader.skip();
}

function statement(reader: Reader, scope: readonly Variable[]): void {
  const { word, skip } = reader;
  reader.walked.statements.push(reader.at());
  if (word() === "<" && word(1) === "<") skip(5);
  const first = word();
  if (first === "declare" || first === "begin") return block(reader, scope);
  if (first === "if" || first === "case") return branches(reader, scope, first);
  if (first === "loop" || first === "while" || first === "for" || first === "foreach")
    return loop(reader, scope, first);
  if (isAssignment(reader)) return assignment(reader, scope);
  const simple = simpleStatements[first];
  if (simple !== undefined) simple(reader, scope);
  else query(reader, reader.upTo([";"]), scope);
  ended(reader);
}

const simpleStatements: Record<string, (reader: Reader, scope: readonly Variable[]) => void> = {
  null: () => undefined,
  commit: () => undefined,
  rollback: () => undefined,
  get: () => undefined,
  open: () => undefined,
  fetch: () => undefined,
  move: () => undefined,
  close: () => undefined,
  exit: (reader, scope) => {
    reader.upTo(["when", ";"]);
    if (reader.word() === "when") reader.skip();
    expression(reader, reader.upTo([";"]), scope);
  },
  continue: (reader, scope) => simpleStatements["exit"]?.(reader, scope),
  perform: (reader, scope) => {
    const { at, text } = reader.upTo([";"]);
    query(reader, { at, text: `select ${text.slice("perform".length)}` }, scope);
  },
  return: (reader, scope) => {
    reader.skip();
    if (reader.word() === "query" && reader.word(1) === "execute") return dynamic(reader, scope, 2);
    if (reader.word() === "query") {
      reader.skip();
      return query(reader, reader.upTo([";"]), scope);
    }
    if (reader.word() === "next") reader.skip();
    return expression(reader, reader.upTo([";"]), scope, ["return"]);
  },
  execute: (reader, scope) => {
    dynamic(reader, scope, 1);
  },
  assert: (reader, scope) => {
    reader.skip();
    expression(reader, reader.upTo([",", ";"]), scope);
  },
  raise: (reader, scope) => {
    reader.upTo([",", "using", ";"]);
    while (reader.word() === ",") {
      reader.skip();
      expression(reader, reader.upTo([",", "using", ";"]), scope);
    }
    while (reader.word() === "using" || reader.word() === ",") {
      reader.upTo(["=", ";"]);
      reader.skip();
      expression(reader, reader.upTo([",", ";"]), scope);
    }
  },
};

/** Of dynamic SQL the expression that gives it can be checked, and what it is given. */
function dynamic(reader: Reader, scope: readonly Variable[], words: number): void {
  reader.skip(words);
  expression(reader, reader.upTo(["into", "using", "loop", ";"]), scope);
  if (reader.word() === "into") reader.upTo(["using", "loop", ";"]);
  while (reader.word() === "using" || reader.word() === ",") {
    reader.skip();
    expression(reader, reader.upTo([",", "into", "loop", ";"]), scope);
  }
}

function isAssignment({ word }: Reader): boolean {
  if (!/^["a-z_]/.test(word())) return false;
  for (let ahead = 1, depth = 0; word(ahead) !== ""; ahead++) {
    const now = word(ahead);
    if (now === "[") depth++;
    else if (now === "]") depth--;
    else if (depth > 0) continue;
    else if (now === "=") return true;
    else if (now === ":") return word(ahead + 1) === "=";
    else if (now === ".") ahead++;
    else return false;
  }
  return false;
}

function assignment(reader: Reader, scope: readonly Variable[]): void {
  const place = reader.upTo(["=", ":"]);
  const target = place.text.trim().toLowerCase();
  // A field that takes a value must be there to be read.
  if (/^\w+\.\w+$/.test(target)) expression(reader, place, scope);
  reader.skip(reader.word() === ":" ? 2 : 1);
  expression(reader, reader.upTo([";"]), scope, [target]);
  reader.skip();
}

function branches(reader: Reader, scope: readonly Variable[], first: string): void {
  const { word, skip } = reader;
  skip();
  if (first === "if") {
    expression(reader, reader.upTo(["then"]), scope);
    skip();
  } else if (word() !== "when") expression(reader, reader.upTo(["when"]), scope);
  if (first === "if") statements(reader, scope);
  while (["elsif", "elseif", "when"].includes(word())) {
    skip();
    do {
      if (word() === ",") skip();
      expression(reader, reader.upTo([",", "then"]), scope);
    } while (word() === ",");
    skip();
    statements(reader, scope);
  }
  if (word() === "else") {
    skip();
    statements(reader, scope);
  }
  ended(reader);
}

function loop(reader: Reader, scope: readonly Variable[], first: string): void {
  const { word, skip } = reader;
  let inside = scope;
  skip();
  if (first === "while") expression(reader, reader.upTo(["loop"]), scope);
  if (first === "for" || first === "foreach") {
    const into = reader
      .upTo(["in", "slice"])
      .text.split(",")
      .map((name) => name.trim().toLowerCase());
    if (word() === "slice") reader.upTo(["in"]);
    skip();
    if (word() === "array") {
      skip();
      expression(reader, reader.upTo(["loop"]), scope);
    } else if (word() === "execute") dynamic(reader, scope, 1);
    else inside = walkOver(reader, scope, into);
  }
  // `loop`, which a plain one begins with.
  if (first !== "loop") skip();
  statements(reader, inside);
  ended(reader);
}

/** What FOR goes over: numbers, with a variable of its own, or the rows of a query. */
function walkOver(reader: Reader, scope: readonly Variable[], into: string[]): readonly Variable[] {
  const { word, skip } = reader;
  const isReverse = word() === "reverse";
  if (isReverse) skip();
  if (isReverse || !/^(select|with|values|table|insert|update|delete|merge|\()$/.test(word())) {
    expression(reader, reader.upTo(["..", "loop"]), scope);
    if (word() === "loop") return scope;
    skip(2);
    expression(reader, reader.upTo(["by", "loop"]), scope);
    if (word() === "by") {
      skip();
      expression(reader, reader.upTo(["loop"]), scope);
    }
    return [...scope, ...into.map((name) => ({ name, type: "integer" }))];
  }
  const { at, text } = reader.upTo(["loop"]);
  reader.walked.pieces.push({ kind: "query", at, text, scope, into });
  return scope;
}
