import { actorName } from "../actor.ts";
import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { hasRaised } from "../db/database-error.ts";
import type { OldStore } from "../db/old-tables.ts";
import { makeDo } from "../db/sqlite.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { importOld, type FileResult } from "../inventory/import.ts";
import { oldTableNames } from "../inventory/old-store.ts";
import { jobOf, openModeJob, type Job } from "../jobs/jobs.ts";
import {
  failing,
  keepAlive,
  patiently,
  releaseJob,
  takeLease,
  workerOfKind,
  type Lease,
} from "../jobs/lease.ts";
import {
  adoptAdvanceAdoption,
  adoptEndAdoption,
  adoptPutFacts,
  adoptPutSessions,
  adoptResume,
  jobsBeat,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { firstNew, takeEvents, type EventCounts } from "./events.ts";
import { walkSessions, type SessionCounts } from "./sessions.ts";
import { openAdopted, type Shape } from "./shape.ts";
import { identityOf } from "./sources.ts";

/** How to adopt. */
export interface AdoptOptions {
  dryRun: boolean;
  /** The instant of the run, for facts that say nothing of their time. */
  now: string;
  stop: { readonly requested: boolean };
  onProgress?: (progress: AdoptProgress) => void;
}

/** How far an adoption is. */
export interface AdoptProgress {
  phase: "events" | "sessions" | "inventory";
  current: number;
  total: number | null;
}

/** What an adoption came to, or would come to. */
export interface AdoptResult extends Shape {
  /** The number of the job that undoes its snapshots; null in a dry run. */
  job_id: number | null;
  dry_run: boolean;
  interrupted: boolean;
  from: string;
  events: EventCounts;
  sessions: SessionCounts & { snapshots_kept: number };
  /** Null where the old system had no inventory, and after a stop. */
  inventory: Pick<FileResult, "rows_read" | "rows_refused" | "addresses" | "networks" | "verdicts"> | null;
}

const inventoryRows = 500;
/** Of the connection to a SQLite store: with the events of a window, an adoption stays within 256 MB. */
const cacheKibibytes = 44_000;

/** An adoption under way. */
interface Adoption {
  database: Database;
  old: OldStore;
  identity: string;
  /** Of the table of its events: how many rows, and the last number. */
  extent: { rows: number; last: number };
  lease: Lease | undefined;
  options: AdoptOptions;
}

/**
 * Takes over a database of the old system, which is read and never written: its events through the gate, then its snapshots,
 * then its inventory; its summaries are compared with ours and not taken. A run that was stopped or killed goes on where it was;
 * a second one finds nothing to do. Throws the codes of `openAdopted`, `adopt.other`, `jobs.taken`, and those of `databaseError`.
 */
export async function adopt(database: Database, from: Target, options: AdoptOptions): Promise<AdoptResult> {
  const { old, shape } = await openAdopted(database, from);
  const restore = database.dialect === "sqlite" ? makeDo(database, cacheKibibytes) : undefined;
  try {
    const identity = await identityOf(old);
    const extent = await old.extent("raw_events", "id");
    const known = { database, old, identity, extent };
    if (options.dryRun) return await run({ ...known, lease: undefined, options }, shape);
    const job = await openJobOf(known);
    await workerOfKind(database, job.kind);
    const lease = { database, ...(await takeLease(database, job.job_id)) };
    const rest = keepAlive(lease);
    try {
      return await failing(lease, async () => run({ ...known, lease, options }, shape));
    } finally {
      await rest();
      await releaseJob(lease);
    }
  } finally {
    restore?.();
    await old.close();
  }
}

/** Begins the job of an adoption, or finds the one that is open. */
async function openJobOf(adoption: Omit<Adoption, "lease" | "options">): Promise<Job> {
  const { database, identity, extent } = adoption;
  const { last } = extent;
  const first = Math.min(last, await startOf(adoption));
  try {
    return await openModeJob(database, "backfill_snapshots", {
      ...{ params: { mode: "adopt", database: identity }, first, last, actor: actorName() },
    });
  } catch (error) {
    if (!hasRaised(error, "WR041")) throw error;
    throw new CowriedbError("adopt.other", "The adoption of another database has not ended.", {
      hint: "Finish it, or give it up: cowriedb jobs list, then cowriedb jobs cancel JOB",
      exitCode: exitCodes.busy,
      cause: error,
    });
  }
}

/** The number behind which the rows of a database are new. */
async function startOf({
  database,
  old,
  identity,
}: Pick<Adoption, "database" | "old" | "identity">): Promise<number> {
  const known = await one(database, adoptResume, { database: identity });
  return known.is_anew === 1 ? 0 : firstNew(database, old, identity, known.up_to_id);
}

async function run(adoption: Adoption, shape: Shape): Promise<AdoptResult> {
  const { old, lease, options } = adoption;
  const events = await eventsOf(adoption);
  const sessions = await sessionsOf(adoption);
  const inventory = await inventoryOf(adoption);
  const interrupted = options.stop.requested;
  if (lease !== undefined && !interrupted) await end(lease);
  return {
    ...{ job_id: lease?.jobId ?? null, dry_run: options.dryRun, interrupted, from: old.name },
    ...shape,
    ...{ events, sessions, inventory },
  };
}

async function eventsOf(adoption: Adoption): Promise<EventCounts> {
  const { database, old, identity, extent, lease, options } = adoption;
  const { dryRun, stop, onProgress } = options;
  const after = await startOf(adoption);
  return takeEvents(database, old, identity, {
    ...{ rows: extent.rows, dryRun, after, stop },
    onTaken: async (upTo) => {
      onProgress?.({ phase: "events", current: upTo, total: extent.last });
      if (lease !== undefined) await advance(lease, upTo);
    },
  });
}

async function sessionsOf({ database, old, lease, options }: Adoption): Promise<AdoptResult["sessions"]> {
  const { stop, onProgress } = options;
  const counts = await walkSessions(database, old, {
    stop,
    onPage: async (sessions, seen) => {
      onProgress?.({ phase: "sessions", current: seen, total: null });
      if (lease === undefined) return;
      const { jobId: job_id, fence } = lease;
      await patiently(database, async () =>
        one(database, adoptPutSessions, { job_id, fence, rows: sessions }),
      );
      // Before version 16 an address had no row of its own: what was known of it stands with its sessions.
      if (!old.tables.has("ip_inventory"))
        await patiently(database, async () => many(database, adoptPutFacts, { rows: sessions }));
    },
  });
  const kept = lease === undefined ? 0 : (await jobOf(database, lease.jobId)).rows_updated;
  return { ...counts, snapshots_kept: kept };
}

/** Last, so that what the old system had noted of a session counts before what is known of its address now. */
async function inventoryOf({ database, old, lease, options }: Adoption): Promise<AdoptResult["inventory"]> {
  const { dryRun, now, stop, onProgress } = options;
  if (stop.requested || !oldTableNames.some((name) => old.tables.has(name))) return null;
  const { rows_read, rows_refused, addresses, networks, verdicts } = await importOld(database, old, {
    ...{ dryRun, now, stop, batchRows: inventoryRows },
    onProgress: ({ rowsRead }) => {
      onProgress?.({ phase: "inventory", current: rowsRead, total: null });
      if (lease !== undefined) void beat(lease);
    },
  });
  return { rows_read, rows_refused, addresses, networks, verdicts };
}

async function advance({ database, jobId: job_id, fence }: Lease, upTo: number): Promise<void> {
  const asked = { job_id, fence, up_to_id: upTo };
  await patiently(database, async () => one(database, adoptAdvanceAdoption, asked));
}

/** Ends the job; numbers behind its last row are none. */
async function end(lease: Lease): Promise<void> {
  const { database, jobId: job_id, fence } = lease;
  await advance(lease, (await jobOf(database, job_id)).last_cursor);
  await patiently(database, async () => one(database, adoptEndAdoption, { job_id, fence }));
}

async function beat({ database, jobId: job_id, fence }: Lease): Promise<void> {
  // A sign of life that does not come through is none; the lease ends by itself.
  await none(database, jobsBeat, { job_id, fence }).catch(() => undefined);
}
