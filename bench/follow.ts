import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";

// Latency of `ingest delta --follow` from the writing of a line to its being readable in the store, and the share of one
// processor that it takes, at three rates. `--seconds N` is the length of each; `--beside-bulk` loads another file at once;
// `--beside 'rebuild summaries'` runs that command on the same store, again and again. `--store FILE` follows into a store of
// yours and leaves the lines there.

const program = fileURLToPath(new URL("../src/cli.js", import.meta.url));
const seconds = Number(/--seconds[= ](\d+)/.exec(process.argv.join(" "))?.[1] ?? 20);
const isBesideBulk = process.argv.includes("--beside-bulk");
const given = argumentOf("--store");
const beside = argumentOf("--beside")?.split(" ");
const sampleMs = 10;
const stamp = Date.now().toString(36);
const base = mkdtempSync(join(tmpdir(), "cowriedb-bench-follow-"));

function argumentOf(name: string): string | undefined {
  const place = process.argv.indexOf(name);
  return place < 0 ? undefined : process.argv[place + 1];
}

/** A line that no other run has written. */
function line(number: number, batch: string, rate = 0): string {
  const timestamp = new Date(Date.UTC(2026, 0, 5) + number).toISOString().replace("Z", "000Z");
  const session = `${batch}${Math.floor(number / 8)
    .toString(16)
    .padStart(11, "0")}`;
  return `${JSON.stringify({
    eventid: "cowrie.login.failed",
    username: "root",
    password: `word-${stamp}-${rate}-${number}`,
    message: "login attempt failed",
    sensor: "harbour",
    src_ip: "192.0.2.7",
    session,
    timestamp,
  })}\n`;
}

function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(rate: number): Promise<string[]> {
  const folder = join(base, String(rate));
  const path = join(folder, "cowrie.json");
  const store = given ?? join(base, `${rate}.sqlite`);
  mkdirSync(folder);
  writeFileSync(path, line(0, "a", rate));
  spawnSync(process.execPath, [program, "init", "--db", store]);
  const follower = spawn(process.execPath, [program, "ingest", "delta", folder, "--follow", "--db", store], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve) => {
    follower.stderr.on("data", (text: Buffer) => {
      if (text.includes("Following")) resolve();
    });
  });
  const stopBeside = isBesideBulk
    ? startBulk(store)
    : beside === undefined
      ? undefined
      : repeat(beside, store);
  const before = processorMs(follower.pid ?? 0);
  const began = performance.now();
  const latencies = await writeAndWatch(path, store, rate);
  const share = ((processorMs(follower.pid ?? 0) - before) / (performance.now() - began)) * 100;
  await stopBeside?.();
  follower.kill("SIGTERM");
  await new Promise((resolve) => follower.once("close", resolve));
  latencies.sort((left, right) => left - right);
  const at = (part: number): string =>
    `${(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0).toFixed(0)} ms`;
  return [String(rate), String(latencies.length), at(0.5), at(0.99), at(1), `${share.toFixed(1)} %`];
}

/** Writes lines at a rate and sees when the store has them; milliseconds of each. */
async function writeAndWatch(path: string, store: string, rate: number): Promise<number[]> {
  const reader = new Sqlite(store, { readonly: true });
  const count = reader
    .prepare(
      "select count(*) from raw_events where event_id > ? and +session_id >= 'a' and +session_id < 'b'",
    )
    .pluck();
  const newest = Number(reader.prepare("select max(event_id) from raw_events").pluck().get());
  const started = Number(count.get(newest));
  const writtenAt: number[] = [];
  const latencies: number[] = [];
  const began = performance.now();
  const total = rate * seconds;
  while (latencies.length < total && performance.now() - began < (seconds + 30) * 1_000) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * rate));
    if (due > writtenAt.length) {
      const lines: string[] = [];
      while (writtenAt.length + lines.length < due)
        lines.push(line(writtenAt.length + lines.length + 1, "a", rate));
      appendFileSync(path, lines.join(""));
      writtenAt.push(...lines.map(() => performance.now()));
    }
    const seen = Number(count.get(newest)) - started;
    const now = performance.now();
    while (latencies.length < seen) latencies.push(now - (writtenAt[latencies.length] ?? now));
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
  }
  reader.close();
  return latencies;
}

/** Loads a file beside the follower; ends with the function that it gives. */
function startBulk(store: string): () => Promise<void> {
  const path = join(base, "cowrie.json.2026-01-01");
  writeFileSync(path, Array.from({ length: 400_000 }, (_none, index) => line(index, "b")).join(""));
  return repeat(["ingest", "bulk", path], store);
}

/** Runs a command on the store, again and again, until the function that it gives is called. */
function repeat(words: readonly string[], store: string): () => Promise<void> {
  let isOver = false;
  let child: ReturnType<typeof spawn> | undefined;
  const running = (async (): Promise<void> => {
    while (!isOver) {
      child = spawn(process.execPath, [program, ...words, "--db", store, "-q"], { stdio: "ignore" });
      const [code] = (await once(child, "close")) as [number | null];
      // A signal ends it by 143; a reconciliation may find what it is for.
      if (!isOver && code !== null && code !== 0 && code < 20)
        throw new Error(`${words.join(" ")} ended with ${code}.`);
    }
  })();
  return async () => {
    isOver = true;
    child?.kill("SIGTERM");
    await running;
  };
}

try {
  const rows = [["lines/s", "lines", "p50", "p99", "max", "processor"]];
  for (const rate of [1, 100, 2_000]) rows.push(await measure(rate));
  for (const row of rows) process.stdout.write(`${row.map((cell) => cell.padStart(10)).join("")}\n`);
} finally {
  rmSync(base, { recursive: true, force: true });
}
