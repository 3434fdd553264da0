import { readdirSync, readFileSync } from "node:fs";
import { packageFolder, type Dialect } from "../migrate/files/files.ts";
import { declaredNeeds } from "../migrate/files/order.ts";
import { namesIn } from "../migrate/files/statements.ts";

const dialects: readonly Dialect[] = ["sqlite", "postgres"];
const upKeys = ["Why", "Locks", "Rewrites", "Undo", "Transaction"];
const optionalUpKeys = ["Differs", "Then"];
const downKeys = ["Why", "Undo"];
const optionalDownKeys = ["Loses"];
const procedureKeys = ["Takes", "Gives", "Reads", "Writes", "Calls", "Needs", "Fails", "Differs"];

/** What is wrong with the comments that head the files of migrations/ and procedures/, one line a problem. */
export function headerProblems(): string[] {
  return [...pairProblems(), ...dialects.flatMap(migrationProblems), ...dialects.flatMap(procedureProblems)];
}

/** Both dialects have the same migrations, each with an up and a down file. */
function pairProblems(): string[] {
  const [ours, theirs] = dialects.map((dialect) => new Set(listSql(`migrations/${dialect}`)));
  const all = new Set([...(ours ?? []), ...(theirs ?? [])]);
  for (const file of [...all])
    all.add(file.replace(/\.(up|down)\.sql$/, file.endsWith(".up.sql") ? ".down.sql" : ".up.sql"));
  return [...all]
    .sort()
    .flatMap((file) => [
      ...(ours?.has(file) === true ? [] : [`migrations/sqlite/${file} is missing`]),
      ...(theirs?.has(file) === true ? [] : [`migrations/postgres/${file} is missing`]),
    ]);
}

function migrationProblems(dialect: Dialect): string[] {
  return listSql(`migrations/${dialect}`).flatMap((file) => {
    const path = `migrations/${dialect}/${file}`;
    const [base, direction] = file.split(".");
    if (base === undefined || !/^\d{4}_[a-z0-9_]+$/.test(base))
      return [`${path}: the name is not NNNN_object_change`];
    const lines = headerLines(path);
    const first = direction === "up" ? base : `${base}: undo`;
    const wanted = direction === "up" ? upKeys : downKeys;
    const found = keysOf(lines);
    const extra = direction === "up" ? optionalUpKeys : optionalDownKeys;
    const allowed = [...wanted, ...extra.filter((key) => found.includes(key))];
    const problems = lines[0] === first ? [] : [`${path}: the first line is not "-- ${first}"`];
    if (found.join() !== allowed.join())
      problems.push(`${path}: the keys are ${found.join(", ")}, not ${allowed.join(", ")}`);
    const transaction = lines.find((line) => line.startsWith("Transaction:"));
    if (transaction !== undefined && !/^Transaction: +(one|none)$/.test(transaction)) {
      problems.push(`${path}: Transaction is neither one nor none`);
    }
    return problems;
  });
}

function procedureProblems(dialect: Dialect): string[] {
  const root = `procedures/${dialect}`;
  return readdirSync(packageFolder + root).flatMap((kind) =>
    listSql(`${root}/${kind}`).flatMap((file) => {
      const path = `${root}/${kind}/${file}`;
      const name = file.replace(/\.sql$/, "");
      const lines = headerLines(path);
      const unknown = keysOf(lines).filter((key) => !procedureKeys.includes(key));
      return [
        ...(lines[0]?.startsWith(`${name}: `) === true
          ? []
          : [`${path}: the first line is not "-- ${name}: " and its purpose`]),
        ...unknown.map((key) => `${path}: ${key} is no key of a procedure's header`),
        ...(makesIt(path, name) ? [] : [`${path}: nothing in it is called ${name}`]),
        ...needsProblems(path, dialect),
      ];
    }),
  );
}

/** What the header says that it needs is in the text. */
function needsProblems(path: string, dialect: Dialect): string[] {
  const text = readFileSync(packageFolder + path, "utf8");
  const names = namesIn(text, dialect);
  return declaredNeeds(text)
    .filter((need) => !names.has(need))
    .map((need) => `${path}: it needs ${need}, which its text does not name`);
}

function makesIt(path: string, name: string): boolean {
  const text = readFileSync(packageFolder + path, "utf8");
  return new RegExp(
    `^create (or replace )?(constraint )?(view|trigger|function|procedure) (cowrie\\.)?(tr_|tg_)?${name}\\b`,
    "m",
  ).test(text);
}

/** Lines of the comment that heads a file, without the dashes. */
function headerLines(path: string): string[] {
  const lines = readFileSync(packageFolder + path, "utf8").split("\n");
  const end = lines.findIndex((line) => !line.startsWith("--"));
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => line.replace(/^-- ?/, ""));
}

/** Free text below the keys may hold `Trap:` and `Limit:`, which are words to find, no keys. */
function keysOf(lines: string[]): string[] {
  return lines
    .slice(1)
    .flatMap((line) => /^([A-Z][a-z]+): /.exec(line)?.[1] ?? [])
    .filter((key) => key !== "Trap" && key !== "Limit");
}

function listSql(folder: string): string[] {
  return readdirSync(packageFolder + folder)
    .filter((file) => file.endsWith(".sql"))
    .sort();
}
