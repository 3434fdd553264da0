import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { contentsOf, differing, type Contents } from "../helpers/contents.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { faultyRun, madeUpLogs, wholeBatches, type Fault, type FaultyRun } from "../helpers/faults.ts";
import { scaled } from "../helpers/cli.ts";
import { smallDisk } from "../helpers/small-disk.ts";

const files = madeUpLogs(3, 1_500);
const [sqlite = { name: "SQLite", dialect: "sqlite" as const }] = engines();
const sizes = Math.max(3, scaled(20));
const whole = await undisturbed(sqlite);

function wordsFor(db: string): string[] {
  return ["ingest", "bulk", ...files, "--db", db, "--batch-size", "150"];
}

async function undisturbed(
  engine: Engine,
): Promise<{ contents: Contents; bytes: number; emptyBytes: number }> {
  const store = await freshStore(engine);
  try {
    const emptyBytes = engine.dialect === "sqlite" ? statSync(store.db).size : 0;
    const run = await faultyRun(wordsFor(store.db));
    if (run.code !== 0) throw new Error(run.stderr);
    const bytes = engine.dialect === "sqlite" ? statSync(store.db).size : 0;
    return { contents: await contentsOf(store.database), bytes, emptyBytes };
  } finally {
    await store.dispose();
  }
}

/** An empty store of SQLite at a place of its own. */
async function storeAt(folder: string): Promise<string> {
  const store = await freshStore(sqlite);
  const path = join(folder, "store.sqlite");
  await closeDatabase(store.database);
  copyFileSync(store.db, path);
  await store.dispose();
  return path;
}

/** Looks at a copy of a SQLite store that nobody has open, on a disk with room. */
async function seen<T>(db: string, look: (database: TestStore["database"]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-seen-"));
  const path = join(folder, "store.sqlite");
  try {
    copyFileSync(db, path);
    if (existsSync(`${db}-wal`)) copyFileSync(`${db}-wal`, `${path}-wal`);
    const database = await openDatabase({ dialect: "sqlite", path });
    try {
      return await look(database);
    } finally {
      await closeDatabase(database);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkStopped(test: Test, run: FaultyRun, db: string, before = 0): Promise<number> {
  test.match(
    run,
    { code: 1, error: { code: "db.disk_full", hint: /Free some space and run the same command again/ } },
    `a full disk is told: ${run.stderr}`,
  );
  return seen(db, async (database) => {
    const after = await wholeBatches(test, database, "after a full disk");
    test.equal(after - before, run.acknowledged, "present is what was acknowledged");
    test.same(await typed(database, "pragma integrity_check"), [{ integrity_check: "ok" }]);
    return after;
  });
}

await t.test(`SQLite: a load on full disks of ${sizes} sizes goes on when there is room`, async (test) => {
  // The write-ahead log of small batches takes several times the room of the store.
  const most = 3 * (whole.bytes - whole.emptyBytes);
  let full = 0;
  for (let index = 0; index < sizes; index++) {
    const size = Math.round(whole.emptyBytes + 65_536 + (most * (index + 0.5)) / sizes);
    const disk = smallDisk(size);
    if (disk === undefined) {
      test.comment("This user may not mount a disk: a limit on the size of files takes its place.");
      await limitedLoad(test, size);
      continue;
    }
    try {
      const db = await storeAt(disk.path);
      const first = await faultyRun(wordsFor(db));
      if (first.code !== 0) {
        full++;
        const before = await checkStopped(test, first, db);
        await checkStopped(test, await faultyRun(wordsFor(db)), db, before);
        disk.resize(64 * whole.bytes);
      }

      const last = await faultyRun(wordsFor(db));
      test.equal(last.code, 0, last.stderr);
      test.same(
        differing(await seen(db, contentsOf), whole.contents),
        [],
        `tables after a disk of ${size} bytes`,
      );
    } finally {
      disk.remove();
    }
  }
  test.ok(full > sizes / 2 || smallDisk(4_096) === undefined, `${full} of ${sizes} disks were full`);
});

await t.test(
  "SQLite: a file that may not grow stops a load, and the load goes on when it may",
  async (test) => {
    await limitedLoad(test, Math.round(whole.emptyBytes + (whole.bytes - whole.emptyBytes) / 3));
  },
);

/** Node ignores the signal of a limit on the size of files, so a write beyond it fails with EFBIG. */
async function limitedLoad(test: Test, bytes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-limit-"));
  try {
    const db = await storeAt(folder);
    const limit = ["sh", "-c", 'ulimit -f "$0" && exec "$@"', String(Math.ceil(bytes / 512))];
    const run = await faultyRun(wordsFor(db), { through: limit });
    test.match(run, { code: 1, error: { code: /^db\.(io|disk_full)$/, hint: /run the same command again/ } });
    await seen(db, async (database) => {
      test.equal(await wholeBatches(test, database, "at the limit"), run.acknowledged);
    });

    const last = await faultyRun(wordsFor(db));

    test.equal(last.code, 0, last.stderr);
    test.same(differing(await seen(db, contentsOf), whole.contents), [], "tables after a limit");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await t.test("SQLite: a full disk for temporary files does not stop a load", async (test) => {
  const disk = smallDisk(4_096);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-temp-"));
  test.teardown(() => {
    disk?.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  // Where no disk can be made, a folder that is not there has no room either.
  const full = disk?.path ?? join(folder, "missing");
  if (disk !== undefined) mkdirSync(join(disk.path, "full"), { recursive: true });
  const fault: Fault = { env: { SQLITE_TMPDIR: full, TMPDIR: full } };
  const db = await storeAt(folder);

  const run = await faultyRun(wordsFor(db), fault);

  test.equal(run.code, 0, run.stderr);
  test.same(differing(await seen(db, contentsOf), whole.contents), []);
});
