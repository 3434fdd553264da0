import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import postgres from "postgres";

/** The program that is measured. */
export const program = fileURLToPath(new URL("../src/cli.js", import.meta.url));

const sampleMs = 5;
const stamp = Date.now().toString(36);

/** A line that no other run has written. */
export function line(number: number, batch: string, series: string): string {
  const timestamp = new Date(Date.UTC(2026, 0, 5) + number).toISOString().replace("Z", "000Z");
  const session = `${batch}${Math.floor(number / 8)
    .toString(16)
    .padStart(11, "0")}`;
  return `${JSON.stringify({
    eventid: "cowrie.login.failed",
    username: "root",
    password: `word-${stamp}-${series}-${number}`,
    message: "login attempt failed",
    sensor: "harbour",
    src_ip: "192.0.2.7",
    session,
    timestamp,
  })}\n`;
}

/** A follower that is at work. */
export interface Follower {
  pid: number;
  stop(): Promise<void>;
}

/** Starts `ingest delta --follow` on a folder; gives it once it follows. */
export async function startFollower(folder: string, store: string): Promise<Follower> {
  const child = spawn(process.execPath, [program, "ingest", "delta", folder, "--follow", "--db", store], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (text: Buffer) => {
      said += text.toString();
      if (said.includes("Following")) resolve();
    });
    child.once("close", () => {
      reject(new Error(said));
    });
  });
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      const closed = once(child, "close");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** Milliseconds of a processor that a program has taken. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Sees how many of the lines a store has. It asks for what is new since it asked last, so that a long run costs no more. */
interface Reader {
  seen(): Promise<number> | number;
  close(): Promise<void> | void;
}

async function readerOf(store: string): Promise<Reader> {
  const newest = "select coalesce(max(event_id), 0) as n from raw_events";
  let count = 0;
  if (!/^postgres(ql)?:/.test(store)) {
    const handle = new Sqlite(store, { readonly: true });
    const later = handle.prepare<[number], { n: number; last: number | null }>(
      "select sum(session_id >= 'a' and session_id < 'b') as n, max(event_id) as last from raw_events where event_id > ?",
    );
    let last = Number(handle.prepare(newest).pluck().get());
    const seen = (): number => {
      const row = later.get(last);
      count += row?.n ?? 0;
      last = row?.last ?? last;
      return count;
    };
    return { seen, close: () => void handle.close() };
  }
  const sql = postgres(store, { max: 1, connection: { search_path: "cowrie" }, onnotice: () => undefined });
  let [{ n: last } = { n: "0" }] = await sql.unsafe<{ n: string }[]>(newest);
  return {
    seen: async () => {
      const [row] = await sql<{ n: string; last: string | null }[]>`
        select count(*) as n, max(event_id) as last from raw_events where event_id > ${last}`;
      count += Number(row?.n);
      last = row?.last ?? last;
      return count;
    },
    close: async () => sql.end({ timeout: 5 }),
  };
}

/** What is written, and for how long. */
export interface Writing {
  path: string;
  store: string;
  rate: number;
  seconds: number;
  series: string;
  /** Ends it before its time. */
  isOver?: () => boolean;
}

/** Writes lines at a rate and sees when the store has them; milliseconds of each, the least first. */
export async function writeAndWatch({
  path,
  store,
  rate,
  seconds,
  series,
  isOver,
}: Writing): Promise<number[]> {
  const reader = await readerOf(store);
  const writtenAt: number[] = [];
  const latencies: number[] = [];
  const began = performance.now();
  let total = rate * seconds;
  while (latencies.length < total && performance.now() - began < (seconds + 30) * 1_000) {
    if (isOver?.() === true) total = Math.min(total, writtenAt.length);
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * rate));
    if (due > writtenAt.length) {
      const lines: string[] = [];
      while (writtenAt.length + lines.length < due)
        lines.push(line(writtenAt.length + lines.length + 1, "a", series));
      appendFileSync(path, lines.join(""));
      writtenAt.push(...lines.map(() => performance.now()));
    }
    const seen = await reader.seen();
    const now = performance.now();
    while (latencies.length < seen) latencies.push(now - (writtenAt[latencies.length] ?? now));
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
  }
  await reader.close();
  return latencies.sort((left, right) => left - right);
}

/** The value below which a part of sorted numbers lies; 0 where there are none. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
