import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CowriedbError } from "../../errors.ts";

export type Dialect = "sqlite" | "postgres";

/** The folder of the package, which holds migrations/ and procedures/. */
export const packageFolder = fileURLToPath(new URL("../../../../", import.meta.url));

/** Whether it is a working copy with its sources, and not an installed package, whose files are nobody's to change. */
export const isWorkingCopy = existsSync(`${packageFolder}src`);

/** The package's version. */
export const toolVersion = (
  JSON.parse(readFileSync(`${packageFolder}package.json`, "utf8")) as { version: string }
).version;

/** A migration's file: its name and its direction. */
export const scriptName = /^(\d{4}_[a-z0-9_]+)\.(up|down)\.sql$/;

/** The names of a dialect's migrations in order. Throws `migrate.name` when a file is out of place. */
export function migrationNames(dialect: Dialect): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(`${packageFolder}migrations/${dialect}/`)) {
    const name = scriptName.exec(file)?.[1];
    if (name === undefined) {
      throw new CowriedbError(
        "migrate.name",
        `migrations/${dialect}/${JSON.stringify(file)} is no migration's name.`,
        {
          hint: "Name it NNNN_object_change.up.sql with a .down.sql beside it, or move it away.",
        },
      );
    }
    names.add(name);
  }
  return [...names].sort();
}

/** The text of a file that need not be there; undefined where it is not. */
export function maybeTextOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The lines of comment and the empty ones before the first statement of a file, whatever ends them. */
export function headLines(text: string): string[] {
  const lines: string[] = [];
  // A file may have megabytes behind its head, and is asked for its keys again and again.
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at >= 0;) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end < 0 ? undefined : end).replace(/\r$/, "");
    if (line.trim() !== "" && !line.startsWith("--")) break;
    lines.push(line);
    at = end < 0 ? -1 : end + 1;
  }
  return lines;
}

/** The value of a key in the comment that heads a file; continued lines are joined. */
export function headerOf(text: string, key: string): string {
  const lines: string[] = [];
  let inside = false;
  for (const line of headLines(text)) {
    const match = /^-- ([A-Z][a-z]+): +(.*)$/.exec(line);
    if (match !== null) inside = match[1] === key;
    else if (!/^-- {4,}\S/.test(line)) inside = false;
    if (inside) lines.push(match?.[2] ?? line.slice(2).trim());
  }
  return lines.join(" ");
}
