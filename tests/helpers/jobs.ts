import { spawn, type ChildProcess } from "node:child_process";
import type { Test } from "tap";
import { openJob, type Job, type Scope } from "../../src/jobs/jobs.ts";
import type { RebuildKind } from "../../src/jobs/predict.ts";
import { program, type Outcome } from "./cli.ts";
import { filledStore, typed, type Engine, type TestStore } from "./database.ts";
import { generatedLines, logOf } from "./generated-logs.ts";
import { loadInProcess } from "./in-process.ts";
import type { Plain } from "./plain.ts";

/** All sessions. */
export const everything: Scope = { from: null, to: null, session: null };

/** What the two rebuilds are called: as a job, and on the command line. */
export const kinds: readonly { kind: RebuildKind; words: readonly string[] }[] = [
  { kind: "rebuild_summaries", words: ["rebuild", "summaries"] },
  { kind: "rebuild_command_stats", words: ["rebuild", "command-stats"] },
];

/** A store with made-up events of about so many sessions, removed at the end of the test. */
export async function storeOfSessions(
  test: Test,
  engine: Engine,
  sessions: number,
  lines = sessions * 4,
): Promise<TestStore> {
  const store = await filledStore(engine, `jobs ${sessions} ${lines}`, async ({ database }) =>
    loadInProcess(database, "log", logOf(generatedLines(lines, 11, sessions)), [2_000]),
  );
  test.teardown(store.dispose);
  return store;
}

/** Makes every summary wrong, so that a rebuild has each of them to write. */
export async function spoilAll(store: TestStore): Promise<void> {
  await typed(store.database, "update session_summaries set event_count = event_count + 1000");
}

/** Sessions of a store, in the order of a rebuild. */
export async function sessionsOf(store: TestStore): Promise<string[]> {
  const rows = await typed(store.database, "select session_id from session_places order by summary_id");
  return rows.map((row) => String(row["session_id"]));
}

/** The newest job of a store. */
export async function newestJob(store: TestStore): Promise<Record<string, unknown>> {
  const [row] = await typed(store.database, "select * from jobs order by job_id desc limit 1");
  if (row === undefined) throw new Error("There is no job.");
  return row;
}

/** A job of rebuilding the summaries that is open and paused, so that a program that takes it waits. */
export async function pausedJob(store: TestStore, batchSize = 1): Promise<Job> {
  const job = await openJob(store.database, "rebuild_summaries", everything, { batchSize, actor: "test" });
  await typed(store.database, `update jobs set state = 'paused' where job_id = ${job.job_id}`);
  return job;
}

/** Changes a setting, as a DBA would. */
export async function setSetting(store: TestStore, setting: string, value: number): Promise<void> {
  await typed(store.database, `update settings set value = ${value} where setting = '${setting}'`);
}

/** A program under way. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Outcome>;
}

/** Starts the program and leaves it to itself; killed at the end of the test, where it still runs. */
export function started(test: Test, words: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  test.teardown(() => void child.kill("SIGKILL"));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const [out, told] = [Buffer.concat(stdout).toString("utf8"), Buffer.concat(stderr).toString("utf8")];
      resolve({ code, signal, stdout: out, stderr: told });
    });
  });
  return { child, ended };
}

/** Waits until something is so; throws where it never is. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 1_200; tries++) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It never happened: ${what}.`);
}

/** Waits until a worker other than `before` has taken the newest job; gives its name. */
export async function workerOf(store: TestStore, before: string | null = null): Promise<string> {
  return until("a worker takes the job", async () => {
    const [job] = await typed(store.database, "select worker from jobs order by job_id desc limit 1");
    const worker = job?.["worker"];
    return typeof worker === "string" && worker !== before && worker;
  });
}

/** Makes the database refuse to write the summaries of some sessions, with these words. */
export async function poison(plain: Plain, sessions: readonly string[], words: string): Promise<void> {
  const list = sessions.map((session) => `'${session.replaceAll("'", "''")}'`).join(", ");
  if (plain.dialect === "sqlite") {
    await plain.run(
      `create trigger dba_poison before update on session_summaries when new.session_id in (${list})
       begin select raise(abort, '${words}'); end`,
    );
    return;
  }
  await plain.run(
    `create function public.dba_poison() returns trigger language plpgsql as $$ begin
       if new.session_id in (${list}) then raise exception '%', '${words}'; end if; return new; end $$`,
  );
  await plain.run(
    `create trigger dba_poison before update on ~session_summaries
     for each row execute function public.dba_poison()`,
  );
}

/** Takes the refusal back. */
export async function cure(plain: Plain): Promise<void> {
  await plain.run(
    plain.dialect === "sqlite" ? "drop trigger dba_poison" : "drop trigger dba_poison on ~session_summaries",
  );
}

/** Makes each change of a row of a table take about so long, so that a job can be met at work. */
export async function slowDown(
  plain: Plain,
  ms = 20,
  table: "session_summaries" | "reconcile_runs" = "session_summaries",
): Promise<void> {
  if (plain.dialect === "sqlite") {
    await plain.run(
      `create trigger dba_slow before update on ${table} begin
         select max(n) from (with recursive c(n) as (select 1 union all select n + 1 from c where n < ${ms * 1_000}) select n from c);
       end`,
    );
    return;
  }
  await plain.run(
    `create function public.dba_slow() returns trigger language plpgsql as $$ begin perform pg_sleep(${ms / 1_000}); return new; end $$`,
  );
  await plain.run(
    `create trigger dba_slow before update on ~${table} for each row execute function public.dba_slow()`,
  );
}
