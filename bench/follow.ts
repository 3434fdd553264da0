import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { line, processorMs, program, quantile, startFollower, writeAndWatch } from "./following.ts";

// Latency of `ingest delta --follow` from the writing of a line to its being readable in the store, and the share of one
// processor that it takes, at three rates. `--seconds N` is the length of each; `--beside-bulk` loads another file at once;
// `--beside 'rebuild summaries'` runs that command on the same store, again and again. `--store FILE` follows into a store of
// yours and leaves the lines there.

const seconds = Number(/--seconds[= ](\d+)/.exec(process.argv.join(" "))?.[1] ?? 20);
const isBesideBulk = process.argv.includes("--beside-bulk");
const given = argumentOf("--store");
const beside = argumentOf("--beside")?.split(" ");
const base = mkdtempSync(join(tmpdir(), "cowriedb-bench-follow-"));

function argumentOf(name: string): string | undefined {
  const place = process.argv.indexOf(name);
  return place < 0 ? undefined : process.argv[place + 1];
}

async function measure(rate: number): Promise<string[]> {
  const folder = join(base, String(rate));
  const path = join(folder, "cowrie.json");
  const store = given ?? join(base, `${rate}.sqlite`);
  mkdirSync(folder);
  writeFileSync(path, line(0, "a", String(rate)));
  spawnSync(process.execPath, [program, "init", "--db", store]);
  const follower = await startFollower(folder, store);
  const stopBeside = isBesideBulk
    ? startBulk(store)
    : beside === undefined
      ? undefined
      : repeat(beside, store);
  const before = processorMs(follower.pid);
  const began = performance.now();
  const latencies = await writeAndWatch({ path, store, rate, seconds, series: String(rate) });
  const share = ((processorMs(follower.pid) - before) / (performance.now() - began)) * 100;
  await stopBeside?.();
  await follower.stop();
  const at = (part: number): string => `${quantile(latencies, part).toFixed(0)} ms`;
  return [String(rate), String(latencies.length), at(0.5), at(0.99), at(1), `${share.toFixed(1)} %`];
}

/** Loads a file beside the follower; ends with the function that it gives. */
function startBulk(store: string): () => Promise<void> {
  const path = join(base, "cowrie.json.2026-01-01");
  writeFileSync(path, Array.from({ length: 400_000 }, (_none, index) => line(index, "b", "bulk")).join(""));
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
