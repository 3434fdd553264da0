import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targetOf } from "../config.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import type { Proof } from "../migrate/prove/prove.ts";
import { proveFolder, proveStore, type Proven } from "../migrate/prove/run.ts";
import { readFolder } from "../migrate/files/folder-files.ts";
import { folderHeights } from "../migrate/folder/folder.ts";
import { migrationNames } from "../migrate/files/names.ts";
import { named, type Heights } from "../migrate/reach.ts";
import { storeTags } from "../migrate/status.ts";
import type { Store } from "../migrate/store.ts";
import { readTags } from "../migrate/files/tags.ts";
import { counted, green, red, visible, yellow } from "../term.ts";
import { talkOf, type FolderOptions } from "./migrate-folder.ts";
import { answer } from "./output.ts";
import { stopOnSignals } from "./signals.ts";

/** `cowriedb migrate prove`: shows on throw-away databases that every migration can be taken back. */
export async function prove(options: FolderOptions & { to: string; shadow: string }): Promise<ExitCode> {
  const target = targetOf(options.db);
  const stop = stopOnSignals();
  try {
    const proving = { target, shadow: options.shadow, stop };
    if (options.dir !== "") {
      const folder = readFolder(options.dir, options.owner, target.dialect);
      const last = lastOf(options.to, folderHeights(folder, []));
      return told(
        options,
        { owner: folder.owner },
        await proveFolder(proving, folder, last, talkOf(options, stop)),
      );
    }
    const names = migrationNames(target.dialect);
    const last = lastOf(options.to, { subject: "the store", names, tags: readTags(storeTags) });
    return told(options, {}, await proveStore(proving, last, load));
  } finally {
    stop.release();
  }
}

/** The last migration to prove; empty for all of them. */
function lastOf(to: string, heights: Omit<Heights, "applied">): string {
  if (to === "") return "";
  const last = named(heights, to);
  if (last === "") throw usageError("--to 0 leaves nothing to prove.", "Give a migration: --to NNNN");
  return last;
}

/** Loads a few made-up days. */
async function load(database: Store["database"]): Promise<void> {
  const { writeDemoLogs } = await import("../demo/logs.ts");
  const { loadFiles } = await import("../ingest/loader.ts");
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-prove-"));
  try {
    await loadFiles(database, writeDemoLogs(folder, 12), { multiLine: false, batchEvents: 50 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function told(options: FolderOptions, owner: { owner?: string }, found: Proven): ExitCode {
  const differs = [...found.migrations, ...found.prefixes].some(({ differences }) => differences.length > 0);
  const missed = found.migrations.some(({ outcome }) => outcome === "bare" || outcome === "not_reached");
  const outcome = differs ? "differs" : missed ? "not_all_proved" : "proved";
  answer(options, { outcome, ...owner, ...found }, () => proofText(found, options.verbose));
  return differs ? exitCodes.differences : missed ? exitCodes.unproved : exitCodes.done;
}

const words: Record<Proof["outcome"], () => string> = {
  proved: () => `${green("✔")} `,
  loses: () => `${yellow("…")} `,
  irreversible: () => `${yellow("…")} `,
  differs: () => `${red("✘")} `,
  bare: () => `${yellow("…")} `,
  not_reached: () => `${yellow("…")} `,
};

/** One line a migration; below it what differs. */
function proofText({ migrations, prefixes, empty_tables }: Proven, whole: boolean): string {
  if (migrations.length === 0) return "There is no migration to prove.";
  const found = prefixes.filter(({ differences }) => differences.length > 0);
  const lines = migrations.flatMap(({ name, outcome, rows, differences, note }) => [
    `${words[outcome]()} ${name}: ${summaryOf(outcome, rows, note)}`,
    ...differences.map((sentence) => `    ${sentence}`),
  ]);
  const ways = found.flatMap(({ from, to, differences }) => [
    `${red("✘")}  from ${to} down to ${from === "" ? "nothing" : from} and up again:`,
    ...differences.map((sentence) => `    ${sentence}`),
  ]);
  const held = `${green("✔")}  From the top down to each of ${counted(prefixes.length, "height")}, and back: the same.`;
  const empty = `${counted(empty_tables.length, "table")} took no made-up row${whole ? `: ${empty_tables.map(visible).join(", ")}` : "; --verbose names them"}.`;
  return [
    ...lines,
    ...ways,
    ...(found.length === 0 && prefixes.length > 0 ? [held] : []),
    ...(empty_tables.length === 0 ? [] : [empty]),
  ].join("\n");
}

function summaryOf(outcome: Proof["outcome"], rows: number, note: string): string {
  const over = `over ${counted(rows, "row")}`;
  switch (outcome) {
    case "proved":
      return `up, down, up again, ${over}`;
    case "loses":
      return `up, down, up again, ${over}; but for what its down file says that it loses, ${visible(note)}`;
    case "irreversible":
      return `cannot be taken back, and says so: ${visible(note)}`;
    case "bare":
      return "proved without made-up rows alone, which did not let it be applied";
    case "not_reached":
      return "not reached";
    default:
      return `differs, ${over}`;
  }
}
