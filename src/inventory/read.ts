import type { OldStore } from "../db/old-tables.ts";
import { fieldsOfRecord } from "./mmdb-facts.ts";
import type { Fields } from "./columns.ts";
import { toldBy, type AddressRow, type Facts, type Given, type Told } from "./facts.ts";
import { recordsOf, type Mmdb } from "./mmdb.ts";
import { oldFields } from "./old-store.ts";
import type { Putter } from "./put.ts";
import { coverage, type Covered } from "./ranges.ts";
import { refuse, type ReadCounts } from "./refused.ts";
import type { Seen } from "./seen.ts";
import type { TextReader } from "./texts.ts";

/** A file that is being read. */
export interface Reading {
  counts: ReadCounts;
  putter: Pick<Putter, "add">;
  /** Rows and records that cover an address of the store. */
  covered: number;
  isStopped(): boolean;
  /** Throws where too much of the file was refused. */
  assertReadable(): void;
  tell(): void;
}

/** What a range says, and in which line. */
interface RangeTold {
  facts: Facts;
  enriched_at: string;
  line: number;
}

/** Rows between two looks at signals and at what was refused. */
const lookEvery = 2_000;

/** Reads a text: single addresses, networks and verdicts as they come, ranges for the addresses that the store has seen. */
export async function importText(
  reading: Reading,
  reader: TextReader,
  seen: Seen,
  given: Given,
): Promise<void> {
  let ranges: Covered<RangeTold> | undefined;
  const networks = namesOfNetworks(reading);
  for await (const { line, fields } of reader.rows()) {
    if (await isDue(reading)) return;
    const told = take(reading, fields, line, given);
    if (told === undefined) continue;
    if (told.is === "network" || told.is === "verdict") {
      await reading.putter.add(told.row, line);
      continue;
    }
    ranges ??= coverage(await seen());
    if (told.is === "range") {
      const { range, facts, enriched_at } = told;
      if (ranges.add(range, { facts, enriched_at, line })) reading.covered++;
      continue;
    }
    ranges.leaveOut(told.address);
    await networks(told.row, line);
    await reading.putter.add(told.row, line);
  }
  if (ranges !== undefined) await putCovered(reading, ranges);
}

/** Puts what the narrowest range says of each address. */
async function putCovered(reading: Reading, ranges: Covered<RangeTold>): Promise<void> {
  const networks = namesOfNetworks(reading);
  reading.assertReadable();
  for (const { ip_address, told } of ranges.resolved()) {
    if (reading.isStopped()) return;
    const { facts, enriched_at, line } = told;
    await networks({ ...facts, enriched_at }, line);
    await reading.putter.add({ ip_address, enriched_at, ...facts }, line);
  }
}

/** Asks an MMDB file for every address that the store has seen. */
export async function importMmdb(reading: Reading, mmdb: Mmdb, seen: Seen, given: Given): Promise<void> {
  const networks = namesOfNetworks(reading);
  for (const { ip_address, record } of recordsOf(mmdb, await seen())) {
    if (await isDue(reading)) return;
    const fields =
      typeof record === "string"
        ? `${ip_address}: ${record}`
        : { ...fieldsOfRecord(record, mmdb.type), address: ip_address };
    // A record has no line; the count of records stands for it.
    const line = reading.counts.rows_read + 1;
    const told = take(reading, fields, line, given);
    if (told?.is !== "address") continue;
    reading.covered++;
    await networks(told.row, line);
    await reading.putter.add(told.row, line);
  }
}

/** Reads the tables of the old system. */
export async function importOldStore(reading: Reading, store: OldStore, given: Given): Promise<void> {
  for await (const fields of oldFields(store)) {
    if (await isDue(reading)) return;
    const line = reading.counts.rows_read + 1;
    const told = take(reading, fields, line, given);
    if (told !== undefined && told.is !== "range") await reading.putter.add(told.row, line);
  }
}

/** From time to time: lets signals in, and sees what was refused; says whether to stop. */
async function isDue(reading: Reading): Promise<boolean> {
  if (reading.counts.rows_read % lookEvery === 0 && reading.counts.rows_read > 0) {
    reading.assertReadable();
    reading.tell();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return reading.isStopped();
}

/** Counts a row and gives what it says; undefined where that is nothing. */
function take(
  { counts }: Reading,
  fields: Fields | string,
  line: number,
  given: Given,
): Exclude<Told, { is: "empty" | "refused" }> | undefined {
  counts.rows_read++;
  const told: Told = typeof fields === "string" ? { is: "refused", reason: fields } : toldBy(fields, given);
  if (told.is === "refused") refuse(counts, line, told.reason);
  else if (told.is === "empty") counts.rows_empty++;
  else return told;
  return undefined;
}

/** Puts the number and name of a network whenever an address says something new of it; the first name of an instant counts. */
function namesOfNetworks(
  reading: Reading,
): (facts: Pick<AddressRow, "asn" | "asn_name" | "enriched_at">, line: number) => Promise<void> {
  const known = new Map<number, string>();
  return async ({ asn, asn_name, enriched_at }, line) => {
    if (asn === null || asn_name === null || (known.get(asn) ?? "") >= enriched_at) return;
    known.set(asn, enriched_at);
    const nothing = { country: null, registry: null, kind: null, enrichment: null };
    await reading.putter.add({ asn, name: asn_name, ...nothing, enriched_at }, line);
  };
}
