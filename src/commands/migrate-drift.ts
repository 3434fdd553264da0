import { targetOf } from "../config.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { hydrationText } from "../migrate/drift/hydration.ts";
import { driftOf, type Drift } from "../migrate/drift/drift.ts";
import { migrationText, restoreText } from "../migrate/drift/text.ts";
import { readFolder } from "../migrate/files/folder-files.ts";
import { counted, green, red, visible, yellow } from "../term.ts";
import { changedLines, editedLines, faultLines } from "./ledger-text.ts";
import type { FolderOptions } from "./migrate-folder.ts";
import { answer } from "./output.ts";
import { stopOnSignals } from "./signals.ts";

/** Options of `cowriedb migrate drift`. */
export interface DriftOptions extends FolderOptions {
  shadow: string;
  as: string;
}

const forms = ["sentences", "restore", "migration"] as const;

/** `cowriedb migrate drift`: what of the live schema is not as the ledger says; exit code 20 where something is. */
export async function drift(options: DriftOptions): Promise<ExitCode> {
  const form = forms.find((one) => one === options.as);
  if (form === undefined)
    throw usageError(
      `--as must be one of ${forms.join(", ")}; got ${JSON.stringify(options.as)}.`,
      "Run: cowriedb migrate drift --help",
    );
  const target = targetOf(options.db);
  const stop = stopOnSignals();
  try {
    const found = await driftOf(target, {
      ...{ shadow: options.shadow, stop },
      ...(options.dir === "" ? {} : { folder: readFolder(options.dir, options.owner, target.dialect) }),
    });
    answer(options, documentOf(found, target.dialect), () => textsOf(found, target.dialect)[form]);
    if (isDrifted(found)) return exitCodes.differences;
    return found.not_compared.length === 0 ? exitCodes.done : exitCodes.unproved;
  } finally {
    stop.release();
  }
}

function isDrifted({ differences, ledger, changed, changed_downs: downs }: Drift): boolean {
  const isOfFiles = [ledger.broken, changed, downs].some(({ length }) => length > 0);
  return isOfFiles || differences.some(({ is_cosmetic }) => !is_cosmetic);
}

function documentOf(found: Drift, dialect: Drift["dialect"]): object {
  const { schema_version, differences, not_compared, ledger, changed, changed_downs, restore, migration } =
    found;
  return {
    ...{ schema_version, drifted: isDrifted(found), differences, not_compared, ledger },
    ...{ changed, changed_downs, store_state: found.hydration?.state ?? null },
    restore: restoreText(restore, dialect, differences),
    migration: { up: migrationText(migration.up, dialect), down: migrationText(migration.down, dialect) },
  };
}

function textsOf(found: Drift, dialect: Drift["dialect"]): Record<(typeof forms)[number], string> {
  return {
    sentences: sentences(found),
    restore: restoreText(found.restore, dialect, found.differences),
    migration: isEmpty(found.migration.up)
      ? "-- There is nothing to make official."
      : [
          "-- NNNN_object_change.up.sql",
          ...header("what was found in the live schema becomes official", dialect),
          migrationText(found.migration.up, dialect),
          "-- NNNN_object_change.down.sql",
          migrationText(found.migration.down, dialect),
        ].join("\n"),
  };
}

function isEmpty({ statements, behind, refused }: Drift["restore"]): boolean {
  return statements.length + behind.length + refused.length === 0;
}

function sentences(found: Drift): string {
  const { schema_version: version, differences, not_compared: unseen, ledger } = found;
  const marked = differences.map(({ sentence, is_cosmetic, why_not: why }) => {
    const end = why === null || is_cosmetic ? "" : ` No SQL of ours puts it back: ${visible(why)}.`;
    return `${is_cosmetic ? yellow("…") : red("✘")} ${visible(sentence)}${end}`;
  });
  const real = differences.filter(({ is_cosmetic }) => !is_cosmetic).length;
  const told = found.hydration === undefined ? [] : hydrationText(found.hydration);
  return [
    ...told.map((text) => `${yellow("…")} ${visible(text)}`),
    ...faultLines(ledger),
    ...changedLines(found.changed),
    ...editedLines(found.changed_downs),
    ...marked,
    ...unseen.map((text) => `${yellow("…")} Not compared: ${visible(text)}.`),
    ...(real === 0 && ledger.broken.length > 0 && version === null ? [] : [endOf(real, version)]),
  ].join("\n");
}

function endOf(real: number, version: string | null): string {
  return real === 0
    ? `${green("✔")} The schema is what the ledger says, at ${version ?? "nothing"}.`
    : `${counted(real, "difference")} from what the ledger says, at ${version ?? "nothing"}. What puts it back: --as restore; what makes it official: --as migration`;
}

function header(why: string, dialect: Drift["dialect"]): string[] {
  return [
    "--",
    `-- Why:         To be written down; ${why}.`,
    `-- Locks:       ${dialect === "sqlite" ? "The write lock of the file." : "See: cowriedb migrate plan"}`,
    "-- Undo:        The down file puts back what the ledger said before.",
    "-- Transaction: one",
    "",
  ];
}
