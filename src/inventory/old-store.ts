import { openOldStore, type OldRow, type OldStore } from "../db/old-tables.ts";
import { driverError } from "../db/database-error.ts";
import type { Target } from "../config.ts";
import { CowriedbError, messageOf } from "../errors.ts";
import { visible } from "../term.ts";
import { fieldsOfObject, type Fields } from "./columns.ts";
import type { JsonObject } from "./json.ts";

/** Tables of the old system that say something of addresses, networks and files. */
export const oldTableNames = ["asn_inventory", "ip_inventory", "files"] as const;
const verdictDetail = ["vt_classification", "vt_description", "vt_positives", "vt_total", "vt_first_seen"];
const pageRows = 500;

/**
 * Opens a database of the old system. Throws `inventory.unknown_kind` where it has none of the tables, and
 * `inventory.damaged` where it cannot be read.
 */
export async function openOldInventory(target: Target, shown: string): Promise<OldStore> {
  const store = await attempt(target.dialect, shown, async () => openOldStore(target, oldTableNames));
  if (oldTableNames.some((name) => store.tables.has(name))) return store;
  await store.close();
  throw new CowriedbError(
    "inventory.unknown_kind",
    `${shown} has none of the tables ${oldTableNames.join(", ")}.`,
    { hint: "Name a database of the old system." },
  );
}

/** The rows of its tables, as the fields of a file. */
export async function* oldFields(store: OldStore): AsyncGenerator<Fields> {
  for (const table of oldTableNames) {
    if (!store.tables.has(table)) continue;
    const pages = store.pages({ table }, pageRows);
    try {
      for (;;) {
        const next = await attempt(store.dialect, store.name, async () => pages.next());
        if (next.done === true) break;
        for (const row of next.value) yield fieldsOf(table, row);
      }
    } finally {
      // Who stops early leaves a query open, and a store with one cannot be closed.
      await pages.return(undefined);
    }
  }
}

/** A row as the fields of a file; a file's verdict is that of VirusTotal, and is none before it was asked. */
function fieldsOf(table: string, row: OldRow): Fields {
  const fields = fieldsOfObject(
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, told(value)])),
  );
  if (table !== "files") {
    // When the row was last written says nothing of when the facts held.
    if (row["enrichment_updated_at"] === null) delete fields.as_of;
    return fields;
  }
  const detail: JsonObject = {};
  for (const name of verdictDetail) {
    const value = told(row[name] ?? null);
    if (value !== null) detail[name] = typeof value === "string" ? visible(value) : (value as number);
  }
  return { ...fields, source: "virustotal", enrichment: detail };
}

/** The words of a server's truth are those of a file. */
function told(value: unknown): unknown {
  if (typeof value === "boolean") return String(value);
  return value instanceof Uint8Array ? value.toString() : value;
}

async function attempt<T>(dialect: OldStore["dialect"], shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (dialect === "postgres") throw driverError(cause, "read rows", shown);
    throw new CowriedbError("inventory.damaged", `${shown} cannot be read: ${visible(messageOf(cause))}.`, {
      hint: "Take a fresh copy of the file, made while nobody wrote to it.",
      cause,
    });
  }
}
