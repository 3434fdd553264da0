import { visible } from "../../term.ts";
import type { Difference } from "./differences.ts";
import type { Script } from "./script.ts";
import type { Dialect } from "../files/files.ts";

/** A script as psql or sqlite3 runs it, under what it takes away of `differences` with rows or values. */
export function restoreText(
  { statements, behind, refused }: Script,
  dialect: Dialect,
  differences: readonly Difference[] = [],
): string {
  if (statements.length + behind.length + refused.length === 0) return "-- There is nothing to put back.";
  const [before, after] =
    dialect === "sqlite"
      ? [
          ["pragma foreign_keys = off", "pragma legacy_alter_table = on", "begin immediate"],
          ["commit", "pragma legacy_alter_table = off", "pragma foreign_keys = on"],
        ]
      : [
          [
            "begin",
            "set local lock_timeout = '5s'",
            "set local search_path = pg_catalog",
            "set local check_function_bodies = off",
          ],
          ["commit"],
        ];
  const inside = statements.length === 0 ? [] : [...before, ...statements, ...after];
  return [...refusals(refused), ...losses(differences), ...[...inside, ...behind].map(ended)].join("\n");
}

/** A script as a file of migrations has it: the runner begins and ends its transaction. */
export function migrationText({ statements, behind, refused }: Script, dialect: Dialect): string {
  const [before, after] =
    dialect === "sqlite"
      ? [["pragma legacy_alter_table = on"], ["pragma legacy_alter_table = off"]]
      : [["set local search_path = pg_catalog", "set local check_function_bodies = off"], []];
  return [
    ...refusals(refused),
    ...(statements.length === 0 ? [] : [...before, ...statements, ...after].map(ended)),
    ...behind.map((text) => `-- Outside of a transaction: ${text};`),
  ].join("\n");
}

function losses(differences: readonly Difference[]): string[] {
  return differences
    .filter(({ difference, loss }) => difference === "unexpected" && loss !== null)
    .map(({ kind, relation, name }) =>
      kind === "column"
        ? `-- All values go with it: column ${visible(name)} of ${visible(relation)}.`
        : `-- All rows go with it: ${kind} ${visible(relation)}.`,
    );
}

function refusals(refused: Script["refused"]): string[] {
  return refused.map(
    ({ key, why }) => `-- Not in here: ${visible((JSON.parse(key) as string[]).join(" "))}: ${visible(why)}.`,
  );
}

function ended(statement: string): string {
  return /;\s*$/.test(statement) ? statement : `${statement};`;
}
