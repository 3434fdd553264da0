import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { engines, typed, type TestStore } from "../helpers/database.ts";
import {
  newestJob,
  pausedJob,
  sessionsOf,
  slowDown,
  spoilAll,
  started,
  storeOfSessions,
  until,
  workerOf,
} from "../helpers/jobs.ts";
import { openPlain } from "../helpers/plain.ts";
import { warm } from "../helpers/warm.ts";

type Document = Record<string, unknown>;

/** Runs a command with `--json` and gives its document. */
async function told(
  store: TestStore,
  ...words: string[]
): Promise<{ code: number | null; document: Document }> {
  const { code, stdout } = await warm([...words, "--json", "--db", store.db]);
  return { code, document: JSON.parse(stdout) as Document };
}

/** The fields that json-output.md lists below a heading, table by table. */
function documented(heading: string): string[][] {
  const text = readFileSync(join(packageFolder, "runbooks/reference/json-output.md"), "utf8");
  const [, rest = ""] = text.split(`## ${heading}\n`);
  const [part = ""] = rest.split("\n## ");
  return part
    .split(/^\| field .*$/m)
    .slice(1)
    .map((table) =>
      [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)]
        .flatMap(([, names = ""]) => [...names.matchAll(/\w+/g)].map(([name]) => name))
        .sort(),
    );
}

function keysOf(document: unknown): string[] {
  return Object.keys(document as Document).sort();
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("what rebuild and jobs tell as JSON is what is documented", async (t) => {
      const store = await storeOfSessions(t, engine, 30);
      await spoilAll(store);
      const [dryFields = [], validFields = []] = documented("`rebuild summaries`, `rebuild command-stats`");
      const [jobFields = []] = documented("`jobs show`");

      const dry = await told(store, "rebuild", "summaries", "--dry-run");
      const before = await told(store, "rebuild", "summaries", "--validate-only");
      const run = await told(store, "rebuild", "summaries");
      const after = await told(store, "rebuild", "summaries", "--validate-only");
      const sample = await told(
        store,
        "rebuild",
        "command-stats",
        "--validate-only",
        "--sample-events",
        "20",
      );
      const show = await told(store, "jobs", "show", "1");
      const list = await told(store, "jobs", "list");

      t.same(keysOf(dry.document), dryFields);
      t.same([before.code, after.code, sample.code], [20, 0, 0]);
      for (const { document } of [before, after, sample]) t.same(keysOf(document), validFields);
      t.match(before.document, { is_sample: false, first: [{ table_name: "session_summaries", item: "" }] });
      t.ok(Number(before.document["differences"]) > 0);
      t.match(sample.document, { is_sample: true });
      t.ok(Number(sample.document["sessions"]) < Number(after.document["sessions"]));
      for (const { document } of [run, show]) t.same(keysOf(document), jobFields);
      t.match(run.document, { state: "done", params: { from: null, to: null, session: null }, failures: [] });
      t.same(show.document, run.document);
      const [first] = list.document["jobs"] as Document[];
      t.same(
        keysOf(first),
        jobFields.filter((name) => name !== "failures"),
      );
      const changed = (dry.document["changes"] as { rows: number }[]).reduce(
        (sum, { rows }) => sum + rows,
        0,
      );
      t.equal(changed, Number(run.document["rows_updated"]), "a dry run foresees what is done");
    });

    await t.test("jobs are listed newest first, paused, resumed and cancelled", async (t) => {
      const store = await storeOfSessions(t, engine, 30);
      const list = async (...words: string[]): Promise<number[]> => {
        const { document } = await told(store, "jobs", "list", ...words);
        return (document["jobs"] as Document[]).map((job) => Number(job["job_id"]));
      };
      t.match(await warm(["jobs", "list", "--db", store.db]), { code: 0, stdout: /No job has run yet/ });
      await told(store, "rebuild", "summaries");
      await pausedJob(store);
      t.same([await list(), await list("--limit", "1")], [[2, 1], [2]]);

      t.match((await told(store, "jobs", "resume", "2")).document, { job_id: 2, state: "running" });
      t.match((await told(store, "jobs", "pause", "2")).document, { state: "paused" });
      t.match((await told(store, "jobs", "cancel", "2")).document, { state: "cancelled", finished_at: /./ });
      for (const word of ["pause", "resume", "cancel"]) {
        t.match(await told(store, "jobs", word, "2"), {
          code: 1,
          document: { error: { code: "jobs.ended" } },
        });
        t.match(await told(store, "jobs", word, "9"), {
          code: 1,
          document: { error: { code: "jobs.not_found", hint: /jobs list/ } },
        });
      }
      t.match(await told(store, "rebuild", "summaries"), { code: 0, document: { job_id: 3 } });
    });

    await t.test("a job of other parameters is told of, and left alone", async (t) => {
      const store = await storeOfSessions(t, engine, 30);
      await pausedJob(store);

      const [session = ""] = await sessionsOf(store);
      const other = await told(store, "rebuild", "summaries", "--session", session);

      t.match(other, { code: 1, document: { error: { code: "WR041", message: /resume or cancel/ } } });
      t.match(await newestJob(store), { job_id: /^1$/, state: "paused", worker: null });
    });

    await t.test(
      "a signal stops a rebuild between two batches, and the next one goes on at once",
      async (t) => {
        const store = await storeOfSessions(t, engine, 60);
        await spoilAll(store);
        const plain = openPlain(store);
        t.teardown(plain.close);
        await slowDown(plain);
        const words = ["rebuild", "summaries", "--batch-size", "1", "--db", store.db];
        const run = started(t, words);
        await workerOf(store);
        await until("some sessions are done", async () => Number((await newestJob(store))["processed"]) >= 2);

        run.child.kill("SIGTERM");
        const stopped = await run.ended;

        t.match(stopped, { code: 143, stdout: /It is running\. Run the same command to go on/ });
        const left = await newestJob(store);
        t.match(left, { state: "running", worker: null });
        t.equal((await warm(words)).code, 0);
        t.match(await newestJob(store), { job_id: left["job_id"], state: "done" });
        t.same(await typed(store.database, "select 1 from session_summaries where event_count >= 1000"), []);
      },
    );
  });
}
