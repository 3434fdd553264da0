import { existsSync } from "node:fs";
import { targetOf, type Target } from "../config.ts";
import { CowriedbError, exitCodes, usageError, type ExitCode } from "../errors.ts";
import { headerOf } from "../migrate/files/files.ts";
import { editedDownsOf } from "../migrate/history/down-files.ts";
import {
  folderDown,
  folderDownPlan,
  folderUp,
  folderVerify,
  type FolderChange,
} from "../migrate/folder/change.ts";
import { folderHeights, folderStatus, folderStatusOf, readFolderLedger } from "../migrate/folder/folder.ts";
import { readFolder, type Folder } from "../migrate/files/folder-files.ts";
import { planFolderUp, type FolderPlan } from "../migrate/folder/plan.ts";
import { proveLedger } from "../migrate/ledger.ts";
import { ownSchemasOf } from "../migrate/prove/own-path.ts";
import { lastOfPhase, phaseOf, refuseUnfilled } from "../migrate/folder/phases.ts";
import type { Standing } from "../migrate/migrate.ts";
import { lastUp } from "../migrate/reach.ts";
import type { FolderTalk } from "../migrate/folder/run.ts";
import { inStore, readingOnly, usualPatience, type Store } from "../migrate/store.ts";
import { counted, green, red, visible } from "../term.ts";
import { changedAmong, editedLines, editedText, faultLines, ledgerText } from "./ledger-text.ts";
import { planDocument, planText } from "./migrate-plan.ts";
import {
  answerNothingTaken,
  downReach,
  nextText,
  lossText,
  standingsTable,
  takenText,
  targetReach,
  targetWords,
  type TargetOptions,
  type UpTarget,
} from "./migrate-target.ts";
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
  options: FolderOptions & UpTarget & { "dry-run": boolean; phase: string; create: boolean; plan: string },
): Promise<ExitCode> {
  if (options["dry-run"]) return folderPlanCommand(options);
  return changed(options, options.create, async ({ database, folder, target }, stop) => {
    const last = await lastOf(options, database, folder);
    if (options.phase === "contract") refuseUnfilled(folder, await folderVerify(database, target, folder));
    const result = await folderUp(database, target, folder, last, talkOf(options, stop), {
      plan: options.plan,
      allowsLate: options["out-of-order"],
    });
    answer(options, result, () =>
      [
        ...result.migrations.map((ran) => `${green("✔")} ${lineOf(ran)}`),
        ...(result.migrations.length === 0 && !stop.requested
          ? [`Nothing is pending${last === "" ? "" : ` up to ${last}`}.`]
          : []),
        `${folder.owner} is at ${result.schema_version ?? "nothing"}.`,
      ].join("\n"),
    );
  });
}

/**
 * The last migration to go up to: as `--to` or `--count` say, or, with `--phase`, the last of that phase; where nothing is pending of
 * it, the last that is applied.
 */
async function lastOf(
  options: TargetOptions & { phase: string },
  database: Store["database"],
  folder: Folder,
): Promise<string> {
  const { phase } = options;
  const reach = targetReach(options);
  if (phase === "") return lastUp(folderHeights(folder, await readFolderLedger(database)), reach);
  if (reach.to !== "" || reach.count !== undefined)
    throw usageError("--phase is given beside --to or --count.", "Give one of them.");
  const last = await lastOfPhase(database, folder, phaseOf(phase));
  if (last !== undefined) return last;
  const { schema_version } = await folderStatus(database, folder);
  if (schema_version !== null) return schema_version;
  throw new CowriedbError(
    "migrate.nothing",
    `Nothing of ${folder.owner} is applied, and its first migration is of a later phase than ${phase}.`,
    { hint: "Run: cowriedb migrate status" },
  );
}

/** `cowriedb migrate down --dir`: takes back the folder's last migration, or several, after a confirmation by name. */
export async function folderDownCommand(
  options: FolderOptions & TargetOptions & { confirm: string; "dry-run": boolean },
): Promise<ExitCode> {
  const reach = downReach({ ...options, all: false });
  return changed(options, false, async ({ database, folder, target }, stop) => {
    const migrations = await folderDownPlan(database, folder, reach);
    const [last] = migrations;
    if (last === undefined && reach.to !== "") {
      const { schema_version } = await folderStatus(database, folder);
      return answerNothingTaken(options, folder.owner, schema_version);
    }
    if (last === undefined)
      throw new CowriedbError(
        "migrate.nothing",
        `${database.name} has no migration of ${folder.owner} to take back.`,
        { hint: "Run: cowriedb migrate status" },
      );
    const losses = migrations.map(({ name, up }) => ({ migration: name, loss: headerOf(up.text, "Undo") }));
    const names = migrations.map(({ name }) => name);
    const edited = (await editedDownsOf(database, folder)).filter(({ name }) => names.includes(name));
    const changed = changedAmong((await folderStatus(database, folder)).migrations, names);
    const lost = lossText(losses) + editedText(edited, changed);
    if (options["dry-run"]) {
      const loss = losses.map((one) => one.loss).join(" ");
      const files = { changed, changed_downs: edited };
      const document = { would_take_back: last.name, migrations: names, losses, loss, ...files };
      answer(options, document, () => `Would take back ${takenText(losses)}.${lost}`);
      return;
    }
    if (options.confirm !== last.name) {
      throw usageError(
        `This takes back ${takenText(losses)} of ${folder.owner}.${lost}`,
        `To go on, run the same command with --confirm ${last.name}`,
      );
    }
    const result = await folderDown(database, target, folder, migrations, talkOf(options, stop));
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
    const entries = await readFolderLedger(database);
    const found = folderStatusOf(database.dialect, folder, entries);
    const { tags } = folderHeights(folder, entries);
    answer(options, { ...found, tags }, () =>
      [standingsTable(found.migrations, found, tags, `${folder.owner}/`), ...nextText(found, true)].join(
        "\n",
      ),
    );
    return exitCodes.done;
  });
}

/** `cowriedb migrate plan --dir`: what `up` would do; changes nothing and takes no lock. */
export async function folderPlanCommand(
  options: FolderOptions & UpTarget & { phase: string; create?: boolean },
): Promise<ExitCode> {
  const { target, folder, isMissing } = folderAt(options, options.create === true);
  const allowsLate = options["out-of-order"];
  const schemas = await ownSchemasOf(target);
  const planned = async (database: Store["database"]): Promise<{ last: string; found: FolderPlan }> => {
    const name = await lastOf(options, database, folder);
    return { last: name, found: await planFolderUp(database, folder, name, allowsLate, schemas) };
  };
  const { last, found } = isMissing ? await onNothing(planned) : await readingOnly(target, planned);
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
  const to = targetWords(last, allowsLate);
  answer(options, { owner: folder.owner, ...planDocument(found), migrations, procedures: [] }, () =>
    migrations.length === 0
      ? `Nothing is pending of ${folder.owner}.`
      : [
          planText(found, migrations, options.verbose),
          `Next: cowriedb migrate up${isMissing ? " --create" : ""}${to} --plan ${found.plan_id}`,
        ].join("\n"),
  );
  return exitCodes.done;
}

/** Looks at what a SQLite file that is not there yet would be. */
async function onNothing<T>(work: (database: Store["database"]) => Promise<T>): Promise<T> {
  return inStore({ dialect: "sqlite", path: ":memory:" }, { create: true }, async ({ database }) =>
    work(database),
  );
}

/** `cowriedb migrate verify --dir`: runs the folder's verify queries; exit code 20 where one gives rows. */
export async function folderVerifyCommand(options: FolderOptions): Promise<ExitCode> {
  return inFolder(options, false, async ({ database, folder, target }) => {
    const { migrations } = await folderStatus(database, folder);
    const broken = await folderVerify(database, target, folder);
    const changedFiles = migrations.filter(
      ({ state }: Standing) => state === "changed" || state === "missing_file",
    );
    const ledger = await proveLedger(database);
    const edited = await editedDownsOf(database, folder);
    const holds = [broken, changedFiles, edited, ledger.broken].every(({ length }) => length === 0);
    const document = { holds, broken, changed: changedFiles, changed_downs: edited, ledger };
    answer(options, { owner: folder.owner, ...document }, () =>
      holds
        ? migrations.every(({ state }) => state === "pending")
          ? `Nothing of ${folder.owner} is applied to ${database.name}, so there is nothing to hold.`
          : `${green("✔")} Every applied migration of ${folder.owner} holds; ${ledgerText(ledger)}.`
        : [
            ...faultLines(ledger),
            ...broken.map(
              ({ name, rows }) => `${red("✘")} ${name}: its verify query gives ${counted(rows, "row")}`,
            ),
            ...changedFiles.map(({ name, state }) => `${red("✘")} ${name}: ${state}`),
            ...editedLines(edited),
            "Next: cowriedb migrate status",
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
      hint: "Check --db. To make it, run: cowriedb migrate up --create",
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
