import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";
import { writeDemoLogs } from "../src/demo/logs.ts";
import { closeDatabase, openDatabase } from "../src/db/open.ts";
import { tablesToCopy, type CopiedTable } from "../src/hydrate/rows/tables.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";
import { timedLoad } from "./timed-load.ts";
import { timedRun, type TimedRun } from "./timed-run.ts";

/**
 * `hydrate` against pgloader, where the machine has it, and against the server's own binary COPY from files, in the same run on the
 * same server. Usage: node dist/bench/hydrate.js [postgres://… | FOLDER-OF-BINARIES] [FILE…]
 *
 * Without a file it makes about 50,000 events. All three end with the same rows and columns of every table; pgloader, which knows
 * neither computed columns nor partial indexes, gets a file where they are plain ones, and makes as many indexes. Its settings are
 * those that were found fastest for 2 million events: with its own it dies of heap exhaustion. COPY builds no index. pgloader 3
 * wants a server that trusts it or takes its password as MD5: SCRAM it does not know. The server must run on this machine.
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    await onServer(server, async (url) =>
      compare(url, folder, server.rest.length > 0 ? server.rest : writeDemoLogs(folder, smallest)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sessions that make about 50,000 events. */
const smallest = 420;

async function compare(url: string, folder: string, files: readonly string[]): Promise<void> {
  const store = join(folder, "store.sqlite");
  timedLoad(store, files);
  const plain = join(folder, "plain.sqlite");
  const binary = join(folder, "binary");
  // The server writes there under its own account.
  mkdirSync(binary, { mode: 0o777 });
  spawnSync("chmod", ["755", folder]);
  spawnSync("chmod", ["777", binary]);

  // Nobody counts the first run: it makes what the others read, and pays for the server's first files of WAL, which it uses again.
  const made = await inDatabase(url, "first", async (at) => {
    await timeOurs(at, store);
    const tables = await tablesOf(store, at);
    makePlain(store, plain, tables);
    return { tables, bytes: await writeBinary(at, binary, tables), sizes: await sizesOf(at) };
  });
  const floor = await inDatabase(url, "floor", async (at) => timeFloor(at, binary, made.tables));
  const peer = await inDatabase(url, "pgloader", async (at) => timePeer(at, plain, folder));
  const ours = { ...made, ...(await inDatabase(url, "hydrate", async (at) => timeOurs(at, store))) };
  const events = Number(new DatabaseHandle(store).prepare("select count(*) from raw_events").pluck().get());
  if (peer !== undefined && peer.rows !== events)
    throw new Error(`pgloader has loaded ${peer.rows} of ${events} events.`);
  print({ events, floor, peer, ours });
}

interface Ours {
  load: number;
  index: number;
  verify: number;
  rows: number;
  run: TimedRun;
}

async function timeOurs(at: string, store: string): Promise<Ours> {
  timedRun(["init", "--db", at]);
  const run = timedRun(["hydrate", "--from", store, "--to", at, "--json", "--quiet"]);
  const told = JSON.parse(run.stdout) as {
    rows_copied: number;
    elapsed_ms: number;
    proof: { elapsed_ms: number };
  };
  const sql = postgres(at, { max: 1, onnotice: () => undefined });
  const [times] = await sql`
    select extract(epoch from max(c.copied_at) - min(h.started_at))::double precision as load
    from cowrie.hydrations as h join cowrie.hydration_chunks as c on c.hydration_id = h.hydration_id`;
  await sql.end({ timeout: 5 });
  const load = Number(times?.["load"]);
  const verify = told.proof.elapsed_ms / 1000;
  return { load, verify, index: told.elapsed_ms / 1000 - verify - load, rows: told.rows_copied, run };
}

async function tablesOf(store: string, at: string): Promise<CopiedTable[]> {
  const source = await openDatabase({ dialect: "sqlite", path: store });
  const target = await openDatabase({ dialect: "postgres", url: at, shown: at });
  try {
    return await tablesToCopy(source, target);
  } finally {
    await closeDatabase(source);
    await closeDatabase(target);
  }
}

const plainTypes: Record<string, string> = {
  bigint: "bigint",
  integer: "bigint",
  boolean: "boolean",
  "double precision": "double",
  text: "text",
  jsonb: "json",
  bytea: "blob",
  "timestamp with time zone": "datetime",
};

/** A file with the same tables, whose computed columns are plain ones, and as many indexes on the same columns. */
function makePlain(store: string, plain: string, tables: readonly CopiedTable[]): void {
  const handle = new DatabaseHandle(plain);
  handle.pragma("journal_mode = off");
  handle.exec(`attach '${store}' as store`);
  for (const { name, columns } of tables) {
    const known = new Map(columns.map((column) => [column.name, column]));
    const all = handle.prepare("select name, type, hidden from store.pragma_table_xinfo(?)").all(name) as {
      name: string;
      type: string;
      hidden: number;
    }[];
    const computed = all
      .filter(({ hidden }) => hidden > 1)
      .map((one) => ({ ...one, type: one.type.toLowerCase() }));
    const made = [
      ...columns.map((column) => `"${column.name}" ${plainTypes[column.type] ?? "text"}`),
      ...computed.map(
        (one) =>
          `"${one.name}" ${one.type === "integer" ? "bigint" : one.type === "real" ? "double" : "text"}`,
      ),
    ];
    const keys = [...known.values()].filter(({ key }) => key > 0).sort((a, b) => a.key - b.key);
    handle.exec(
      `create table "${name}" (${made.join(", ")}, primary key (${keys.map((key) => `"${key.name}"`).join(", ")}))`,
    );
    const read = [...columns.map(({ expression }) => expression), ...computed.map((one) => `"${one.name}"`)];
    handle.exec(`insert into "${name}" select ${read.join(", ")} from store."${name}"`);
    const indexes = handle
      .prepare("select name from store.pragma_index_list(?) where origin <> 'pk'")
      .pluck()
      .all(name) as string[];
    for (const [number, index] of indexes.entries()) {
      const parts = handle.prepare("select name from store.pragma_index_info(?)").pluck().all(index) as (
        string | null
      )[];
      if (parts.includes(null)) continue;
      handle.exec(
        `create index "ix_${name}_${number}" on "${name}" (${parts.map((part) => `"${part ?? ""}"`).join(", ")})`,
      );
    }
  }
  handle.close();
}

/** Writes every table as the server writes it for itself; gives the bytes. */
async function writeBinary(at: string, folder: string, tables: readonly CopiedTable[]): Promise<number> {
  const sql = postgres(at, { max: 1, onnotice: () => undefined });
  let bytes = 0;
  for (const { name, columns } of tables) {
    const list = columns.map((column) => `"${column.name}"`).join(", ");
    const file = join(folder, name);
    await sql.unsafe(`copy (select ${list} from cowrie."${name}") to '${file}' (format binary)`);
    bytes += statSync(file).size;
  }
  await sql.end({ timeout: 5 });
  return bytes;
}

/** The server reads these files into tables like ours without indexes, one after another. */
async function timeFloor(at: string, folder: string, tables: readonly CopiedTable[]): Promise<number> {
  timedRun(["init", "--db", at]);
  const sql = postgres(at, { max: 1, onnotice: () => undefined });
  await sql`create schema bare`;
  for (const { name } of tables)
    await sql.unsafe(
      `create table bare."${name}" (like cowrie."${name}" including defaults including generated including constraints)`,
    );
  const began = performance.now();
  for (const { name, columns } of tables) {
    const list = columns.map((column) => `"${column.name}"`).join(", ");
    await sql.unsafe(`copy bare."${name}" (${list}) from '${join(folder, name)}' (format binary)`);
  }
  const seconds = (performance.now() - began) / 1000;
  await sql.end({ timeout: 5 });
  return seconds;
}

interface Peer {
  seconds: number;
  rows: number;
  memory: string;
}

/** Undefined where the machine has no pgloader. */
async function timePeer(at: string, plain: string, folder: string): Promise<Peer | undefined> {
  if (spawnSync("pgloader", ["--version"]).error !== undefined) return undefined;
  const command = join(folder, "plain.load");
  writeFileSync(
    command,
    `load database from sqlite://${plain} into ${at}
  with include drop, create tables, create indexes, reset sequences,
    workers = 2, concurrency = 1, prefetch rows = 5000, batch rows = 5000, batch size = 4MB
  cast type json to jsonb drop typemod, type double to "double precision" drop typemod,
    type datetime to timestamptz drop typemod;
`,
  );
  const began = performance.now();
  const run = spawnSync("/usr/bin/time", ["-v", "pgloader", command], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - began) / 1000;
  const kilobytes = Number(/Maximum resident set size \(kbytes\): (\d+)/.exec(run.stderr)?.[1]);
  const sql = postgres(at, { max: 1, onnotice: () => undefined });
  const [count] = await sql`select count(*)::integer as rows from raw_events`.catch(() => [{ rows: 0 }]);
  await sql.end({ timeout: 5 });
  const rows = Number(count?.["rows"]);
  if (run.status !== 0 || rows === 0) throw new Error(`pgloader: ${run.stdout}${run.stderr}`);
  return { seconds, rows, memory: `${Math.round(kilobytes / 1024)} MiB` };
}

/** What a table and its indexes take, for each byte and row that was copied. */
async function sizesOf(at: string): Promise<string[]> {
  const sql = postgres(at, { max: 1, onnotice: () => undefined });
  const rows = await sql`
    select c.table_name, sum(c.row_count)::float8 as rows, sum(c.byte_count)::float8 as bytes,
      pg_table_size(format('cowrie.%I', c.table_name)::regclass)::float8 as table_bytes,
      pg_indexes_size(format('cowrie.%I', c.table_name)::regclass)::float8 as index_bytes
    from cowrie.hydration_chunks as c group by 1 order by bytes desc limit 6`;
  await sql.end({ timeout: 5 });
  return rows.map(
    ({ table_name, rows: count, bytes, table_bytes, index_bytes }) =>
      `${String(table_name).padEnd(24)}  ${(Number(table_bytes) / Number(bytes)).toFixed(2)} bytes of table a byte copied, ${(Number(index_bytes) / Number(count)).toFixed(0)} bytes of indexes a row`,
  );
}

function print(found: {
  events: number;
  floor: number;
  peer: Peer | undefined;
  ours: Ours & { bytes: number; sizes: string[] };
}): void {
  const { events, floor, peer, ours } = found;
  const line = (name: string, seconds: number): string =>
    `${name.padEnd(24)}  ${seconds.toFixed(2).padStart(8)} s  ${Math.round(ours.rows / seconds)
      .toLocaleString("en-US")
      .padStart(10)} rows/s\n`;
  const whole = ours.load + ours.index;
  process.stdout.write(
    `${events.toLocaleString("en-US")} events, ${ours.rows.toLocaleString("en-US")} rows, ${(ours.bytes / 1e6).toFixed(0)} MB on the wire\n` +
      line("binary COPY from files", floor) +
      line("load", ours.load) +
      line("index", ours.index) +
      line("verify", ours.verify) +
      (peer === undefined
        ? "pgloader                  not on this machine\n"
        : line("pgloader", peer.seconds)) +
      `peak memory of the runner ${ours.run.memory}${peer === undefined ? "" : `, of pgloader ${peer.memory}`}\n` +
      `load, of the rate of COPY          ${(floor / ours.load).toFixed(2)}\n` +
      (peer === undefined
        ? ""
        : `load + index, of pgloader          ${(whole / peer.seconds).toFixed(2)}\n` +
          `load + index + verify, of pgloader ${((whole + ours.verify) / peer.seconds).toFixed(2)}\n`) +
      `${ours.sizes.join("\n")}\n`,
  );
}

await main();
