import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import { program, scaled } from "../helpers/cli.ts";
import { contentsOf, differing } from "../helpers/contents.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadContents } from "../helpers/load.ts";
import { ownServer } from "../helpers/servers.ts";

// The server under a follower is stopped as a crash would stop it while lines go on being written, and started again. No
// process but the server ends: the follower waits, opens new connections, and everything arrives once.

const stops = scaled(20);
const linesPerPart = 400;

for (const each of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(`${each.name}: a follower outlives ${stops} restarts of its server`, async (t) => {
    const { server, engine } = await ownServer(each);
    t.teardown(server.stop);
    const base = mkdtempSync(join(tmpdir(), "cowriedb-follow-restart-"));
    t.teardown(() => rmSync(base, { recursive: true, force: true }));
    const folder = join(base, "logs");
    mkdirSync(folder);
    const path = join(folder, "cowrie.json");
    const lines = generatedLines((2 * stops + 1) * linesPerPart, 20_261_123, 300);
    const parts = Array.from({ length: 2 * stops + 1 }, (_, index) =>
      logOf(lines.slice(index * linesPerPart, (index + 1) * linesPerPart)),
    );
    const { db } = await emptyStore(engine);
    const words = ["ingest", "delta", folder, "--follow", "--poll-interval", "100", "--db", db];
    appendFileSync(path, parts[0] as Buffer);
    const child = spawn(process.execPath, [program, ...words], {
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString("utf8")));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await until(async () => (await recordsRead(db)) === linesPerPart);

    let within = 0;
    for (let stop = 1; stop <= stops; stop++) {
      const before = parts[2 * stop - 1] as Buffer;
      // The end of a piece is no end of a line, and some of it is on its way when the server stops.
      for (let at = 0; at < before.length; at += 20_011) {
        appendFileSync(path, before.subarray(at, at + 20_011));
        await pause(20);
      }
      await server.crash();
      appendFileSync(path, parts[2 * stop] as Buffer);
      await until(async () => Promise.resolve(told(stderr, /Waiting until it is back/g) >= stop));
      await server.restart();
      const read = await recordsRead(db);
      const written = 2 * stop * linesPerPart;
      if (read > written - linesPerPart && read < written) within++;
      await until(async () => (await recordsRead(db)) === (2 * stop + 1) * linesPerPart);
    }
    t.equal(child.exitCode, null, `the follower lives: ${stderr}`);
    child.kill("SIGTERM");

    t.equal(await ended, 143);
    t.comment(`${within} of ${stops} stops fell in the middle of a part`);
    t.equal(told(stderr, /Waiting until it is back/g), stops, `each stop is told once: ${stderr}`);
    t.equal(told(stderr, /The store is back/g), stops, "and so is each return");
    t.equal(await recordsRead(db), lines.length, "every line is read once");
    const whole = await freshStore(engine);
    t.teardown(whole.dispose);
    await loadContents(whole.database, [
      { name: "cowrie.json.2026-01-05", content: logOf(lines).toString() },
    ]);
    t.same(differing(await inView(db, contentsOf), await contentsOf(whole.database)), [], "as one load");
  });
}

/** A store that nobody holds a connection to. */
async function emptyStore(engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  await closeDatabase(store.database);
  return store;
}

function told(stderr: string, what: RegExp): number {
  return [...stderr.matchAll(what)].length;
}

async function recordsRead(db: string): Promise<number> {
  return inView(db, async (database) => {
    const [row] = await typed(database, "select coalesce(sum(records_read), 0) as n from ingest_batches");
    return Number(row?.["n"]);
  });
}

/** Looks at a store through a pool of its own: one that has lived through a stop is closed. */
async function inView<T>(db: string, look: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ dialect: "postgres", url: db, shown: db });
  try {
    return await look(database);
  } finally {
    await closeDatabase(database);
  }
}

/** Waits for something that must come; a guard ends the wait, and what follows finds it missing. */
async function until(isDone: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isDone()) && performance.now() - began < 60_000) await pause(30);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
