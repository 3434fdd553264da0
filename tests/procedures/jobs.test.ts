import { spawnSync } from "node:child_process";
import t, { type Test } from "tap";
import { openJob } from "../../src/jobs/jobs.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { damage } from "../helpers/damage.ts";
import { engines, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { ways } from "../helpers/guarded.ts";
import { everything, kinds, newestJob, sessionsOf, spoilAll, storeOfSessions } from "../helpers/jobs.ts";
import { openPlain, outcomeOf, type Plain } from "../helpers/plain.ts";

/** Calls a rebuild as a DBA does, until its job has ended; `words` are its other arguments by name. */
async function byHand(plain: Plain, kind: string, words: Record<string, string> = {}): Promise<string> {
  const names = ["batch_size", ...Object.keys(words)];
  const values = ["7", ...Object.values(words).map((word) => `'${word}'`)];
  if (plain.dialect === "postgres") {
    await plain.run(`call ~${kind}(${names.map((name, at) => `${name} => ${values[at]}`).join(", ")})`);
    return stateOf(plain);
  }
  for (let calls = 0; calls < 2_000; calls++) {
    await plain.run(`insert into ~${kind} (${names.join(", ")}) values (${values.join(", ")})`);
    const state = await stateOf(plain);
    if (state !== "running") return state;
  }
  throw new Error("The job never ends.");
}

async function stateOf(plain: Plain): Promise<string> {
  const [row] = await plain.rows("select state from ~jobs order by job_id desc limit 1");
  return String(row?.["state"]);
}

/** Runs one statement in the shell of the engine; undefined where this machine has none that is new enough. */
function shellOf(engine: Engine): ((store: TestStore, text: string) => string) | undefined {
  const isSqlite = engine.dialect === "sqlite";
  const run = (words: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(isSqlite ? "sqlite3" : "psql", words, { encoding: "utf8" });
    if (status !== 0) throw new Error(`The shell ended with ${status}: ${stderr}`);
    return stdout.trim();
  };
  try {
    const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(run(["--version"])) ?? []).map(Number);
    if (isSqlite && major * 1_000 + minor < 3_045) return undefined;
  } catch {
    return undefined;
  }
  return ({ db }, text) => run(isSqlite ? [db, text] : ["-X", "-q", "-A", "-t", "-d", db, "-c", text]);
}

async function damagedStore(test: Test, engine: Engine): Promise<{ store: TestStore; fresh: unknown }> {
  const store = await storeOfSessions(test, engine, 60);
  const fresh = await canonicalTables(store.database);
  await damage(store, 4);
  test.notSame(await canonicalTables(store.database), fresh, "the store is damaged");
  return { store, fresh };
}

async function spoiled(store: TestStore): Promise<number> {
  const [row] = await typed(
    store.database,
    "select count(*) as n from session_summaries where event_count >= 1000",
  );
  return Number(row?.["n"]);
}

for (const { name, engine, foreignKeys } of ways) {
  void t.test(name, async (t) => {
    const plainOf = (test: Test, store: TestStore): Plain => {
      const plain = openPlain(store, { foreignKeys });
      test.teardown(plain.close);
      return plain;
    };

    await t.test("calls of a plain connection rebuild a damaged store to the end", async (t) => {
      const { store, fresh } = await damagedStore(t, engine);
      const plain = plainOf(t, store);

      for (const { kind } of kinds) t.equal(await byHand(plain, kind), "done");

      t.same(await canonicalTables(store.database), fresh);
      t.match(await newestJob(store), { phase: "end", worker: null, error: null });
    });

    await t.test("a session, and a range of days, are rebuilt alone", async (t) => {
      const store = await storeOfSessions(t, engine, 40);
      const plain = plainOf(t, store);
      await typed(
        store.database,
        "update session_summaries set first_event_at = '2025-06-01T00:00:00.000000Z' where session_id in (select p.session_id from session_places as p where p.summary_id <= 5)",
      );
      await spoilAll(store);
      const all = await spoiled(store);
      const last = (await sessionsOf(store)).at(-1) ?? "";

      t.equal(await byHand(plain, "rebuild_summaries", { session_id: last.replaceAll("'", "''") }), "done");
      t.equal(await spoiled(store), all - 1, "one session");
      t.match(await newestJob(store), { processed: /^1$/, total: /^1$/ });
      const range = { from_at: "2025-06-01T00:00:00.000000Z", to_at: "2025-06-02T00:00:00.000000Z" };
      t.equal(await byHand(plain, "rebuild_summaries", range), "done");
      t.equal(await spoiled(store), all - 6, "five sessions of a day");
      t.match(await newestJob(store), { processed: /^5$/, total: /^5$/ });
      t.equal(await byHand(plain, "rebuild_summaries", { from_at: "2025-06-02T00:00:00.000000Z" }), "done");
      t.equal(await spoiled(store), 0, "the others");
    });

    await t.test("no hand ends a job, changes an ended one, or deletes an open one", async (t) => {
      const store = await storeOfSessions(t, engine, 30);
      const plain = plainOf(t, store);
      const { job_id: id } = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 4,
        actor: "test",
      });
      const now = "'2026-02-01T00:00:00.000000Z'";
      const tried = async (set: string): Promise<string> =>
        outcomeOf(plain, [`update ~jobs set ${set} where job_id = ${id}`]);

      for (const state of ["done", "needs_attention"]) {
        t.equal(await tried(`state = '${state}', finished_at = ${now}`), "WR044", state);
        t.equal(await tried(`state = '${state}', phase = 'end', finished_at = ${now}`), "WR044", state);
      }
      t.equal(await tried("phase = 'strays'"), "WR044");
      t.equal(await tried("kind = 'rebuild_command_stats'"), "WR044");
      t.equal(await tried(`params = '{"session": "x"}'`), "WR044");
      t.equal(await outcomeOf(plain, [`delete from ~jobs where job_id = ${id}`]), "WR045");
      const made = (rest: string, values: string): string =>
        `insert into ~jobs (kind, actor${rest}) values ('rebuild_command_stats', 'hand'${values})`;
      t.equal(
        await outcomeOf(plain, [made(", state, phase, finished_at", `, 'done', 'end', ${now}`)]),
        "WR044",
      );
      if (engine.dialect === "sqlite") {
        const replace = made(", job_id", `, ${id}`).replace("insert", "insert or replace");
        t.equal(await outcomeOf(plain, [replace]), "WR045");
      }
      t.match(await newestJob(store), { state: "running", phase: "missing", processed: /^0$/ });

      t.equal(await byHand(plain, "rebuild_summaries"), "done");
      for (const set of ["state = 'running', finished_at = null", "processed = 0", "error = 'x'"])
        t.equal(await tried(set), "WR044", set);
      t.equal(await outcomeOf(plain, [`delete from ~jobs where job_id = ${id}`]), "accepted");
    });

    await t.test("an ended job that has left sessions out is kept with them", async (t) => {
      const store = await storeOfSessions(t, engine, 30);
      const plain = plainOf(t, store);
      const { job_id: id } = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 4,
        actor: "test",
      });
      await plain.run(`insert into ~job_failures (job_id, session_id, error) values (${id}, 'x', 'why')`);

      t.equal(await byHand(plain, "rebuild_summaries"), "needs_attention");
      t.equal(await outcomeOf(plain, [`delete from ~jobs where job_id = ${id}`]), "WR045");
      await plain.run("delete from ~job_failures");
      t.equal(await outcomeOf(plain, [`delete from ~jobs where job_id = ${id}`]), "accepted");
    });

    await t.test("a shell is refused while a worker lives, and a worker that was taken over", async (t) => {
      const store = await storeOfSessions(t, engine, 30);
      const plain = plainOf(t, store);
      const { job_id: id } = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 4,
        actor: "test",
      });
      const take = async (worker: string): Promise<string> =>
        outcomeOf(plain, [
          plain.dialect === "sqlite"
            ? `insert into take_job (job_id, worker) values (${id}, '${worker}')`
            : `set local search_path to cowrie`,
          ...(plain.dialect === "sqlite" ? [] : [`select ~take_job(${id}, '${worker}')`]),
        ]);
      const step = async (fence: string): Promise<string> =>
        outcomeOf(plain, [
          plain.dialect === "sqlite"
            ? `insert into run_job_batch (job_id, fence, batch_size) values (${id}, ${fence}, 1)`
            : `select ~run_job_batch(${id}, ${fence}, 1)`,
        ]);

      t.equal(await step("null"), "accepted", "a shell works where nobody does");
      t.equal(await take("one"), "accepted");
      t.equal(await step("1"), "accepted");
      t.equal(await step("null"), "WR042", "a shell while a worker lives");
      t.equal(await take("two"), "WR042");
      await t.rejects(byHand(plain, "rebuild_summaries"), "the procedure as well");
      await plain.run("update ~jobs set heartbeat_at = '2026-01-01T00:00:00.000000Z'");
      t.equal(await take("two"), "accepted", "a worker that is silent is relieved");
      t.equal(await step("1"), "WR042", "and writes no more");
      t.equal(await step("2"), "accepted");
      await plain.run("update ~jobs set state = 'paused'");
      t.equal(await step("2"), "WR040");
      await plain.run("update ~jobs set state = 'cancelled', finished_at = created_at");
      t.equal(await take("two"), "WR043");
    });
  });
}

for (const engine of engines()) {
  const shell = shellOf(engine);
  const calls = Object.fromEntries(
    kinds.map(({ kind }) => [
      kind,
      engine.dialect === "sqlite"
        ? `insert into ${kind} (batch_size) values (7)`
        : `call cowrie.${kind}(batch_size => 7)`,
    ]),
  );
  if (shell === undefined) {
    t.comment(`No ${engine.dialect === "sqlite" ? "sqlite3 from 3.45 on" : "psql"} is on this machine.`);
    continue;
  }
  void t.test(`the shell of ${engine.name} rebuilds a damaged store`, async (t) => {
    const { store, fresh } = await damagedStore(t, engine);
    const state =
      "select state from " +
      (engine.dialect === "sqlite" ? "" : "cowrie.") +
      "jobs order by job_id desc limit 1";

    for (const { kind } of kinds)
      do shell(store, calls[kind] ?? "");
      while (shell(store, state) === "running");

    t.same(await canonicalTables(store.database), fresh);
  });
}
