import { databaseError, isBusy } from "../../db/database-error.ts";
import { CowriedbError, messageOf } from "../../errors.ts";
import type { Change } from "./engine.ts";
import type { Procedure, SchemaFiles } from "../files/files.ts";
import { objectOf } from "../files/order.ts";
import { lineAt } from "../files/statements.ts";

/** Runs the file of a procedure; gives how long it took. Throws `migrate.does_not_compile` and `migrate.foreign_object`. */
export async function applyProcedure(change: Change, procedure: Procedure): Promise<number> {
  const began = performance.now();
  try {
    await change.execute(procedure.text);
  } catch (cause) {
    if (isBusy(cause)) throw cause;
    throw refusedFile(change, procedure, cause);
  }
  return performance.now() - began;
}

/** Throws `migrate.does_not_compile` where a view, trigger or routine names what is not there, or is used wrongly. */
export async function compiledOnly(change: Change, files: SchemaFiles): Promise<void> {
  await change.compile(files.procedures);
}

/** What the database says of a file, with its line where that is known. */
function refusedFile(change: Change, procedure: Procedure, cause: unknown): CowriedbError {
  const { code = "", position, where = "" } = cause as { code?: string; position?: string; where?: string };
  // What was not dropped because others need it can be replaced only where its columns, arguments and result stay.
  if (code === "42P16" || code === "42P13" || code === "2BP01") {
    return new CowriedbError(
      "migrate.foreign_object",
      `${fileOf(change, procedure)} changes ${objectOf(procedure.name)}, which somebody else's object needs: ${messageOf(cause)}.`,
      {
        hint: "Nothing was changed. Drop what needs it, run: cowriedb migrate up; then make it anew.",
        cause,
      },
    );
  }
  if (!/^(42|22|2F|SQLITE_ERROR)/.test(code))
    return databaseError(cause, `apply ${fileOf(change, procedure)}`, "the store");
  const at = Number(position);
  const inBody = /\bat or near line (\d+)|near line (\d+)/.exec(where);
  const line =
    at > 0
      ? lineAt([...procedure.text].slice(0, at - 1).join(""), Infinity)
      : lineInBody(procedure.text, inBody);
  return doesNotCompile(fileOf(change, procedure), line, objectOf(procedure.name), messageOf(cause), cause);
}

/** A line of a routine's body, which begins behind the dollars, as one of the file. */
function lineInBody(text: string, match: RegExpExecArray | null): number | undefined {
  if (match === null) return undefined;
  const begin = text.search(/\$(?:[A-Za-z_]\w*)?\$/);
  return lineAt(text, begin) + Number(match[1] ?? match[2]) - 1;
}

/** `procedures/postgres/views/session_rollup.sql` */
export function fileOf({ dialect }: Pick<Change, "dialect">, { name }: Pick<Procedure, "name">): string {
  return `procedures/${dialect}/${name}.sql`;
}

/** The error that names file, line and object. */
export function doesNotCompile(
  file: string,
  line: number | undefined,
  object: string,
  message: string,
  cause: unknown,
): CowriedbError {
  const place = line === undefined ? file : `${file}, line ${line}`;
  return new CowriedbError("migrate.does_not_compile", `${place}: ${object} does not compile: ${message}.`, {
    hint: "Nothing was changed. Mend the file and run: cowriedb migrate up",
    cause,
  });
}
