import { actorName } from "../actor.ts";
import { hexDigestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { databaseError } from "../db/database-error.ts";
import { CowriedbError } from "../errors.ts";
import {
  ledgerAddEntry,
  ledgerAddLink,
  ledgerChain,
  ledgerHasLedger,
  ledgerIsChained,
  ledgerLastDigest,
  ledgerSetHead,
  ledgerSetLink,
  type LedgerChainRow,
} from "../sql/generated.ts";
import { many, one, type Query } from "../sql/run.ts";
import { toolVersion } from "./files/names.ts";

/** The migration from which on each entry covers the one before. */
export const chainMigration = "0024_schema_ledger_chain";

/** What is said of a ledger that cannot be read. Who may not use its schema is told by PostgreSQL that it is not there. */
export function ledgerError(error: unknown, store: string): CowriedbError {
  if ((error as { code?: string }).code !== "42P01") return databaseError(error, "read the ledger", store);
  return new CowriedbError(
    "db.no_permission",
    `Cannot read the ledger in ${store}: this user may not use the schema cowrie.`,
    {
      hint: "Have its owner say: grant usage on schema cowrie to …; grant select on cowrie.schema_ledger to …",
      cause: error,
    },
  );
}

/** Something that is noted in the ledger. */
export interface Note {
  kind: "migration" | "procedure";
  action: "up" | "down" | "apply" | "drop" | "fail" | "bless";
  name: string;
  digest: string;
  downDigest?: string | null;
  durationMs?: number;
  reason?: string;
  /** The text that was applied. */
  body?: string;
}

/** Runs a named query on the ledger. */
export type Rows = <P, R>(query: Query<P, R>, parameters: P) => Promise<R[]>;

/** The ledger of a database that is open. */
export function rowsOf(database: Database): Rows {
  return async (query, parameters) => many(database, query, parameters);
}

/** Whether entries cover one another in this ledger. */
export async function isChained(rows: Rows): Promise<boolean> {
  const [row] = await rows(ledgerIsChained, {});
  return Number(row?.found) > 0;
}

/**
 * Notes something, under the lock of schema changes; `setHead` is to follow before the commit. A ledger that has no chain yet keeps
 * neither reasons nor texts.
 */
export async function addNote(rows: Rows, chained: boolean, note: Note): Promise<void> {
  const common = {
    kind: note.kind,
    name: note.name,
    action: note.action,
    digest: note.digest,
    down_digest: note.downDigest ?? null,
    duration_ms: Math.round(note.durationMs ?? 0),
    actor: actorName(),
    tool_version: toolVersion,
  };
  if (!chained) {
    await rows(ledgerAddEntry, common);
    return;
  }
  const [last] = await rows(ledgerLastDigest, {});
  const entry = {
    ...common,
    ledger_id: Number(last?.next_id),
    applied_at: last?.now ?? "",
    reason: note.reason ?? null,
    body: note.body ?? null,
  };
  await rows(ledgerAddLink, { ...entry, entry_digest: digestOfEntry(last?.entry_digest ?? "", entry) });
}

/** Has the head say what the last entry says; the last that is done to a ledger in a transaction. */
export async function setHead(rows: Rows, chained: boolean): Promise<void> {
  if (chained) await rows(ledgerSetHead, {});
}

/** Notes one thing and sets the head. */
export async function noteOne(rows: Rows, note: Note): Promise<void> {
  const chained = await isChained(rows);
  await addNote(rows, chained, note);
  await setHead(rows, chained);
}

type Covered = Omit<LedgerChainRow, "entry_digest">;

/** BLAKE3 of the digest before, all zeros at first, and of what the entry says, as JSON. */
function digestOfEntry(before: string, entry: Covered): string {
  return hexDigestOf(
    JSON.stringify([
      before === "" ? "0".repeat(64) : before,
      Number(entry.ledger_id),
      entry.kind,
      entry.name,
      entry.action,
      entry.digest,
      entry.down_digest,
      entry.duration_ms,
      entry.actor,
      entry.tool_version,
      entry.applied_at,
      entry.reason,
      entry.body === null ? null : hexDigestOf(entry.body),
    ]),
  );
}

/** The text of a migration under the name and the digest that the ledger has. */
export interface NamedText {
  name: string;
  digest: string;
  upText: string;
}

/** Gives entries from before there was a chain their digests, and those of `migrations` that are as they were applied their texts. */
export async function linkOldEntries(rows: Rows, migrations: readonly NamedText[]): Promise<void> {
  const texts = new Map(migrations.map(({ name, digest, upText }) => [`${name} ${digest}`, upText]));
  let before = "";
  for (const old of (await rows(ledgerChain, {})).filter((entry) => !isHead(entry))) {
    if (old.entry_digest !== null) return;
    const body = old.action === "up" ? (texts.get(`${old.name} ${old.digest}`) ?? null) : null;
    before = digestOfEntry(before, { ...old, body });
    await rows(ledgerSetLink, { ledger_id: old.ledger_id, body, entry_digest: before });
  }
}

/** Something of the ledger that is not as it was written. */
export interface LedgerFault {
  ledger_id: number;
  kind: string;
  name: string;
  action: string;
  /** The entry is another; what stood before it is gone; what stood behind it at the end is gone; or there is no head. */
  fault: "changed" | "gone_before" | "gone_behind" | "no_head";
}

/** What a look at the whole ledger has found. */
export interface LedgerProof {
  entries: number;
  /** The digest of the last entry, which covers all; null where there is no chain. Whoever keeps it elsewhere can tell a ledger that was written anew as a whole. */
  head: string | null;
  broken: LedgerFault[];
}

/** Computes the chain of the ledger anew. */
export async function proveLedger(database: Database): Promise<LedgerProof> {
  const { found } = await one(database, ledgerHasLedger, {});
  const proof: LedgerProof = { entries: 0, head: null, broken: [] };
  if (Number(found) === 0 || !(await isChained(rowsOf(database)))) return proof;
  const rows = await many(database, ledgerChain, {});
  let last: LedgerChainRow | undefined;
  for (const entry of rows.filter((row) => !isHead(row))) {
    proof.entries++;
    if (entry.entry_digest !== digestOfEntry(last?.entry_digest ?? "", entry)) {
      const isGap = Number(entry.ledger_id) > Number(last?.ledger_id ?? 0) + 1;
      proof.broken.push(faultOf(entry, isGap ? "gone_before" : "changed"));
    }
    if (entry.entry_digest !== null) last = entry;
  }
  proof.head = last?.entry_digest ?? null;
  const head = rows.find(isHead);
  const end = last ?? head;
  if (head === undefined && end !== undefined) proof.broken.push(faultOf(end, "no_head"));
  if (head !== undefined && end !== undefined && !isHeadOf(head, last))
    proof.broken.push(faultOf(end, "gone_behind"));
  return proof;
}

function faultOf(
  { ledger_id, kind, name, action }: LedgerChainRow,
  fault: LedgerFault["fault"],
): LedgerFault {
  return { ledger_id: Number(ledger_id), kind, name, action, fault };
}

/** Entry 0, which says what the last entry says, and is the only one that changes. */
function isHead({ ledger_id }: LedgerChainRow): boolean {
  return Number(ledger_id) === 0;
}

function isHeadOf(head: LedgerChainRow, last: LedgerChainRow | undefined): boolean {
  const { kind, action, name, actor, tool_version: version, duration_ms: ms } = head;
  const isPlain =
    [kind, action, name, actor, version, ms].join() === "head,head,,,,0" &&
    [head.down_digest, head.reason, head.body, head.entry_digest].every((value) => value === null);
  if (!isPlain || last === undefined) return isPlain && head.digest === "";
  return head.digest === last.entry_digest && head.applied_at === last.applied_at;
}
