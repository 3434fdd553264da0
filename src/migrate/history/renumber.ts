import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CowriedbError } from "../../errors.ts";
import { visible } from "../../term.ts";
import { scriptDigest } from "../files/folder-files.ts";
import { scriptName, type Dialect } from "../files/names.ts";
import { named } from "../reach.ts";
import { tokensOf } from "../files/statements.ts";

/** A folder of migrations, of the package or of somebody else, and what is applied of it to the database that was named. */
export interface Numbered {
  root: string;
  /** As it may be printed. */
  shown: string;
  /** The database, as messages call it. */
  store: string;
  applied: readonly string[];
}

/** A name that becomes another. */
export interface Move {
  from: string;
  to: string;
}

/** What giving other numbers to migrations comes to. */
export interface Renumbering {
  moves: Move[];
  /** Files that get another name, within the folder. */
  files: Move[];
  /** Files in which a name is written anew, as they are called afterwards. */
  edited: string[];
  /** Applied files that name one: they stay as they are. */
  left: string[];
  /** Migrations that are not applied either, and now come before one that came before them. */
  overtaken: string[];
  /** Their texts, by the paths that they have still. */
  texts: Map<string, string>;
}

const dialects = ["sqlite", "postgres"] as const;

/** The names of a folder's migrations on both engines, in order; two may have one number. */
export function numberedNames(root: string): string[] {
  const files = dialects.flatMap((dialect) => filesIn(join(root, dialect)));
  return [...new Set(files.flatMap((file) => scriptName.exec(file)?.[1] ?? []))].sort();
}

/**
 * Plans to give migrations that are not applied the next free numbers, in their order: those that are asked for by number, name or
 * file; where none is, those that are late, and those whose number an applied one has. Throws `migrate.applied` and `migrate.name`.
 */
export function planRenumbering(folder: Numbered, asked: readonly string[]): Renumbering {
  const names = numberedNames(folder.root);
  const heights = { subject: folder.shown, names, tags: [] };
  const wanted = asked.map((one) => named(heights, one));
  const chosen = wanted.length > 0 ? [...new Set(wanted)].sort() : outOfPlace(folder, names);
  for (const name of chosen) refuseApplied(folder, name);
  const kept = [...names.filter((name) => !chosen.includes(name)), ...folder.applied];
  const moves = movesOf(folder, chosen, kept);
  const overtaken = kept.filter(
    (name) => !folder.applied.includes(name) && moves.some(({ from, to }) => from < name && name < to),
  );
  return { moves, overtaken, ...filesOf(folder, moves) };
}

/** Carries it out. Where it is killed, the same command goes on. */
export function carryOutRenumbering(folder: Numbered, plan: Renumbering): void {
  for (const step of renumberingSteps(folder, plan)) step();
}

/**
 * What is done, each step whole or not at all: the names are written anew, in tables first, which follow from the files; then the
 * files are renamed, the lowest first, and of each the up files last.
 */
export function renumberingSteps({ root }: Numbered, { files, texts }: Renumbering): (() => void)[] {
  const isTable = (path: string): boolean => dirname(path) === ".";
  const ordered = [...texts].sort(([one], [other]) => Number(isTable(other)) - Number(isTable(one)));
  const written = ordered.map(([path, text]) => () => {
    const aside = join(root, dirname(path), `.${basename(path)}.new`);
    writeFileSync(aside, text);
    renameSync(aside, join(root, path));
  });
  const sorted = [...files].sort((one, other) => (basename(one.from) < basename(other.from) ? -1 : 1));
  return [
    ...written,
    ...sorted.map(({ from, to }) => () => {
      renameSync(join(root, from), join(root, to));
    }),
  ];
}

/** New numbers, in their order, behind all that there are; none where all of them are last as it is. */
function movesOf(folder: Numbered, chosen: readonly string[], kept: readonly string[]): Move[] {
  const highest = (names: readonly string[]): number => Math.max(0, ...names.map(numberOf));
  const isLast = chosen.every(
    (name) =>
      numberOf(name) > highest(kept) &&
      chosen.every((one) => one === name || numberOf(one) !== numberOf(name)),
  );
  if (isLast) return [];
  let last = highest([...chosen, ...kept]);
  return chosen.map((from) => {
    const to = begunMove(folder, from, kept);
    if (to !== undefined) return { from, to };
    last++;
    if (last > 9999)
      throw new CowriedbError("migrate.name", `${folder.shown} has no number left behind 9999.`);
    return { from, to: `${String(last).padStart(4, "0")}${from.slice(4)}` };
  });
}

/** Where a run that was killed has left some of a migration's files under its new name: what is left goes there too. */
function begunMove({ root, applied }: Numbered, from: string, kept: readonly string[]): string | undefined {
  const all = scriptsIn(root);
  const kindsOf = (name: string): string[] =>
    all.filter((file) => file.name === name).map(({ path }) => path.replace(name, ""));
  return kept.find(
    (to) =>
      to > from &&
      to.slice(4) === from.slice(4) &&
      !applied.includes(to) &&
      kindsOf(to).length > 0 &&
      !kindsOf(to).some((kind) => kindsOf(from).includes(kind)),
  );
}

function numberOf(name: string): number {
  return Number(name.slice(0, 4));
}

/** Those that are late, and those whose number an applied one has. */
function outOfPlace({ applied, shown }: Numbered, names: readonly string[]): string[] {
  const newest = [...applied].sort().at(-1) ?? "";
  const pending = names.filter((name) => !applied.includes(name));
  const isTaken = (name: string): boolean => applied.some((one) => numberOf(one) === numberOf(name));
  const found = pending.filter((name) => name < newest || isTaken(name));
  const rest = pending.filter((name) => !found.includes(name));
  const twice = rest.filter((name) => rest.some((one) => one !== name && numberOf(one) === numberOf(name)));
  if (twice.length === 0) return found;
  throw new CowriedbError(
    "migrate.name",
    `${shown} has more than one migration ${(twice[0] ?? "").slice(0, 4)}: ${twice.filter((name) => numberOf(name) === numberOf(twice[0] ?? "")).join(", ")}. None is applied, so nothing says which is to move.`,
    {
      hint: `Nothing was changed. Name what is to move, in one command: cowriedb migrate renumber ${[...found, twice.at(-1) ?? ""].join(" ")}`,
    },
  );
}

function refuseApplied({ applied, store }: Numbered, name: string): void {
  if (name === "") throw new CowriedbError("migrate.name", "0 is no migration's number.");
  if (!applied.includes(name)) return;
  throw new CowriedbError("migrate.applied", `Migration ${name} is applied to ${store}: its number stays.`, {
    hint: "Nothing was changed. Run: cowriedb migrate status",
  });
}

type Files = Pick<Renumbering, "files" | "edited" | "left" | "texts">;

/** Which files move, and which name one that does. */
function filesOf({ root, applied }: Numbered, moves: Renumbering["moves"]): Files {
  const found: Files = { files: [], edited: [], left: [], texts: new Map() };
  if (moves.length === 0) return found;
  const targets = new Map(moves.map(({ from, to }) => [from, to]));
  const anew = renamer(targets);
  /** First digits of the digests of files that say the same as before to an engine, and so cost the same. */
  const digests = new Map<string, string>();
  for (const { path, name, dialect, isScript } of scriptsIn(root)) {
    const to = targets.get(name);
    const target = to === undefined ? path : path.replace(`/${name}.`, `/${to}.`);
    if (target !== path) found.files.push({ from: path, to: target });
    const text = readFileSync(join(root, path), "utf8");
    const edited = anew(text);
    if (edited === text) continue;
    if (isScript && applied.includes(name)) {
      found.left.push(path);
      continue;
    }
    found.edited.push(target);
    found.texts.set(path, edited);
    if (saysTheSame(text, edited, dialect)) digests.set(digestOf(text), digestOf(edited));
  }
  for (const path of filesIn(root).filter((file) => /\.(?:tsv|md)$/.test(file))) {
    const text = readFileSync(join(root, path), "utf8");
    const edited = path.endsWith(".md")
      ? anew(text)
      : tableAnew(text, anew, path === "costs.tsv" ? digests : new Map());
    if (edited === text) continue;
    found.edited.push(path);
    found.texts.set(path, edited);
  }
  return found;
}

interface ScriptFile {
  path: string;
  name: string;
  dialect: Dialect;
  /** Whether it is one whose digest the ledger keeps; a verify query is none. */
  isScript: boolean;
}

function scriptsIn(root: string): ScriptFile[] {
  return dialects.flatMap((dialect) => [
    ...filesIn(join(root, dialect)).map((file) => ({
      ...{ path: `${dialect}/${file}`, name: scriptName.exec(file)?.[1] ?? "" },
      ...{ dialect, isScript: true },
    })),
    ...filesIn(join(root, "verify", dialect)).map((file) => ({
      ...{ path: `verify/${dialect}/${file}`, name: file.replace(/\.sql$/, "") },
      ...{ dialect, isScript: false },
    })),
  ]);
}

/** Writes names anew where they stand as whole words. */
function renamer(targets: ReadonlyMap<string, string>): (text: string) => string {
  const names = [...targets.keys()].sort((one, other) => other.length - one.length);
  const word = new RegExp(`(?<![A-Za-z0-9_])(?:${names.join("|")})(?![A-Za-z0-9_])`, "g");
  return (text) => text.replaceAll(word, (name) => targets.get(name) ?? name);
}

/** A table of tab-separated lines with the names anew, sorted again where it was. */
function tableAnew(
  text: string,
  anew: (text: string) => string,
  digests: ReadonlyMap<string, string>,
): string {
  const [head = "", ...lines] = text.replace(/\n$/, "").split("\n");
  const isSorted = lines.every((line, index) => index === 0 || (lines[index - 1] ?? "") <= line);
  const edited = lines.map((line) => {
    const cells = anew(line).split("\t");
    return cells.map((cell) => digests.get(cell) ?? cell).join("\t");
  });
  if (edited.every((line, index) => line === lines[index])) return text;
  return `${[head, ...(isSorted ? edited.sort() : edited)].join("\n")}\n`;
}

function saysTheSame(text: string, edited: string, dialect: Dialect): boolean {
  const [one, other] = [tokensOf(text, dialect), tokensOf(edited, dialect)];
  return one.length === other.length && one.every((token, index) => token === other[index]);
}

/** As `costs.tsv` keeps it. */
function digestOf(text: string): string {
  return scriptDigest(text).slice(0, 16);
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/** The folder, where it can be read as one of migrations. Throws `migrate.no_folder`. */
export function assertFolder(root: string, shown: string): void {
  if (numberedNames(root).length > 0) return;
  throw new CowriedbError(
    "migrate.no_folder",
    `${visible(shown)} has no migrations in sqlite/ or postgres/.`,
    {
      hint: "Give the folder that has sqlite/ or postgres/ with NNNN_name.up.sql and .down.sql in it: --dir FOLDER",
    },
  );
}
