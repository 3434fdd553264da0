import { quoted } from "../../db/texts.ts";
import { CowriedbError } from "../../errors.ts";
import {
  ledgerLiveDependents,
  ledgerReleaseRoles,
  type LedgerLiveDependentsRow,
} from "../../sql/generated.ts";
import type { Change } from "./engine.ts";
import { packageFiles, type Dialect, type Migration, type Procedure } from "../files/files.ts";
import { ruledLocks } from "../files/lock-rules.ts";
import { objectOf } from "../files/order.ts";
import { namesIn, statementsOf } from "../files/statements.ts";

/** What a change of the schema drops of our views, triggers and routines, and which files it runs behind its migrations. */
export interface Renewal {
  drops: string[];
  files: Procedure[];
}

/** A view, trigger or routine as it is there. */
interface Live {
  row: LedgerLiveDependentsRow;
  /** The file that makes it, today's or one of the ledger, as `views/session_rollup`; undefined where it is somebody else's. */
  file: string | undefined;
  needs: ReadonlySet<string>;
}

/** Which objects of ours there are, by the ledger and the files. */
export interface Renewed {
  dialect: Dialect;
  procedures: readonly Procedure[];
  /** Files that are new, changed or no more. */
  changed: ReadonlySet<string>;
  /** Names of files that the ledger has. */
  known: readonly string[];
  pending: readonly Migration[];
}

/**
 * What is to be made anew: the files that have changed, and what cannot stay while they or a table is changed. PostgreSQL's catalogs
 * say what needs what. SQLite finds a name when a statement is prepared, so nothing there keeps an object from being made anew; but a
 * table is not altered as long as a view or trigger that names it, or one that names that, does not compile.
 *
 * Throws `migrate.foreign_object` where something of somebody else's would have to go with ours.
 */
export function renewalOf(renewed: Renewed, rows: readonly LedgerLiveDependentsRow[]): Renewal {
  const live = liveOf(renewed, rows);
  const dropped = renewed.dialect === "sqlite" ? sqliteDrops(renewed, live) : postgresDrops(renewed, live);
  const again = new Set([...dropped].flatMap(({ file }) => (file === undefined ? [] : [file])));
  return {
    drops: dropTexts(renewed.dialect, dropped),
    files: renewed.procedures.filter(({ name }) => renewed.changed.has(name) || again.has(name)),
  };
}

/** The statements that drop all of ours, but what a table needs. */
export function dropAll(
  dialect: Dialect,
  procedures: readonly Procedure[],
  known: readonly string[],
  rows: readonly LedgerLiveDependentsRow[],
): string[] {
  const live = liveOf({ dialect, procedures, changed: new Set(), known, pending: [] }, rows);
  const seeds = live.filter(({ file }) => file !== undefined);
  if (dialect === "sqlite")
    return dropTexts(
      dialect,
      wholeFiles(seeds, live, () => []),
    );
  const dropped = new Set<Live>();
  for (const seed of seeds) {
    const all = dependentsOf([seed], live);
    if ([...all].some(({ row }) => isTable(row))) continue;
    refuseForeign(seed, all);
    for (const one of all) dropped.add(one);
  }
  return dropTexts(dialect, dropped);
}

/** Drops all of ours, by the files of the package and the names that the ledger has, but what a table needs; and what roles may do with the rest. */
export async function dropProcedures(change: Change, known: readonly string[] = []): Promise<void> {
  const { procedures } = packageFiles(change.dialect);
  const rows = await change.rows(ledgerLiveDependents, {});
  for (const text of dropAll(change.dialect, procedures, known, rows)) await change.execute(text);
  await change.rows(ledgerReleaseRoles, {});
}

function liveOf({ dialect, procedures, known }: Renewed, rows: readonly LedgerLiveDependentsRow[]): Live[] {
  const files = new Map(
    [...known, ...procedures.map(({ name }) => name)].map((name) => [objectOf(name), name]),
  );
  return rows.map((row) => {
    const isHere = row.schema_name === (dialect === "sqlite" ? "" : "cowrie");
    const base = row.name.replace(/^(tr|tg)_/, "").replace(/_instead_of_insert$/, "");
    const file = isHere && !isTable(row) ? (files.get(base) ?? files.get(row.name)) : undefined;
    const needs = dialect === "sqlite" ? namesIn(row.needs, dialect) : new Set(row.needs.split("\n"));
    return { row, file, needs };
  });
}

/** What stores rows, and is made and changed by migrations alone. */
function isTable({ kind }: LedgerLiveDependentsRow): boolean {
  return kind === "table" || kind === "index";
}

function sqliteDrops({ changed, pending }: Renewed, live: readonly Live[]): Set<Live> {
  const ours = live.filter(({ file }) => file !== undefined);
  const touched = touchedBy(pending, "sqlite");
  const seeds = ours.filter(
    ({ file, needs }) => changed.has(file ?? "") || touched === undefined || isAnyOf(touched, needs),
  );
  return wholeFiles(seeds, live, pending.length === 0 ? () => [] : (some) => [...dependentsOf(some, ours)]);
}

/** A file makes all that it has, and a view of SQLite takes the triggers on it along. */
function wholeFiles(
  seeds: readonly Live[],
  live: readonly Live[],
  dependents: (some: readonly Live[]) => readonly Live[],
): Set<Live> {
  const found = new Set(seeds);
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const one of dependents([...found])) found.add(one);
    const files = new Set([...found].map(({ file }) => file));
    const views = new Map(
      [...found].filter(({ row }) => row.kind === "view").map((one) => [one.row.name, one]),
    );
    for (const one of live) {
      const view = one.row.kind === "trigger" ? views.get(one.row.table_name) : undefined;
      if (view !== undefined) refuseForeign(view, new Set([one]));
      if (view !== undefined || (one.file !== undefined && files.has(one.file))) found.add(one);
    }
  }
  return found;
}

function postgresDrops(renewed: Renewed, live: readonly Live[]): Set<Live> {
  const { changed, pending, procedures } = renewed;
  const touched = touchedBy(pending, "postgres");
  const texts = new Map(procedures.map(({ name, text }) => [name, text]));
  const dropped = new Set<Live>();
  for (const one of live) {
    if (one.file === undefined) continue;
    const text = texts.get(one.file);
    const isGone = text === undefined && changed.has(one.file);
    const isChanged = changed.has(one.file) && !isReplaced(one, text ?? "");
    const isTouched = touched === undefined ? one.row.kind !== "procedure" : isAnyOf(touched, one.needs);
    if (!isGone && !isChanged && !isTouched) continue;
    const all = dependentsOf([one], live);
    if (isGone) refuseForeign(one, all);
    // What cannot go is replaced where it stands, and PostgreSQL refuses what that cannot do.
    if ([...all].every(({ file }) => file !== undefined)) for (const each of all) dropped.add(each);
  }
  return dropped;
}

/** A trigger and its function are made anew in their place; what else has changed may have other columns, arguments or results. */
function isReplaced({ row, file }: Live, text: string): boolean {
  if (row.kind === "trigger") return !/^create constraint trigger\b/m.test(text);
  return file?.startsWith("triggers/") === true;
}

/** All that needs one of `seeds`, or what needs one, with the seeds. */
function dependentsOf(seeds: readonly Live[], live: readonly Live[]): Set<Live> {
  const found = new Set(seeds);
  for (let before = -1; before < found.size;) {
    before = found.size;
    const names = new Set([...found].filter(({ row }) => row.kind !== "trigger").map(({ row }) => row.name));
    for (const one of live) if (isAnyOf(names, one.needs)) found.add(one);
  }
  return found;
}

function isAnyOf(names: ReadonlySet<string>, needs: ReadonlySet<string>): boolean {
  for (const name of needs) if (names.has(name)) return true;
  return false;
}

function refuseForeign(ours: Live, all: ReadonlySet<Live>): void {
  const other = [...all].find(({ row, file }) => file === undefined && !isTable(row));
  if (other === undefined) return;
  const { kind, name, schema_name, table_name } = other.row;
  const shown = `${kind} ${schema_name === "" ? "" : `${schema_name}.`}${name}`;
  const on = kind === "trigger" ? ` on ${quoted(table_name)}` : "";
  throw new CowriedbError(
    "migrate.foreign_object",
    `The ${shown} is not ours and needs ${ours.row.kind} ${ours.row.name}, which is to be dropped.`,
    {
      hint: `Nothing was changed. Keep its text, run: drop ${kind} ${schema_name === "" ? "" : `${quoted(schema_name)}.`}${quoted(name)}${on}; then run the command again, and make it anew.`,
    },
  );
}

/** Each behind what needs it. */
function dropTexts(dialect: Dialect, dropped: ReadonlySet<Live>): string[] {
  const left = new Set(dropped);
  const texts: string[] = [];
  while (left.size > 0) {
    const free = [...left].filter(
      (one) => ![...left].some((other) => other !== one && isNeededBy(one, other)),
    );
    for (const one of free.length > 0 ? free : [...left]) {
      left.delete(one);
      texts.push(dropText(dialect, one.row));
    }
  }
  return texts;
}

function isNeededBy(one: Live, other: Live): boolean {
  return one.row.kind !== "trigger" && other.row.name !== one.row.name && other.needs.has(one.row.name);
}

function dropText(
  dialect: Dialect,
  { kind, name, table_name, arguments: takes }: LedgerLiveDependentsRow,
): string {
  if (dialect === "sqlite") return `drop ${kind} if exists ${quoted(name)}`;
  const schema = `${quoted("cowrie")}.`;
  if (kind === "trigger") return `drop ${kind} ${quoted(name)} on ${schema}${quoted(table_name)}`;
  return `drop ${kind} ${schema}${quoted(name)}${kind === "view" ? "" : `(${takes})`}`;
}

/** The tables whose shape or rows the files of migrations change; undefined where that cannot be said. */
export function touchedBy(
  migrations: readonly Pick<Migration, "upText">[],
  dialect: Dialect,
): Set<string> | undefined {
  const touched = new Set<string>();
  for (const statement of migrations.flatMap(({ upText }) => statementsOf(upText, dialect))) {
    const { words } = statement;
    if (/^create (unique )?index /.test(words)) continue;
    const locks = ruledLocks(statement, dialect);
    if (locks === undefined || /^drop (view|trigger|function|procedure|routine) /.test(words))
      return undefined;
    for (const { table, lock, isIndex } of locks)
      if (!isIndex && strongEnough.has(lock)) touched.add((table.split(".").at(-1) ?? table).toLowerCase());
  }
  return touched;
}

/** With which a table is changed, and not only read. */
const strongEnough = new Set(["WRITE", "ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"]);
