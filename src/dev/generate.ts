import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type DatabaseHandle from "better-sqlite3";
import type postgres from "postgres";
import { CowriedbError, messageOf } from "../errors.ts";
import type { SchemaModelRow } from "../sql/generated.ts";
import { packageFolder } from "../migrate/files/files.ts";
import { dictionary } from "./dictionary.ts";
import { migrationList, readmeWithHelp } from "./documents.ts";
import { freshPostgres, freshSqlite } from "./fresh.ts";
import { modelOf } from "./model.ts";
import { parityProblems } from "./parity.ts";
import { queryCode, type KnownQuery } from "./query-code.ts";
import { agreed, describePostgres, describeSqlite } from "./query-columns.ts";
import { readQueryFiles, type QueryFile } from "./query-files.ts";
import { startServer } from "./server.ts";
import { postgresSnapshot, sqliteSnapshot } from "./snapshots.ts";
import { targetShapeCode } from "./target-shape.ts";

const queriesPath = "src/sql/generated.ts";

/**
 * `npm run gen`. The program is compiled without a look at its types before, so that it may use a query that is not
 * generated yet; it is compiled again when the query is, and shows its help only then.
 */
async function main(): Promise<number> {
  const isCheck = process.argv.includes("--check");
  const { files, problems } = await generatedFiles();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  let changed = settle(files, isCheck);
  const isRunning = isCheck ? !changed.includes(queriesPath) : compile();
  if (!isRunning) return 1;
  const readme = readmeWithHelp();
  if (readme !== undefined) changed = [...changed, ...settle(new Map([["README.md", readme]]), isCheck)];
  if (changed.length === 0) process.stdout.write(`${files.size + 1} generated files are up to date\n`);
  return problems.length > 0 || (isCheck && changed.length > 0) ? 1 : 0;
}

/** Writes the files that are not as they must be, or tells of them; gives their paths. */
function settle(files: ReadonlyMap<string, string>, isCheck: boolean): string[] {
  const changed = [...files].filter(([path, text]) => textOf(path) !== text);
  for (const [path, text] of changed) {
    if (isCheck) process.stderr.write(`${path} is not what npm run gen writes.\n`);
    else {
      mkdirSync(dirname(packageFolder + path), { recursive: true });
      writeFileSync(packageFolder + path, text);
      process.stdout.write(`${path} written\n`);
    }
  }
  return changed.map(([path]) => path);
}

/** Compiles everything, types and all; the compiler says what is wrong. */
function compile(): boolean {
  const compiler = `${packageFolder}node_modules/typescript/bin/tsc`;
  const words = [compiler, "--project", `${packageFolder}tsconfig.json`];
  return spawnSync(process.execPath, words, { stdio: "inherit" }).status === 0;
}

/** The text of every generated file but the README by its path, asked of real engines, and where the engines' schemas differ. */
async function generatedFiles(): Promise<{ files: Map<string, string>; problems: string[] }> {
  const queries = readQueryFiles();
  const handle = freshSqlite(queries);
  const files = new Map<string, string>();
  const problems: string[] = [];
  const server = await startServer();
  try {
    const sql = await freshPostgres(server.url, queries);
    try {
      files.set(queriesPath, queryCode(await knownQueries(queries, handle, sql)));
      files.set("src/sql/target-shape.ts", await targetShapeCode(sql, queries));
      files.set("migrations/schema.sqlite.sql", sqliteSnapshot(handle));
      files.set("migrations/schema.postgres.sql", await postgresSnapshot(sql));
      files.set("migrations/README.md", migrationList());
      files.set("runbooks/reference/data-dictionary.md", await dictionary(handle, sql));
      problems.push(...(await parityOf(queries, handle, sql)));
    } finally {
      await sql.end({ timeout: 5 });
    }
  } finally {
    await server.stop();
    handle.close();
  }
  return { files, problems };
}

/** Where the schemas of both engines mean different things and it is not allowed. */
async function parityOf(
  queries: readonly QueryFile[],
  handle: DatabaseHandle.Database,
  sql: postgres.Sql,
): Promise<string[]> {
  const query = queries.find(({ name }) => name === "schema/model");
  if (query === undefined) throw new CowriedbError("dev.query", "There is no query schema/model.");
  const ours = modelOf("sqlite", handle.prepare(query.sqlite).all({ of_store: 1 }) as SchemaModelRow[]);
  const theirs = modelOf("postgres", [
    ...(await sql.unsafe(query.postgres, [1])),
  ] as unknown as SchemaModelRow[]);
  return parityProblems(ours, theirs);
}

/** Asks the engines about every query; what they refuse is told all at once. */
async function knownQueries(
  queries: readonly QueryFile[],
  handle: DatabaseHandle.Database,
  sql: postgres.Sql,
): Promise<KnownQuery[]> {
  const known: KnownQuery[] = [];
  const problems: string[] = [];
  for (const query of queries) {
    try {
      const told = await describePostgres(sql, query);
      known.push({ query, described: agreed(query, describeSqlite(handle, query), told) });
    } catch (error) {
      if (!(error instanceof CowriedbError)) throw error;
      problems.push([error.message, error.hint].filter((part) => part !== undefined).join(" "));
    }
  }
  if (problems.length > 0) throw new CowriedbError("dev.query", problems.join("\n"));
  return known;
}

function textOf(path: string): string {
  return existsSync(packageFolder + path) ? readFileSync(packageFolder + path, "utf8") : "";
}

try {
  process.exitCode = await main();
} catch (error) {
  const hint = error instanceof CowriedbError ? error.hint : undefined;
  process.stderr.write(`${messageOf(error)}\n${hint === undefined ? "" : `${hint}\n`}`);
  process.exitCode = 1;
}
