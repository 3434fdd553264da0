import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { packageFolder } from "../../src/migrate/files/files.ts";
import type { JobStatus } from "../../src/telemetry/job-status.ts";
import type { StatusDocument } from "../../src/telemetry/status-document.ts";
import { openStatusFile } from "../../src/telemetry/status-file.ts";
import { keptRuns, writeList, writeStatus, type StatusList } from "../../src/telemetry/status-folder.ts";
import { cowriedb, scaled } from "../helpers/cli.ts";
import { moduleUrl, runCode, startCode } from "../helpers/code.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";

const first: JobStatus = { state: "running", phase: "copy", current: 0, total: 100 };

void t.test("the fields that are documented are those that are written", (t) => {
  const folder = t.testdir();

  openStatusFile(folder, { kind: "rebuild", id: 7 }, first).close({ ...first, state: "done", current: 100 });

  const text = readFileSync(join(packageFolder, "runbooks/reference/status-files.md"), "utf8");
  const [, one = "", all = ""] = text.split(/^## .*$/m);
  const { jobs, ...list } = listIn(folder);
  t.same(Object.keys(documentIn(folder, "rebuild-7.json")), fieldsIn(one));
  t.same([...Object.keys(list), "jobs"], fieldsIn(all));
  t.same(new Set(Object.keys(jobs[0] ?? {})), new Set([...fieldsIn(one), "file", "is_stale"]));
  t.end();
});

void t.test("a run is written when it begins, when its phase changes and when it ends", (t) => {
  const folder = t.testdir();
  const path = "rebuild-7.json";

  const file = openStatusFile(join(folder, "made/here"), { kind: "rebuild", id: 7, worker: "w:1" }, first);
  const began = documentIn(join(folder, "made/here"), path);
  file.note({ ...first, phase: "prove", current: 50, failedBatches: 2, batchSize: 10, counts: { a: 1 } });
  const later = documentIn(join(folder, "made/here"), path);
  file.note({ ...first, phase: "prove", current: 60 });
  const unwritten = documentIn(join(folder, "made/here"), path);
  const error = { code: "jobs.lost", message: "it is gone" };
  file.close({ ...first, state: "failed", phase: "prove", current: 61, error, exitCode: 24 });
  const ended = documentIn(join(folder, "made/here"), path);

  t.match(began, { state: "running", current: 0, percent: 0, finished_at: null, worker: "w:1", unit: "row" });
  t.match(later, { phase: "prove", current: 50, percent: 50, failed_batches: 2, batch_size: 10 });
  t.same(later.counts, { a: 1 });
  t.equal(unwritten.current, 50, "not twice in a second");
  t.match(ended, { state: "failed", current: 61, error, exit_code: 24, eta_s: null, eta_at: null });
  for (const instant of [ended.started_at, ended.updated_at, ended.finished_at])
    t.match(instant, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  t.ok(ended.memory_bytes > 1_000_000 && ended.memory_peak_bytes >= ended.memory_bytes / 2);
  t.equal(statSync(join(folder, "made/here", path)).mode & 0o777, 0o644);
  t.same(readdirSync(join(folder, "made/here")), [path, "status.json"], "nothing half-written is left");
  t.end();
});

void t.test("hostile and half-written files of others do not break the list", (t) => {
  const folder = t.testdir({
    "rebuild-1.json": '{"schema":"status/1","kind":"reb',
    "rebuild-2.json": "",
    "rebuild-3.json": "null",
    "rebuild-4.json": JSON.stringify({ schema: "status/1", kind: 4, state: {}, updated_at: "x" }),
    "rebuild-5.json": `"${"x".repeat(70_000)}"`,
    "rebuild-6.json": {},
    "\u001b[2Jx-1.json": "{}",
    "other.json": "{}",
  });
  execFileSync("mkfifo", [join(folder, "rebuild-8.json")]);
  symlinkSync("/dev/zero", join(folder, "rebuild-9.json"));
  symlinkSync(join(folder, "nowhere"), join(folder, "rebuild-10.json"));

  const file = openStatusFile(folder, { kind: "rebuild", id: 11 }, first);
  file.close({ ...first, state: "done" });

  const { jobs, unreadable } = listIn(folder);
  t.same(
    jobs.map((job) => job.file),
    ["rebuild-11.json"],
  );
  t.same(unreadable.sort(), [1, 2, 3, 4, 5, 6, 8, 9, 10].map((id) => `rebuild-${id}.json`).sort());
  t.end();
});

void t.test(
  "programs that share a folder lose nothing of one another, and no reader sees a part",
  async (t) => {
    const folder = t.testdir();
    const runs = [1, 2, 3, 4];
    let reads = 0;

    const ends = runs.map((id) =>
      runCode(`
      const { openStatusFile } = await import(${JSON.stringify(moduleUrl("telemetry/status-file.js"))});
      const status = { state: "running", phase: "p", current: 0, total: null };
      for (let round = 0; round < ${scaled(50)}; round++) {
        const run = { kind: "job_${id}", id: round };
        const file = openStatusFile(${JSON.stringify(folder)}, run, status);
        for (let step = 1; step < 8; step++) file.note({ ...status, phase: "p" + step, current: step });
        file.close({ ...status, state: "done", current: 8 });
      }
    `),
    );
    let isDone = false;
    const all = Promise.all(ends).then((codes) => {
      isDone = true;
      return codes;
    });
    while (!isDone) {
      await new Promise(setImmediate);
      for (const name of readdirSync(folder).filter((each) => !each.startsWith("."))) {
        const text = textOrGone(join(folder, name));
        if (text === undefined) continue;
        reads++;
        if (!text.endsWith("}\n")) t.fail(`${name} was seen in part`);
      }
    }

    t.same(await all, [0, 0, 0, 0]);
    const { jobs, unreadable } = listIn(folder);
    t.ok(reads > 0);
    t.same(unreadable, []);
    for (const id of runs) {
      const own = jobs.filter(({ kind }) => kind === `job_${id}`);
      t.ok(own.length >= 1 && own.length <= keptRuns + 1, `${own.length} of ${id}`);
      t.equal(own.filter(({ state, current }) => state !== "done" || current !== 8).length, 0);
      t.ok(own.some(({ job_id }) => job_id === scaled(50) - 1));
    }
  },
);

void t.test("a list that was begun before another program wrote does not stay", async (t) => {
  const folder = t.testdir();
  openStatusFile(folder, { kind: "job", id: 0 }, first).close({ ...first, state: "done" });
  const document = documentIn(folder, "job-0.json");
  const put = (id: number): void => {
    writeStatus(folder, `job-${id}.json`, { ...document, job_id: id });
  };
  for (let id = 1; id <= 300; id++) put(id);
  const child = startCode(
    `
      const { writeList } = await import(${JSON.stringify(moduleUrl("telemetry/status-folder.js"))});
      process.on("message", () => { writeList(${JSON.stringify(folder)}); process.send("done"); });
      process.send("done");
    `,
  );
  t.teardown(() => child.kill("SIGKILL"));
  await once(child, "message");

  for (let round = 0; round < scaled(200); round++) {
    const done = once(child, "message");
    child.send("go");
    await sleep((round * 7) % 30);
    // In the middle of its list, or before or after it.
    child.kill("SIGSTOP");
    put(1_000 + round);
    writeList(folder);
    child.kill("SIGCONT");
    await done;
    if (!listIn(folder).jobs.some(({ job_id }) => job_id === 1_000 + round)) t.fail(`round ${round}`);
  }
  t.equal(listIn(folder).jobs.length, 301 + scaled(200));
});

void t.test("a run that was killed is stale a minute after its last sign of life", async (t) => {
  const folder = t.testdir();
  const child = startCode(`
    const { openStatusFile } = await import(${JSON.stringify(moduleUrl("telemetry/status-file.js"))});
    openStatusFile(${JSON.stringify(folder)}, { kind: "job", id: 1 }, { state: "running", phase: "p", current: 0, total: 5 });
    process.kill(process.pid, "SIGKILL");
  `);
  await new Promise((resolve) => child.on("close", resolve));

  writeList(folder);
  const soon = listIn(folder);
  const document = documentIn(folder, "job-1.json");
  const past = new Date(Date.now() - 61_000).toISOString();
  writeFileSync(join(folder, "job-1.json"), JSON.stringify({ ...document, updated_at: past }));
  writeList(folder);
  const late = listIn(folder);
  writeFileSync(join(folder, "job-1.json"), JSON.stringify({ ...document, updated_at: "just now" }));
  writeList(folder);
  const never = listIn(folder);

  t.match(soon, { running: 1, stale: 0, jobs: [{ is_stale: false }] });
  t.match(late, { running: 0, stale: 1, jobs: [{ is_stale: true, state: "running" }] });
  t.match(never, { running: 0, stale: 1 }, "an instant that nobody can read is no sign of life");
});

void t.test(
  "of ended runs of a kind the newest are kept; running ones and other kinds are left alone",
  (t) => {
    const folder = t.testdir({ "mine.txt": "kept" });
    const running = openStatusFile(folder, { kind: "load", id: "running" }, first);
    const end = (kind: string, id: number): void => {
      openStatusFile(folder, { kind, id }, first).close({ ...first, state: "done" });
      utimesSync(join(folder, `${kind}-${id}.json`), 1_000 + id, 1_000 + id);
    };
    for (let id = 1; id <= keptRuns + 5; id++) end("load", id);
    for (let id = 1; id <= 3; id++) end("load_other", id);

    const last = openStatusFile(folder, { kind: "load", id: 99 }, first);

    const names = readdirSync(folder);
    const ended = Array.from({ length: keptRuns }, (_, index) => `load-${index + 6}.json`);
    t.same(
      names.sort(),
      [
        ...ended,
        ...["load-99.json", "load-running.json", "mine.txt", "status.json"],
        ...[1, 2, 3].map((id) => `load_other-${id}.json`),
      ].sort(),
    );
    running.close(first);
    last.close(first);
    t.end();
  },
);

void t.test("what dead programs left half-written goes; a folder that goes takes no run with it", (t) => {
  const folder = t.testdir({ st: { ".status-1-a.tmp": "{", ".status-2-b.tmp": "{" } });
  const status = join(folder, "st");
  utimesSync(join(status, ".status-1-a.tmp"), 1_000, 1_000);

  const file = openStatusFile(status, { kind: "load", id: 1 }, first);
  const names = readdirSync(status);
  rmSync(status, { recursive: true });
  file.note({ ...first, phase: "prove" });
  file.close({ ...first, state: "done" });

  t.same(names.sort(), [".status-2-b.tmp", "load-1.json", "status.json"]);
  t.equal(existsSync(status), false);
  t.throws(() => openStatusFile(folder, { kind: "../load", id: 1 }, first), { name: "TypeError" });
  t.end();
});

void t.test("a folder that cannot be written to is said before the run begins", async (t) => {
  const store = await freshStore({ name: "SQLite", dialect: "sqlite" });
  t.teardown(store.dispose);
  const folder = t.testdir({ file: "no folder", "cowrie.json": sessionLines(sessionId(1)) });
  const words = ["ingest", "bulk", join(folder, "cowrie.json"), "--db", store.db, "--json"];

  const outcome = await cowriedb([...words, "--status-dir", join(folder, "file")]);

  t.equal(outcome.code, 1);
  t.match(JSON.parse(outcome.stdout), { error: { code: "config.status_dir" } });
});

for (const engine of engines()) {
  void t.test(`${engine.name}: a load says what it answers, and a failed one why`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const lines = Array.from({ length: 8 }, (_, number) => sessionLines(sessionId(number))).join("");
    const folder = t.testdir({ "cowrie.json": `${lines}not json\n`, st: {} });
    const common = ["--db", store.db, "--json", "--status-dir", join(folder, "st")];

    const bulk = await cowriedb(["ingest", "bulk", join(folder, "cowrie.json"), ...common]);
    const delta = await cowriedb(["ingest", "delta", join(folder, "cowrie.json"), ...common]);
    const failed = await cowriedb(["ingest", "bulk", join(folder, "missing"), ...common]);

    t.same([bulk.code, delta.code, failed.code], [0, 0, 1]);
    const answered = JSON.parse(bulk.stdout) as Record<string, unknown>;
    const { jobs } = listIn(join(folder, "st"));
    const [why, again, loaded] = jobs;
    t.equal(jobs.length, 3);
    t.match(loaded, { kind: "ingest_bulk", job_id: answered["run_id"], state: "done", percent: 100 });
    for (const [name, number] of Object.entries(loaded?.counts ?? {})) t.equal(number, answered[name], name);
    t.equal(loaded?.counts["events_accepted"], 40);
    t.match(again, { kind: "ingest_delta", state: "done", counts: { batches: 0 }, exit_code: 0 });
    t.equal(again?.job_id, (JSON.parse(delta.stdout) as { run_id: string }).run_id);
    t.match(why, { state: "failed", error: { code: "ingest.not_found" }, exit_code: 1 });
  });
}

function documentIn(folder: string, name: string): StatusDocument {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as StatusDocument;
}

function listIn(folder: string): StatusList {
  return JSON.parse(readFileSync(join(folder, "status.json"), "utf8")) as StatusList;
}

function fieldsIn(text: string): string[] {
  return [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, field = ""]) => field);
}

function textOrGone(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
