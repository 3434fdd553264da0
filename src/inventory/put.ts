import { actorName } from "../actor.ts";
import type { Database } from "../db/database.ts";
import { driverError, isBusy, isOfTheData } from "../db/database-error.ts";
import { letWaiterIn } from "../db/hand-over.ts";
import { inSavepoint, inWriting } from "../db/writing.ts";
import { messageOf } from "../errors.ts";
import {
  auditClearContext,
  auditSetContext,
  inventoryAddressStates,
  inventoryNetworkStates,
  inventoryPutAddresses,
  inventoryPutNetworks,
  inventoryPutVerdicts,
  inventoryVerdictStates,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { visible } from "../term.ts";
import type { AddressRow, NetworkRow, VerdictRow } from "./facts.ts";
import { rowJson } from "./json.ts";

/** What became of the rows of one table. */
export interface Changes {
  /** Rows put, changed or not. */
  rows: number;
  added: number;
  changed: number;
  /** Versions that went into the history. */
  history: number;
}

/** The tables of the inventory, as an answer names them. */
export type Table = "addresses" | "networks" | "verdicts";

/** What became of the rows of all tables. */
export type AllChanges = Record<Table, Changes>;

/** A row that waits to be put. */
interface Waiting {
  table: Table;
  /** What the row speaks of: rows of one subject stay in their order. */
  subject: string;
  json: string;
  line: number;
}

/** Puts rows into the inventory, batch by batch, each in one transaction. */
export interface Putter {
  changes: AllChanges;
  /** Takes a row; resolves when there is room for another. */
  add(row: AddressRow | NetworkRow | VerdictRow, line: number): Promise<void>;
  /** Puts what waits. */
  flush(): Promise<void>;
}

/** How to put rows. */
export interface PutOptions {
  batchRows: number;
  /** Within a transaction that is taken back at the end. */
  isTrial: boolean;
  /** Called before a batch is written. */
  beforeBatch(): void;
  /** Called after a batch was written. */
  afterBatch(): void;
  /** The database takes a batch, but not this row. */
  onRefused(line: number, reason: string): void;
}

/** A batch is written when its rows have so many characters, whatever their number. */
const mostBatchLength = 8 << 20;
const mostTries = 5;
const retryMs = 100;

const queries = {
  addresses: { put: inventoryPutAddresses, states: inventoryAddressStates },
  networks: { put: inventoryPutNetworks, states: inventoryNetworkStates },
  verdicts: { put: inventoryPutVerdicts, states: inventoryVerdictStates },
} as const;

/** Makes a putter for a store, or for the transaction of a trial. */
export function putterOf(database: Database, options: PutOptions): Putter {
  const changes = { addresses: noChanges(), networks: noChanges(), verdicts: noChanges() };
  let waiting: Waiting[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    options.beforeBatch();
    const rows = waiting;
    [waiting, length] = [[], 0];
    await putBatch(database, rows, changes, options);
    options.afterBatch();
    // A signal is heard between two batches, even where nothing else waits.
    await new Promise((resolve) => setImmediate(resolve));
    if (database.dialect === "sqlite" && !options.isTrial) await letWaiterIn(database);
  };
  const add = async (row: AddressRow | NetworkRow | VerdictRow, line: number): Promise<void> => {
    const waits = { ...subjectOf(row), json: rowJson(row), line };
    waiting.push(waits);
    length += waits.json.length;
    if (waiting.length >= options.batchRows || length >= mostBatchLength) await flush();
  };
  return { changes, add, flush };
}

function noChanges(): Changes {
  return { rows: 0, added: 0, changed: 0, history: 0 };
}

function subjectOf(row: AddressRow | NetworkRow | VerdictRow): Pick<Waiting, "table" | "subject"> {
  if ("ip_address" in row) return { table: "addresses", subject: row.ip_address };
  return "shasum" in row
    ? { table: "verdicts", subject: `${row.shasum} ${row.source}` }
    : { table: "networks", subject: String(row.asn) };
}

/** Writes a batch; where the database refuses something of it, each row by itself. */
async function putBatch(
  database: Database,
  rows: readonly Waiting[],
  changes: AllChanges,
  options: PutOptions,
): Promise<void> {
  try {
    await transact(database, rows, changes, options);
    return;
  } catch (error) {
    if (!isOfTheData(error) || rows.length === 0) throw asOurs(database, error);
  }
  for (const row of rows) {
    try {
      await transact(database, [row], changes, options);
    } catch (error) {
      if (!isOfTheData(error)) throw asOurs(database, error);
      options.onRefused(row.line, `the database refuses it: ${visible(messageOf(error))}`);
    }
  }
}

function asOurs(database: Database, error: unknown): unknown {
  return driverError(error, "import the inventory", database.name);
}

/** One transaction, tried again while somebody else is in the way. */
async function transact(
  database: Database,
  rows: readonly Waiting[],
  changes: AllChanges,
  { isTrial }: PutOptions,
): Promise<void> {
  const within = isTrial ? inSavepoint : inWriting;
  for (let tries = 1; ; tries++) {
    try {
      const done = await within(database, async (writing) => write(writing, rows));
      for (const { table, ...more } of done) addUp(changes[table], more);
      return;
    } catch (error) {
      if (isTrial || !isBusy(error) || tries >= mostTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs * tries * (1 + Math.random())));
    }
  }
}

async function write(writing: Database, rows: readonly Waiting[]): Promise<(Changes & { table: Table })[]> {
  await one(writing, auditSetContext, { actor: actorName(), command: "inventory import" });
  const done: (Changes & { table: Table })[] = [];
  // Networks first, for addresses name them; each in the order of its key, so that two imports cannot lock each other out.
  for (const table of ["networks", "addresses", "verdicts"] as const) {
    const own = rows.filter((row) => row.table === table).sort(bySubject);
    if (own.length > 0) done.push({ table, ...(await writeTable(writing, table, own)) });
  }
  await none(writing, auditClearContext, {});
  return done;
}

/** The rows as JSON, so that no wave has two of one subject: what a file says later counts, whatever the engine makes of an order. */
function wavesOf(rows: readonly Waiting[]): string[][] {
  const waves: string[][] = [];
  let [subject, wave] = ["", 0];
  for (const row of rows) {
    wave = row.subject === subject ? wave + 1 : 0;
    subject = row.subject;
    (waves[wave] ??= []).push(row.json);
  }
  return waves;
}

function bySubject(left: Waiting, right: Waiting): number {
  return left.subject < right.subject ? -1 : left.subject > right.subject ? 1 : 0;
}

async function writeTable(writing: Database, table: Table, rows: readonly Waiting[]): Promise<Changes> {
  const { put, states } = queries[table];
  const subjects = JSON.stringify([...new Set(rows.map(({ subject }) => subject))]);
  const before = new Map((await many(writing, states, { subjects })).map((row) => [row.subject, row]));
  for (const wave of wavesOf(rows)) await none(writing, put, { rows: `[${wave.join(",")}]` });
  const done = { ...noChanges(), rows: rows.length };
  for (const { subject, state, versions } of await many(writing, states, { subjects })) {
    const known = before.get(subject);
    if (known === undefined) done.added++;
    else if (known.state !== state) done.changed++;
    done.history += versions - (known?.versions ?? 0);
  }
  return done;
}

function addUp(sum: Changes, more: Changes): void {
  for (const name of ["rows", "added", "changed", "history"] as const) sum[name] += more[name];
}
