import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startServer, type Server } from "../src/dev/server.ts";
import { startCoverage, type Coverage } from "./helpers/coverage.ts";
import { makeSqliteTemplate } from "./helpers/database.ts";
import { binariesOf, makeTemplate } from "./helpers/servers.ts";

const running = new Set<ChildProcess>();
let isStopping = false;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    isStopping = true;
    for (const child of running) child.kill(signal);
  });
}

/** Folders and files that see how the versions of PostgreSQL differ: SQL, schema, and what a log becomes. */
const onEveryServer = ["conformance", "migrations/files", "migrations/run", "procedures", "sql"];
/** More than two cores are busy with, because some wait for a lock or a time limit. */
const atOnce = 4;
const folder = fileURLToPath(new URL(".", import.meta.url));
const withoutHooks = new URL("./helpers/without-hooks.js", import.meta.url).href;
/** What each file took when a run was last told to keep it: what takes longest begins, so that nothing runs alone in the end. */
const durations = fileURLToPath(new URL("../../tests/durations.tsv", import.meta.url));

/**
 * Runs the suite on SQLite, on the embedded PostgreSQL and on every other major version found on the machine. Words
 * that are no option pick test files by a part of their name. Without `--nightly` and such words, a file about the program
 * (commands, rooms, faults) runs on one of the servers, by turns. `--keep-durations` writes anew what each file takes. With
 * `--coverage` the stores' routines note each statement that is reached: a table tells how many of each, and too few fail. Ends
 * with a line `N passed, N failed`.
 */
async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const picks = words.filter((word) => !word.startsWith("--"));
  const servers: Server[] = [];
  const coverage = words.includes("--coverage") ? startCoverage() : undefined;
  try {
    servers.push(...(await startServers(coverage)));
    for (const server of servers) {
      await makeTemplate(server.url);
      await coverage?.coverServer(server);
    }
    const files = (readdirSync(folder, { recursive: true }) as string[])
      .filter(
        (file) =>
          file.endsWith(".test.js") && (picks.length === 0 || picks.some((pick) => file.includes(pick))),
      )
      .sort((one, other) => (one < other ? -1 : 1));
    const isNightly = words.includes("--nightly");
    const isByTurns = !isNightly && picks.length === 0 && servers.length > 1;
    if (isByTurns) {
      process.stdout.write(
        `On every server: ${onEveryServer.join(", ")}; there a tenth of the hostile cases meets one server by turns, and so ` +
          "do the logs that engines are compared by. Other tests: SQLite and one server, by turns.\n",
      );
    }
    const serversOf = (file: string): readonly Server[] =>
      isByTurns && !onEveryServer.some((part) => file.startsWith(part))
        ? servers.filter((_server, index) => index === files.indexOf(file) % servers.length)
        : servers;
    const counts = await runFiles(longestFirst(files), serversOf, { isNightly, coverage });
    if (words.includes("--keep-durations") && picks.length === 0) keepDurations(counts.seconds);
    for (const server of servers.splice(0)) await server.stop();
    counts.failed += toldCoverage(coverage);
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`);
    return counts.failed === 0 && counts.passed > 0 && !isStopping ? 0 : 1;
  } finally {
    for (const server of servers) await server.stop();
    coverage?.remove();
  }
}

/** Prints what was reached of the routines; gives the number of engines of which it is too little. */
function toldCoverage(coverage: Coverage | undefined): number {
  if (coverage === undefined) return 0;
  const { table, problems } = coverage.report();
  process.stdout.write(`\n${[table, ...problems].join("\n")}\n`);
  return problems.length;
}

/** A file that is new to the list comes first. */
function longestFirst(files: readonly string[]): string[] {
  const seconds = new Map(
    readFileSync(durations, "utf8")
      .split("\n")
      .map((line) => line.split("\t"))
      .map(([file = "", taken]) => [file, Number(taken)]),
  );
  const of = (file: string): number => seconds.get(file) ?? Number.POSITIVE_INFINITY;
  return [...files].sort((one, other) => (of(one) === of(other) ? 0 : of(other) - of(one)));
}

function keepDurations(seconds: ReadonlyMap<string, number>): void {
  const lines = [...seconds]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([file, taken]) => `${file}\t${Math.round(taken)}\n`);
  writeFileSync(durations, lines.join(""));
}

async function startServers(coverage?: Coverage): Promise<Server[]> {
  const servers = [await startServer(coverage?.server())];
  for (const major of [15, 16, 17]) {
    const binaries = binariesOf(major);
    if (binaries === undefined)
      process.stdout.write(`PostgreSQL ${major} is not on this machine; not tested on it.\n`);
    else servers.push(await startServer({ ...coverage?.server(), binaries }));
  }
  process.stdout.write(
    `Engines: SQLite, ${servers.map(({ version }) => `PostgreSQL ${version}`).join(", ")}\n`,
  );
  return servers;
}

/**
 * Runs each file as a program of its own, some at a time, and shows what it says when it has ended. Not under tap's own
 * runner: its loaders start with every process and worker thread that a test starts, seconds each time.
 */
async function runFiles(
  files: readonly string[],
  serversOf: (file: string) => readonly Server[],
  { isNightly, coverage }: { isNightly: boolean; coverage: Coverage | undefined },
): Promise<{ passed: number; failed: number; seconds: Map<string, number> }> {
  const template = await makeSqliteTemplate();
  coverage?.coverFile(template);
  const env = {
    ...process.env,
    ...coverage?.env,
    COWRIEDB_TEST_TEMPLATE: template,
    COWRIEDB_NIGHTLY: isNightly ? "1" : "0",
    TAP_TIMEOUT: isNightly ? "5000" : "900",
  };
  const total = { passed: 0, failed: 0, seconds: new Map<string, number>() };
  const waiting = [...files];
  const runNext = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined && !isStopping; file = waiting.shift()) {
      const reached = serversOf(file).map(({ url, version }) => ({ url, version }));
      const began = performance.now();
      const { passed, failed } = await runFile(file, {
        ...env,
        COWRIEDB_TEST_SERVERS: JSON.stringify(reached),
      });
      total.seconds.set(file, (performance.now() - began) / 1000);
      total.passed += passed;
      total.failed += failed;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runNext));
  return total;
}

async function runFile(file: string, env: NodeJS.ProcessEnv): Promise<{ passed: number; failed: number }> {
  const started = performance.now();
  const words = ["--import", withoutHooks, join(folder, file)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"], env });
  running.add(child);
  const ended = new Promise<number>((resolve) => {
    child.on("close", (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
  const counts = { passed: 0, failed: 0 };
  const shown: string[] = [];
  let isShown = true;
  for await (const line of createInterface({ input: child.stdout })) {
    const result = /^( *)(not )?ok \d+/.exec(line);
    const depth = (result?.[1]?.length ?? 0) / 4;
    if (result !== null && depth === 0) {
      if (result[2] === undefined) counts.passed++;
      else counts.failed++;
    }
    if (result !== null) isShown = result[2] !== undefined || depth === 0;
    if (isShown && !/^\s*(1\.\.|TAP version|# (Subtest|time)|\}?\s*$)/.test(line)) shown.push(line);
  }
  const code = await ended;
  if (counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0)) {
    counts.failed++;
    shown.push(`not ok - ended with code ${code}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${file} (${seconds} s)\n${shown.map((line) => `  ${line}\n`).join("")}`);
  return counts;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.stdout.write("\n0 passed, 1 failed\n");
    process.exitCode = 1;
  },
);
