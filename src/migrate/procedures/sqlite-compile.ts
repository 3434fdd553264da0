import type { Sqlite } from "../../db/sqlite.ts";
import { quoted } from "../../db/texts.ts";
import { CowriedbError, messageOf } from "../../errors.ts";
import { ledgerLiveDependents, type LedgerLiveDependentsRow } from "../../sql/generated.ts";
import { prepared } from "../../sql/run.ts";
import { doesNotCompile, fileOf } from "./apply.ts";
import type { Procedure } from "../files/files.ts";
import { objectOf } from "../files/order.ts";
import { lineAt, nameOf, namesIn, placedTokensOf } from "../files/statements.ts";

type Row = LedgerLiveDependentsRow;

/**
 * Compiles every trigger and view. SQLite accepts a trigger that names a missing column and fails at the first insert;
 * preparing a statement on each table makes it compile them now. Throws `migrate.does_not_compile` with the file and the line
 * of `procedures` that is at fault.
 */
export function compile(store: Sqlite, procedures: readonly Procedure[] = []): void {
  const objects = prepared(store, ledgerLiveDependents as never).all({}) as Row[];
  const prepare = (statement: string, of: string, isRead = false): void => {
    try {
      store.handle.prepare(statement);
    } catch (cause) {
      throw refused(cause, { of, isRead }, objects, procedures);
    }
  };
  const views = new Set(objects.filter(({ kind }) => kind === "view").map(({ name }) => name));
  for (const view of views) prepare(`select * from ${quoted(view)}`, view, true);
  const triggers = objects.filter(({ kind }) => kind === "trigger");
  for (const table of new Set(triggers.map(({ table_name }) => table_name))) {
    const columns = (
      store.handle.pragma(`table_xinfo(${quoted(table)})`) as { name: string; hidden: number }[]
    ).filter(({ hidden }) => hidden === 0);
    const [first] = columns.map(({ name }) => quoted(name));
    if (first === undefined) continue;
    const name = quoted(table);
    const events = new Set(triggers.filter((row) => row.table_name === table).map(eventOf));
    const isAny = !views.has(table);
    if (isAny || events.has("insert")) prepare(`insert into ${name} (${first}) values (null)`, table);
    if (isAny || events.has("update")) prepare(`update ${name} set ${first} = ${first}`, table);
    if (isAny)
      for (const column of columns) prepare(`update ${name} set ${quoted(column.name)} = null`, table);
    if (isAny || events.has("delete")) prepare(`delete from ${name}`, table);
  }
}

function eventOf({ needs }: Row): string {
  return (
    placedTokensOf(needs, "sqlite")
      .map(({ text }) => text.toLowerCase())
      .find((word) => /^(insert|update|delete)$/.test(word)) ?? ""
  );
}

/** What SQLite says of a statement on a table or view, as an error that names the object at fault. */
function refused(
  cause: unknown,
  { of, isRead }: { of: string; isRead: boolean },
  objects: readonly Row[],
  procedures: readonly Procedure[],
): CowriedbError {
  const message = messageOf(cause);
  const missing = missingName(message);
  const reached = reachedFrom(of, objects, isRead);
  const naming = reached.filter(
    ({ needs }) => missing !== undefined && namesIn(needs, "sqlite").has(missing),
  );
  // What is named first breaks what names it: the one at fault names no other that has the name too.
  const guilty =
    naming.findLast((row) => !naming.some((other) => other !== row && isNamed(other, row))) ??
    naming.at(-1) ??
    reached[0];
  const base = guilty?.name.replace(/^tr_/, "").replace(/_instead_of_insert$/, "");
  const file = procedures.find(({ name }) => objectOf(name) === base || objectOf(name) === guilty?.name);
  if (guilty === undefined || file === undefined) {
    const shown = guilty === undefined ? `A view or trigger of ${of}` : `The ${guilty.kind} ${guilty.name}`;
    return new CowriedbError("migrate.does_not_compile", `${shown} does not compile: ${message}.`, {
      hint: "Nothing was changed. Mend its file, or drop it, and run the command again.",
      cause,
    });
  }
  const line = lineOf(file, missing, /no such column: (new|old)\./i.exec(message)?.[1]);
  return doesNotCompile(fileOf({ dialect: "sqlite" }, file), line, objectOf(file.name), message, cause);
}

/** The name that SQLite does not find, or of which it does not know what to make. */
function missingName(message: string): string | undefined {
  const found =
    /no such [\w ]+: (?:main\.)?(.+)$/.exec(message)?.[1] ??
    /has no column named (\S+)/.exec(message)?.[1] ??
    /(?:arguments to function|ambiguous column name:|misuse of \w+(?: function)?:?|table|near) "?([\w.]+)/.exec(
      message,
    )?.[1];
  const last = found?.replace(/\(.*$/, "").split(".").at(-1);
  return last === undefined ? undefined : nameOf(last, "sqlite");
}

/** The view, or the triggers of the table, and all that they name and that is fired by them, the nearest first. */
function reachedFrom(of: string, all: readonly Row[], isRead: boolean): Row[] {
  const objects = all.filter(({ kind }) => !isRead || kind === "view");
  const found = new Set(objects.filter(({ name, table_name }) => name === of || table_name === of));
  for (const row of found) {
    const names = namesIn(row.needs, "sqlite");
    for (const other of objects)
      if (isIn(names, other.name) || isIn(names, other.table_name)) found.add(other);
  }
  return [...found];
}

function isNamed(other: Row, row: Row): boolean {
  const names = namesIn(row.needs, "sqlite");
  return isIn(names, other.name) && other.name !== row.table_name;
}

/** Whether the catalog's name is among some as `namesIn` gives them. */
function isIn(names: ReadonlySet<string>, name: string): boolean {
  return names.has(name.toLowerCase());
}

/** The line that has a name, behind `new.` or `old.` where it is said of these. */
function lineOf(file: Procedure, name: string | undefined, before: string | undefined): number | undefined {
  const tokens = placedTokensOf(file.text, "sqlite");
  const index = tokens.findIndex(
    ({ text }, place) =>
      nameOf(text, "sqlite") === name &&
      (before === undefined || tokens[place - 2]?.text.toLowerCase() === before.toLowerCase()),
  );
  const token = tokens[index];
  return token === undefined ? undefined : lineAt(file.text, token.at);
}
