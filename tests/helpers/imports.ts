import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { throwAwayFolder } from "../../src/dev/throw-away-folder.ts";
import { importInventory, type ImportOptions, type ImportResult } from "../../src/inventory/import.ts";
import { typed } from "./database.ts";
import { logLine, sessionId } from "./lines.ts";

/** Addresses that the sessions of these tests come from. */
export const seenAddresses = [
  ...Array.from({ length: 40 }, (_, number) => `198.51.100.${number * 6}`),
  ...Array.from({ length: 20 }, (_, number) => `2001:db8:${number.toString(16)}::${number + 1}`),
];

/** A log with one session of each address. */
export function logOf(addresses: readonly string[]): string {
  return addresses
    .map((src_ip, number) =>
      logLine({
        eventid: "cowrie.session.connect",
        session: sessionId(number + 1),
        src_ip,
        sensor: "harbour",
        protocol: "ssh",
        timestamp: "2026-01-05T10:00:00.000000Z",
      }),
    )
    .join("");
}

/** Writes a file that goes with the test. */
export function fileOf(test: Test, name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-inventory-"));
  test.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Imports files as the command does. */
export async function imported(
  database: Database,
  paths: readonly string[],
  options: Partial<ImportOptions> = {},
): Promise<ImportResult> {
  return importInventory(database, paths, {
    asOf: null,
    now: "2026-02-01T00:00:00.000000Z",
    label: null,
    source: "import",
    columns: undefined,
    batchRows: 7,
    dryRun: false,
    stop: { requested: false },
    ...options,
  });
}

const tables = [
  "ip_inventory",
  "ip_inventory_history",
  "asn_inventory",
  "asn_inventory_history",
  "file_verdicts",
  "file_verdicts_history",
] as const;

/** All rows of the inventory, without the times at which they were written. */
export async function inventoryOf(database: Database): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const rows = await typed(database, `select * from ${table}`);
    found[table] = rows.map((row) => JSON.stringify(canonical(row))).sort();
  }
  return found;
}

function canonical(row: Record<string, unknown>): unknown {
  return Object.entries(row)
    .filter(([name]) => name !== "created_at" && name !== "updated_at")
    .map(([name, value]) => [name, plain(name, value)])
    .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
}

/** JSON by its meaning: jsonb has an order of keys of its own. */
function plain(name: string, value: unknown): unknown {
  if (name === "is_malicious") return Boolean(Number(value));
  if ((name !== "enrichment" && name !== "detail") || value === null) return value;
  return JSON.stringify(JSON.parse(value as string), (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}

const instants = ["2025-03-01", "2025-04-02", "2025-09-01", "2025-11-01", "2026-03-01"];

/** What the inventory answers for each address as of some days: the same facts may have come in one version or in two. */
export async function knownAsOf(database: Database): Promise<string[]> {
  const columns = "ip_address, enriched_at, current_asn, asn_name, geo_country, ip_type, type_label";
  const versions = [
    ...(await typed(database, `select ${columns} from ip_inventory`)),
    ...(await typed(database, `select ${columns} from ip_inventory_history`)),
  ].sort((left, right) => (String(left["enriched_at"]) < String(right["enriched_at"]) ? -1 : 1));
  const answers = new Map<string, string>();
  for (const day of instants) {
    for (const { ip_address, enriched_at, ...facts } of versions) {
      if (String(enriched_at) <= `${day}T00:00:00.000000Z`)
        answers.set(`${day} ${String(ip_address)}`, JSON.stringify(facts));
    }
  }
  return [...answers].map((answer) => answer.join(" ")).sort();
}
