import { closeDatabase } from "../db/open.ts";
import type { Database } from "../db/database.ts";
import { holdPostgres } from "../db/snapshot.ts";
import { CowriedbError } from "../errors.ts";
import { hydrateChunks, hydrateQuarantineCounts, hydrateState } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { lockedConnection } from "./checks.ts";
import { startCopiers, type Copiers } from "./parts/copiers.ts";
import { inLanes } from "./lanes.ts";
import { namingStores, pairOf, type Pair } from "./pair.ts";
import { planChunks } from "./parts/plan.ts";
import type { Difference, ProofTask } from "./parts/proof-part.ts";
import { compareKeys, tablesToProve, type CopiedTable } from "./rows/tables.ts";

/** How a copy is proved. */
export interface ProofOptions {
  /** Threads that compare. */
  provers: number;
  url: string;
  /** Whether the digest of each part is wanted, for a manifest. */
  isDigested: boolean;
  /** What else is proved meanwhile, of the target alone. */
  beside: () => Promise<void>;
  stop: { readonly requested: boolean };
  onProgress: (status: JobStatus) => void;
}

/** A part that is the same in both stores. */
export interface ProvedPart {
  after: string | null;
  last: string;
  rows: number;
  digest: Buffer;
}

/** What the comparison of a table came to. */
export interface TableProof {
  table_name: string;
  rows: number;
  quarantined: number;
  differences: number;
}

/** What the comparison of two stores came to. */
export interface CopyProof {
  source: string;
  target: string;
  /** Rows that are the same in every column. */
  rows: number;
  /** Rows that the target keeps in its quarantine as they are. */
  quarantined: number;
  /** Rows there that no row of the source is the reason of. */
  quarantined_for_nothing: number;
  differences: number;
  tables: TableProof[];
  /** The first differences, each with table, key and column. */
  first: Difference[];
  interrupted: boolean;
  elapsed_ms: number;
  /** The tables, and for a manifest the parts of each that are the same. */
  proved: { table: CopiedTable; parts: ProvedPart[] }[];
}

/** Differences that are named one by one. */
const mostNamed = 10_000;

/**
 * Compares every row and column of two stores, the source as it is now, in parallel and part by part. Throws
 * `hydrate.nothing_to_prove` where the target is no copy of it.
 */
export async function proveStores(
  source: Database,
  target: Database,
  options: ProofOptions,
): Promise<CopyProof> {
  const pair = pairOf(source, target);
  const [from, to] = [await one(source, hydrateState, {}), await one(target, hydrateState, {})];
  if (to.state === "hydrating" || from.state === "hydrating")
    throw new CowriedbError(
      "hydrate.nothing_to_prove",
      `${(to.state === "hydrating" ? target : source).name} is not whole: a copy into it has not ended.`,
      { hint: "End it first: cowriedb hydrate --resume" },
    );
  const lock = await lockedConnection(pair.server);
  try {
    return await namingStores(pair, async () => proveNow(pair, options));
  } finally {
    await closeDatabase(lock);
  }
}

/** As `proveStores`, for who holds the lock of a run. */
export async function proveNow(pair: Pair, options: ProofOptions): Promise<CopyProof> {
  const { sqlite, server } = pair;
  const held = await holdPostgres(server);
  try {
    const at = { url: options.url, shown: server.name, snapshot: held.snapshot };
    const copiers = await startCopiers(sqlite, at, options.provers);
    try {
      return await proveCopy(copiers, pair, options);
    } finally {
      await copiers.close();
    }
  } finally {
    await held.letGo();
  }
}

/** As `proveStores`, with the copiers of a run, who see the stores as they were when they were copied. */
export async function proveCopy(copiers: Copiers, pair: Pair, options: ProofOptions): Promise<CopyProof> {
  const began = performance.now();
  const { sqlite, server, isBack } = pair;
  const [source, target] = isBack ? [server, sqlite] : [sqlite, server];
  const tables = await tablesToProve(sqlite, server);
  const tasks = await planProof(copiers.reader, target, tables, options.isDigested);
  const [compared, other] = await Promise.allSettled([
    proveParts(copiers, tasks, options, emptyProof(source, target, tables)),
    options.beside(),
  ]);
  if (compared.status === "rejected") throw compared.reason;
  if (other.status === "rejected") throw other.reason;
  const proof = compared.value;
  // What SQLite refuses of it on the way back is in the quarantine there.
  const quarantined = (await keptOut(server)) - (isBack ? await keptOut(sqlite) : 0);
  return {
    ...proof,
    first: isBack ? proof.first.map(turned) : proof.first,
    quarantined_for_nothing: proof.interrupted ? 0 : Math.max(0, quarantined - proof.quarantined),
    elapsed_ms: Math.round(performance.now() - began),
  };
}

async function keptOut(store: Database): Promise<number> {
  const counts = await many(store, hydrateQuarantineCounts, {});
  return counts.reduce((sum, { row_count }) => sum + Number(row_count), 0);
}

/** A difference, which is told from SQLite's side, told from the other one. */
function turned(difference: Difference): Difference {
  const { problem, source, target } = difference;
  const words: Record<string, string> = { missing: "unexpected", unexpected: "missing" };
  return { ...difference, problem: words[problem] ?? problem, source: target, target: source };
}

function emptyProof(source: Database, target: Database, tables: readonly CopiedTable[]): CopyProof {
  return {
    source: source.name,
    target: target.name,
    ...{ rows: 0, quarantined: 0, quarantined_for_nothing: 0, differences: 0 },
    tables: tables.map(({ name }) => ({ table_name: name, rows: 0, quarantined: 0, differences: 0 })),
    first: [],
    interrupted: false,
    elapsed_ms: 0,
    proved: tables.map((table) => ({ table, parts: [] })),
  };
}

/** The parts that were copied, and of each table what may stand behind its last row. */
async function planProof(
  source: Database,
  target: Database,
  tables: readonly CopiedTable[],
  isDigested: boolean,
): Promise<ProofTask[]> {
  const chunks = await planChunks(source, tables, await many(target, hydrateChunks, {}));
  const tasks: ProofTask[] = chunks.map(({ table, after, last }) => ({ table, after, last, isDigested }));
  const ends = new Map<string, string>();
  for (const { table, last } of tasks) if (last !== null) ends.set(table.name, last);
  for (const table of tables)
    tasks.push({ table, after: ends.get(table.name) ?? null, last: null, isDigested });
  return tasks;
}

async function proveParts(
  copiers: Copiers,
  tasks: readonly ProofTask[],
  { provers, stop, onProgress }: ProofOptions,
  proof: CopyProof,
): Promise<CopyProof> {
  const found = { ...proof };
  let done = 0;
  const told = (): void =>
    onProgress({
      state: "running",
      phase: "proving",
      unit: "part",
      current: done,
      total: tasks.length,
      counts: { rows: found.rows, quarantined: found.quarantined, differences: found.differences },
    });
  const prove = async (task: ProofTask): Promise<void> => {
    await proveOne(copiers, task, found);
    done += 1;
    told();
  };
  await inLanes(tasks, provers, prove, () => !stop.requested);
  found.interrupted = done < tasks.length;
  // They end in any order; a manifest has them in that of the table.
  for (const { table, parts } of found.proved) parts.sort((a, b) => compareKeys(table, a.last, b.last));
  found.first.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return found;
}

function placeOf({ table_name, row_key, column_name }: Difference): string {
  return `${table_name} ${row_key} ${column_name}`;
}

async function proveOne(copiers: Copiers, task: ProofTask, found: CopyProof): Promise<void> {
  const part = await copiers.prove(task);
  const place = found.tables.findIndex(({ table_name }) => table_name === task.table.name);
  const table = found.tables[place];
  if (table === undefined) throw new TypeError("every table has a place");
  found.rows += part.rows;
  found.quarantined += part.quarantined;
  found.differences += part.difference_count;
  table.rows += part.rows;
  table.quarantined += part.quarantined;
  table.differences += part.difference_count;
  found.first.push(...part.differences.slice(0, Math.max(0, mostNamed - found.first.length)));
  if (part.digest === null || task.last === null) return;
  const { after, last } = task;
  found.proved[place]?.parts.push({ after, last, rows: part.rows, digest: Buffer.from(part.digest) });
}
