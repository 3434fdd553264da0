import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import DatabaseHandle from "better-sqlite3";
import { noteCall } from "../../src/dev/reach.ts";

/*
 * Read by a run with `--coverage` before all else, in every process and thread: the connections of SQLite have the function that triggers
 * note their statements with. It is none that a trigger may call where the schema is not trusted, so it is trusted there, and says no.
 */

const folder = process.env["COWRIEDB_REACHED"] ?? "";
const noted = new Set<number>();
const known = new WeakSet<DatabaseHandle.Database>();
const plain = DatabaseHandle.prototype;
const { prepare, exec, pragma } = plain;

/** Written down at once: a process may be killed. */
function note(mark: unknown): number {
  if (!noted.has(Number(mark))) {
    noted.add(Number(mark));
    appendFileSync(join(folder, `${process.pid}-${threadId}`), `${Number(mark)}\n`);
  }
  return 1;
}

function noting(handle: DatabaseHandle.Database): DatabaseHandle.Database {
  if (!known.has(handle)) handle.function(noteCall.sqlite, note);
  known.add(handle);
  return handle;
}

plain.prepare = function (this: DatabaseHandle.Database, source: string) {
  return prepare.call(noting(this), source);
} as typeof prepare;

plain.exec = function (this: DatabaseHandle.Database, source: string) {
  return exec.call(noting(this), source);
};

plain.pragma = function (this: DatabaseHandle.Database, source: string, options) {
  if (/^trusted_schema = off$/i.test(source)) return [];
  if (source === "trusted_schema" && options?.simple === true) return 0;
  return pragma.call(noting(this), source, options);
};
