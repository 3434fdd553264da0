import type { Sqlite } from "../db/sqlite.ts";
import { messageOf } from "../errors.ts";
import { lineAt, placedTokensOf, statementsOf } from "./statements.ts";

/**
 * Runs the statements of a file on SQLite one by one, so that an error can name the line of the one that it is about, and `file` where
 * that is given.
 */
export function runStatements({ handle }: Sqlite, text: string, file = ""): void {
  let at = 0;
  for (const statement of statementsOf(text, "sqlite")) {
    try {
      handle.exec(statement.text);
    } catch (error) {
      // SQLite says where a statement ends; where it ends elsewhere than was thought, the rest is its to read.
      if (/incomplete input|unrecognized token/.test(messageOf(error))) {
        handle.exec(text.slice(at));
        return;
      }
      const first = placedTokensOf(statement.text, "sqlite")[0]?.at ?? 0;
      throw told(error, lineAt(text, at + first), file);
    }
    at += statement.text.length;
  }
}

/** A server's error with the line of the file that it is about, where it says one. */
export function placed(error: unknown, text: string, file = ""): unknown {
  const position = Number((error as { position?: string }).position);
  if (!Number.isSafeInteger(position) || position < 1) return error;
  const before = [...text].slice(0, position - 1).join("");
  return told(error, before.split("\n").length, file);
}

function told(error: unknown, line: number, file: string): unknown {
  if (error instanceof Error) error.message += ` (${file === "" ? "" : `${file}, `}line ${line})`;
  return error;
}
