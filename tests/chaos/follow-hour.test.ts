import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import t from "tap";
import { writeDemoLogs } from "../../src/demo/logs.ts";
import { canonicalRow } from "../helpers/canonical.ts";
import { cowriedb, program } from "../helpers/cli.ts";
import { randomNumbers } from "../helpers/random.ts";

// An hour of 2,000 lines a second, 7.2 million, compressed in time: the log is written as fast as the follower takes it,
// rotated at random, and the follower is killed at random all the while. A normal run writes a two-hundredth of it.

const isNightly = process.env["COWRIEDB_NIGHTLY"] === "1";
const sessionsPerDay = isNightly ? 62_000 : 300;
const mostBehind = isNightly ? 100_000 : 5_000;
const pieceBytes = isNightly ? 1_000_000 : 100_000;
const livesMs = isNightly ? 5_000 : 800;
const random = randomNumbers(20_261_121);

await t.test(
  `an hour of a sensor, ${isNightly ? "whole" : "a two-hundredth"}: nothing is lost or doubled`,
  async (t) => {
    const base = mkdtempSync(join(tmpdir(), "cowriedb-hour-"));
    t.teardown(() => {
      rmSync(base, { recursive: true, force: true });
    });
    const [folder, store, other] = [join(base, "logs"), join(base, "a.sqlite"), join(base, "b.sqlite")];
    const written = join(base, "written");
    mkdirSync(folder);
    mkdirSync(written);
    const files = writeDemoLogs(written, sessionsPerDay);
    for (const db of [store, other]) t.equal((await cowriedb(["init", "--db", db])).code, 0);

    const writing = { isDone: false };
    const killing = killFollowers(store, folder, writing);
    const { lines, rotations } = await writeAll(files, folder, store).finally(() => {
      writing.isDone = true;
    });
    const kills = await killing;
    const last = await cowriedb(["ingest", "delta", folder, "--db", store, "--json"]);
    const bulk = await cowriedb(["ingest", "bulk", ...files, "--db", other, "--json"]);

    t.comment(`${lines} lines, ${rotations} rotations, ${kills} kills`);
    t.same([last.code, bulk.code], [0, 0], last.stderr + bulk.stderr);
    t.ok(kills > 2 && rotations > 2, `${kills} kills, ${rotations} rotations`);
    t.ok(!isNightly || lines >= 7_200_000, `${lines} lines`);
    t.equal(recordsRead(store), lines, "every line is read once");
    t.same(fingerprints(store), fingerprints(other), "events and derived rows are those of one load");
  },
);

/** Follows and is killed, again and again, while there is something written; gives how often. */
async function killFollowers(store: string, folder: string, writing: { isDone: boolean }): Promise<number> {
  let kills = 0;
  while (!writing.isDone) {
    const words = ["ingest", "delta", folder, "--follow", "--poll-interval", "100", "--db", store];
    const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "ignore", "pipe"] });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    await Promise.race([following(child), ended]);
    await new Promise((resolve) => setTimeout(resolve, random() * livesMs));
    if (child.exitCode !== null) throw new Error(`A follower ended by itself with code ${child.exitCode}.`);
    child.kill("SIGKILL");
    await ended;
    kills++;
  }
  return kills;
}

async function following(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (text: Buffer) => {
      if (text.includes("Following")) resolve();
    });
  });
}

/** Appends all files to one log in pieces that end anywhere, and rotates it; waits for a follower that is far behind. */
async function writeAll(
  files: readonly string[],
  folder: string,
  store: string,
): Promise<{ lines: number; rotations: number }> {
  const path = join(folder, "cowrie.json");
  const buffer = Buffer.alloc(pieceBytes);
  let [lines, rotations] = [0, 0];
  for (const file of files) {
    const source = openSync(file, "r");
    for (;;) {
      const size = readSync(source, buffer, 0, Math.ceil(random() * pieceBytes), null);
      if (size === 0) break;
      const piece = buffer.subarray(0, size);
      appendFileSync(path, piece);
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines++;
      if (random() < 0.05 || (piece.at(-1) === 10 && random() < 0.5)) {
        // Cowrie ends its line in the file that it began it in.
        if (piece.at(-1) !== 10) lines += endLine(source, path);
        renameSync(path, join(folder, `cowrie.json.${rotations++}`));
        if (random() < 0.5) writeFileSync(path, "");
      }
      do await new Promise((resolve) => setTimeout(resolve, random() * 20));
      while (lines - recordsRead(store) > mostBehind);
    }
    closeSync(source);
  }
  return { lines, rotations };
}

/** Copies what is left of a line; gives whether there was one, as a number. */
function endLine(source: number, path: string): number {
  const byte = Buffer.alloc(1);
  const rest: number[] = [];
  while (readSync(source, byte, 0, 1, null) === 1) {
    rest.push(byte[0] ?? 0);
    if (byte[0] === 10) break;
  }
  appendFileSync(path, Buffer.from(rest));
  return rest.length === 0 ? 0 : 1;
}

function recordsRead(store: string): number {
  const handle = new DatabaseHandle(store, { readonly: true, timeout: 30_000 });
  try {
    return Number(handle.prepare("select coalesce(sum(records_read), 0) from ingest_batches").pluck().get());
  } finally {
    handle.close();
  }
}

/** A digest of every table that two loads of the same lines have alike. */
function fingerprints(store: string): Record<string, string> {
  const orders = {
    raw_events: ["session_id, occurred_at, hex(line_digest), flags", "line_digest"],
    session_summaries: ["*", "session_id"],
    command_stats: ["*", "session_id, command"],
    session_files: ["*", "session_id, shasum"],
  };
  const handle = new DatabaseHandle(store, { readonly: true });
  try {
    return Object.fromEntries(
      Object.entries(orders).map(([table, [columns, order]]) => {
        const hash = createHash("sha256");
        let rows = 0;
        for (const row of handle.prepare(`select ${columns} from ${table} order by ${order}`).iterate()) {
          hash.update(JSON.stringify(canonicalRow(row as Record<string, unknown>)));
          rows++;
        }
        return [table, `${rows} rows, ${hash.digest("hex")}`];
      }),
    );
  } finally {
    handle.close();
  }
}
