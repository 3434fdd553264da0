import { crewOf, startCrew } from "../db/crew.ts";
import type { Database } from "../db/database.ts";
import { jobsNextPiece } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { timesOf, type Job, type Scope } from "./jobs.ts";
import { lookAt, type Look, type Piece } from "./look.ts";
import type { RebuildKind } from "./predict.ts";

/** Readers that look ahead of the writer of a rebuild, so that it takes no lock where there is nothing to write. */
export interface Scouts {
  /**
   * What is right from where the job stands; undefined where the writer has to look itself; `busy` where the readers take
   * long, for the job to be looked at meanwhile.
   */
  next(job: Job): Promise<Right | "busy" | undefined>;
  close(): Promise<void>;
}

/** Up to which summary all is right, and how many sessions were looked at for it. */
export interface Right {
  upTo: number;
  sessions: number;
}

/** Looks at a piece; several run at once. */
interface Looker {
  look(piece: Piece): Promise<Look>;
  close(): Promise<void>;
}

interface Page {
  after: number;
  upTo: number;
  seen: Promise<Look>;
}

const lookers = 2;
/** Pages being looked at or next in turn, so that no looker waits. */
const mostAsked = lookers + 2;
/** Pages that were looked at and wait for the writer, at most: while it waits for a phase that is looked at as a whole. */
const mostReady = 2_000;
/**
 * SQLite: few enough for the events of a page to stay in the cache of a connection while they are read in the order of
 * sessions. PostgreSQL: enough for what a page costs beside its sessions not to count.
 */
const pageSessions = { sqlite: 2_000, postgres: 4_000 };
/** For so long the writer waits for a reader at most, and readers are given work after it has last asked. */
const patienceMs = 500;
/** For so long the writer gathers pages: each of its commits makes the readers of SQLite forget their caches. */
const gatherMs = 200;
/** After so many wrong pieces in a row nobody looks for a while: the writer reads them anyway. */
const mostWrong = 3;
const restSessions = 80_000;

/** Starts the readers of a job. */
export async function startScouts(database: Database, job: Job): Promise<Scouts> {
  const scope = JSON.parse(job.params) as Scope;
  // A reader takes a tenth of a second to start: as long as it takes to look at some pages.
  const isOnePage = job.last_cursor - job.cursor <= pageSessions[database.dialect];
  const looker = await readersOf(database, isOnePage ? 1 : lookers);
  const piece: Piece = {
    kind: job.kind as RebuildKind,
    phase: "missing",
    after_id: 0,
    up_to_id: 0,
    ...timesOf(scope),
    session: scope.session,
  };
  const scouting: Scouting = {
    ...{ database, looker, piece, pages: [], asked: 0, asking: undefined, whole: new Map() },
    ...{ cursor: job.cursor, lastCursor: job.last_cursor, wrong: 0, restUntil: 0, isResting: false },
    ...{ restarts: job.restarts, nextAt: performance.now() },
  };
  if (job.phase === "missing") void lookAtWhole(scouting, "missing");
  void lookAtWhole(scouting, "strays");
  return { next: async (now) => next(scouting, now), close: async () => looker.close() };
}

interface Scouting {
  database: Database;
  looker: Looker;
  piece: Piece;
  /** What is seen of the phases that are looked at as a whole. */
  whole: Map<Piece["phase"], Promise<Look>>;
  /** Pages in order, asked for and not yet taken by the writer. */
  pages: Page[];
  /** How many of them no looker has answered. */
  asked: number;
  asking: Promise<void> | undefined;
  /** Behind which summary the first page begins, and where the job ends. */
  cursor: number;
  lastCursor: number;
  wrong: number;
  /** Up to which summary the writer works by itself. */
  restUntil: number;
  /** Whether nobody looks ahead until there. */
  isResting: boolean;
  restarts: number;
  /** When the writer asked last: of a job that is paused it does not. */
  nextAt: number;
}

async function next(scouting: Scouting, job: Job): Promise<Right | "busy" | undefined> {
  const phase = job.phase as Piece["phase"];
  scouting.nextAt = performance.now();
  // What was seen is old, or the job was not moved on.
  if (job.restarts !== scouting.restarts || job.cursor < scouting.cursor) scouting.pages = [];
  if (job.restarts !== scouting.restarts) scouting.restUntil = 0;
  scouting.restarts = job.restarts;
  scouting.cursor = job.cursor;
  if (job.cursor >= scouting.restUntil) scouting.isResting = false;
  const right =
    phase === "sessions" ? await nextPages(scouting, job.cursor) : await wholePhase(scouting, phase);
  // The writer may delete a summary, and leave rows that have none.
  if (right === undefined) scouting.whole.delete("strays");
  return right;
}

/** The rest of the job where all of a phase is right that is looked at as a whole. */
async function wholePhase(scouting: Scouting, phase: Piece["phase"]): Promise<Right | "busy" | undefined> {
  // The other reader begins with the sessions meanwhile.
  await ask(scouting);
  const look = await soon(scouting.whole.get(phase) ?? lookAtWhole(scouting, phase));
  if (look === "busy") return look;
  return look.isRight ? { upTo: scouting.lastCursor, sessions: 0 } : undefined;
}

/** What a reader has seen, once it comes within the time that the writer waits. */
async function soon(seen: Promise<Look>): Promise<Look | "busy"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"busy">((resolve) => {
    timer = setTimeout(resolve, patienceMs, "busy");
  });
  return Promise.race([seen, late]).finally(() => {
    clearTimeout(timer);
  });
}

async function lookAtWhole(scouting: Scouting, phase: Piece["phase"]): Promise<Look> {
  const seen = scouting.looker.look({ ...scouting.piece, phase });
  scouting.whole.set(phase, seen);
  return seen;
}

/** The next pages that are right, as many as come in a while. */
async function nextPages(scouting: Scouting, cursor: number): Promise<Right | "busy" | undefined> {
  const { pages } = scouting;
  while (pages[0] !== undefined && pages[0].upTo <= cursor) pages.shift();
  if (cursor < scouting.restUntil) return undefined;
  await ask(scouting);
  const [first] = pages;
  const began = performance.now();
  const right: Right = { upTo: cursor, sessions: 0 };
  for (let page = first; page?.after === right.upTo; [page] = pages) {
    const look = await soon(page.seen);
    if (look === "busy" && right.upTo === cursor) return look;
    if (look === "busy" || !look.isRight) break;
    right.upTo = scouting.cursor = page.upTo;
    right.sessions += look.sessions;
    pages.shift();
    await ask(scouting);
    if (performance.now() - began > gatherMs) break;
  }
  if (right.upTo > cursor) {
    scouting.wrong = 0;
    return right;
  }
  // A page that the writer has begun is one that was not right.
  scouting.wrong += first?.after === cursor ? 1 : 0;
  scouting.restUntil = first?.upTo ?? scouting.lastCursor;
  if (scouting.wrong >= mostWrong) rest(scouting);
  return undefined;
}

/** Lets the writer work alone for a while. */
function rest(scouting: Scouting): void {
  scouting.wrong = 0;
  scouting.restUntil += restSessions;
  scouting.pages = [];
  scouting.isResting = true;
}

/** Has as many pages looked at as keep the lookers at work. */
async function ask(scouting: Scouting): Promise<void> {
  scouting.asking ??= askWhileDue(scouting).finally(() => {
    scouting.asking = undefined;
  });
  return scouting.asking;
}

async function askWhileDue(scouting: Scouting): Promise<void> {
  const isDue = (): boolean =>
    !scouting.isResting &&
    scouting.asked < mostAsked &&
    scouting.pages.length < mostReady &&
    performance.now() - scouting.nextAt < 2 * patienceMs;
  while (isDue() && (await addPage(scouting))) continue;
}

async function addPage(scouting: Scouting): Promise<boolean> {
  const { database, looker, piece, pages, lastCursor } = scouting;
  const after = pages.at(-1)?.upTo ?? scouting.cursor;
  if (after >= lastCursor) return false;
  const page = { after_id: after, page_size: pageSessions[database.dialect] };
  const { up_to_id } = await one(database, jobsNextPiece, page);
  const upTo = Math.min(up_to_id ?? lastCursor, lastCursor);
  scouting.asked += 1;
  const seen = looker.look({ ...piece, phase: "sessions", after_id: after, up_to_id: upTo }).finally(() => {
    scouting.asked -= 1;
    // What fails here fails again where the writer asks.
    ask(scouting).catch(() => undefined);
  });
  pages.push({ after, upTo, seen });
  return true;
}

const wrong: Look = { isRight: false, sessions: 0 };

/**
 * Readers with a connection each: threads of SQLite, which reads in the thread that asks. One that has died says that a
 * piece is not right: the writer then meets the cause.
 */
async function readersOf(database: Database, size: number): Promise<Looker> {
  const crew =
    database.dialect === "sqlite"
      ? startCrew<Piece, Look>(new URL("./scout-worker.js", import.meta.url), database.path, size)
      : crewOf<Piece, Look>(await database.another(), size, lookAt);
  return { ...crew, look: async (piece) => (await crew.ask(piece)) ?? wrong };
}
