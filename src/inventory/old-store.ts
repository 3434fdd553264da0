import { openOldTables, type OldTable } from "../db/old-tables.ts";
import { CowriedbError, messageOf } from "../errors.ts";
import { visible } from "../term.ts";
import { fieldsOfObject, type Fields } from "./columns.ts";
import type { Input } from "./kind.ts";
import type { JsonObject } from "./json.ts";

/** A table of the old system. */
export interface OldRows {
  name: string;
  rows(): Generator<Fields>;
}

const tableNames = ["asn_inventory", "ip_inventory", "files"] as const;
const verdictDetail = ["vt_classification", "vt_description", "vt_positives", "vt_total", "vt_first_seen"];

/**
 * Opens a SQLite file of the old system. Throws `inventory.unknown_kind` where it has none of the tables, and
 * `inventory.damaged` where it cannot be read.
 */
export function openOldStore(input: Input): { tables: OldRows[]; close(): void } {
  const opened = attempt(input, () => openOldTables(input.path, tableNames));
  if (opened.tables.length === 0) {
    opened.close();
    throw new CowriedbError(
      "inventory.unknown_kind",
      `${input.shown} has none of the tables ${tableNames.join(", ")}.`,
      { hint: "Name the SQLite file of the old system." },
    );
  }
  return { close: opened.close, tables: opened.tables.map((table) => oldRows(input, table)) };
}

function oldRows(input: Input, table: OldTable): OldRows {
  return {
    name: table.name,
    rows: function* () {
      const rows = table.rows();
      for (;;) {
        const next = attempt(input, () => rows.next());
        if (next.done === true) return;
        yield fieldsOf(table.name, next.value);
      }
    },
  };
}

/** A row as the fields of a file; a file's verdict is that of VirusTotal, and is none before it was asked. */
function fieldsOf(table: string, row: Record<string, unknown>): Fields {
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
    if (value !== null) detail[name] = typeof value === "string" ? visible(value) : value;
  }
  return { ...fields, source: "virustotal", enrichment: detail };
}

/** Whole numbers come as bigint; those that a double would change are told as text. */
function told(value: unknown): unknown {
  if (typeof value !== "bigint") return value instanceof Uint8Array ? value.toString() : value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function attempt<T>(input: Input, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new CowriedbError(
      "inventory.damaged",
      `${input.shown} cannot be read: ${visible(messageOf(cause))}.`,
      {
        hint: "Take a fresh copy of the file, made while nobody wrote to it.",
        cause,
      },
    );
  }
}
