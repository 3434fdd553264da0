import {
  applied,
  assertQuiet,
  pause,
  ran,
  refusedOrTold,
  seen,
  together,
  told,
  until,
  type Outcome,
} from "./migration-verdicts.ts";

/** A migration in no tool's form yet. */
export interface ToolMigration {
  /** As `0001_things`. */
  name: string;
  up: string;
  down: string;
  /** A query that fails where the migration does not hold, for tools that verify. */
  holds?: string;
  /** Whether it runs outside of a transaction. */
  isAlone?: boolean;
}

/** What a run of a tool gave. */
export interface ToolRun {
  code: number | null;
  text: string;
}

/** A run under way. */
export interface ToolStart {
  ended: Promise<ToolRun>;
  /** Ends it and all that it has started, at once. */
  kill(): void;
}

/** A tool that applies migrations to one database. */
export interface Tool {
  name: string;
  dialect: "sqlite" | "postgres";
  /** For which scenarios, by key, it has nothing, and why that is known; it is told where it is silent. */
  lacks?: Readonly<Record<string, string>>;
  /** Puts these files, in the tool's form, in the place of all that it had. */
  write(migrations: readonly ToolMigration[]): void;
  up(): ToolStart;
  down?(): Promise<ToolRun>;
  /** All by which it tells that files and database are not as they should be; exit code 0 where it tells nothing. */
  check?(): Promise<ToolRun>;
  /** Tries the way down of what is pending, where it can. */
  prove?(): Promise<ToolRun>;
}

/** The database, beside the tool. */
export interface ToolPlace {
  /** Rows as values of their first column. */
  ask(text: string): Promise<unknown[]>;
  /** Whether somebody is in the middle of a slow statement. */
  isBusy(): Promise<boolean>;
  /** Whether somebody waits for a lock; never, where writers do not wait for readers. */
  isWaiting(): Promise<boolean>;
  /** Ends the work of whoever migrates, on the server; false where there is none. */
  endOthers(): Promise<boolean>;
  /** A transaction that has read a table and stays; gives its end. */
  readAndStay(table: string): Promise<() => Promise<void>>;
}

/** What can happen to a tool, and what of it is seen. */
export interface Scenario {
  key: string;
  name: string;
  play(tool: Tool, place: ToolPlace): Promise<Outcome>;
}

const log: ToolMigration = {
  name: "0001_log",
  up: "create table log (word text);",
  down: "drop table log;",
  holds: "select word from log where 1 = 0;",
};
const write = (name: string, more = ""): ToolMigration => ({
  name,
  up: `insert into log values ('${name}');${more}`,
  down: `delete from log where word = '${name}';`,
});
const things: ToolMigration = {
  name: "0002_things",
  up: "create table things (a integer);",
  down: "drop table things;",
  holds: "select a from things where 1 = 0;",
};
/** Others are kept waiting for so long at most. */
const mostWaitMs = 6_500;

/** What is done to files. */
const ofFiles: readonly Scenario[] = [
  {
    key: "edited",
    name: "an applied file was edited",
    play: async (tool, place) => {
      await applied(tool, [log, write("0002_a")]);
      tool.write([log, write("0002_a", " insert into log values ('more');"), write("0003_b")]);
      return refusedOrTold(tool, async () => !(await words(place)).includes("more"));
    },
  },
  {
    key: "late",
    name: "a file came late, before an applied one",
    play: async (tool, place) => {
      await applied(tool, [log, write("0003_b")]);
      tool.write([log, write("0002_a"), write("0003_b")]);
      return refusedOrTold(tool, async () => !(await words(place)).includes("0002_a"));
    },
  },
  {
    key: "deleted",
    name: "an applied file was deleted",
    play: async (tool) => {
      await applied(tool, [log, write("0002_a")]);
      tool.write([log]);
      return refusedOrTold(tool);
    },
  },
  {
    key: "renamed",
    name: "an applied file was renamed",
    play: async (tool, place) => {
      await applied(tool, [log, write("0002_a")]);
      tool.write([log, { ...write("0002_a"), name: "0003_a_new" }]);
      return refusedOrTold(tool, async () => (await words(place)).length === 1);
    },
  },
];

/** What happens while a tool is at work. */
const ofRuns: readonly Scenario[] = [
  {
    key: "runners",
    name: "two runners at once",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", ` ${slow(tool)}`)]);
      return together(tool, async () => (await words(place)).length === 1);
    },
  },
  {
    key: "runners-alone",
    name: "two runners, a file outside of a transaction",
    play: async (tool, place) => {
      await applied(tool, [log, things]);
      await fill(tool, place, 200_000);
      const up =
        tool.dialect === "sqlite"
          ? "vacuum;"
          : "create index concurrently if not exists ix_things on things (a);";
      const alone = { name: "0003_alone", up, down: undoAlone(tool), isAlone: true };
      tool.write([log, things, alone, write("0004_b")]);
      return together(
        tool,
        async () => (await words(place)).join() === "0004_b" && (await isValid(tool, place)),
      );
    },
  },
  {
    key: "fails",
    name: "the second statement of a file fails",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", " insert into nowhere values (1);")]);
      const failed = await ran(tool);
      if (failed.code === 0) return seen("silent", failed);
      const left = (await words(place)).length;
      tool.write([log, write("0002_a")]);
      const again = await ran(tool);
      if (again.code !== 0) return seen("stuck", again);
      if (left > 0) return seen("silent", again, "the first half stayed, and came twice");
      return seen("recovered", failed, "nothing stayed");
    },
  },
  {
    key: "fails-alone",
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
      if (failed.code === 0) return seen("silent", failed);
      await place.ask("delete from things");
      tool.write([log, things, isSqlite ? { ...alone, up: "vacuum;" } : alone, write("0004_b")]);
      const again = await ran(tool);
      if (again.code !== 0) return seen("stuck", again);
      const isDone = (await words(place)).length === 1 && (await isValid(tool, place));
      return seen(isDone ? "recovered" : "silent", again);
    },
  },
  {
    key: "cut-off",
    name: "the runner is cut off in the middle",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", ` ${slow(tool, 3)}`)]);
      const { kill, ended } = tool.up();
      if (!(await until(async () => place.isBusy(), ended)))
        throw new Error(`${tool.name} was never in the middle: ${(await ended).text}`);
      if (!(await place.endOthers())) kill();
      await ended;
      for (let tries = 1; ; tries++) {
        const again = await ran(tool);
        const found = (await words(place)).length;
        if (again.code === 0)
          return seen(found === 1 ? "recovered" : "silent", again, `it came ${found} times`);
        if (tries === 3) return seen("stuck", again);
        await pause(500);
      }
    },
  },
  {
    key: "reader",
    name: "a reader that does not end, and others behind",
    play: async (tool, place) => {
      await applied(tool, [log, things]);
      const end = await place.readAndStay("things");
      const up = "alter table things add column b integer;";
      tool.write([log, things, { name: "0003_column", up, down: "select 1;" }]);
      const { ended } = tool.up();
      await until(async () => place.isWaiting(), ended);
      const began = performance.now();
      const read = place.ask("select count(*) from things").then(() => performance.now() - began);
      const waited = await Promise.race([read, pause(mostWaitMs).then(() => Number.POSITIVE_INFINITY)]);
      await end();
      const first = await ended;
      const last = first.code === 0 ? first : await ran(tool);
      await read;
      if (last.code !== 0) return seen("stuck", last);
      const others =
        waited < mostWaitMs
          ? `another reader waited for ${(waited / 1000).toFixed(1)} s`
          : `another reader waited until the first one ended`;
      return seen(waited < mostWaitMs ? "recovered" : "silent", first, others);
    },
  },
];

/** What is wrong, and where. */
const ofContents: readonly Scenario[] = [
  {
    key: "commits",
    name: "a file that commits by itself",
    play: async (tool, place) => {
      await applied(tool, [log]);
      tool.write([log, write("0002_a", " commit; insert into nowhere values (1);")]);
      const run = await ran(tool);
      if (run.code === 0) return seen("silent", run);
      return (await words(place)).length === 0
        ? seen("refused", run)
        : seen("failed", run, "half of it stays");
    },
  },
  {
    key: "drift",
    name: "somebody has added a column",
    play: async (tool, place) => {
      await applied(tool, [log, things]);
      await assertQuiet(tool);
      await place.ask("alter table things add column by_hand integer");
      return told(tool);
    },
  },
  {
    key: "wrong-down",
    name: "a down file that forgets a table",
    play: async (tool) => {
      const wrong = { ...things, down: "select 1;" };
      await applied(tool, [log]);
      tool.write([log, wrong]);
      if (tool.prove !== undefined) {
        const proved = await tool.prove();
        return seen(proved.code === 0 ? "silent" : "detected", proved);
      }
      if (tool.down === undefined) return { verdict: "silent", evidence: "there is no way down" };
      await ran(tool);
      const down = await tool.down();
      return seen(down.code !== 0 ? "refused" : "silent", down);
    },
  },
  {
    key: "broken-trigger",
    name: "a trigger that names a column that is not there",
    play: async (tool) => {
      await applied(tool, [log, things]);
      const isSqlite = tool.dialect === "sqlite";
      const up = isSqlite
        ? "create trigger tr_things after insert on things begin update things set missing = 1; end;"
        : `create function tg_things() returns trigger language plpgsql as $$ begin update things set missing = 1; return new; end; $$;
           create trigger tr_things before insert on things for each row execute function tg_things();`;
      const down = isSqlite ? "drop trigger tr_things;" : "drop function tg_things() cascade;";
      const holds = isSqlite ? "select 1;" : "select has_function_privilege('tg_things()', 'execute');";
      tool.write([log, things, { name: "0003_trigger", up, down, holds }]);
      return refusedOrTold(tool);
    },
  },
];

/** The 14 of them. */
export const scenarios: readonly Scenario[] = [...ofFiles, ...ofRuns, ...ofContents];

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
