import { serve } from "../../db/crew.ts";
import { closeDatabase } from "../../db/open.ts";
import { openPostgres, type Postgres } from "../../db/postgres.ts";
import { holdPostgres, holdSnapshot, letGo } from "../../db/snapshot.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { CowriedbError, messageOf } from "../../errors.ts";
import { databaseError, isOfDriver } from "../../db/database-error.ts";
import { provePart, type PartProof, type ProofTask } from "./proof-part.ts";
import { copyChunk, type ChunkOutcome, type ChunkTask } from "./copy-chunk.ts";

/** What a copier is asked: to connect, to hold the store as it is now, to copy a part, to let all go. */
export type CopierTask =
  | { kind: "connect"; url: string; shown: string; snapshot?: string }
  | { kind: "hold" }
  | { kind: "copy"; chunk: ChunkTask }
  | { kind: "prove"; part: ProofTask }
  | { kind: "leave" };

/** An error as it comes from a thread. */
export interface ToldError {
  code: string;
  message: string;
  hint: string | undefined;
  exitCode: number;
}

/** What a copier answers. */
export type CopierAnswer =
  { outcome: ChunkOutcome } | { proof: PartProof } | { error: ToldError } | { isDone: true };

let target: Postgres | undefined;
let letGoOfTarget = async (): Promise<void> => Promise.resolve();

/** Connects; with a snapshot it sees the store as who has exported it. */
async function connect(url: string, shown: string, snapshot: string | undefined): Promise<void> {
  const opened = await openPostgres(url, shown, { connections: 1 });
  target = opened;
  letGoOfTarget = async () => closeDatabase(opened);
  if (snapshot === undefined) return;
  const held = await holdPostgres(opened, snapshot);
  target = held.store;
  letGoOfTarget = async () => {
    await held.letGo();
    await closeDatabase(opened);
  };
}

async function work(source: Sqlite, task: CopierTask): Promise<CopierAnswer> {
  try {
    if (task.kind === "connect") await connect(task.url, task.shown, task.snapshot);
    else if (task.kind === "hold") {
      letGo(source);
      holdSnapshot(source);
    } else if (task.kind === "leave") {
      letGo(source);
      await letGoOfTarget();
    } else if (target !== undefined && task.kind === "prove")
      return { proof: await provePart(source, target, task.part) };
    else if (target !== undefined && task.kind === "copy")
      return { outcome: await copyChunk(source, target, task.chunk) };
    return { isDone: true };
  } catch (error) {
    return { error: told(error, task, source.name) };
  }
}

/** An error loses its class on its way to another thread. */
function told(error: unknown, task: CopierTask, name: string): ToldError {
  const doing =
    task.kind === "copy"
      ? `copy ${task.chunk.table.name} up to ${task.chunk.last}`
      : task.kind === "prove"
        ? `compare ${task.part.table.name} up to ${task.part.last ?? "its end"}`
        : task.kind;
  const known =
    error instanceof CowriedbError || isOfDriver(error)
      ? databaseError(error, doing, target?.name ?? name)
      : undefined;
  return {
    code: known?.code ?? "internal",
    message: known?.message ?? `Cannot ${doing}: ${messageOf(error)}`,
    hint: known?.hint,
    exitCode: known?.exitCode ?? 1,
  };
}

/** Each row is read once, and in order. */
const cacheKibibytes = 1_000;

serve<CopierTask, CopierAnswer>(work, cacheKibibytes);
