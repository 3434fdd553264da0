import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import t from "tap";
import { startServer } from "../../src/dev/server.ts";
import { cowriedb, program, type Outcome } from "../helpers/cli.ts";
import { engines, freshStore, onServer, throwAwayDatabase } from "../helpers/database.ts";
import { openPlain } from "../helpers/plain.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";

const [sqlite = { name: "SQLite", dialect: "sqlite" as const }, ...servers] = engines();

void t.test("a store that another program has locked is exit code 75", async (t) => {
  const store = await freshStore(sqlite);
  const file = join(t.testdir({}), "cowrie.json.2026-01-05");
  writeFileSync(file, sessionLines(sessionId(1)));
  const holder = new DatabaseHandle(store.db);
  holder.exec("begin exclusive");
  t.teardown(async () => {
    holder.close();
    await store.dispose();
  });

  const [ingest, up, status] = await Promise.all([
    cowriedb(["ingest", "bulk", file, "--db", store.db]),
    cowriedb(["migrate", "up", "--db", store.db]),
    cowriedb(["status", "--db", store.db]),
  ]);

  for (const outcome of [ingest, up]) {
    t.match(outcome, {
      code: 75,
      stdout: "",
      stderr: /Cannot .* in .*store\.sqlite: another process holds the write lock.*\n +Wait until it ends/,
    });
  }
  t.equal(status?.code, 0, "a reader does not wait");
});

for (const engine of servers) {
  void t.test(`${engine.name}: a migration that another run is at is exit code 75`, async (t) => {
    const store = await freshStore(engine);
    const holder = openPlain(store);
    await holder.run("select pg_advisory_lock(7266311, 0)");
    t.teardown(async () => {
      await holder.close();
      await store.dispose();
    });

    const outcome = await cowriedb(["migrate", "up", "--db", store.db]);

    t.match(outcome, {
      code: 75,
      stdout: "",
      stderr: /Another run holds the migration lock of .*\(pid \d+, .*\n +Wait for it/,
    });
  });
}

for (const engine of servers) {
  void t.test(
    `${engine.name}: a database that is not in UTF-8 is refused before anything is made`,
    async (t) => {
      const latin = "encoding 'LATIN1' template template0";
      const { url, drop } = await throwAwayDatabase(engine.url ?? "", latin);
      t.teardown(drop);

      const outcome = await cowriedb(["init", "--db", url]);

      t.match(outcome, {
        code: 1,
        stdout: "",
        stderr: /stores text as LATIN1; a store needs UTF8\.\n +Create another: createdb --encoding=UTF8/,
      });
    },
  );
}

void t.test("a full disk is told as such, and the load goes on where it stopped", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-full-"));
  t.teardown(() => {
    spawnSync("umount", [folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "cowriedb", folder]).status !== 0) {
    t.pass("not tried", { skip: "no small file system can be mounted here" });
    return;
  }
  const db = join(folder, "store.sqlite");
  const file = join(t.testdir({}), "cowrie.json.2026-01-05");
  const sessions = 4_000;
  writeFileSync(
    file,
    Array.from({ length: sessions }, (_, index) => sessionLines(sessionId(index + 1))).join(""),
  );
  await cowriedb(["init", "--db", db]);

  const full = await cowriedb(["ingest", "bulk", file, "--db", db]);
  const roomier = spawnSync("mount", ["-o", "remount,size=64m", folder]).status;
  const next = await cowriedb(["ingest", "bulk", file, "--db", db]);
  const status = await cowriedb(["status", "--json", "--db", db]);

  t.match(full, {
    code: 1,
    stdout: "",
    stderr:
      /Cannot .* in .*store\.sqlite: the disk is full.*\n +Free some space and run the same command again/,
  });
  t.equal(roomier, 0);
  t.equal(next.code, 0, next.stderr);
  t.match(JSON.parse(status.stdout || "{}"), { events: sessions * 5, duplicates: 0 });
});

void t.test("what this user may not read or write is named, with what to do", async (t) => {
  const store = await freshStore(sqlite);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-rights-"));
  t.teardown(async () => {
    rmSync(folder, { recursive: true, force: true });
    await store.dispose();
  });
  const nobody = otherUser();
  if (nobody === "none") {
    t.pass("not tried", { skip: "no other user can run the program here" });
    return;
  }
  const file = join(folder, "cowrie.json.2026-01-05");
  writeFileSync(file, sessionLines(sessionId(1)));
  // The log and one store are closed to the user; the other store and its folder are the user's own.
  chmodSync(folder, 0o755);
  const closed = join(folder, "closed.sqlite");
  const open = join(mkdtempSync(join(folder, "own-")), "open.sqlite");
  for (const path of [closed, open]) copyFileSync(store.db, path);
  chmodSync(file, 0o000);
  chmodSync(closed, 0o444);
  if (nobody.uid !== undefined) {
    for (const path of [open, join(open, "..")]) chownSync(path, nobody.uid, nobody.uid);
  }
  const run = async (...words: string[]): Promise<Outcome> => runAs(nobody, words, folder);

  const log = await run("ingest", "bulk", file, "--db", open);
  chmodSync(file, 0o644);
  const write = await run("ingest", "bulk", file, "--db", closed);
  const make = await run("init", "--db", join(folder, "new.sqlite"));

  t.match(log, {
    code: 1,
    stdout: "",
    stderr: /cowrie\.json\.2026-01-05 may not be read by this user\.\n +Give this user the right/,
  });
  t.match(write, {
    code: 1,
    stdout: "",
    stderr: /closed\.sqlite: the file (or its folder cannot be written|cannot be opened or made).*\n +\S/,
  });
  t.match(make, {
    code: 1,
    stdout: "",
    stderr: /new\.sqlite: the file cannot be opened or made.*\n +Check that the folder exists/,
  });
});

void t.test("a store in memory has no journal to warn of", async (t) => {
  const outcome = await cowriedb(["init", "--db", ":memory:"]);

  t.match(outcome, { code: 0, stdout: /:memory: is ready/, stderr: "" });
});

void t.test("a folder that does not exist is named, with what to do", async (t) => {
  const db = join(t.testdir({}), "missing", "store.sqlite");

  const outcome = await cowriedb(["init", "--db", db]);

  t.match(outcome, {
    code: 1,
    stdout: "",
    stderr: /missing\/store\.sqlite.*\n +Check that the folder exists/,
  });
});

void t.test("a damaged store is told as such", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(async () => store.dispose());
  const db = join(t.testdir({}), "damaged.sqlite");
  const handle = new DatabaseHandle(store.db);
  handle.pragma("wal_checkpoint(truncate)");
  handle.close();
  copyFileSync(store.db, db);
  const writer = spawnSync("dd", [
    "if=/dev/urandom",
    `of=${db}`,
    "bs=4096",
    "seek=1",
    "count=40",
    "conv=notrunc",
  ]);
  if (writer.status !== 0) {
    t.pass("not tried", { skip: "no dd here" });
    return;
  }

  const outcome = await cowriedb(["status", "--db", db]);

  t.match(outcome, {
    code: 1,
    stdout: "",
    stderr: /Cannot .*damaged\.sqlite: the database file is damaged.*\n +Keep a copy/,
  });
});

void t.test("a server that is not there is named, with what to do", async (t) => {
  for (const words of [["status"], ["init"], ["migrate", "up"], ["report", "daily"]]) {
    const outcome = await cowriedb([...words, "--db", "postgres://x@127.0.0.1:1/y"], {
      env: { PGPASSWORD: "secret123" },
    });

    t.match(outcome, {
      code: 1,
      stdout: "",
      stderr: /postgres:\/\/x@127\.0\.0\.1:1\/y: nothing listens there.*\n +Check host and port/,
    });
    t.notMatch(outcome.stderr, /secret123/);
  }
});

void t.test("a wrong password is told without the password", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-hba-"));
  chmodSync(folder, 0o755);
  const rules = join(folder, "pg_hba.conf");
  writeFileSync(rules, "host all alice 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n");
  const server = await startServer({ settings: { hba_file: rules } });
  t.teardown(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await onServer(server.url, async (sql) => sql`create role alice login password 'made-up-right'`);
  const url = server.url.replace("postgres@", "alice@");

  for (const words of [["status"], ["init"], ["migrate", "up"]]) {
    const wrong = await cowriedb([...words, "--db", url, "--verbose"], { env: { PGPASSWORD: "secret123" } });

    t.match(wrong, {
      code: 1,
      stdout: "",
      stderr: /Cannot .*: the password was refused \(28P01\)\.\n +Set PGPASSWORD/,
    });
    t.notMatch(wrong.stderr, /secret123/);
  }
  const right = await cowriedb(["status", "--db", url], { env: { PGPASSWORD: "made-up-right" } });
  t.match(right, { code: 1, stderr: /Run: cowriedb init/ });
  const none = await cowriedb(["status", "--db", url.replace(/postgres$/, "no_such_database")], {
    env: { PGPASSWORD: "made-up-right" },
  });
  t.match(none, { code: 1, stdout: "", stderr: /the database does not exist.*\n +Create it with createdb/ });
});

/** Who is not root: this user, or nobody where nobody can run the program. */
function otherUser(): { uid?: number } | "none" {
  if (userInfo().uid !== 0) return {};
  const uid = Number.parseInt(spawnSync("id", ["-u", "nobody"], { encoding: "utf8" }).stdout, 10);
  if (!(uid > 0)) return "none";
  const tried = spawnSync(process.execPath, [program, "version"], { uid, gid: uid, cwd: "/" });
  return tried.status === 0 ? { uid } : "none";
}

async function runAs(user: { uid?: number }, words: string[], folder: string): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...words], {
    ...(user.uid === undefined ? {} : { uid: user.uid, gid: user.uid }),
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString("utf8")));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString("utf8")));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
