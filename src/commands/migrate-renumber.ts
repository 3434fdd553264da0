import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { targetOf } from "../config.ts";
import { CowriedbError, usageError } from "../errors.ts";
import { isWorkingCopy, packageFolder, toolVersion } from "../migrate/files/files.ts";
import { ownerOf } from "../migrate/files/folder-files.ts";
import { readFolderLedger } from "../migrate/folder/folder.ts";
import { named } from "../migrate/reach.ts";
import {
  assertFolder,
  carryOutRenumbering,
  numberedNames,
  planRenumbering,
  type Numbered,
  type Renumbering,
} from "../migrate/history/renumber.ts";
import { appliedOf, readLedger } from "../migrate/status.ts";
import { readingOnly, type Store } from "../migrate/store.ts";
import { addTag, readTags } from "../migrate/files/tags.ts";
import { counted, green, visible, yellow } from "../term.ts";
import type { FolderOptions } from "./migrate-folder.ts";
import { answer, type CommonOptions } from "./output.ts";

/** Options of `cowriedb migrate tag`. */
export interface TagOptions extends CommonOptions {
  dir: string;
  at: string;
  note: string;
}

/** `cowriedb migrate tag`: gives a name to a height of the schema, in the `tags.tsv` beside the files. */
export function tag(words: readonly string[], options: TagOptions): void {
  const [name] = words;
  if (name === undefined || words.length > 1)
    throw usageError("migrate tag needs one name.", "Run: cowriedb migrate tag --help");
  const { root, shown } = folderOf(options.dir, "tag");
  const names = numberedNames(root);
  const tags = readTags(join(root, "tags.tsv"));
  const migration = options.at === "" ? names.at(-1) : named({ subject: shown, names, tags }, options.at);
  if (migration === undefined || migration === "")
    throw usageError("Nothing has no tag.", "Give a migration: --at NNNN");
  addTag(join(root, "tags.tsv"), { tag: name, migration, note: options.note });
  const file = join(shown, "tags.tsv");
  answer(
    options,
    { tag: name, migration, file },
    () => `${green("✔")} @${name} is ${migration}, in ${file}.`,
  );
}

/** `cowriedb migrate renumber`: gives migrations that are not applied the next free numbers. */
export async function renumber(
  words: readonly string[],
  options: FolderOptions & { "dry-run": boolean },
): Promise<void> {
  const folder = folderOf(options.dir, "renumber");
  const target = targetOf(options.db);
  const owner = options.dir === "" ? "" : ownerOf(options.dir, options.owner);
  const numbered = await readingOnly(target, async (database): Promise<Numbered> => ({
    ...folder,
    store: database.name,
    applied: await appliedTo(database, owner),
  }));
  const plan = planRenumbering(numbered, words);
  if (!options["dry-run"]) carryOutRenumbering(numbered, plan);
  const { texts: _texts, ...shown } = plan;
  answer(options, { dry_run: options["dry-run"], ...shown }, () => textOf(plan, options));
}

async function appliedTo(database: Store["database"], owner: string): Promise<string[]> {
  if (owner === "") return appliedOf(await readLedger(database));
  const entries = await readFolderLedger(database);
  return entries
    .filter(({ name }) => name.startsWith(`${owner}/`))
    .map(({ name }) => name.slice(owner.length + 1));
}

function folderOf(dir: string, verb: keyof typeof elsewhere): Pick<Numbered, "root" | "shown"> {
  const isOwn = dir === "";
  const own = `${packageFolder}migrations`;
  const root = isOwn ? own : resolve(dir);
  const shown = isOwn ? "migrations" : visible(dir);
  assertFolder(root, shown);
  if (!isWorkingCopy && realpathSync(root) === realpathSync(own)) {
    throw new CowriedbError(
      "migrate.installed",
      `The migrations of the store are files of the installed cowriedb ${toolVersion}: what is written there is gone with the next installation.`,
      { hint: `Nothing was changed. For a folder of your own: --dir FOLDER. ${elsewhere[verb]}` },
    );
  }
  return { root, shown };
}

/** What is done with a store in place of changing the files that it comes from. */
const elsewhere = {
  tag: "A height of the store has a number, which --to takes as well: cowriedb migrate status",
  renumber: "A late migration of the store is applied as it is: cowriedb migrate up --out-of-order",
};

function textOf(plan: Renumbering, options: FolderOptions & { "dry-run": boolean }): string {
  const { moves, files, left, overtaken } = plan;
  const edited = plan.edited.filter((path) => !files.some(({ to }) => to === path));
  if (moves.length === 0) return "Nothing is to be renumbered.";
  const isDry = options["dry-run"];
  return [
    ...moves.map(
      ({ from, to }) => `${isDry ? yellow("…") : green("✔")} ${from} ${isDry ? "would become" : "is"} ${to}`,
    ),
    `${counted(files.length, "file")} ${isDry ? "would get" : "got"} another name; ${edited.length === 0 ? "nothing else names it" : `the name ${isDry ? "would be" : "was"} written anew in ${edited.map(visible).join(", ")}`}.`,
    ...left.map((file) => `${yellow("…")} ${visible(file)} names it too, and is applied: it stays as it is.`),
    ...overtaken.map((name) => `${yellow("…")} ${name}, not applied either, now comes before.`),
    isDry ? "Nothing was changed." : options.dir === "" ? "Next: npm run gen" : "Next: cowriedb migrate plan",
  ].join("\n");
}
