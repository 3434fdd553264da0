import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { program, type Outcome } from "./cli.ts";
import { typed } from "./database.ts";
import { generatedLines, logOf } from "./generated-logs.ts";

/** What a run of the program gave, and what it took for done. */
export interface FaultyRun extends Outcome {
  /** Batches whose commit the program has heard of. */
  acknowledged: number;
  /** The error that `--json` shows; undefined where there is none. */
  error: { code: string; message: string; hint: string | null } | undefined;
}

/** How a run is made to fail. */
export interface Fault {
  /** The program that node is started with, and its words, as `["fiu-run", "-x", …]`. */
  through?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** A module that is loaded before the program; else the one that notes what was acknowledged. */
  listener?: string;
  /** Called once the program is started. */
  meanwhile?: (child: ChildProcess) => void;
}

const listener = fileURLToPath(new URL("./acknowledge.js", import.meta.url));
/** A run that takes so long hangs, and is killed. */
const hangMs = 180_000;

/** Runs any command of the program, with `--json`, under a fault. */
export async function faultyRun(words: readonly string[], fault: Fault = {}): Promise<FaultyRun> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-fault-"));
  const notes = join(folder, "acknowledged");
  writeFileSync(notes, "");
  const all = [
    ...(fault.through ?? []),
    process.execPath,
    "--import",
    fault.listener ?? listener,
    program,
    ...words,
    "--json",
  ];
  try {
    const outcome = await ended(
      spawn(all[0] as string, all.slice(1), {
        env: { ...process.env, NO_COLOR: "1", COWRIEDB_TEST_ACKNOWLEDGED: notes, ...fault.env },
        stdio: ["ignore", "pipe", "pipe"],
      }),
      fault.meanwhile,
    );
    const acknowledged = readFileSync(notes, "utf8").split("\n").length - 1;
    return { ...outcome, acknowledged, error: errorOf(outcome.stdout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ended(child: ChildProcess, meanwhile: Fault["meanwhile"]): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), hangMs);
  const end = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const [out, told] = [Buffer.concat(stdout).toString("utf8"), Buffer.concat(stderr).toString("utf8")];
      resolve({ code, signal, stdout: out, stderr: told });
    });
  });
  meanwhile?.(child);
  return end;
}

function errorOf(stdout: string): FaultyRun["error"] {
  return stdout === "" ? undefined : (JSON.parse(stdout) as { error?: FaultyRun["error"] }).error;
}

/** Log files of made-up lines in a folder that is removed at the end of the process. */
export function madeUpLogs(files: number, linesPerFile: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-faulty-logs-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return Array.from({ length: files }, (_, index) => {
    const path = join(folder, `cowrie.json.2026-02-0${index + 1}`);
    writeFileSync(path, logOf(generatedLines(linesPerFile, index + 1, 200)));
    return path;
  });
}

const wholeness = `
  select
    (select count(*) from ingest_batches) as batches,
    (select count(*) from ingest_batches where sealed_at is null) as unsealed,
    (select coalesce(sum(events_accepted), 0) from ingest_batches) as accepted,
    (select count(*) from raw_events) as events,
    (select coalesce(sum(records_rejected), 0) from ingest_batches) as rejected,
    (select count(*) from dead_letter_events) as letters,
    (select coalesce(sum(line_count), 0) from batch_evidence) as evidence,
    (select coalesce(max(chain_position), 0) from ingest_batches) as chained,
    (
      select count(*)
      from sources as s
      where
        s.next_offset <> (select max(b.end_offset) from ingest_batches as b where b.source_id = s.source_id)
    ) as astray`;

/** How many batches a store holds; fails where it is not in the form that every commit leaves. */
export async function wholeBatches(test: Test, database: Database, when: string): Promise<number> {
  const [row] = await typed(database, wholeness);
  const found = Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
  test.match(
    found,
    {
      unsealed: 0,
      astray: 0,
      events: found["accepted"],
      letters: found["rejected"],
      evidence: found["accepted"],
      chained: found["batches"],
    },
    `the store is whole ${when}`,
  );
  return found["batches"] ?? 0;
}
