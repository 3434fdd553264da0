import { existsSync, readdirSync, readFileSync } from "node:fs";
import { CowriedbError } from "../errors.ts";
import { packageFolder, type Dialect } from "../migrate/files/files.ts";
import { bindParameters } from "./query-parameters.ts";

/** How many rows a query gives. */
export type Returns = "many" | "one" | "maybe" | "none";

/** A named query as its files under sql/ say it. */
export interface QueryFile {
  /** Folder and name, as `events/insert_batch`. */
  name: string;
  /** The name of the constant, as `eventsInsertBatch`. */
  constant: string;
  /** What the query answers: the first lines of its header. */
  answers: string;
  returns: Returns;
  /** Columns that are never NULL, which no engine can know. */
  notNull: readonly string[];
  sqlite: string;
  /** With `$1`, `$2`, …. */
  postgres: string;
  /** In the order of `$1`, `$2`, …. */
  parameters: readonly string[];
}

/** The folder of what several queries begin with. */
const parts = "parts";
const fileName = /^([a-z][a-z0-9_]*)(\.sqlite|\.postgres)?\.sql$/;

/** Reads every named query, in the order of their names. Throws `dev.query` when a file breaks the rules of sql/. */
export function readQueryFiles(): QueryFile[] {
  const root = `${packageFolder}sql/`;
  if (!existsSync(root)) return [];
  const rooms = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== parts)
    .map((entry) => entry.name)
    .sort();
  return rooms.flatMap((room) => {
    const names = new Set<string>();
    for (const file of readdirSync(`${root}${room}`).sort()) {
      const name = fileName.exec(file)?.[1];
      if (name === undefined) throw queryError(`sql/${room}/${file}`, "is no query's name");
      names.add(name);
    }
    return [...names].sort().map((name) => readQuery(room, name));
  });
}

function readQuery(room: string, name: string): QueryFile {
  const base = `sql/${room}/${name}`;
  const shared = textOf(`${base}.sql`);
  const sqliteFile = textOf(`${base}.sqlite.sql`);
  const postgresFile = textOf(`${base}.postgres.sql`);
  if (shared !== undefined && (sqliteFile ?? postgresFile) !== undefined) {
    throw queryError(base, "has a shared file and a file of one dialect");
  }
  const sqliteText = shared ?? sqliteFile;
  const postgresText = shared ?? postgresFile;
  if (sqliteText === undefined || postgresText === undefined) {
    throw queryError(base, "has a file for one dialect only");
  }
  const header = readHeader(base, sqliteText);
  const other = readHeader(base, postgresText);
  if (header.returns !== other.returns || header.notNull.join() !== other.notNull.join()) {
    throw queryError(base, "says another thing in Returns or Not null for each dialect");
  }
  const sqlite = bindParameters(wholeOf(base, sqliteText, "sqlite"), "named");
  const postgres = bindParameters(wholeOf(base, postgresText, "postgres"), "numbered");
  if ([...sqlite.parameters].sort().join() !== [...postgres.parameters].sort().join()) {
    throw queryError(
      base,
      `has other parameters for each dialect: ${sqlite.parameters.join(", ")} and ${postgres.parameters.join(", ")}`,
    );
  }
  return {
    name: `${room}/${name}`,
    constant: `${room}_${name}`.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    ...header,
    sqlite: sqlite.text,
    postgres: postgres.text,
    parameters: postgres.parameters,
  };
}

function readHeader(base: string, text: string): Pick<QueryFile, "answers" | "returns" | "notNull"> {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("--")) break;
    lines.push(line.slice(2).trim());
  }
  const end = lines.findIndex((line) => line === "" || line.startsWith("Returns:"));
  const answers = lines.slice(0, end).join(" ");
  const returns = /^Returns: +(many|one|maybe|none)$/.exec(
    lines.find((line) => line.startsWith("Returns:")) ?? "",
  );
  if (answers === "" || returns === null) {
    throw queryError(
      base,
      "must begin with what it answers, then a line `-- Returns: many | one | maybe | none`",
    );
  }
  const at = lines.findIndex((line) => line.startsWith("Not null:"));
  const list = at < 0 ? [] : [lines[at]?.slice("Not null:".length) ?? "", ...untilBlank(lines.slice(at + 1))];
  const notNull = list
    .join(" ")
    .split(",")
    .map((column) => column.trim())
    .filter((column) => column !== "");
  return { answers, returns: returns[1] as Returns, notNull };
}

function untilBlank(lines: string[]): string[] {
  const end = lines.findIndex((line) => line === "" || /^[A-Z][A-Za-z ]*:/.test(line));
  return end < 0 ? lines : lines.slice(0, end);
}

/** The statement without its header and without its semicolon. */
function statementOf(text: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("--"));
  return lines.slice(start).join("\n").trim().replace(/;$/, "");
}

/** The statement behind the tables that `With: a, b` takes from `sql/parts`: of each all but its last query. */
function wholeOf(base: string, text: string, dialect: Dialect): string {
  const statement = statementOf(text);
  const names = /^-- With: +(.+)$/m.exec(text)?.[1]?.split(/, */) ?? [];
  if (names.length === 0) return statement;
  const tables = names.map((name) => {
    const part = textOf(`sql/${parts}/${name}.${dialect}.sql`) ?? textOf(`sql/${parts}/${name}.sql`);
    const own = part === undefined ? undefined : /^with\n([\s\S]*?)\nselect\b/.exec(statementOf(part))?.[1];
    if (own === undefined) throw queryError(base, `begins with ${name}, which is no part`);
    return own;
  });
  const rest = statement.startsWith("with\n") ? `,\n${statement.slice("with\n".length)}` : `\n${statement}`;
  return `with\n${tables.join(",\n")}${rest}`;
}

function textOf(path: string): string | undefined {
  return existsSync(packageFolder + path) ? readFileSync(packageFolder + path, "utf8") : undefined;
}

function queryError(base: string, problem: string): CowriedbError {
  return new CowriedbError("dev.query", `The query ${base} ${problem}.`);
}
