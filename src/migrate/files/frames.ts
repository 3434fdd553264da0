import { ofTheConnection } from "../../db/pragmas.ts";
import {
  ledgerBecomeOwner,
  ledgerCreateLedger,
  ledgerCreateSchema,
  ledgerGrantRoles,
  ledgerOwnSettings,
} from "../../sql/generated.ts";
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

/** An index that a file makes, or makes anew, concurrently. */
export interface ConcurrentIndex {
  /** Empty where the server is to find one. */
  name: string;
  /** Undefined where the path says it. */
  schema: string | undefined;
}

/** The index that a file makes, or makes anew, concurrently; undefined where it does nothing of the kind. */
export function concurrentIndex(text: string): ConcurrentIndex | undefined {
  const words = statementsOf(text, "postgres")[0]?.words ?? "";
  const plain = (word: string): string =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll("\u00a0", " ") : word;
  const schemaOf = (word: string): string | undefined => {
    const [first = "", ...behind] = word.split(".");
    return behind.length === 0 ? undefined : plain(first);
  };
  const made =
    /^create (?:unique )?index concurrently (?:if not exists )?(?:(\S+) )?on (?:only )?([^\s(]+)/.exec(words);
  if (made !== null) return { name: plain(made[1] ?? ""), schema: schemaOf(made[2] ?? "") };
  const again =
    /^reindex index concurrently (\S+)/.exec(words) ??
    /^reindex \( .*concurrently.* \) index (\S+)/.exec(words);
  const name = again?.[1];
  return name === undefined
    ? undefined
    : { name: plain(name.split(".").at(-1) ?? ""), schema: schemaOf(name) };
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
