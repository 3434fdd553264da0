import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { CowriedbError } from "../../errors.ts";
import { sourcesKnownFiles } from "../../sql/generated.ts";
import { many } from "../../sql/run.ts";
import { visibleBytes } from "../../term.ts";
import { expand, familyOf, hasClosedName, inOrder, inspect, type InputFile } from "../files.ts";
import type { LoadOptions } from "../load.ts";
import { isLineRefused } from "../refused-line.ts";
import { readRules } from "../rules.ts";
import { emptyResult, noCounts, type FileResult, type LoadResult } from "../load-result.ts";
import { loadFound } from "../loader.ts";
import type { PatientStore } from "./patience.ts";
import { isSamePlace, placeKey, placeOf, type FilePlace } from "../place.ts";
import { holdOpenEnds, pairCutLines } from "../stitch.ts";

/** A log file as a look into its folder shows it. */
export interface ListedFile {
  path: Buffer;
  place: FilePlace;
}

/** What one pass over the files came to. */
export interface DeltaPass extends LoadResult {
  /** The files as they were when the pass began, for the next look to compare with. */
  listed: ListedFile[];
}

interface KnownFile {
  place: FilePlace;
  state: string;
}

/**
 * Loads what is new in the files that `paths` name. A file that lies where it lay when it was last read to its end, and
 * has not changed since, is not opened. `leave` are files that somebody else reads.
 */
export async function deltaPass(
  store: PatientStore,
  paths: readonly string[],
  options: Omit<LoadOptions, "delta">,
  leave: ReadonlySet<string> = new Set(),
): Promise<DeltaPass> {
  const { database, patiently, writer } = store;
  const known = await patiently(() => knownFiles(store));
  const listed = await listFiles(paths, new Set(known.keys()));
  const isNew = ({ place }: ListedFile): boolean => {
    if (leave.has(placeKey(place))) return false;
    const as = known.get(placeKey(place));
    return as === undefined || as.state === "reading" || as.state === "waiting" || as.state === "tripped"
      ? true
      : !isSamePlace(as.place, place);
  };
  const wanted = listed.filter((file) => isNew(file) && file.place.sizeBytes > 0);
  const rules = await patiently(() => readRules(database));
  const files = await lookedAt(wanted, listed);
  await pairCutLines(files, rules, async (file, offset) =>
    patiently(() => isLineRefused(database, file, offset)),
  );
  await holdOpenEnds(files);
  const keys = new Set(wanted.map(({ place }) => placeKey(place)));
  const fresh = files.filter(({ place }) => place !== null && keys.has(placeKey(place)));
  const result =
    fresh.length === 0
      ? nothingNew(options.runId)
      : await loadFound(database, fresh, rules, { ...options, delta: { writer, patiently } });
  const others = listed.filter(({ place }) => !keys.has(placeKey(place)) && !leave.has(placeKey(place)));
  return { ...result, files: [...result.files, ...others.map(unchanged)], listed };
}

/** Looks at the wanted files, and at their neighbours where one of them may begin with the rest of a line. */
async function lookedAt(wanted: readonly ListedFile[], listed: readonly ListedFile[]): Promise<InputFile[]> {
  const files = await inspected(wanted);
  const cut = new Set(files.filter(mayBeginWithRest).map(({ path }) => familyOf(path)));
  const keys = new Set(wanted.map(({ place }) => placeKey(place)));
  const neighbours = listed.filter(
    ({ path, place }) => !keys.has(placeKey(place)) && cut.has(familyOf(path)),
  );
  // What a waiting file waits for may lie in a file that somebody else reads.
  const successors = files.filter(({ isClosed }) => isClosed).map(({ path }) => familyOf(path));
  const open = listed.filter(
    (file) =>
      !keys.has(placeKey(file.place)) &&
      !neighbours.includes(file) &&
      successors.includes(familyOf(file.path)),
  );
  return inOrder([
    ...files,
    ...(await inspected([...neighbours, ...open.filter(({ path }) => !hasClosedName(path))])),
  ]);
}

function mayBeginWithRest({ firstBytes }: InputFile): boolean {
  return !/^[\s\0]*(\xef\xbb\xbf)?[{[]/.test(firstBytes.toString("latin1", 0, 256));
}

async function inspected(files: readonly ListedFile[]): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const { path } of files) {
    try {
      found.push(await inspect(path));
    } catch (error) {
      // It was renamed or removed since; the next pass sees it under its new name.
      if (!(error instanceof CowriedbError) || error.code !== "ingest.not_found") throw error;
    }
  }
  return found;
}

async function knownFiles({ database }: PatientStore): Promise<Map<string, KnownFile>> {
  const known = new Map<string, KnownFile>();
  for (const row of await many(database, sourcesKnownFiles, {})) {
    if (row.device === null || row.inode === null || row.changed_us === null) continue;
    const place = {
      device: row.device,
      inode: row.inode,
      changedUs: row.changed_us,
      sizeBytes: row.size_bytes,
    };
    known.set(placeKey(place), { place, state: row.state });
  }
  return known;
}

/**
 * The files that `paths` name and that are there. A single file brings along those that rotation has made of it, by
 * their inodes in `known`. Throws as `findFiles` where a path is wrong and nothing at all is found.
 */
export async function listFiles(paths: readonly string[], known: ReadonlySet<string>): Promise<ListedFile[]> {
  const found = new Map<string, ListedFile>();
  let failure: CowriedbError | undefined;
  for (const path of paths) {
    try {
      for (const file of (await expand(path)).flatMap(listed)) found.set(file.path.toString("latin1"), file);
    } catch (error) {
      if (!(error instanceof CowriedbError) || error.code !== "ingest.not_found") throw error;
      failure = error;
    }
    for (const file of await rotatedFrom(Buffer.from(path))) {
      if (known.has(placeKey(file.place))) found.set(file.path.toString("latin1"), file);
    }
  }
  if (found.size === 0 && failure !== undefined) throw failure;
  return [...found.values()];
}

function listed(path: Buffer): ListedFile[] {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  return status?.isFile() === true ? [{ path, place: placeOf(status) }] : [];
}

/** The files beside one that have its name and a closed ending. */
async function rotatedFrom(path: Buffer): Promise<ListedFile[]> {
  const folder = dirname(path.toString("latin1"));
  const name = basename(path.toString("latin1"));
  const entries = await readdir(Buffer.from(folder, "latin1"), { encoding: "buffer" }).catch(() => []);
  return entries
    .filter((entry) => entry.length > name.length && entry.toString("latin1").startsWith(name))
    .map((entry) => Buffer.concat([Buffer.from(`${folder}/`, "latin1"), entry]))
    .filter((rotated) => hasClosedName(rotated) && familyOf(rotated) === familyOf(path))
    .flatMap(listed);
}

function unchanged({ path }: ListedFile): FileResult {
  return { ...emptyResult({ shown: visibleBytes(path) }), status: "unchanged" };
}

function nothingNew(runId: string = randomUUID()): LoadResult {
  return {
    run_id: runId,
    interrupted: false,
    files: [],
    ...noCounts(),
    elapsed_ms: 0,
  };
}
