import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { closeDatabase, openDatabase } from "../src/db/open.ts";
import { startServer, type Server } from "../src/dev/server.ts";
import { migrateUp } from "../src/migrate/migrate.ts";
import { postgresChanges } from "../src/migrate/postgres-engine.ts";
import { onServer, templateName } from "./helpers/database.ts";

/** The signal that has asked for the end, and the tests that must be told of it, all in one process group. */
const stop: { signal?: NodeJS.Signals; tests?: ChildProcess } = {};

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait.
    endTests(stop.signal === undefined ? signal : "SIGKILL");
    stop.signal ??= signal;
  });
}

function endTests(signal: NodeJS.Signals): void {
  const { tests } = stop;
  if (tests?.pid === undefined || tests.exitCode !== null || tests.signalCode !== null) return;
  process.kill(-tests.pid, signal);
}

/**
 * Runs the suite on SQLite, on the embedded PostgreSQL and on every other major version found on the machine. Words
 * that are no option pick test files by a part of their name. Ends with a line `N passed, N failed`. A signal ends the
 * tests, then the servers, and is a failure.
 */
async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const picks = words.filter((word) => !word.startsWith("--"));
  const servers: Server[] = [];
  try {
    await startServers(servers);
    for (const server of servers) await makeTemplate(server.url);
    const folder = fileURLToPath(new URL(".", import.meta.url));
    const files = (readdirSync(folder, { recursive: true }) as string[])
      .filter(
        (file) =>
          file.endsWith(".test.js") && (picks.length === 0 || picks.some((pick) => file.includes(pick))),
      )
      .sort()
      .map((file) => join(folder, file));
    const counts = await runTap(files, servers, words.includes("--nightly"));
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`);
    return counts.failed === 0 && counts.passed > 0 && counts.code === 0 && stop.signal === undefined ? 0 : 1;
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function startServers(servers: Server[]): Promise<void> {
  servers.push(await startServer());
  for (const major of [15, 16, 17]) {
    const binaries = [`/usr/lib/postgresql/${major}/bin`, `/usr/pgsql-${major}/bin`].find((path) =>
      existsSync(join(path, "initdb")),
    );
    if (binaries === undefined)
      process.stdout.write(`PostgreSQL ${major} is not on this machine; not tested on it.\n`);
    else servers.push(await startServer({ binaries }));
  }
  process.stdout.write(
    `Engines: SQLite, ${servers.map(({ version }) => `PostgreSQL ${version}`).join(", ")}\n`,
  );
}

async function makeTemplate(url: string): Promise<void> {
  if (stop.signal !== undefined) throw new Error(`Stopped by ${stop.signal}.`);
  await onServer(url, async (sql) => sql.unsafe(`create database ${templateName}`));
  const at = new URL(url);
  at.pathname = `/${templateName}`;
  const database = await openDatabase({ dialect: "postgres", url: at.href, shown: at.href });
  await migrateUp(database, postgresChanges(at.href, at.href));
  await closeDatabase(database);
}

async function runTap(
  files: readonly string[],
  servers: readonly Server[],
  isNightly: boolean,
): Promise<{ passed: number; failed: number; code: number }> {
  const tap = fileURLToPath(new URL("../../node_modules/tap/dist/esm/run.mjs", import.meta.url));
  const timeout = isNightly ? "5000" : "1500";
  const child = spawn(
    process.execPath,
    [tap, "run", "--disable-coverage", "--reporter=tap", "--jobs=2", `--timeout=${timeout}`, ...files],
    {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        COWRIEDB_TEST_SERVERS: JSON.stringify(servers.map(({ url, version }) => ({ url, version }))),
        COWRIEDB_NIGHTLY: isNightly ? "1" : "0",
      },
    },
  );
  stop.tests = child;
  const counts = { passed: 0, failed: 0 };
  let isShown = true;
  for await (const line of createInterface({ input: child.stdout })) {
    const result = /^( *)(not )?ok \d+/.exec(line);
    const depth = (result?.[1]?.length ?? 0) / 4;
    if (result !== null && depth === 1) {
      if (result[2] === undefined) counts.passed++;
      else counts.failed++;
    }
    if (result !== null) isShown = result[2] !== undefined || depth <= 1;
    if (isShown && !/^\s*(1\.\.|# (Subtest|time)|\}?\s*$)/.test(line)) process.stdout.write(`${line}\n`);
  }
  const code = await new Promise<number>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? 1);
    else child.on("exit", (exit) => resolve(exit ?? 1));
  });
  if (stop.signal !== undefined) process.stdout.write(`\nStopped by ${stop.signal} before the end.\n`);
  return { ...counts, code };
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
