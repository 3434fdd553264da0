import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeDemoLogs } from "../demo/logs.ts";
import type { ExitCode } from "../errors.ts";
import { bold, counted, dim } from "../term.ts";
import { bulk } from "./ingest.ts";
import { init } from "./init.ts";
import type { CommonOptions } from "./output.ts";
import { recount } from "./recount.ts";
import { daily } from "./report.ts";

const sessionsPerDay = 900;
/** No hook is told, whatever COWRIEDB_HOOK says. */
const noHook = " ";

/** `cowriedb demo`: makes a fortnight of logs and takes them through the main job, in a folder that it removes again. */
export async function demo(options: CommonOptions): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-demo-"));
  const store = { ...options, db: join(folder, "cowrie.sqlite"), json: false };
  const step = (text: string): void => void process.stdout.write(`\n${bold(text)}\n`);
  try {
    step("1. A fortnight of honeypot logs");
    const files = writeDemoLogs(folder, sessionsPerDay);
    process.stdout.write(
      `${counted(files.length, "file")}, ${sessionsPerDay} sessions a day, in ${folder}\n`,
    );
    step("2. A new SQLite store");
    await init(store);
    step("3. Load everything");
    const common = { "multi-line": false, "batch-size": "", "status-dir": "", hook: noHook };
    await bulk(files, { ...store, ...common });
    step("4. Load it again: nothing may change");
    await bulk(files, { ...store, ...common });
    step("5. Prove it: count the files again with code that shares nothing with the loader");
    const outcome = await recount(files, { ...store, ...common });
    step("6. Look at it");
    await daily({ ...store, day: "", limit: "6" });
    process.stdout.write(
      `\n${dim("Try it on your own logs:")}\n  npx cowriedb init --db cowrie.sqlite\n  npx cowriedb ingest bulk /path/to/cowrie/log --db cowrie.sqlite\n  npx cowriedb status --db cowrie.sqlite\n  npx cowriedb --help\n`,
    );
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
