import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import {
  noteCall,
  notingRoutine,
  reachOf,
  reachTable,
  triggerBody,
  type Routine,
  type RoutineStatement,
} from "../../src/dev/reach.ts";
import type { Server, ServerOptions } from "../../src/dev/server.ts";
import { throwAwayFolder } from "../../src/dev/throw-away-folder.ts";
import { onServer, templateName } from "./database.ts";

/** The least share of the statements of an engine's routines that the tests must reach. */
const leastReached = 0.9;

/** A run of tests whose stores have routines that note what is reached of them. */
export interface Coverage {
  /** What a server is started with: its log is read, of which no rollback takes anything back. */
  server(): ServerOptions;
  /** What the tests are started with. */
  env: NodeJS.ProcessEnv;
  coverServer(server: Server): Promise<void>;
  coverFile(path: string): void;
  /** The table, once the servers have ended; and what is not enough, in sentences. */
  report(): { table: string; problems: string[] };
  remove(): void;
}

/** The SQL of the function that a server's routines call: a line in the log, once a session and statement. */
const noteFunction = `
  create schema cowriedb_reached;
  grant usage on schema cowriedb_reached to public;
  create function ${noteCall.postgres}(p_mark integer) returns boolean language plpgsql as $$
  begin
    if current_setting('cowriedb_reached.s' || p_mark, true) = '1' then
      return true;
    end if;
    raise log 'cowriedb reached %', p_mark;
    perform set_config('cowriedb_reached.s' || p_mark, '1', false);
    return true;
  end
  $$`;

/** The functions and procedures of the store; the body is what stands in the definition. */
const routinesOfServer = `
  select
    p.oid::regprocedure::text as name,
    l.lanname as language,
    pg_get_functiondef(p.oid) as definition,
    coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as body
  from
    pg_proc as p
    join pg_language as l on l.oid = p.prolang
  where p.pronamespace = 'cowrie'::regnamespace and l.lanname in ('plpgsql', 'sql')
  order by 1`;

/** Prepares such a run. */
export function startCoverage(): Coverage {
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-reached-"));
  const logs: Set<number>[] = [];
  const engines: { name: string; marks: () => ReadonlySet<number>; statements: RoutineStatement[] }[] = [];
  return {
    server: () => {
      const marks = new Set<number>();
      logs.push(marks);
      return { settings: serverSettings, onLog: marksOfLines(marks) };
    },
    env: {
      NODE_OPTIONS: `--import ${new URL("./reached-sqlite.js", import.meta.url).href}`,
      COWRIEDB_REACHED: folder,
    },
    coverServer: async ({ url, version }) => {
      const statements: RoutineStatement[] = [];
      const marks = logs[engines.length] ?? new Set<number>();
      engines.push({ name: `PostgreSQL ${version}`, marks: () => marks, statements });
      const at = new URL(url);
      at.pathname = `/${templateName}`;
      await onServer(at.href, async (sql) => {
        await sql.unsafe(noteFunction);
        await sql.unsafe("set search_path = cowrie, pg_catalog; set check_function_bodies = off");
        const routines = await sql.unsafe<(Routine & Record<string, string>)[]>(routinesOfServer);
        for (const routine of routines) {
          const noting = notingRoutine(routine, statements.length);
          await sql.unsafe(noting.definition);
          statements.push(...noting.statements);
        }
      });
    },
    coverFile: (path) => {
      const statements = coverTriggers(path);
      engines.push({ name: "SQLite", marks: () => marksIn(folder), statements });
    },
    report: () => {
      const found = engines.map(({ name, marks, statements }) => ({
        name,
        reach: reachOf(statements, marks()),
      }));
      return {
        table: found.map(({ name, reach }) => reachTable(name, reach)).join("\n"),
        problems: found
          .filter(({ reach }) => reach.reached < leastReached * reach.all)
          .map(
            ({ name, reach }) =>
              `${name}: ${reach.reached} of ${reach.all} statements of routines were reached, less than ${100 * leastReached} %.`,
          ),
      };
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const serverSettings = {
  log_line_prefix: "",
  // A worker of a query may set nothing.
  max_parallel_workers_per_gather: "0",
};

/** Notes the marks of a log that comes in pieces. */
function marksOfLines(marks: Set<number>): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const mark = /^LOG: +cowriedb reached (\d+)$/.exec(line)?.[1];
      if (mark !== undefined) marks.add(Number(mark));
    }
  };
}

/** Has the triggers of a SQLite file note their statements. */
function coverTriggers(path: string): RoutineStatement[] {
  const handle = new DatabaseHandle(path);
  const statements: RoutineStatement[] = [];
  const triggers = handle
    .prepare("select name, sql as definition from sqlite_schema where type = 'trigger' order by name")
    .all() as Pick<Routine, "name" | "definition">[];
  handle.exec("begin");
  for (const { name, definition } of triggers) {
    const body = triggerBody(definition);
    const noting = notingRoutine({ name, language: "trigger", definition, body }, statements.length);
    handle.exec(`drop trigger "${name}"; ${noting.definition}`);
    statements.push(...noting.statements);
  }
  handle.exec("commit");
  handle.close();
  return statements;
}

/** The marks in the files of a folder. */
function marksIn(folder: string): Set<number> {
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
  return new Set(lines.filter((line) => line !== "").map(Number));
}
