import { shownUrl } from "../config.ts";
import type { CowriedbError } from "../errors.ts";
import { shellWord, visible } from "../term.ts";
import { commandNames } from "./command-names.ts";

/** What of a command line says which database and which folder it is about. */
export interface About {
  db?: string;
  dir?: string;
  owner?: string;
}

/** They are about no store, or name theirs in another way. */
const withoutStore = new Set(["version", "demo", "hydrate", "migrate tag", "runbook check"]);

/** They are about a folder where `--dir` is given. */
const ofFolder = /^migrate (?:up|down|status|plan|measure|lint|verify|prove|drift|bless|tag|renumber)$/;

/**
 * Each `cowriedb …` of a text so that it is about the same database and folder as the command that prints it: rooms that know of a
 * next command do not know what was typed.
 */
export function wholeCommands(text: string, about: About): string {
  return text.replaceAll(
    /(?<=\bcowriedb )([a-z][a-z-]*(?: [a-z][a-z-]*)?)([^\n]*?)(?=\bcowriedb |\n|$)/g,
    (all: string, words: string, rest: string) => {
      const [one = ""] = words.split(" ");
      const name = [words, one].find((known) => commandNames.has(known));
      if (name === undefined) return all;
      const behind = words.slice(name.length) + rest;
      return /^ --help\b/.test(behind) ? all : name + addedTo(name, behind, about) + behind;
    },
  );
}

/** The options that a command lacks. */
function addedTo(name: string, behind: string, { db = "", dir = "", owner = "" }: About): string {
  const given: [option: string, value: string][] = [];
  if (ofFolder.test(name)) given.push(["--dir", dir]);
  if (ofFolder.test(name) && !/^migrate (?:lint|tag)$/.test(name)) given.push(["--owner", owner]);
  // A runbook is shown from its file, a run of one from the store.
  const isFile = name === "runbook show" && !/^ \d/.test(behind);
  if (!withoutStore.has(name) && !isFile && !/ --from\b/.test(behind)) given.push(["--db", shownUrl(db)]);
  return given
    .filter(([option, value]) => value !== "" && !new RegExp(` ${option}[ =]`).test(behind))
    .map(([option, value]) => ` ${option} ${shellWord(visible(value))}`)
    .join("");
}

/** Of what goes wrong with somebody's own database: no store is wanted there. */
const folderHints = new Map([
  ["db.no_database", "Create it with createdb, then run the same command again."],
  ["db.no_store", "Check --db. To make it, run: cowriedb migrate up --create"],
  [
    "db.no_permission",
    "Connect as the owner of what is to be changed; the ledger needs CREATE on the database, for the schema cowrie.",
  ],
]);

/** The hint of an error, with commands that are about what the failed one was about. */
export function hintOf(error: CowriedbError, about: About): string | undefined {
  const { code, hint } = error;
  const isOfFiles = code === "db.no_permission" && !/grant-roles/.test(hint ?? "");
  const known = (about.dir ?? "") === "" || isOfFiles ? hint : (folderHints.get(code) ?? hint);
  return known === undefined ? undefined : wholeCommands(known, about);
}
