import { inventoryPutAddresses, inventoryPutVerdicts } from "../../src/sql/generated.ts";
import { many } from "../../src/sql/run.ts";
import type { TestStore } from "./database.ts";

/** What a source says of an address; absent facts are not said. */
export interface Said {
  ip_address: string;
  enriched_at: string;
  asn?: number;
  asn_name?: string;
  country?: string;
  label?: string;
  dshield_reports?: number;
  enrichment?: Record<string, unknown>;
}

/** Has a store take in what is said of addresses. */
export async function say(store: TestStore, rows: readonly Said[]): Promise<void> {
  await many(store.database, inventoryPutAddresses, { rows: JSON.stringify(rows) });
}

/** Has a store take in what is said of files. */
export async function judge(
  store: TestStore,
  rows: readonly { shasum: string; source: string; judged_at: string; is_malicious: boolean }[],
): Promise<void> {
  await many(store.database, inventoryPutVerdicts, { rows: JSON.stringify(rows) });
}

/** The first instant of a day, as it is stored. */
export function day(date: string): string {
  return `${date}T00:00:00.000000Z`;
}
