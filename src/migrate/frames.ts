import { ofTheConnection } from "../db/pragmas.ts";
import {
  ledgerBecomeOwner,
  ledgerCreateLedger,
  ledgerCreateSchema,
  ledgerGrantRoles,
  ledgerOwnSettings,
} from "../sql/generated.ts";
import type { Dialect } from "./files.ts";
import { statementsOf } from "./statements.ts";

/** What every transaction of a schema change on PostgreSQL begins with. */
export const postgresLimits =
  "set local lock_timeout = '5s'; set local statement_timeout = '1h'; set local timezone = 'UTC'";

/**
 * The path that a function of the store keeps. Trap: without its name pg_temp comes first, and who calls a trigger could put a
 * table of his own in the place of ours.
 */
export const storePath = "set local search_path = cowrie, pg_catalog, pg_temp";

/** The path on which the ledger is found, in a transaction about somebody's own tables, as the user that a file may have put aside. */
export const ledgerPath = "set local search_path = cowrie, pg_catalog; reset role";
/** The path and the settings that the user has. */
export const ownPath = `set local search_path to default; ${ledgerOwnSettings.postgres}; ${postgresLimits}`;
/**
 * Before a file that runs outside of any transaction: it may take its time, but not wait. What is done concurrently may: it
 * waits for transactions that are older, stops nobody meanwhile, and would leave an index that is not valid.
 */
export function limitsAlone(text: string): string {
  const isConcurrent = concurrentIndex(text) !== undefined;
  return `set lock_timeout = '${isConcurrent ? "1h" : "5s"}'; set statement_timeout = 0`;
}

/** The name of the index that a file makes, or makes anew, concurrently. */
export function concurrentIndex(text: string): string | undefined {
  const words = statementsOf(text, "postgres")[0]?.words ?? "";
  const name =
    /^(?:create (?:unique )?|reindex )index concurrently (?:if not exists )?(\S+)/.exec(words)?.[1] ??
    /^reindex \( .*concurrently.* \) index (\S+)/.exec(words)?.[1];
  const last = name?.split(".").at(-1);
  return last?.startsWith('"') === true ? last.slice(1, -1).replaceAll("\u00a0", " ") : last;
}

/**
 * What gives a connection of SQLite the settings that it began with, behind a file that has set some: PRAGMA ignore_check_constraints
 * of one file is no business of the next.
 */
export function settingsBack(text: string): string[] {
  if (!/\bpragma\b/i.test(text)) return [];
  const set = statementsOf(text, "sqlite").flatMap(
    ({ words }) => /^pragma (?:\w+\.)?(\w+) [=(]/.exec(words)?.[1] ?? [],
  );
  return [...new Set(set)].flatMap((name) => {
    const value = ofTheConnection.get(name);
    return value === undefined ? [] : [`PRAGMA ${name} = ${value}`];
  });
}

/** SQLite's look at the references of all rows. */
export const referencesLook = "PRAGMA foreign_key_check";

/** What the runner itself says before and behind the files of a change of the store. */
export const storeFrame: Record<Dialect, { before: readonly string[]; behind: readonly string[] }> = {
  sqlite: {
    before: ["PRAGMA foreign_keys = off", "begin immediate", ledgerCreateLedger.sqlite],
    behind: [ledgerGrantRoles.sqlite, referencesLook, "commit", "PRAGMA foreign_keys = on"],
  },
  postgres: {
    before: [
      "begin",
      postgresLimits,
      ledgerBecomeOwner.postgres,
      ledgerCreateSchema.postgres,
      storePath,
      ledgerCreateLedger.postgres,
    ],
    behind: [ledgerGrantRoles.postgres, "commit"],
  },
};
