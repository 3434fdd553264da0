import { randomUUID } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { instantOf } from "../instant.ts";
import { writeWhole } from "../whole-file.ts";
import { type RunName, type StatusDocument } from "./status-document.ts";

/** The file that lists all runs of a folder. */
export const listName = "status.json";
/** Runs that ended and are kept, of each kind. */
export const keptRuns = 20;
/** A run that is said to be running and has not been heard of for so long is stale. */
export const staleMs = 60_000;
/** Most files that are listed, the newest ones. */
const mostListed = 500;
const mostBytes = 64 * 1024;
const ourNames = /^[a-z][a-z0-9_]{0,63}-[0-9A-Za-z-]{1,64}\.json$/;
const temporaryNames = /^\.status-.*\.tmp$/;

/** All runs of a folder, schema `status-list/1`. */
export interface StatusList {
  schema: "status-list/1";
  updated_at: string;
  running: number;
  stale: number;
  /** Files that have the name of a status file and are none. */
  unreadable: string[];
  jobs: (StatusDocument & { file: string; is_stale: boolean })[];
}

/** One file of a folder: `sign` differs when it was written again. */
interface Entry {
  name: string;
  sign: string;
  changedMs: number;
}

/** The name of a run's file. */
export function statusName({ kind, id }: RunName): string {
  const name = `${kind}-${id}.json`;
  if (!ourNames.test(name)) throw new TypeError(`no name for a status file: ${JSON.stringify(name)}`);
  return name;
}

/** Writes a document in one step, for whoever watches the runs, who may be another user. */
export function writeStatus(folder: string, name: string, document: unknown): void {
  writeWhole(join(folder, name), `${JSON.stringify(document, null, 2)}\n`, {
    temporary: join(folder, `.status-${process.pid}-${randomUUID()}.tmp`),
    mode: 0o644,
  });
}

/**
 * Writes the list of all runs, derived from the files that are there. Two programs that do so at once lose nothing: each
 * looks again once its list is in place, and begins anew where a file has changed since it was read; whoever changes a
 * file after that look writes a list of its own.
 */
export function writeList(folder: string): void {
  for (let tries = 0; tries < 20; tries++) {
    const entries = entriesOf(folder);
    writeStatus(folder, listName, listOf(folder, entries));
    if (signOf(entriesOf(folder)) === signOf(entries)) return;
  }
}

/** Removes what ended long ago: the runs of a kind beyond the newest, and what dead programs left half-written. */
export function tidy(folder: string, kind: string): void {
  const ended = entriesOf(folder)
    .filter(({ name }) => name.startsWith(`${kind}-`))
    .filter(({ name }) => {
      const document = readStatus(join(folder, name));
      return document?.kind === kind && document.finished_at !== null;
    });
  for (const { name } of ended.slice(keptRuns)) rmSync(join(folder, name), { force: true });
  for (const name of readdirSync(folder).filter((name) => temporaryNames.test(name))) {
    const status = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (status?.isFile() === true && Date.now() - status.mtimeMs > staleMs)
      rmSync(join(folder, name), { force: true });
  }
}

/** The status files of a folder, the newest first. */
function entriesOf(folder: string): Entry[] {
  return readdirSync(folder)
    .filter((name) => ourNames.test(name))
    .flatMap((name): Entry[] => {
      const status = lstatSync(join(folder, name), { bigint: true, throwIfNoEntry: false });
      if (status === undefined) return [];
      const { ino, mtimeNs, size } = status;
      return [{ name, sign: `${name} ${ino} ${mtimeNs} ${size}`, changedMs: Number(mtimeNs / 1_000_000n) }];
    })
    .sort((one, other) => other.changedMs - one.changedMs || (one.name < other.name ? -1 : 1));
}

function signOf(entries: readonly Entry[]): string {
  return entries
    .map(({ sign }) => sign)
    .sort()
    .join("\n");
}

function listOf(folder: string, entries: readonly Entry[]): StatusList {
  const unreadable: string[] = [];
  const now = Date.now();
  const jobs = entries.slice(0, mostListed).flatMap(({ name }) => {
    const document = readStatus(join(folder, name));
    if (document === undefined) unreadable.push(name);
    return document === undefined ? [] : [{ file: name, ...document, is_stale: isStale(document, now) }];
  });
  return {
    schema: "status-list/1",
    updated_at: instantOf(now),
    running: jobs.filter(({ state, is_stale }) => state === "running" && !is_stale).length,
    stale: jobs.filter(({ is_stale }) => is_stale).length,
    unreadable,
    jobs,
  };
}

/** Whether a run has died: it is said to be running, and has not been heard of for a minute. */
function isStale({ state, updated_at }: StatusDocument, now: number): boolean {
  // An instant that nobody can read is no sign of life.
  return state === "running" && !(now - Date.parse(updated_at) <= staleMs);
}

/** Reads a status file; undefined where it is none. What lies there may be anything: a pipe, a link, a film. */
export function readStatus(path: string): StatusDocument | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = fstatSync(fd);
    if (!fstatSync(fd).isFile() || size > mostBytes) return undefined;
    const bytes = Buffer.alloc(size);
    const read = readSync(fd, bytes, 0, size, 0);
    return asStatus(JSON.parse(bytes.toString("utf8", 0, read)));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function asStatus(value: unknown): StatusDocument | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { schema, kind, state, updated_at } = value as Partial<StatusDocument>;
  const isOurs =
    schema === "status/1" &&
    typeof kind === "string" &&
    typeof state === "string" &&
    typeof updated_at === "string";
  return isOurs ? (value as StatusDocument) : undefined;
}
