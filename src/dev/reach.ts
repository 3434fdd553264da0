import type { Dialect } from "../migrate/files/names.ts";
import { walk } from "../migrate/procedures/plpgsql.ts";
import { bodyOf, lineAt, placedTokensOf, tokensOf } from "../migrate/files/statements.ts";

/** A function, procedure or trigger as the catalogs have it. */
export interface Routine {
  name: string;
  /** `plpgsql`, `sql`, or `trigger` of SQLite. */
  language: string;
  /** The SQL that makes it. */
  definition: string;
  /** Its body in the definition, byte for byte. */
  body: string;
}

/** A statement of a routine. */
export interface RoutineStatement {
  /** What it notes when it is reached. */
  mark: number;
  routine: string;
  /** In the body, from 1. */
  line: number;
  /** Its first words. */
  text: string;
}

/** A routine that notes each of its statements just before it begins; that alone is new. */
export interface NotingRoutine {
  definition: string;
  statements: RoutineStatement[];
}

/** The call that notes a statement; it is a function of the store, or of the connection. */
export const noteCall: Record<Dialect, string> = {
  postgres: "cowriedb_reached.note",
  sqlite: "cowriedb_reached",
};

/** Has a routine note its statements, with marks from `first` on. */
export function notingRoutine(routine: Routine, first: number): NotingRoutine {
  const { name, language, definition, body } = routine;
  const places = placesOf(language, body);
  const statements = places.map((at, index) => ({
    mark: first + index,
    routine: name,
    line: lineAt(body, at),
    text: headOf(body.slice(at), language),
  }));
  let noting = "";
  let from = 0;
  for (const [index, at] of places.entries()) {
    noting += body.slice(from, at) + noteOf(language, first + index);
    from = at;
  }
  noting += body.slice(from);
  // The one expression of a function that is no more than that.
  if (language === "sql" && isReturn(body)) noting = `begin atomic\n${noting};\nend`;
  const at = definition.lastIndexOf(body);
  return { definition: definition.slice(0, at) + noting + definition.slice(at + body.length), statements };
}

/** A look at FOUND or at the number of rows gives the same behind it: an IF asks nothing of a table. */
function noteOf(language: string, mark: number): string {
  if (language === "trigger") return `select ${noteCall.sqlite}(${mark}); `;
  const call = `${noteCall.postgres}(${mark})`;
  return language === "plpgsql" ? `if ${call} then end if; ` : `select ${call}; `;
}

/** Where the statements of a body begin. */
function placesOf(language: string, body: string): number[] {
  if (language === "plpgsql") return walk(body, []).statements;
  if (language === "sql" && isReturn(body)) return [0];
  const dialect = language === "trigger" ? "sqlite" : "postgres";
  const found: number[] = [];
  let depth = 0;
  let isBetween = true;
  for (const { text, at } of placedTokensOf(body, dialect)) {
    if (isBetween) found.push(at);
    if (text === "(") depth++;
    if (text === ")") depth--;
    isBetween = text === ";" && depth === 0;
  }
  return found;
}

function isReturn(body: string): boolean {
  return /^\s*return\b/i.test(body);
}

function headOf(text: string, language: string): string {
  const words = tokensOf(text.slice(0, 400), language === "trigger" ? "sqlite" : "postgres");
  const end = words.indexOf(";");
  return words
    .slice(0, end < 0 ? words.length : end)
    .map((word) => (bodyOf(word) === undefined ? word : "…"))
    .slice(0, 14)
    .join(" ");
}

/** What stands between BEGIN and the last END of a trigger of SQLite. */
export function triggerBody(definition: string): string {
  const tokens = placedTokensOf(definition, "sqlite");
  const begin = tokens.find(({ text }) => text.toLowerCase() === "begin");
  const end = tokens.findLast(({ text }) => text.toLowerCase() === "end");
  return definition.slice((begin?.at ?? 0) + "begin".length, end?.at);
}

/** What was reached of the statements of an engine. */
export interface Reach {
  reached: number;
  all: number;
  routines: { name: string; reached: number; all: number; missed: RoutineStatement[] }[];
}

/** Counts what was reached, by routine, in the order of their names. */
export function reachOf(statements: readonly RoutineStatement[], reached: ReadonlySet<number>): Reach {
  const names = [...new Set(statements.map(({ routine }) => routine))].sort();
  const routines = names.map((name) => {
    const all = statements.filter(({ routine }) => routine === name);
    const missed = all.filter(({ mark }) => !reached.has(mark));
    return { name, reached: all.length - missed.length, all: all.length, missed };
  });
  return {
    reached: statements.filter(({ mark }) => reached.has(mark)).length,
    all: statements.length,
    routines,
  };
}

/** A table with tabs: a line a routine, the statements that were never reached at its end. */
export function reachTable(engine: string, { routines, reached, all }: Reach): string {
  const lines = routines.map(({ name, reached: some, all: whole, missed }) =>
    [engine, name, some, whole, missed.map(({ line, text }) => `${line}: ${text}`).join(" | ")].join("\t"),
  );
  const share = ((100 * reached) / all).toFixed(1);
  return [...lines, [engine, "all routines", reached, all, `${share} %`].join("\t")].join("\n");
}
