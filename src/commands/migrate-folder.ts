import { existsSync } from "node:fs";
import { targetOf, type Target } from "../config.ts";
import { CowriedbError, exitCodes, usageError, type ExitCode } from "../errors.ts";
import { headerOf } from "../migrate/files.ts";
import {
  folderDown,
  folderDownPlan,
  folderUp,
  folderVerify,
  type FolderChange,
} from "../migrate/folder-change.ts";
import { folderStatus } from "../migrate/folder.ts";
import { readFolder, type Folder } from "../migrate/folder-files.ts";
import { planFolderUp } from "../migrate/folder-plan.ts";
import { assertBackfilled, lastOfPhase, phaseOf } from "../migrate/phases.ts";
import type { Standing } from "../migrate/migrate.ts";
import type { FolderTalk } from "../migrate/folder-run.ts";
import { inStore, readingOnly, usualPatience, type Store } from "../migrate/store.ts";
import { counted, green, red, table, visible, yellow } from "../term.ts";
import { planDocument, planText } from "./migrate-plan.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";

/** What names somebody's own folder. */
export interface FolderOptions extends CommonOptions {
  dir: string;
  owner: string;
}

/** How often a change in batches says on standard error how far it is. */
const tellMs = 10_000;

/** `cowriedb migrate up --dir`: applies what is pending of a folder. */
export async function folderUpCommand(
  options: FolderOptions & { "dry-run": boolean; to: string; phase: string; create: boolean; plan: string },
): Promise<ExitCode> {
  if (options["dry-run"]) return folderPlanCommand(options);
  return changed(options, options.create, async ({ database, folder, target }, stop) => {
    const last = await lastOf(options, database, folder);
    if (options.phase === "contract") await assertBackfilled(database, target, folder);
    const result = await folderUp(database, target, folder, last, talkOf(options, stop), options.plan);
    answer(options, result, () =>
      [
        ...result.migrations.map((ran) => `${green("✔")} ${lineOf(ran)}`),
        ...(result.migrations.length === 0 && !stop.requested ? ["Nothing is pending."] : []),
        `${folder.owner} is at ${result.schema_version ?? "nothing"}.`,
      ].join("\n"),
    );
  });
}

/**
 * The last migration to go up to: as `--to` names it, or, with `--phase`, the last of that phase; where nothing is pending of it, the
 * last that is applied.
 */
async function lastOf(
  { to = "", phase = "" }: { to?: string; phase?: string },
  database: Store["database"],
  folder: Folder,
): Promise<string> {
  if (phase === "") return to;
  if (to !== "") throw usageError("--to and --phase are given both.", "Give one of them.");
  const last = await lastOfPhase(database, folder, phaseOf(phase));
  if (last !== undefined) return last;
  const { schema_version } = await folderStatus(database, folder);
  if (schema_version !== null) return schema_version;
  throw new CowriedbError(
    "migrate.nothing",
    `Nothing of ${folder.owner} is applied, and its first migration is of a later phase than ${phase}.`,
    { hint: "Run: cowriedb migrate status --dir FOLDER" },
  );
}

/** `cowriedb migrate down --dir`: takes back the folder's last migration, after a confirmation by name. */
export async function folderDownCommand(
  options: FolderOptions & { confirm: string; "dry-run": boolean },
): Promise<ExitCode> {
  return changed(options, false, async ({ database, folder, target }, stop) => {
    const last = await folderDownPlan(database, folder);
    if (last === undefined)
      throw new CowriedbError(
        "migrate.nothing",
        `${database.name} has no migration of ${folder.owner} to take back.`,
        { hint: "Run: cowriedb migrate status --dir FOLDER" },
      );
    const loss = headerOf(last.up.text, "Undo");
    if (options["dry-run"]) {
      answer(
        options,
        { would_take_back: last.name, loss },
        () => `Would take back ${last.name}. ${visible(loss)}`,
      );
      return;
    }
    if (options.confirm !== last.name) {
      throw usageError(
        `This takes back ${last.name} of ${folder.owner}. ${visible(loss)}`,
        `To go on, run the same command with --confirm ${last.name}`,
      );
    }
    const result = await folderDown(database, target, folder, last, talkOf(options, stop));
    answer(options, result, () =>
      [
        ...result.migrations.map((ran) => `${green("✔")} took back ${lineOf(ran)}`),
        `${folder.owner} is at ${result.schema_version ?? "nothing"}.`,
      ].join("\n"),
    );
  });
}

/** `cowriedb migrate status --dir`: every migration of the folder with its state. */
export async function folderStatusCommand(options: FolderOptions): Promise<ExitCode> {
  return inFolder(options, false, async ({ database, folder }) => {
    const found = await folderStatus(database, folder);
    const marks = { applied: green("✔"), pending: yellow("…"), changed: red("✘"), missing_file: red("✘") };
    answer(options, found, () =>
      table(
        found.migrations.map(({ name, state, applied_at }) => [
          marks[state],
          `${folder.owner}/${name}`,
          state,
          applied_at ?? "",
        ]),
      ),
    );
    return exitCodes.done;
  });
}

/** `cowriedb migrate plan --dir`: what `up` would do; changes nothing and takes no lock. */
export async function folderPlanCommand(
  options: FolderOptions & { to?: string; phase?: string },
): Promise<ExitCode> {
  const { target, folder } = folderAt(options, false);
  const { last, found } = await readingOnly(target, async (database) => {
    const reach = await lastOf(options, database, folder);
    return { last: reach, found: await planFolderUp(database, folder, reach) };
  });
  const migrations = found.migrations.map(({ name, up: { text, transactions }, down }) => ({
    name,
    why: headerOf(text, "Why"),
    locks: headerOf(text, "Locks"),
    undo: headerOf(text, "Undo"),
    transaction: transactions,
    phase: headerOf(text, "Phase") || null,
    reversible: down !== undefined,
    statements: text,
  }));
  const to = last === "" ? "" : ` --to ${last}`;
  answer(options, { owner: folder.owner, ...planDocument(found), migrations, procedures: [] }, () =>
    migrations.length === 0
      ? `Nothing is pending of ${folder.owner}.`
      : [
          planText(found, migrations, options.verbose),
          `Next: cowriedb migrate up --dir ${folder.shown}${to} --plan ${found.plan_id}`,
        ].join("\n"),
  );
  return exitCodes.done;
}

/** `cowriedb migrate verify --dir`: runs the folder's verify queries; exit code 20 where one gives rows. */
export async function folderVerifyCommand(options: FolderOptions): Promise<ExitCode> {
  return inFolder(options, false, async ({ database, folder, target }) => {
    const { migrations } = await folderStatus(database, folder);
    const broken = await folderVerify(database, target, folder);
    const changedFiles = migrations.filter(
      ({ state }: Standing) => state === "changed" || state === "missing_file",
    );
    const holds = broken.length === 0 && changedFiles.length === 0;
    answer(options, { owner: folder.owner, holds, broken, changed: changedFiles }, () =>
      holds
        ? `${green("✔")} Every applied migration of ${folder.owner} holds.`
        : [
            ...broken.map(
              ({ name, rows }) => `${red("✘")} ${name}: its verify query gives ${counted(rows, "row")}`,
            ),
            ...changedFiles.map(({ name, state }) => `${red("✘")} ${name}: ${state}`),
          ].join("\n"),
    );
    return holds ? exitCodes.done : exitCodes.differences;
  });
}

interface Opened {
  database: Store["database"];
  target: Target;
  folder: Folder;
}

async function inFolder(
  options: FolderOptions,
  isCreated: boolean,
  work: (opened: Opened) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { target, folder, isMissing } = folderAt(options, isCreated);
  return inStore(target, { create: isMissing }, async ({ database }) => work({ database, target, folder }));
}

function folderAt(
  options: FolderOptions,
  isCreated: boolean,
): { target: Target; folder: Folder; isMissing: boolean } {
  const target = targetOf(options.db);
  const folder = readFolder(options.dir, options.owner, target.dialect);
  const isMissing = target.dialect === "sqlite" && !existsSync(target.path);
  if (isMissing && !isCreated) {
    throw new CowriedbError("db.no_store", `There is no database at ${visible(target.path)}.`, {
      hint: "Check --db. To make it, run: cowriedb migrate up --dir FOLDER --create",
    });
  }
  return { target, folder, isMissing };
}

/** Runs a change that a signal ends behind the batch at hand. */
export async function changed(
  options: FolderOptions,
  isCreated: boolean,
  work: (opened: Opened, stop: StopRequest) => Promise<void>,
): Promise<ExitCode> {
  const stop = stopOnSignals();
  try {
    return await inFolder(options, isCreated, async (opened) => {
      await work(opened, stop);
      if (!stop.requested) return exitCodes.done;
      say(options, "It was asked to stop. Run the same command to go on.");
      return stop.exitCode;
    });
  } finally {
    stop.release();
  }
}

/** How a change talks to who runs it. */
export function talkOf(options: CommonOptions, stop: StopRequest): FolderTalk {
  const patience = { ...usualPatience, tell: (text: string) => void say(options, text) };
  return { stop, onBatch: teller(options), patience };
}

function teller(options: CommonOptions): (name: string, batches: number, rows: number) => void {
  let told = performance.now();
  return (name, batches, rows) => {
    if (performance.now() - told < tellMs) return;
    told = performance.now();
    say(options, `${name}: ${counted(batches, "batch", "batches")}, ${counted(rows, "row")}`);
  };
}

function lineOf({ name, duration_ms, batches, rows }: FolderChange["migrations"][number]): string {
  const how = batches > 1 ? `, ${batches} batches, ${counted(rows, "row")}` : "";
  return `${name} (${duration_ms} ms${how})`;
}
