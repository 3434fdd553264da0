import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import t from "tap";
import { closeDatabase } from "../../src/db/open.ts";
import { engines, onServer } from "../helpers/database.ts";
import { storeFor, told, type Told } from "../helpers/runbook-runs.ts";
import { ownServer } from "../helpers/servers.ts";

const gigabyte = 1_000_000_000;
const segment = 16 * 1_048_576;

// Files are as large as they say without taking room: what nobody has written in them is a hole.

void t.test("SQLite: a store of more than 60 GB is told to move", async (t) => {
  const store = await storeFor(t, { name: "SQLite", dialect: "sqlite" });
  await closeDatabase(store.database);
  const kept = `${store.db}.kept`;
  copyFileSync(store.db, kept);
  grow(store.db, 60 * gigabyte);

  const closed = await told(store.db, "run", "tuning-by-size");
  copyFileSync(kept, store.db);
  const open = await told(store.db, "run", "tuning-by-size");

  stopsAt(t, closed, "1");
  t.match(open, { state: "done", exit_code: 0 });
});

for (const each of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(
    `${each.name}: default settings under a large database, and a slot that nobody reads, stop the run until they are mended`,
    async (t) => {
      const settings = { wal_init_zero: "off", synchronous_commit: "off" };
      const { server, engine } = await ownServer(each, { folder: tmpdir(), settings });
      t.teardown(server.stop);
      const store = await storeFor(t, engine);
      await closeDatabase(store.database);
      await one(server.url, "select pg_create_physical_replication_slot('forgotten', true)");
      await onServer(server.url, async (sql) => {
        for (let written = 0; written <= 2 ** 30; written += segment)
          await sql`select pg_logical_emit_message(false, 'test', ''), pg_switch_wal()`;
      });
      const filler = join(await folderOf(server.url, store.db), "filler");
      closeSync(openSync(filler, "w"));
      truncateSync(filler, 9 * gigabyte);

      const slot = await told(store.db, "run", "disk-full");
      await one(server.url, "select pg_drop_replication_slot('forgotten')");
      const dropped = await told(store.db, "resume");
      const buffers = await told(store.db, "run", "tuning-by-size");
      await server.crash();
      await server.restart({ shared_buffers: "1GB" });
      const log = await told(store.db, "resume");
      await server.crash();
      await server.restart({ shared_buffers: "1GB", max_wal_size: "4GB" });
      const set = await told(store.db, "resume");

      stopsAt(t, slot, "2");
      t.match(dropped, { state: "done", exit_code: 0 });
      stopsAt(t, buffers, "2");
      stopsAt(t, log, "3");
      t.match(set, { state: "done", exit_code: 0 });
    },
  );
}

function stopsAt(t: { match: (found: unknown, wanted: object) => unknown }, run: Told, label: string): void {
  t.match(run, {
    state: "stopped",
    exit_code: 24,
    stopped_at: { section: "Run", label },
    why: /gate is closed/,
  });
}

/** The folder in which a server of this machine keeps a database. */
async function folderOf(server: string, db: string): Promise<string> {
  return one(
    server,
    `select current_setting('data_directory') || '/base/' || oid from pg_database where datname = '${new URL(db).pathname.slice(1)}'`,
  );
}

/** The one value that a server answers. */
async function one<T>(url: string, text: string): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql.unsafe<Record<string, T>[]>(text);
    return Object.values(row ?? {})[0] as T;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Adds pages that nobody has written to a store that nobody has open: its header says how many there are. */
function grow(path: string, bytes: number): void {
  const file = openSync(path, "r+");
  const pageSize = Buffer.alloc(2);
  readSync(file, pageSize, 0, 2, 16);
  const pages = Buffer.alloc(4);
  pages.writeUInt32BE(Math.floor(bytes / pageSize.readUInt16BE()) + 1);
  writeSync(file, pages, 0, 4, 28);
  closeSync(file);
  truncateSync(path, pages.readUInt32BE() * pageSize.readUInt16BE());
  if (statSync(path).size <= bytes) throw new Error("The store has not grown.");
}
