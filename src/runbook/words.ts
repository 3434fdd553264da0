import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A part of a word: text as it stands, a variable, or a `*` that stands for any part of a file's name. */
type Part = { text: string } | { variable: string } | { any: true };

/** A word of a command, before its variables are filled in. */
export type Word = Part[];

/** Why a line is no command that can be run. */
export class WordsError extends Error {}

/**
 * Splits a line into words. No shell reads it: blanks split, `"…"` and `'…'` keep together, `$NAME` outside of `'…'` is a
 * variable, a `*` outside of quotes stands for a part of a file's name. What else a shell would act upon is refused.
 */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  let rest = line;
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest);
    if (found === null) return undefined;
    rest = rest.slice(found[0].length);
    return found[1] ?? found[0];
  };
  while (rest !== "") {
    if (take(/^[ \t]+/) !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= [];
    const plain = take(/^'([^']*)'/) ?? take(/^[A-Za-z0-9_@%+=:,./-]+/);
    if (plain !== undefined) word.push({ text: plain });
    else if (take(/^\*/) !== undefined) word.push({ any: true });
    else {
      const quoted = take(/^"((?:[^"\\`]|\\["\\$])*)"/);
      if (quoted !== undefined) word.push({ text: "" }, ...partsOf(quoted));
      else {
        const variable = take(/^\$([A-Z][A-Z0-9_]*)/);
        if (variable === undefined)
          throw new WordsError(`no shell runs it, so ${JSON.stringify(rest.slice(0, 1))} cannot stand there`);
        word.push({ variable });
      }
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** What stands in double quotes: text and variables. */
function partsOf(quoted: string): Part[] {
  return [...quoted.matchAll(/\\(["\\$])|\$([A-Z][A-Z0-9_]*)|([^\\$]+)|(\$)/g)].map(
    ([, escaped, variable, text, dollar]) => {
      if (dollar !== undefined)
        throw new WordsError("a $ in double quotes must stand before a variable's name");
      return variable === undefined ? { text: escaped ?? text ?? "" } : { variable };
    },
  );
}

/** The variables that words use. */
export function variablesOf(words: readonly Word[]): string[] {
  return words.flat().flatMap((part) => ("variable" in part ? [part.variable] : []));
}

/**
 * The words with their variables filled in. A value stays one word, whatever is in it; a word with a `*` becomes the files
 * that fit, in order, or stays as it is where none does.
 */
export function filledIn(words: readonly Word[], variables: ReadonlyMap<string, string>): string[] {
  return words.flatMap((word) => {
    const parts = word.map((part) =>
      "variable" in part ? { text: variables.get(part.variable) ?? "" } : part,
    );
    const plain = parts.map((part) => ("any" in part ? "*" : part.text)).join("");
    return parts.some((part) => "any" in part) ? matching(parts, plain) : [plain];
  });
}

function matching(parts: readonly ({ text: string } | { any: true })[], plain: string): string[] {
  const pattern = parts.map((part) => ("any" in part ? "\u0000" : part.text)).join("");
  const folder = dirname(pattern);
  // A star in the name of a folder stands for itself.
  if (folder.includes("\u0000")) return [plain];
  const [head = "", ...tails] = basename(pattern).split("\u0000");
  const found = namesIn(folder)
    .filter((name) => fits(name, head, tails))
    .sort();
  return found.length === 0 ? [plain] : found.map((name) => join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether a name is `head`, anything, the first of `tails`, anything, … and ends with the last of them. */
function fits(name: string, head: string, tails: readonly string[]): boolean {
  if (!name.startsWith(head) || (head === "" && name.startsWith("."))) return false;
  let rest = name.slice(head.length);
  const last = tails.at(-1) ?? "";
  for (const tail of tails.slice(0, -1)) {
    const at = rest.indexOf(tail);
    if (at < 0) return false;
    rest = rest.slice(at + tail.length);
  }
  return rest.endsWith(last);
}
