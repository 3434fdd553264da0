import { visible } from "../../term.ts";
import type { Dialect } from "./names.ts";
import { lineAt, placedTokensOf } from "./statements.ts";

/** What of a file a shell reads, and no database; and what to do. */
export interface ShellLine {
  why: string;
  hint: string;
}

/** The first line of a dump that is no SQL: `\restrict` and `\connect` of psql, `.mode` of sqlite3, or rows behind COPY … FROM stdin. */
export function shellLine(text: string, dialect: Dialect): ShellLine | undefined {
  // Most files need not be taken apart.
  if (!(dialect === "postgres" ? /\\|\bstdin\b/i : /^[^\S\n]*\./m).test(text)) return undefined;
  let words: string[] = [];
  for (const { text: token, at } of placedTokensOf(text, dialect)) {
    if (dialect === "postgres" ? token === "\\" : token === "." && words.length === 0) {
      const [line = ""] = text.slice(at, at + 40).split(/\r?\n/, 1);
      const shell = dialect === "postgres" ? "psql" : "the sqlite3 shell";
      return {
        why: `line ${lineAt(text, at)}, ${visible(line.trim())}, is a command of ${shell} and no SQL`,
        hint: "Take such lines out. Of PostgreSQL, a schema to begin with is written by: pg_dump --schema-only --no-owner",
      };
    }
    words = token === ";" ? [] : [...words.slice(0, 1), ...words.slice(-1), token.toLowerCase()];
    if (dialect === "postgres" && words[0] === "copy" && words.slice(-2).join(" ") === "from stdin") {
      return {
        why: `line ${lineAt(text, at)}: COPY FROM stdin reads rows that psql sends, and here nobody sends any`,
        hint: "Write the rows as INSERT, as pg_dump --inserts does, or leave them out: pg_dump --schema-only --no-owner",
      };
    }
  }
  return undefined;
}
