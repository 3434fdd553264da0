import { rowText } from "../../db/canary-rows.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { quoted, rowReader } from "../../db/texts.ts";
import { referencesLook } from "../files/frames.ts";

/** A row that refers to one that is not there. */
interface BrokenReference {
  table: string;
  /** Null where the table has none. */
  rowid: bigint | null;
  parent: string;
  /** What it refers to. */
  wanted: string;
}

/** All references of a database that are broken. */
export type BrokenReferences = readonly BrokenReference[];

/** Looks at every reference of every row. */
export function brokenReferences(store: Sqlite): BrokenReferences {
  const { handle } = store;
  const readers = new Map<string, (rowid: bigint) => string>();
  const readerOf = (table: string, key: number): ((rowid: bigint) => string) => {
    const columns = (
      handle.pragma(`foreign_key_list(${quoted(table)})`) as { id: number; seq: number; from: string }[]
    )
      .filter(({ id }) => id === key)
      .sort((one, other) => one.seq - other.seq)
      .map(({ from }) => from);
    const read = rowReader(store, rowText(table, columns));
    return (rowid) => (read([rowid]) ?? []).map(valueText).join("\u001f");
  };
  const rows = handle.prepare(referencesLook).safeIntegers(true).all() as {
    table: string;
    rowid: bigint | null;
    parent: string;
    fkid: bigint;
  }[];
  return rows.map(({ table, rowid, parent, fkid }) => {
    const of = JSON.stringify([table, Number(fkid)]);
    const read = readers.get(of) ?? readerOf(table, Number(fkid));
    readers.set(of, read);
    return { table, rowid, parent, wanted: rowid === null ? "" : read(rowid) };
  });
}

/**
 * One that is broken behind a change and was not before; undefined where there is none. A row may get another number and a table another
 * name, as where it is made anew, or what it refers to may be spelled otherwise: it is the same one as long as either stays.
 */
export function newlyBroken(before: BrokenReferences, now: BrokenReferences): BrokenReference | undefined {
  const rows = new Set(before.map(rowKey));
  const wanted = new Map<string, number>();
  for (const one of before) wanted.set(one.wanted, (wanted.get(one.wanted) ?? 0) + 1);
  // Those that stand where they stood take their own values first.
  const strange = now.filter((one) => {
    const isSame = one.rowid !== null && rows.has(rowKey(one));
    if (isSame) wanted.set(one.wanted, (wanted.get(one.wanted) ?? 0) - 1);
    return !isSame;
  });
  const found = strange.find((one) => {
    const left = (wanted.get(one.wanted) ?? 0) - 1;
    wanted.set(one.wanted, left);
    return left < 0;
  });
  return found ?? (now.length > before.length ? strange.at(-1) : undefined);
}

function rowKey({ table, rowid, parent }: BrokenReference): string {
  return JSON.stringify([table.toLowerCase(), String(rowid), parent.toLowerCase()]);
}

function valueText(value: unknown): string {
  return Buffer.isBuffer(value) ? `x${value.toString("hex")}` : `${typeof value} ${String(value)}`;
}
