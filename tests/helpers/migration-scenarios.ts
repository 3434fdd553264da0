import type { ChildProcess } from "node:child_process";

/** A migration in no tool's form yet. */
export interface ToolMigration {
  /** As `0001_things`. */
  name: string;
  up: string;
  down: string;
  /** Whether it runs outside of a transaction. */
  isAlone?: boolean;
}

/** What a run of a tool gave. */
export interface ToolRun {
  code: number | null;
  text: string;
}

/** A tool that applies migrations to one database. */
export interface Tool {
  name: string;
  dialect: "sqlite" | "postgres";
  /** Puts these files, in the tool's form, in the place of all that it had. */
  write(migrations: readonly ToolMigration[]): void;
  up(): { child: ChildProcess; ended: Promise<ToolRun> };
  down(): Promise<ToolRun>;
  /** All by which it tells that files and database are not as they should be; exit code 0 where it tells nothing. */
  check(): Promise<ToolRun>;
  /** Tries the way down elsewhere, where it can. */
  prove?(): Promise<ToolRun>;
}

/** The database, beside the tool. */
export interface ToolPlace {
  /** Rows as values of their first column. */
  ask(text: string): Promise<unknown[]>;
  /** Ends the work of whoever migrates, on the server; false where there is none. */
  endOthers(): Promise<boolean>;
  /** A transaction that has read a table and stays; gives its end. */
  readAndStay(table: string): Promise<() => Promise<void>>;
}

export type Verdict = "refused" | "detected" | "recovered" | "silent" | "stuck";

/** What can happen to a tool, and what of it is seen. */
export interface Scenario {
  name: string;
  play(tool: Tool, place: ToolPlace): Promise<Verdict>;
}

const log: ToolMigration = { name: "0001_log", up: "create table log (word text);", down: "drop table log;" };
const write = (name: string, more = ""): ToolMigration => ({
  name,
  up: `insert into log values ('${name}');${more}`,
  down: `delete from log where word = '${name}';`,
});
const things: ToolMigration = {
  name: "0002_things",
  up: "create table things (a integer);",
  down: "drop table things;",
};

/** The 14 of them. */
export const scenarios: readonly Scenario[] = [
  {
    name: "an applied file was edited",
    play: async (tool, place) => {
      await applied(tool, [log, write("0002_a")]);
      tool.write([log, write("0002_a", " insert into log values ('more');"), write("0003_b")]);
      return refusedOrTold(tool, async () => !(await words(place)).includes("0003_b"));
    },
  },
  {
    name: "a file came late, before an applied one",
    play: async (tool, place) => {
      await applied(tool, [log, write("0003_b")]);
      tool.write([log, write("0002_a"), write("0003_b")]);
      return refusedOrTold(tool, async () => !(await words(place)).includes("0002_a"));
    },
  },
  {
    name: "an applied file was deleted",
    play: async (tool) => {
      await applied(tool, [log, write("0002_a")]);
      tool.write([log]);
      return refusedOrTold(tool, async () => Promise.resolve(true));
    },
  },
  {
    name: "an applied file was renamed",
    play: async (tool, place) => {
      await applied(tool, [log, write("0002_a")]);
      tool.write([log, { ...write("0002_a"), name: "0003_a_new" }]);
      return refusedOrTold(tool, async () => (await words(place)).length === 1);
    },
  },
  {
    name: "two runners at once",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", ` ${slow(tool)}`)]);
      return together(tool, async () => (await words(place)).length === 1);
    },
  },
  {
    name: "two runners, a file outside of a transaction",
    play: async (tool, place) => {
      await applied(tool, [log, things]);
      await fill(tool, place, 200_000);
      const alone =
        tool.dialect === "sqlite"
          ? "vacuum;"
          : "create index concurrently if not exists ix_things on things (a);";
      tool.write([
        log,
        things,
        { name: "0003_alone", up: alone, down: undoAlone(tool), isAlone: true },
        write("0004_b"),
      ]);
      return together(
        tool,
        async () => (await words(place)).includes("0004_b") && (await isValid(tool, place)),
      );
    },
  },
  {
    name: "the second statement of a file fails",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", " insert into nowhere values (1);")]);
      const failed = await ran(tool);
      const isWhole = failed.code !== 0 && (await words(place)).length === 0;
      tool.write([log, write("0002_a")]);
      const again = await ran(tool);
      if (again.code !== 0) return "stuck";
      return isWhole && (await words(place)).length === 1 ? "recovered" : "silent";
    },
  },
  {
    name: "a file outside of a transaction fails",
    play: async (tool, place) => {
      await applied(tool, [log, things]);
      await place.ask("insert into things (a) values (1), (1)");
      const isSqlite = tool.dialect === "sqlite";
      const bad = isSqlite
        ? "vacuum into '/nowhere/at/all';"
        : "create unique index concurrently ix_things on things (a);";
      const alone = { name: "0003_alone", up: bad, down: undoAlone(tool), isAlone: true };
      tool.write([log, things, alone]);
      const failed = await ran(tool);
      await place.ask("delete from things");
      tool.write([log, things, isSqlite ? { ...alone, up: "vacuum;" } : alone, write("0004_b")]);
      const again = await ran(tool);
      if (failed.code === 0) return "silent";
      const isDone = (await words(place)).length === 1 && (await isValid(tool, place));
      return again.code === 0 ? (isDone ? "recovered" : "silent") : "stuck";
    },
  },
  {
    name: "the runner is cut off in the middle",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", ` ${slow(tool, 3)}`)]);
      const { child, ended } = tool.up();
      await pause(1_500);
      if (!(await place.endOthers())) child.kill("SIGKILL");
      await ended;
      tool.write([log, write("0002_a", ` ${slow(tool, 3)}`)]);
      for (let tries = 0; tries < 3; tries++) {
        const again = await ran(tool);
        if (again.code === 0) return (await words(place)).length === 1 ? "recovered" : "silent";
        await pause(500);
      }
      return "stuck";
    },
  },
  {
    name: "a reader that does not end, and others behind",
    play: async (tool, place) => {
      await applied(tool, [log, things]);
      const end = await place.readAndStay("things");
      tool.write([
        log,
        things,
        { name: "0003_column", up: "alter table things add column b integer;", down: "select 1;" },
      ]);
      const { ended } = tool.up();
      await pause(1_000);
      const began = performance.now();
      const read = place.ask("select count(*) from things").then(() => performance.now() - began);
      const waited = await Promise.race([read, pause(6_500).then(() => Number.POSITIVE_INFINITY)]);
      await end();
      const first = await ended;
      const last = first.code === 0 ? first : await ran(tool);
      await read;
      return last.code !== 0 ? "stuck" : waited < 6_500 ? "recovered" : "silent";
    },
  },
  {
    name: "a file that commits by itself",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", " commit; insert into nowhere values (1);")]);
      const { code } = await ran(tool);
      return code !== 0 && (await words(place)).length === 0 ? "refused" : "silent";
    },
  },
  {
    name: "somebody has added a column",
    play: async (tool, place) => {
      await applied(tool, [log, things]);
      await assertQuiet(tool);
      await place.ask("alter table things add column by_hand integer");
      return (await tool.check()).code === 0 ? "silent" : "detected";
    },
  },
  {
    name: "a down file that forgets a table",
    play: async (tool) => {
      const wrong = { ...things, down: "select 1;" };
      await applied(tool, [log]);
      tool.write([log, wrong]);
      if (tool.prove !== undefined && (await tool.prove()).code !== 0) return "detected";
      await ran(tool);
      const down = await tool.down();
      return down.code !== 0 ? "refused" : "silent";
    },
  },
  {
    name: "a trigger that names a column that is not there",
    play: async (tool) => {
      await applied(tool, [log, things]);
      const up =
        tool.dialect === "sqlite"
          ? "create trigger tr_things after insert on things begin update things set missing = 1; end;"
          : `create function tg_things() returns trigger language plpgsql as $$ begin update things set missing = 1; return new; end; $$;
             create trigger tr_things before insert on things for each row execute function tg_things();`;
      const down =
        tool.dialect === "sqlite" ? "drop trigger tr_things;" : "drop function tg_things() cascade;";
      tool.write([log, things, { name: "0003_trigger", up, down }]);
      const told = await refusedOrTold(tool, async () => Promise.resolve(true));
      if (told !== "silent" || tool.prove === undefined) return told;
      return (await tool.prove()).code === 0 ? "silent" : "detected";
    },
  },
];

/** Applies files that are right; a tool that cannot is no tool. */
async function applied(tool: Tool, migrations: readonly ToolMigration[]): Promise<void> {
  tool.write(migrations);
  const { code, text } = await ran(tool);
  if (code !== 0) throw new Error(`${tool.name} cannot apply what is right: ${text}`);
}

/** What is right is found right, or its findings would say nothing. */
async function assertQuiet(tool: Tool): Promise<void> {
  const told = await tool.check();
  if (told.code !== 0) throw new Error(`${tool.name} finds fault with what is right: ${told.text}`);
}

async function ran(tool: Tool): Promise<ToolRun> {
  return tool.up().ended;
}

/** Whether a run refuses and leaves all as it was, or a look at it tells; else nobody hears of it. */
async function refusedOrTold(tool: Tool, isUntouched: () => Promise<boolean>): Promise<Verdict> {
  const run = await ran(tool);
  if (run.code !== 0 && (await isUntouched())) return "refused";
  if (!(await isUntouched())) return "silent";
  return (await tool.check()).code === 0 ? "silent" : "detected";
}

/** Two runners: one waits, or says that another is at work; and what was to be done is done once. */
async function together(tool: Tool, isRight: () => Promise<boolean>): Promise<Verdict> {
  const [one, other] = await Promise.all([tool.up().ended, tool.up().ended]);
  const worse = one.code === 0 ? other : one;
  if (one.code !== 0 && other.code !== 0) return "stuck";
  if (!(await isRight())) return "silent";
  if (worse.code === 0) return "recovered";
  return /\b(lock|locked|another|running)\b/i.test(worse.text) && !/deadlock|duplicate key/i.test(worse.text)
    ? "refused"
    : "silent";
}

async function words(place: ToolPlace): Promise<unknown[]> {
  return place.ask("select word from log");
}

async function fill(tool: Tool, place: ToolPlace, rows: number): Promise<void> {
  await place.ask(
    tool.dialect === "sqlite"
      ? `insert into things with recursive c (n) as (select 1 union all select n + 1 from c where n < ${rows}) select n from c`
      : `insert into things select generate_series(1, ${rows})`,
  );
}

async function isValid(tool: Tool, place: ToolPlace): Promise<boolean> {
  if (tool.dialect === "sqlite") return true;
  const [valid] = await place.ask(
    "select i.indisvalid from pg_index as i join pg_class as c on c.oid = i.indexrelid where c.relname = 'ix_things'",
  );
  return valid === true;
}

function undoAlone(tool: Tool): string {
  return tool.dialect === "sqlite" ? "select 1;" : "drop index concurrently if exists ix_things;";
}

/** A statement that takes so many seconds, about. */
function slow(tool: Tool, seconds = 1): string {
  return tool.dialect === "postgres"
    ? `select pg_sleep(${seconds});`
    : `delete from log where word in (with recursive c (n) as (select 1 union all select n + 1 from c where n < ${seconds * 3_000_000}) select 'none' from c where n < 0);`;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
