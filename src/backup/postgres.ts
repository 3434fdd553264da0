import { spawn } from "node:child_process";
import { shownTarget, type Target } from "../config.ts";
import { closeDatabase, openDatabase } from "../db/open.ts";
import type { Postgres } from "../db/postgres.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import { backupExportSnapshot, ledgerHasLedger } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { cut, visible } from "../term.ts";
import { factsOf, type Facts } from "./facts.ts";

type Server = Target & { dialect: "postgres" };

/**
 * Dumps the schema `cowrie` with pg_dump, in the snapshot in which its facts are read. The password reaches pg_dump through
 * PGPASSWORD, PGPASSFILE or a service file, as it reached us, never through its words.
 */
export async function dumpPostgres(
  database: Postgres,
  target: Server,
  part: string,
  isStopped: () => boolean,
): Promise<Facts> {
  await refuseOld(database);
  return inSnapshot(database, async (snapshotted) => {
    const facts = await factsOf(snapshotted);
    const { snapshot } = await one(snapshotted, backupExportSnapshot, {});
    const words = ["--format=custom", "--schema=cowrie", "--no-password", `--snapshot=${snapshot}`];
    await tool("pg_dump", [...words, `--file=${part}`, `--dbname=${target.url}`], isStopped);
    return facts;
  });
}

/** Sees that the list of a dump, which pg_restore reads from it, names the data of every table. */
export async function listDump(part: string, { tables }: Facts): Promise<void> {
  const list = await tool("pg_restore", ["--list", part]);
  const missing = Object.keys(tables).find((name) => !list.includes(` TABLE DATA cowrie ${name} `));
  if (missing !== undefined)
    throw new CowriedbError("backup.damaged", `The dump has no data of ${missing}.`, {
      hint: "Nothing was kept. Check the disk, then run the same command again.",
    });
}

/** Restores a dump into a database that has no store, and reads what came of it. */
export async function restoreInto(part: string, target: Target): Promise<Facts> {
  if (target.dialect !== "postgres")
    throw new CowriedbError("config.usage", "--verify-into must name a database of PostgreSQL.", {
      exitCode: exitCodes.usage,
      hint: "Make an empty one with createdb, and give its URL.",
    });
  await refuseStore(target);
  await tool("pg_restore", [
    "--exit-on-error",
    "--no-owner",
    "--no-password",
    `--dbname=${target.url}`,
    part,
  ]);
  return withServer(target, factsOf);
}

async function refuseStore(target: Server): Promise<void> {
  const { found } = await withServer(target, async (database) => one(database, ledgerHasLedger, {}));
  if (Number(found) > 0)
    throw new CowriedbError("backup.exists", `There is a store in ${shownTarget(target)} already.`, {
      hint: "Make an empty database with createdb; a restore never takes the place of a store.",
    });
}

async function withServer<T>(target: Server, work: (database: Postgres) => Promise<T>): Promise<T> {
  const database = await openDatabase(target, { connections: 1 });
  try {
    if (database.dialect !== "postgres") throw new TypeError("a URL opens a server");
    return await work(database);
  } finally {
    await closeDatabase(database);
  }
}

/** pg_dump reads servers of its own version and older ones. */
async function refuseOld({ sql }: Postgres): Promise<void> {
  const server = Number.parseInt(String(sql.parameters["server_version"] ?? ""), 10);
  const words = await tool("pg_dump", ["--version"]);
  const own = Number(/\) (\d+)/.exec(words)?.[1]);
  if (own >= server) return;
  throw new CowriedbError(
    "backup.no_tool",
    `pg_dump here is of version ${own}, and the server of ${server}.`,
    {
      hint: `Install the client programs of PostgreSQL ${server}, and have them first on the PATH.`,
    },
  );
}

/** Runs a client program to its end; gives its standard output. */
async function tool(
  name: string,
  words: readonly string[],
  isStopped = (): boolean => false,
): Promise<string> {
  const child = spawn(name, words, { stdio: ["ignore", "pipe", "pipe"] });
  let [answer, told] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (answer += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told = (told + text).slice(0, 4000)));
  const watch = setInterval(() => {
    if (isStopped()) child.kill("SIGTERM");
  }, 100);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    if (code === 0) return answer;
  } catch (cause) {
    throw new CowriedbError("backup.no_tool", `${name} cannot be run: ${messageOf(cause)}.`, {
      hint: "Install the client programs of PostgreSQL, and have them on the PATH.",
      cause,
    });
  } finally {
    clearInterval(watch);
  }
  if (isStopped())
    throw new CowriedbError("backup.stopped", "The backup was stopped; nothing is left of it.");
  throw new CowriedbError("backup.failed", `${name} failed: ${cut(visible(told.trim()), 500)}`, {
    hint: "Mend what it says, then run the same command again; nothing was kept.",
  });
}
