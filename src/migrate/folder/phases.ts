import type { Database } from "../../db/database.ts";
import { CowriedbError, usageError } from "../../errors.ts";
import { counted, visible } from "../../term.ts";
import { phases, type Folder, type Phase } from "../files/folder-files.ts";
import { folderStatus } from "./folder.ts";

/** A phase by its name. Throws on another word. */
export function phaseOf(word: string): Phase {
  const phase = phases.find((one) => one === word);
  if (phase !== undefined) return phase;
  throw usageError(
    `${JSON.stringify(visible(word))} is no phase: ${phases.join(", ")}.`,
    "Run: cowriedb migrate up --help",
  );
}

/**
 * The last migration that may be applied up to and with a phase: the next one behind it is of a later phase, or there is none.
 * Undefined where none may. What has no phase goes with what stands before it.
 */
export async function lastOfPhase(
  database: Database,
  folder: Folder,
  phase: Phase,
): Promise<string | undefined> {
  const { migrations } = await folderStatus(database, folder);
  const pending = new Set(migrations.filter(({ state }) => state === "pending").map(({ name }) => name));
  let last: string | undefined;
  for (const { name, up } of folder.migrations) {
    if (!pending.has(name)) continue;
    if (up.phase !== undefined && phases.indexOf(up.phase) > phases.indexOf(phase)) break;
    last = name;
  }
  return last;
}

/** Throws `migrate.not_backfilled` where the verify query of an applied migration gives rows: the old form is still needed. */
export function refuseUnfilled({ owner }: Folder, found: readonly { name: string; rows: number }[]): void {
  const [broken] = found;
  if (broken === undefined) return;
  throw new CowriedbError(
    "migrate.not_backfilled",
    `The old form is still needed: the verify query of ${broken.name} of ${owner} gives ${counted(broken.rows, "row")}${broken.rows >= 100 ? " or more" : ""}.`,
    {
      hint: "No file of Phase: contract was run. Mend the rows, or run: cowriedb migrate up --phase backfill",
    },
  );
}
