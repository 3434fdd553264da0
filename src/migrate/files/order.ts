import { CowriedbError } from "../../errors.ts";
import { headerOf, type Dialect } from "./names.ts";
import { bodyOf, nameOf, placedTokensOf } from "./statements.ts";

/** A file that makes an object. */
interface Made {
  name: string;
  text: string;
}

/**
 * The procedures, each behind those that must be there when it is made: what its text needs then, and what its header names in Needs.
 * Throws `migrate.needs` on a circle, and where a header names something that is in no file.
 */
export function inOrder<T extends Made>(found: readonly T[], dialect: Dialect): T[] {
  const byObject = new Map(found.map((procedure) => [objectOf(procedure.name), procedure]));
  const done = new Set<string>();
  const ordered: T[] = [];
  const visit = (procedure: T, path: readonly string[]): void => {
    if (done.has(procedure.name)) return;
    if (path.includes(procedure.name)) {
      const circle = [...path.slice(path.indexOf(procedure.name)), procedure.name];
      throw new CowriedbError("migrate.needs", `These need each other: ${circle.join(", ")}.`, {
        hint: "Break the circle: one of them must do without the next.",
      });
    }
    for (const need of [...declaredNeeds(procedure.text), ...discoveredNeeds(procedure, byObject, dialect)]) {
      const needed = byObject.get(need);
      if (needed === undefined)
        throw new CowriedbError("migrate.needs", `${procedure.name} needs ${need}, which is in no file.`);
      visit(needed, [...path, procedure.name]);
    }
    done.add(procedure.name);
    ordered.push(procedure);
  };
  for (const procedure of found) visit(procedure, []);
  return ordered;
}

/** The object that a file makes. */
export function objectOf(file: string): string {
  return file.split("/")[1] ?? file;
}

/** What the header's Needs names. */
export function declaredNeeds(text: string): string[] {
  return headerOf(text, "Needs")
    .split(/[\s,]+/)
    .map((word) => word.replace(/\.$/, ""))
    .filter((word) => word !== "");
}

/**
 * The other objects that must be there when this one is made. SQLite wants the view that a trigger is on. PostgreSQL wants what a view
 * or a function in SQL reads and calls, and the types of arguments; what stands in the body of another language is asked for when it runs.
 */
function discoveredNeeds(procedure: Made, byObject: ReadonlyMap<string, Made>, dialect: Dialect): string[] {
  const own = objectOf(procedure.name);
  const found = new Set<string>();
  const isBodyRead = dialect === "sqlite" || /^\s*language sql\b/m.test(procedure.text);
  const read = (text: string): void => {
    const tokens = placedTokensOf(text, dialect);
    const wordAt = (index: number): string => nameOf(tokens[index]?.text ?? "", dialect);
    tokens.forEach((token, index) => {
      const body = bodyOf(token.text);
      if (body !== undefined) return isBodyRead ? read(body) : undefined;
      const name = nameOf(token.text, dialect);
      if (name === own || !byObject.has(name)) return undefined;
      const isQualified = wordAt(index - 1) === ".";
      const before = wordAt(isQualified ? index - 3 : index - 1);
      const behind = wordAt(index + 1);
      const isNeeded =
        dialect === "sqlite"
          ? before === "on"
          : behind === "(" || namesBefore.has(before) || isType(before, behind);
      if (isNeeded) found.add(name);
      return undefined;
    });
  };
  read(procedure.text);
  return [...found].sort();
}

/** Behind which a relation or a type is named. */
const namesBefore = new Set(["from", "join", "lateral", "setof", "returns", ":", "as", "on"]);

/** Whether a name is the type of an argument: `job jobs, batch_size …`. */
function isType(before: string, behind: string): boolean {
  return /^[a-z_]/.test(before) && [",", ")", "[", "default"].includes(behind) && !notBeforeType.has(before);
}

const notBeforeType = new Set([
  "select",
  "by",
  "and",
  "or",
  "not",
  "then",
  "else",
  "when",
  "distinct",
  "case",
]);
