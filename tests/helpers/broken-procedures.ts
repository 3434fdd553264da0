import type { Dialect } from "../../src/migrate/files/files.ts";

/** A procedure that is broken, or a migration that breaks some. */
export interface Broken {
  name: string;
  /** The file, as `views/broken`; it is there beside the package's, or in the place of the one of that name. */
  file: string;
  /** Of each engine that has it: what the file says. */
  texts: Partial<Record<Dialect, string>>;
  /** A migration, the same for both, that comes with it; then `file` is the one at fault, with its text as it is. */
  migration?: string;
  /** What stands on the line that is named, and in no line before; nothing where no line is known. */
  mark?: string;
  /** What the engine says. */
  says: RegExp;
  code?: string;
}

const both = (text: string): Broken["texts"] => ({ sqlite: text, postgres: text });

const view = (select: string): Broken["texts"] => both(`create view broken as\n${select};\n`);

/** A trigger after updates of settings, which says `body` on its last line but one. */
const trigger = (body: string, on = "settings"): Broken["texts"] => ({
  sqlite: `create trigger tr_broken\nafter update on ${on}\nbegin\n  ${body};\nend;\n`,
  postgres:
    `create or replace function tg_broken()\nreturns trigger\nlanguage plpgsql\nset search_path from current\nas $$\nbegin\n` +
    `  ${body};\n  return null;\nend;\n$$;\n\ncreate or replace trigger tr_broken\nafter update on ${on}\nfor each row\nexecute function tg_broken();\n`,
});

/** A function of PostgreSQL; of SQLite a view with a trigger. */
const routine = (declare: string, body: string, gives = "void"): Broken["texts"] => ({
  postgres: `create or replace function broken(job_id bigint, job jobs)\nreturns ${gives}\nlanguage plpgsql\nset search_path from current\nas $$\ndeclare\n  v_count bigint;\n  ${declare}\nbegin\n  if job_id is null then\n    ${body};\n  end if;\nend;\n$$;\n`,
});

const walk = (body: string): Broken["texts"] => ({
  sqlite: `create view broken as\n  select cast(null as integer) as job_id\n  where false;\n\ncreate trigger tr_broken_instead_of_insert\ninstead of insert on broken\nbegin\n  ${body};\nend;\n`,
});

/** What is broken in a view or trigger. */
const ofTables: Broken[] = [
  {
    name: "a view of a column that is missing",
    file: "views/broken",
    texts: view("select s.session_id,\n  s.nowhere\nfrom session_summaries as s"),
    mark: "nowhere",
    says: /no such column: s\.nowhere|column s\.nowhere does not exist/,
  },
  {
    name: "a view of a table that is missing",
    file: "views/broken",
    texts: view("select n.session_id\nfrom nowhere as n"),
    mark: "nowhere",
    says: /no such table: (main\.)?nowhere|relation "nowhere" does not exist/,
  },
  {
    name: "a view that calls a function that is unknown",
    file: "views/broken",
    texts: view("select nowhere(s.session_id) as a\nfrom session_summaries as s"),
    mark: "nowhere",
    says: /no such function: nowhere|function nowhere\(text\) does not exist/,
  },
  {
    name: "a view that gives a function too few arguments",
    file: "views/broken",
    texts: view("select 1 as a,\n  substr(s.session_id) as b\nfrom session_summaries as s"),
    mark: "substr",
    says: /wrong number of arguments to function substr|function substr\(text\) does not exist/,
  },
  {
    name: "a view that adds a number to a text",
    file: "views/broken",
    texts: {
      postgres: "create view broken as\nselect s.session_id + 1 as a\nfrom session_summaries as s;\n",
    },
    mark: "+ 1",
    says: /operator does not exist: text \+ integer/,
  },
  {
    name: "a view that is no SQL",
    file: "views/broken",
    texts: view("select from where"),
    says: /syntax error/,
  },
  {
    name: "a view with two columns where one is due",
    file: "views/broken",
    texts: view("select (select s.session_id, 1) as a\nfrom session_summaries as s"),
    says: /returns 2 columns - expected 1|subquery must return only one column/,
  },
  {
    name: "a union of unequal columns",
    file: "views/broken",
    texts: view("select 1 as a\nunion all\nselect 1, 2"),
    says: /do not have the same number of result columns|must have the same number of columns/,
  },
  {
    name: "a view with a name that two tables have",
    file: "views/broken",
    texts: view(
      "select\n  session_id\nfrom session_summaries as s join session_files as f on f.url is not null",
    ),
    mark: "  session_id",
    says: /ambiguous/,
  },
  {
    name: "a view of a view's column that is missing",
    file: "views/broken",
    texts: view("select r.session_id, r.nowhere\nfrom session_rollup as r"),
    mark: "nowhere",
    says: /nowhere/,
  },
  {
    name: "a trigger with a new. that is missing",
    file: "triggers/broken",
    texts: trigger("insert into job_failures (session_id)\n  values (new.nowhere)"),
    mark: "nowhere",
    says: /new\.nowhere|has no field "nowhere"|column "nowhere" (not found|does not exist)|nowhere/,
  },
  {
    name: "a trigger with an old. that is missing",
    file: "triggers/broken",
    texts: trigger("delete from job_failures\n  where session_id = old.nowhere"),
    mark: "nowhere",
    says: /nowhere/,
  },
  {
    name: "a trigger that writes a table that is missing",
    file: "triggers/broken",
    texts: trigger("insert into nowhere (a) values (1)"),
    mark: "nowhere",
    says: /no such table: (main\.)?nowhere|relation "nowhere" does not exist/,
  },
  {
    name: "a trigger that writes a column that is missing",
    file: "triggers/broken",
    texts: trigger("insert into job_failures (job_id,\n  nowhere) values (1, 2)"),
    mark: "nowhere",
    says: /no column named nowhere|column "nowhere" of relation/,
  },
  {
    name: "a trigger that sets a column that is missing",
    file: "triggers/broken",
    texts: trigger("update job_failures\n  set nowhere = 1"),
    mark: "nowhere",
    says: /no such column: nowhere|column "nowhere" of relation/,
  },
  {
    name: "a trigger that calls a function that is unknown",
    file: "triggers/broken",
    texts: trigger("delete from job_failures\n  where session_id = nowhere(1)"),
    mark: "nowhere",
    says: /no such function: nowhere|function nowhere\(integer\) does not exist/,
  },
  {
    name: "a trigger with more values than columns",
    file: "triggers/broken",
    texts: trigger("insert into job_failures (job_id) values (1, 2)"),
    says: /2 values for 1 columns|more expressions than target columns/,
  },
  {
    name: "a trigger on a table that is missing",
    file: "triggers/broken",
    texts: trigger("delete from job_failures", "nowhere"),
    says: /no such table: (main\.)?nowhere|relation "nowhere" does not exist/,
  },
  {
    name: "a trigger of updates of a column that is missing",
    file: "triggers/broken",
    texts: {
      postgres: (trigger("delete from job_failures").postgres ?? "").replace(
        "after update on",
        "after update of nowhere on",
      ),
    },
    says: /column "nowhere" of relation "settings" does not exist/,
  },
];

const ofRoutines: Broken[] = [
  {
    name: "a variable that is read and was never declared",
    file: "functions/broken",
    texts: routine("", "v_count := v_nowhere + 1"),
    mark: "v_nowhere",
    says: /column "v_nowhere" does not exist/,
  },
  {
    name: "a variable that is set and was never declared",
    file: "functions/broken",
    texts: routine("", "v_nowhere := 1"),
    mark: "v_nowhere",
    says: /"v_nowhere" is not a known variable/,
  },
  {
    name: "a call with an argument of another type, in a branch that is never taken",
    file: "functions/broken",
    texts: routine("", "perform check_job('{}'::jsonb, 1)"),
    mark: "check_job",
    says: /function check_job\(jsonb, integer\) does not exist/,
  },
  {
    name: "a call with too many arguments",
    file: "functions/broken",
    texts: routine("", "perform check_job(1, 2, 3)"),
    mark: "check_job",
    says: /function check_job\(integer, integer, integer\) does not exist/,
  },
  {
    name: "a condition on a column that is missing",
    file: "functions/broken",
    texts: routine("", "if exists (select 1 from jobs as j where j.nowhere) then return; end if"),
    mark: "nowhere",
    says: /column j\.nowhere does not exist/,
  },
  {
    name: "a loop over a query with a column that is missing",
    file: "functions/broken",
    texts: routine("v_row record;", "for v_row in select j.nowhere from jobs as j loop null; end loop"),
    mark: "nowhere",
    says: /column j\.nowhere does not exist/,
  },
  {
    name: "a field that a record's query does not give",
    file: "functions/broken",
    texts: routine(
      "v_row record;",
      "select j.job_id into v_row from jobs as j;\n    v_count := v_row.nowhere",
    ),
    mark: "nowhere",
    says: /nowhere/,
  },
  {
    name: "a field that a row has not",
    file: "functions/broken",
    texts: routine("", "v_count := job.nowhere"),
    mark: "nowhere",
    says: /nowhere/,
  },
  {
    name: "a message with an argument that is unknown",
    file: "functions/broken",
    texts: routine("", "raise exception 'x %', job_id using errcode = v_nowhere"),
    mark: "v_nowhere",
    says: /column "v_nowhere" does not exist/,
  },
  {
    name: "a result that cannot become what is given",
    file: "functions/broken",
    texts: routine("", "return current_date", "bigint"),
    mark: "current_date",
    says: /cannot cast type date to bigint/,
  },
  {
    name: "an update in what handles an error",
    file: "functions/broken",
    texts: routine(
      "",
      "begin\n      null;\n    exception when others then\n      update jobs set nowhere = 1;\n    end",
    ),
    mark: "nowhere",
    says: /column "nowhere" of relation "jobs" does not exist/,
  },
  {
    name: "a call of a procedure that is missing",
    file: "functions/broken",
    texts: routine("", "call nowhere(1)"),
    mark: "nowhere",
    says: /procedure nowhere\(integer\) does not exist/,
  },
  {
    name: "a function in SQL with a column that is missing",
    file: "functions/broken",
    texts: {
      postgres:
        "create or replace function broken()\nreturns bigint\nlanguage sql\nas $$\n  select nowhere from jobs;\n$$;\n",
    },
    mark: "nowhere",
    says: /column "nowhere" does not exist/,
  },
  {
    name: "a step that writes a procedure's column that is missing",
    file: "procedures/broken",
    texts: walk("insert into check_job (job_id, nowhere) values (new.job_id, 1)"),
    mark: "nowhere",
    says: /no column named nowhere/,
  },
  {
    name: "a step with a new. that its view has not",
    file: "procedures/broken",
    texts: walk("update jobs\n  set state = 'failed' where job_id = new.nowhere"),
    mark: "nowhere",
    says: /no such column: new\.nowhere/,
  },
  {
    name: "a step that changes a view without a trigger",
    file: "procedures/broken",
    texts: walk("delete from session_rollup where session_id = ''"),
    says: /cannot modify session_rollup because it is a view/,
  },
  {
    name: "a step that counts where it may not",
    file: "procedures/broken",
    texts: walk("delete from job_failures where count(*) > 1"),
    says: /misuse of aggregate/,
  },
  {
    name: "an upsert on what is not unique",
    file: "procedures/broken",
    texts: walk(
      "insert into job_failures (job_id, session_id, error) values (1, '', '') on conflict (error) do nothing",
    ),
    says: /ON CONFLICT clause does not match/,
  },
];

/** What a change leaves behind of those that are as they were. */
const ofOthers: Broken[] = [
  {
    name: "a migration that renames a column",
    file: "views/snapshot_days",
    texts: both(""),
    migration: "alter table session_summaries rename column snapshot_ip_type to snapshot_kind;\n",
    says: /snapshot_ip_type/,
  },
  {
    name: "a migration that drops a table",
    file: "",
    texts: both(""),
    migration: "drop table job_failures;\n",
    says: /job_failures/,
  },
  {
    name: "a parameter that is no more, and is still given",
    file: "functions/check_job",
    texts: {
      postgres:
        "create or replace function check_job(job_id bigint)\nreturns jobs\nlanguage plpgsql\nset search_path from current\nas $$\nbegin\n  return null;\nend;\n$$;\n",
    },
    says: /functions\/\w+\.sql, line \d+: \w+ does not compile: function (cowrie\.)?check_job\(bigint, bigint\) does not exist/,
  },
  {
    name: "a procedure's column that is no more, and is still given",
    file: "procedures/check_job",
    texts: { sqlite: (walk("select 1").sqlite ?? "").replaceAll("broken", "check_job") },
    says: /procedures\/\w+\.sql, line \d+: \w+ does not compile: table check_job has no column named fence/,
  },
  {
    name: "two views that need each other",
    file: "views/event_contributions",
    texts: both("create view event_contributions as\nselect * from session_rollup;\n"),
    says: /circularly defined|These need each other: views\/\w+, views\/\w+/,
  },
];

/** All that must be refused. */
export const brokenProcedures: readonly Broken[] = [...ofTables, ...ofRoutines, ...ofOthers];
