import { startCrew } from "../db/crew.ts";
import { closeDatabase } from "../db/open.ts";
import type { Database } from "../db/database.ts";
import { jobsNextPage } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { timesOf, type Job, type Scope } from "./jobs.ts";
import { isRight, type Piece } from "./look.ts";
import type { RebuildKind } from "./predict.ts";

/** Readers that look ahead of the writer of a rebuild, so that it takes no lock where there is nothing to write. */
export interface Scouts {
  /** Up to which summary all is right from where the job stands; undefined where the writer has to look itself. */
  next(job: Job): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Looks at a piece; several run at once. */
interface Looker {
  look(piece: Piece): Promise<boolean>;
  close(): Promise<void>;
}

const lookers = 2;
/** Pieces in flight and ready, so that no looker waits for the writer. */
const ahead = lookers + 4;
/**
 * SQLite: few enough for the events of a page to stay in the cache of a connection while they are read in the order of
 * sessions. PostgreSQL: enough for what a page costs beside its sessions, such as the commit that moves the job, not to count.
 */
const pageSessions = { sqlite: 1_000, postgres: 4_000 };
/** After so many wrong pieces in a row nobody looks for a while: the writer reads them anyway. */
const mostWrong = 3;
const restSessions = 80_000;

/** Starts the readers of a job. */
export async function startScouts(database: Database, job: Job): Promise<Scouts> {
  const scope = JSON.parse(job.params) as Scope;
  const scouting: Scouting = {
    database,
    looker: database.dialect === "sqlite" ? threads(database.path) : await connections(database),
    piece: {
      kind: job.kind as RebuildKind,
      phase: "missing",
      after_id: 0,
      up_to_id: 0,
      ...timesOf(scope),
      session: scope.session,
    },
    pages: [],
    refused: new Set(),
    wrong: 0,
    restUntil: 0,
  };
  return { next: async (now) => next(scouting, now), close: async () => scouting.looker.close() };
}

interface Scouting {
  database: Database;
  looker: Looker;
  piece: Piece;
  pages: { after: number; upTo: number; right: Promise<boolean> }[];
  /** Phases that were not right as a whole; they are not looked at again. */
  refused: Set<string>;
  wrong: number;
  /** Where looking begins again. */
  restUntil: number;
}

async function next(scouting: Scouting, job: Job): Promise<number | undefined> {
  const phase = job.phase as Piece["phase"];
  if (phase === "missing") {
    const right = wholePhase(scouting, phase);
    // The other reader begins with the sessions meanwhile.
    await addPages(scouting, job);
    return (await right) ? job.last_cursor : undefined;
  }
  if (phase === "strays") {
    const isRight = scouting.piece.session !== null || (await wholePhase(scouting, phase));
    return isRight ? job.last_cursor : undefined;
  }
  while (scouting.pages[0] !== undefined && scouting.pages[0].upTo <= job.cursor) scouting.pages.shift();
  if (job.cursor < scouting.restUntil) return undefined;
  await addPages(scouting, job);
  const [page] = scouting.pages;
  // A page that the writer has begun is one that was not right.
  if (page === undefined || page.after !== job.cursor || !(await page.right)) {
    scouting.wrong += page?.after === job.cursor ? 1 : 0;
    if (scouting.wrong >= mostWrong) rest(scouting, job);
    else scouting.restUntil = page?.upTo ?? job.last_cursor;
    return undefined;
  }
  scouting.wrong = 0;
  return page.upTo;
}

/** Whether all of a phase is right that is looked at as a whole. */
async function wholePhase(scouting: Scouting, phase: "missing" | "strays"): Promise<boolean> {
  if (scouting.refused.has(phase)) return false;
  const right = await scouting.looker.look({ ...scouting.piece, phase });
  if (!right) scouting.refused.add(phase);
  return right;
}

/** Lets the writer work alone for a while. */
function rest(scouting: Scouting, job: Job): void {
  const [page] = scouting.pages;
  scouting.wrong = 0;
  scouting.restUntil = (page?.upTo ?? job.cursor) + restSessions;
  scouting.pages = [];
}

async function addPages(scouting: Scouting, job: Job): Promise<void> {
  while (scouting.pages.length < ahead && (await addPage(scouting, job))) continue;
}

async function addPage(scouting: Scouting, job: Job): Promise<boolean> {
  const after = scouting.pages.at(-1)?.upTo ?? job.cursor;
  if (after >= job.last_cursor) return false;
  const { from_at, to_at } = scouting.piece;
  const size = pageSessions[scouting.database.dialect];
  const { up_to_id, session_count } = await one(scouting.database, jobsNextPage, {
    ...{ after_id: after, from_at, to_at, page_size: size },
  });
  const isLast = session_count < size || up_to_id === null || up_to_id > job.last_cursor;
  const upTo = isLast ? job.last_cursor : up_to_id;
  const piece: Piece = { ...scouting.piece, phase: "sessions", after_id: after, up_to_id: upTo };
  scouting.pages.push({ after, upTo, right: scouting.looker.look(piece) });
  return true;
}

/** Two threads with a connection each. One that has died says that a piece is not right: the writer then meets the cause. */
function threads(path: string): Looker {
  const script = new URL("./scout-worker.js", import.meta.url);
  const crew = startCrew<Piece, boolean>(script, path, lookers);
  return { ...crew, look: async (piece) => (await crew.ask(piece)) ?? false };
}

/** Two connections of a pool of their own: the server reads for each at once. */
async function connections(database: Extract<Database, { dialect: "postgres" }>): Promise<Looker> {
  const pool = await database.another();
  return {
    look: async (piece) => isRight(pool, piece).catch(() => false),
    close: async () => closeDatabase(pool),
  };
}
