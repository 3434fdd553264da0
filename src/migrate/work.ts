import type { LedgerLiveDependentsRow } from "../sql/generated.ts";
import type { Dialect, Migration, Procedure, SchemaFiles } from "./files/files.ts";
import { inOrder } from "./files/order.ts";
import { isWorkingCopy } from "./files/names.ts";
import { refuseLate } from "./reach.ts";
import { dropAll, renewalOf } from "./procedures/renewal.ts";
import { pendingIn, statusOf, type Entry, type SchemaStatus } from "./status.ts";

/** What a change of the store's schema will do, in this order; the plan and the change are made of it. */
export interface Work {
  status: SchemaStatus;
  drops: string[];
  pending: Migration[];
  /** Files of procedures that are run behind the migrations. */
  files: Procedure[];
  /** Of these, those whose text is another than the ledger's. */
  changed: ReadonlySet<string>;
  /** Entries of procedures that are in force no more. */
  gone: Entry[];
  /** Whether a pending migration is left out; no procedure is made then. */
  isPart: boolean;
}

/** Whether procedures are dropped, and none is made. */
export function goesWithoutProcedures({ isPart, gone }: Pick<Work, "isPart" | "gone">): boolean {
  return isPart && gone.length > 0;
}

/** Chooses which of the pending migrations are applied. */
export type Choose = (pending: readonly Migration[], status: SchemaStatus) => readonly Migration[];

/** Those up to and with `last`, all where it is empty; late ones where they are allowed. `migrate.out_of_order` otherwise. */
export function upTo(last: string, allowsLate: boolean, store: string): Choose {
  return (pending, status) => {
    if (!allowsLate) refuseLate(store, status, isWorkingCopy);
    return pending.filter(({ name }) => last === "" || name <= last);
  };
}

/**
 * What is to be done; undefined where nothing is. Where a migration is left out, no procedure is made: today's text is for a schema
 * with all of them.
 */
export function workOf(
  dialect: Dialect,
  files: SchemaFiles,
  entries: readonly Entry[],
  rows: readonly LedgerLiveDependentsRow[],
  choose: Choose = upTo("", false, "the store"),
): Work | undefined {
  const status = statusOf(dialect, entries, files);
  const all = pendingIn(status, files);
  const pending = [...choose(all, status)];
  const known = entries.filter(({ kind }) => kind === "procedure");
  const names = known.map(({ name }) => name);
  const isPart = pending.length < all.length;
  if (isPart) {
    if (pending.length === 0) return undefined;
    const drops = dropAll(dialect, files.procedures, names, rows);
    return { status, drops, pending, files: [], changed: new Set(), gone: known, isPart };
  }
  const changed = new Set(
    status.procedures.filter(({ state }) => state !== "applied").map(({ name }) => name),
  );
  if (pending.length === 0 && changed.size === 0) return undefined;
  const procedures = inOrder(files.procedures, dialect);
  // What a retired store has against writers is off while its schema changes.
  const others = rows.filter(({ name }) => name !== "tr_hydration_refuse");
  const renewal = renewalOf({ dialect, procedures, changed, known: names, pending }, others);
  const isGone = new Set(
    status.procedures.filter(({ state }) => state === "missing_file").map(({ name }) => name),
  );
  return { status, ...renewal, pending, changed, gone: known.filter(({ name }) => isGone.has(name)), isPart };
}
