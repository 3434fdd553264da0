import { fstatSync } from "node:fs";
import { CowriedbError } from "../../errors.ts";
import { visibleBytes } from "../../term.ts";
import { listFiles, type ListedFile } from "./delta.ts";
import { hasClosedName } from "../files.ts";
import { settleTail, type Following } from "./following.ts";
import { isProbeDue } from "./breaker.ts";
import { sourcesOf, type KnownSource } from "../known-source.ts";
import { isSamePlace, placeKey, placeOf } from "../place.ts";
import { closeTail, isBehind, openTail, type Tail } from "./tail.ts";
import { foldersOf } from "./watch.ts";

/** A file that rotation has put aside is held open until nothing has come for so many looks. */
const quietLooks = 5;
/** Most files held open; what is written beyond is read at every look. */
const mostTails = 64;

/** Looks at the folders: opens files that are written, lets go of those that are not any more. */
export async function scanFolders(state: Following): Promise<void> {
  const { tails, options } = state;
  state.scanAt = performance.now() + options.pollMs;
  const listed = await lookAround(state);
  state.watch.only(
    foldersOf(
      state.paths,
      listed.map(({ path }) => path),
    ),
  );
  const byKey = new Map(listed.map((file) => [placeKey(file.place), file]));
  for (const tail of tails.values()) {
    const file = byKey.get(tail.key);
    tail.isAside = file === undefined || hasClosedName(file.path);
    if (file !== undefined) tail.file = { ...tail.file, path: file.path, shown: visibleBytes(file.path) };
    await letGoWhereDone(state, tail);
  }
  for (const file of listed) {
    const key = placeKey(file.place);
    const seen = state.seen.get(key);
    if (tails.has(key) || file.place.sizeBytes === 0) continue;
    if (seen !== undefined && isSamePlace(seen, file.place)) continue;
    await takeUp(state, file);
  }
  for (const key of [...state.seen.keys(), ...state.settling.keys()]) {
    if (byKey.has(key)) continue;
    state.seen.delete(key);
    state.settling.delete(key);
  }
}

async function lookAround({ paths, tails, seen }: Following): Promise<ListedFile[]> {
  try {
    return await listFiles(paths, new Set([...tails.keys(), ...seen.keys()]));
  } catch (error) {
    // Between two files of a rotation there is none.
    if (error instanceof CowriedbError && error.code === "ingest.not_found") return [];
    throw error;
  }
}

/** Begins to follow a file, or leaves it to the next pass once it holds still. */
async function takeUp(state: Following, file: ListedFile): Promise<void> {
  const key = placeKey(file.place);
  if (!hasClosedName(file.path) && state.tails.size < mostTails) {
    if (state.passing !== undefined) {
      state.scanAt = 0;
      return;
    }
    const tail = await tailOf(state, file);
    if (tail === "early") return;
    if (tail !== "pass") {
      state.tails.set(tail.key, tail);
      state.seen.delete(tail.key);
      state.isBehind = true;
      if (state.hasWaiting) state.needsPass = true;
      return;
    }
  }
  const before = state.settling.get(key);
  state.settling.set(key, file.place);
  if (before === undefined || !isSamePlace(before, file.place)) return;
  state.settling.delete(key);
  state.needsPass = true;
}

async function tailOf(state: Following, { path }: ListedFile): Promise<Tail | "early" | "pass"> {
  const { store, rules, options, breaker } = state;
  let known: KnownSource[] = [];
  try {
    const tail = await openTail(path, rules, options.multiLine, async (file) => {
      known = await store.patiently(() => sourcesOf(store.database, file));
      return known;
    });
    if (typeof tail === "string") return tail;
    const source = known.find(({ source_id }) => source_id === tail.sourceId);
    if (source?.state === "tripped") {
      const isDue = await store.patiently(() => isProbeDue(store.database, source.source_id));
      tail.probeAt = performance.now() + (isDue ? 0 : breaker.probe_seconds * 1_000);
    }
    return tail;
  } catch (error) {
    // It was renamed or removed between the look and the opening; the next look sees where it went.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "early";
    throw error;
  }
}

/** Lets go of a file that rotation has put aside, once it is read to its end and quiet. */
async function letGoWhereDone(state: Following, tail: Tail): Promise<void> {
  const quiet = performance.now() - tail.grownAt;
  if (!tail.isAside || quiet < quietLooks * state.options.pollMs) return;
  if (isBehind(tail) && tail.probeAt === 0) return;
  const place = placeOf(fstatSync(tail.fd, { bigint: true }));
  tail.file = { ...tail.file, place: { ...place, sizeBytes: tail.position } };
  await settleTail(state, tail);
  state.tails.delete(tail.key);
  if (tail.position > tail.boundary || tail.probeAt > 0) state.needsPass = true;
  else if (place.sizeBytes === tail.position) state.seen.set(tail.key, place);
  closeTail(tail);
}
