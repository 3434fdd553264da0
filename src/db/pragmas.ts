import type DatabaseHandle from "better-sqlite3";
import { CowriedbError } from "../errors.ts";

/** What every connection to a SQLite store is set to, and reads back. */
const wanted: readonly (readonly [name: string, value: string | number, readBack: string | number])[] = [
  ["busy_timeout", 10000, 10000],
  ["foreign_keys", "ON", 1],
  ["trusted_schema", "OFF", 0],
  ["synchronous", "NORMAL", 1],
  ["cache_size", -64000, -64000],
  ["temp_store", "MEMORY", 2],
  ["wal_autocheckpoint", 120000, 120000],
];

/**
 * What a file of SQL may set and what would last as long as the connection, with what every connection of ours has. Not here: what is
 * of the file, as journal_mode and user_version, and temp_store, whose change drops temporary tables.
 */
export const ofTheConnection: ReadonlyMap<string, string | number> = new Map<string, string | number>([
  ...wanted.filter(([name]) => name !== "temp_store").map(([name, value]) => [name, value] as const),
  ...["case_sensitive_like", "cell_size_check", "defer_foreign_keys", "full_column_names", "fullfsync"].map(
    (name) => [name, "OFF"] as const,
  ),
  ...["checkpoint_fullfsync", "ignore_check_constraints", "legacy_alter_table", "query_only"].map(
    (name) => [name, "OFF"] as const,
  ),
  ...["read_uncommitted", "recursive_triggers", "reverse_unordered_selects", "writable_schema"].map(
    (name) => [name, "OFF"] as const,
  ),
  ...["automatic_index", "cache_spill", "short_column_names"].map((name) => [name, "ON"] as const),
  ["analysis_limit", 0],
  ["journal_size_limit", -1],
  ["locking_mode", "NORMAL"],
]);

/** What is of the file, and what every connection of ours is set to: both say how the store was used. */
const told = [
  ...["page_size", "encoding", "journal_mode", "synchronous", "foreign_keys", "busy_timeout", "cache_size"],
  ...["mmap_size", "temp_store", "wal_autocheckpoint", "journal_size_limit", "auto_vacuum", "secure_delete"],
  ...["trusted_schema", "recursive_triggers", "application_id", "user_version", "threads"],
];

/** How a SQLite store is set, each as a text: as every writer of ours sets it, else as it reads. */
export function readPragmas(handle: DatabaseHandle.Database): { pragma: string; value: string }[] {
  const ours = new Map(wanted.map(([name, , readBack]) => [name, readBack]));
  return told.map((pragma) => ({
    pragma,
    value: String(ours.get(pragma) ?? handle.pragma(pragma, { simple: true })),
  }));
}

/** How the journal of a store is kept; `delete` where the file system cannot do WAL, `memory` where there is no file. */
export type JournalMode = "wal" | "delete" | "memory";

/**
 * Sets the PRAGMAs of DESIGN 5 and reads each back. Where WAL cannot be had the journal falls back to DELETE, which the
 * caller should say aloud; `keep` leaves it as it is, for it is a property of the file. Throws `db.pragma` when another
 * setting does not hold.
 */
export function setPragmas(
  handle: DatabaseHandle.Database,
  journal: "wal" | "delete" | "keep" = "wal",
): JournalMode {
  handle.pragma("busy_timeout = 10000");
  const asked = journal === "keep" ? "journal_mode" : `journal_mode = ${journal}`;
  let mode = String(handle.pragma(asked, { simple: true }));
  if (journal !== "keep" && mode !== "wal" && mode !== "delete" && mode !== "memory") {
    mode = String(handle.pragma("journal_mode = delete", { simple: true }));
  }
  for (const [name, value] of wanted) handle.pragma(`${name} = ${value}`);
  for (const [name, , readBack] of wanted) {
    const found: unknown = handle.pragma(name, { simple: true });
    if (found !== readBack) {
      throw new CowriedbError(
        "db.pragma",
        `PRAGMA ${name} reads back ${String(found)} where ${readBack} was set.`,
        { hint: "Check that no other program holds the file with other settings, then run: cowriedb status" },
      );
    }
  }
  return mode === "wal" || mode === "memory" ? mode : "delete";
}

/**
 * Has a connection write rows that were checked where they come from, in any order; or check as usual again. Outside of a
 * transaction only: foreign_keys does nothing in one.
 */
export function setChecks(handle: DatabaseHandle.Database, isOn: boolean): void {
  handle.pragma(`foreign_keys = ${isOn ? "on" : "off"}`);
  handle.pragma(`ignore_check_constraints = ${isOn ? "off" : "on"}`);
}
