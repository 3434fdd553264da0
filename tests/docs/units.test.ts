import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { exitCodes } from "../../src/errors.ts";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { cowriedb, program } from "../helpers/cli.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import { storeOfSessions } from "../helpers/jobs.ts";
import { commands, sessionId, sessionLines } from "../helpers/lines.ts";

const folder = join(packageFolder, "runbooks/units");
const units = readdirSync(folder).sort();
const isSystemd = (file: string): boolean => /\.(service|timer)$/.test(file);
const sqlite = engines().filter(({ dialect }) => dialect === "sqlite");

void t.test("every command of a unit and of a cron line exists, with its options", async (t) => {
  for (const file of units.filter((name) => isSystemd(name) || name.endsWith(".cron"))) {
    const lines = commandLines(textOf(file));
    t.equal(lines.length > 0, !file.endsWith(".timer"), `${file} runs something`);
    for (const line of lines) {
      const words = line.split(/\s+/);
      const command = commands.find((known) => known.every((word, index) => words[index] === word)) ?? [];
      t.not(command.length, 0, `${file}: cowriedb ${line}`);
      const { code, stdout } = await cowriedb([...command, "--help"]);
      t.equal(code, 0);
      for (const flag of words.filter((word) => word.startsWith("-")))
        t.match(stdout, new RegExp(`(^|[ ,])${flag}\\b`, "m"), `${file}: ${flag}`);
    }
  }
});

void t.test("systemd takes the units", (t) => {
  const copies = t.testdir({});
  const files = units.filter(isSystemd);
  for (const file of files)
    writeFileSync(join(copies, file), textOf(file).replaceAll("/usr/local/bin/cowriedb", process.execPath));
  const found = spawnSync("systemd-analyze", ["verify", ...files.map((file) => join(copies, file))], {
    encoding: "utf8",
  });
  // A machine without systemd has no such program; what follows holds there too.
  if (found.error === undefined) t.match(found, { status: 0, stderr: "" });

  for (const file of files.filter((name) => name.endsWith(".timer")))
    t.ok(files.includes(file.replace(/timer$/, "service")), `${file} has a service`);
  const [delta = "", ...others] = files.filter((name) => name.endsWith(".service"));
  for (const file of others)
    t.same(hardeningOf(file), hardeningOf(delta), `${file} is as hardened as ${delta}`);
  t.end();
});

void t.test("a unit's list of exit codes has codes of ours, and the one of repairs is no failure", (t) => {
  const known = Object.values(exitCodes).map(String);
  for (const file of units.filter((name) => name.endsWith(".service"))) {
    const text = textOf(file);
    const lists = [...text.matchAll(/^(?:SuccessExitStatus|RestartPreventExitStatus)=(.*)$/gm)];
    for (const code of lists.flatMap(([, list = ""]) => list.split(" "))) t.ok(known.includes(code), code);
    const [, good = ""] = /^SuccessExitStatus=(.*)$/m.exec(text) ?? [];
    const isGood = (code: number): boolean => good.split(" ").includes(String(code));
    if (/ reconcile /.test(text)) t.ok(isGood(exitCodes.repaired), `${file}: repaired`);
    for (const code of [exitCodes.differences, exitCodes.unproved, exitCodes.needsPerson])
      t.notOk(isGood(code), `${file}: ${code}`);
  }
  t.end();
});

void t.test("morning-after.md has a line for every exit code", (t) => {
  const text = readFileSync(join(packageFolder, "runbooks/morning-after.md"), "utf8");
  const codes = [...text.matchAll(/^\| (\d[\d, ]*?) +\|/gm)].flatMap(([, list = ""]) => list.split(", "));
  for (const code of Object.values(exitCodes)) t.ok(codes.includes(String(code)), String(code));
  t.end();
});

for (const engine of sqlite) {
  void t.test("a line of cron speaks when somebody is wanted, and else says nothing", async (t) => {
    const store = await storeOfSessions(t, engine, 20);
    const [nightly = "", quick = ""] = cronLines("cowriedb-reconcile.cron");

    t.match(await asCron(t, nightly, store), { code: 0, stdout: "", stderr: "" }, "proved");
    t.match(await asCron(t, quick, store), { code: 0, stdout: "", stderr: "" }, "proved again");
    await typed(store.database, "update session_summaries set event_count = event_count + 1");
    const bad = await asCron(t, nightly, store);
    t.match(bad, {
      stderr: "",
      stdout: /^cowriedb reconcile ended with 20\n.*differences \(exit code 20\)/s,
    });
    await typed(store.database, anotherRun);
    t.match(await asCron(t, nightly, store), { code: 0, stdout: "", stderr: "" }, "another is at it");
  });

  void t.test("a reconciliation writes its status file, and its hook is told of drift", async (t) => {
    const store = await storeOfSessions(t, engine, 20);
    await typed(store.database, "update session_summaries set event_count = event_count + 1");
    const place = t.testdir({});
    const hook = join(place, "hook");
    writeFileSync(hook, `#!/bin/sh\n{ echo "$COWRIEDB_EVENT"; cat; echo; } >>"$0.told"\n`, { mode: 0o755 });

    const { code } = await cowriedb(["reconcile", "--status-dir", place, "--hook", hook, "--db", store.db]);

    const file = readdirSync(place).find((name) => /^reconcile_nightly-.*\.json$/.test(name)) ?? "";
    const status = JSON.parse(readFileSync(join(place, file), "utf8")) as { counts: Record<string, number> };
    t.equal(code, 20);
    t.match(status, { kind: "reconcile_nightly", state: "done", exit_code: 20, percent: 100 });
    t.ok((status.counts["wrong_event_count"] ?? 0) > 0);
    const told = readFileSync(`${hook}.told`, "utf8").match(/^[a-z]+\.[a-z]+$/gm);
    t.same(told, ["job.started", "drift.found", "job.finished"]);

    await typed(store.database, anotherRun);
    const late = `${hook}-late`;
    copyFileSync(hook, late);
    const busy = await cowriedb(["reconcile", "--mode", "quick", "--hook", late, "--db", store.db]);
    t.equal(busy.code, 75);
    t.notOk(existsSync(`${late}.told`), "that another is at it is no failure");
  });
}

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(`what pg_cron is to run does run, on ${engine.name}`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    await typed(store.database, likePgCron);
    await typed(store.database, textOf("cowriedb-pg-cron.postgres.sql"));
    const jobs = (await typed(
      store.database,
      "select * from cron.job order by jobid",
    )) as unknown as CronJob[];
    const run = async (name: string): Promise<unknown> =>
      typed(store.database, jobs.find((job) => job.jobname === name)?.command ?? "");

    t.equal(jobs.length, 4);
    for (const { schedule, jobname } of jobs) t.match(schedule, /^\d+ \d+ [*\d]+ \* [*\d]$/, jobname);
    for (const { jobname } of jobs) await t.resolves(run(jobname), `${jobname}, in an empty store`);

    const log = join(t.testdir({}), "cowrie.json");
    writeFileSync(log, [1, 2, 3].map((number) => sessionLines(sessionId(number))).join(""));
    await cowriedb(["ingest", "bulk", log, "--quiet", "--db", store.db]);
    await typed(store.database, "update session_summaries set event_count = event_count + 1");
    await t.rejects(run("cowriedb-check"), { message: /derived rows that differ: 3\b/ });
    await run("cowriedb-rebuild-summaries");
    await run("cowriedb-rebuild-command-stats");
    await t.rejects(run("cowriedb-check"), { message: /rows that a rebuild has corrected: 3\b/ });
    t.same(await typed(store.database, "select * from derived_differences"), []);
  });
}

/** A reconciliation of another machine, under way. */
const anotherRun = `
  insert into jobs (kind, params, phase, actor, worker, heartbeat_at)
  values ('reconcile', '{"mode": "full", "repair": false}', 'proving', 'me', 'elsewhere:1', strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
  on conflict do nothing`;

interface CronJob {
  jobname: string;
  schedule: string;
  command: string;
}

/** What pg_cron 1.4 and later offers to the file, as far as it is used. */
const likePgCron = `
  create schema cron;
  create table cron.job (
    jobid bigint generated always as identity, jobname text, schedule text, command text, database text, username text
  );
  create table cron.job_run_details (
    jobid bigint, runid bigint, status text, return_message text, start_time timestamptz, end_time timestamptz
  );
  create function cron.schedule_in_database(
    job_name text, schedule text, command text, database text, username text default null, active boolean default true
  ) returns bigint language sql
  begin atomic
    insert into cron.job (jobname, schedule, command, database, username)
    values (job_name, schedule, command, database, username) returning jobid;
  end;
  create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql
  begin atomic
    insert into cron.job (jobname, schedule, command) values (job_name, schedule, command) returning jobid;
  end;`;

function textOf(file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

/** What follows `cowriedb` where a unit or a cron line runs it. */
function commandLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => /^(ExecStart=|[\d*])/.test(line));
  return lines.flatMap((line) => {
    const words = line.replace(/^ExecStart=|^[\d*/]+ (\S+ ){5}/, "");
    return /(?:^|\/bin\/)cowriedb +([^>;|&]*)/.exec(words)?.[1]?.trim() ?? [];
  });
}

/** The settings behind the first empty line that follows Service, without the folders that one unit alone reads. */
function hardeningOf(file: string): string[] {
  const [, text = ""] = /^(NoNewPrivileges=[\s\S]*?)(?:\n\n|$(?![\s\S]))/m.exec(textOf(file)) ?? [];
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("ReadOnlyPaths="));
}

/** The commands of a file in cron's form, without the time and the user. */
function cronLines(file: string): string[] {
  return textOf(file)
    .split("\n")
    .filter((line) => /^[\d*]/.test(line))
    .map((line) => line.replace(/^(\S+ ){5}\S+ /, ""));
}

/** Runs the command of a line as cron does: by /bin/sh, with little in its environment. */
async function asCron(
  test: Test,
  line: string,
  store: TestStore,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const place = join(test.testdirName, "cron");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "cowriedb"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, {
    mode: 0o755,
  });
  const child = spawn("/bin/sh", ["-c", line.replaceAll("/var/lib/cowriedb", place)], {
    env: { PATH: `${place}:/usr/bin:/bin`, LC_ALL: "C.UTF-8", COWRIEDB_URL: store.db },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString("utf8")));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...said };
}
