import type { EventEmitter } from "node:events";
import type pg from "pg";
import type { Sqlite } from "../../db/sqlite.ts";
import { messageOf } from "../../errors.ts";
import { visible } from "../../term.ts";
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

/** How a file is run. */
export interface Placing {
  file?: string;
  /** Is told what the server says meanwhile, as that a name was cut. */
  tell?: (text: string) => void;
}

/** Runs a file on PostgreSQL; an error names the line, and `file` where that is given. */
export async function runPlaced(
  client: pg.Client,
  text: string,
  { file = "", tell = () => undefined }: Placing = {},
): Promise<pg.QueryResult[]> {
  let done = 0;
  const count = (): void => void done++;
  const hear = ({
    severity = "NOTICE",
    message = "",
  }: {
    severity?: string | undefined;
    message?: string | undefined;
  }): void => {
    tell(`The server says ${visible(severity)}: ${visible(message)}.`);
  };
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on("commandComplete", count);
  client.on("notice", hear);
  try {
    const results: unknown = await client.query(text);
    return (Array.isArray(results) ? results : [results]) as pg.QueryResult[];
  } catch (error) {
    throw placed(error, text, file, done);
  } finally {
    connection.off("commandComplete", count);
    client.off("notice", hear);
  }
}

/** A server's error with the line that it says, or else that of the statement behind so many that were done. */
function placed(error: unknown, text: string, file: string, done: number): unknown {
  const position = Number((error as { position?: string }).position);
  if (Number.isSafeInteger(position) && position > 0) {
    const before = [...text].slice(0, position - 1).join("");
    return told(error, before.split("\n").length, file);
  }
  // A lost connection says no SQLSTATE.
  if (!/^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? "")) return error;
  let at = 0;
  for (const [index, statement] of statementsOf(text, "postgres")
    .filter(({ words }) => words !== "")
    .entries()) {
    const first = placedTokensOf(statement.text, "postgres")[0]?.at ?? 0;
    at = text.indexOf(statement.text, at);
    if (index === done) return told(error, lineAt(text, at + first), file);
    at += statement.text.length;
  }
  return error;
}

function told(error: unknown, line: number, file: string): unknown {
  if (error instanceof Error) error.message += ` (${file === "" ? "" : `${file}, `}line ${line})`;
  return error;
}
