import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";

// Latency of `ingest delta --follow` from the writing of a line to its being readable in the store, and the share of one
// processor that it takes, at three rates. `--seconds N` is the length of each; `--beside-bulk` loads another file at once.

const program = fileURLToPath(new URL("../src/cli.js", import.meta.url));
const seconds = Number(/--seconds[= ](\d+)/.exec(process.argv.join(" "))?.[1] ?? 20);
const isBesideBulk = process.argv.includes("--beside-bulk");
const sampleMs = 10;
const base = mkdtempSync(join(tmpdir(), "cowriedb-bench-follow-"));

function line(number: number, batch: string): string {
  const timestamp = new Date(Date.UTC(2026, 0, 5) + number).toISOString().replace("Z", "000Z");
  const session = `${batch}${Math.floor(number / 8)
    .toString(16)
    .padStart(11, "0")}`;
  return `${JSON.stringify({
    eventid: "cowrie.login.failed",
    username: "root",
    password: `word${number}`,
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
  const store = join(base, `${rate}.sqlite`);
  mkdirSync(folder);
  writeFileSync(path, line(0, "a"));
  spawnSync(process.execPath, [program, "init", "--db", store]);
  const follower = spawn(process.execPath, [program, "ingest", "delta", folder, "--follow", "--db", store], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve) => {
    follower.stderr.on("data", (text: Buffer) => {
      if (text.includes("Following")) resolve();
    });
  });
  const bulk = isBesideBulk ? startBulk(store) : undefined;
  const before = processorMs(follower.pid ?? 0);
  const began = performance.now();
  const latencies = await writeAndWatch(path, store, rate);
  const share = ((processorMs(follower.pid ?? 0) - before) / (performance.now() - began)) * 100;
  bulk?.kill("SIGTERM");
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
  const count = reader.prepare("select count(*) from raw_events where session_id like 'a%'").pluck();
  const started = Number(count.get());
  const writtenAt: number[] = [];
  const latencies: number[] = [];
  const began = performance.now();
  const total = rate * seconds;
  while (latencies.length < total && performance.now() - began < (seconds + 30) * 1_000) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * rate));
    if (due > writtenAt.length) {
      const lines: string[] = [];
      while (writtenAt.length + lines.length < due)
        lines.push(line(writtenAt.length + lines.length + 1, "a"));
      appendFileSync(path, lines.join(""));
      writtenAt.push(...lines.map(() => performance.now()));
    }
    const seen = Number(count.get()) - started;
    const now = performance.now();
    while (latencies.length < seen) latencies.push(now - (writtenAt[latencies.length] ?? now));
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
  }
  reader.close();
  return latencies;
}

function startBulk(store: string): ReturnType<typeof spawn> {
  const path = join(base, "cowrie.json.2026-01-01");
  writeFileSync(path, Array.from({ length: 400_000 }, (_none, index) => line(index, "b")).join(""));
  return spawn(process.execPath, [program, "ingest", "bulk", path, "--db", store, "-q"], { stdio: "ignore" });
}

try {
  const rows = [["lines/s", "lines", "p50", "p99", "max", "processor"]];
  for (const rate of [1, 100, 2_000]) rows.push(await measure(rate));
  for (const row of rows) process.stdout.write(`${row.map((cell) => cell.padStart(10)).join("")}\n`);
} finally {
  rmSync(base, { recursive: true, force: true });
}
