import type { Database } from "../../src/db/database.ts";
import { canonicalEvents, canonicalTables } from "./canonical.ts";
import { typed } from "./database.ts";

/** The rows of each table in a form that every engine and every load of the same lines gives alike. */
export type Contents = Record<string, string[]>;

/** Everything that two loads of the same lines must have alike. */
export async function contentsOf(database: Database): Promise<Contents> {
  const letters = await typed(
    database,
    "select source_offset, reason, record_digest from dead_letter_events",
  );
  return {
    ...(await canonicalTables(database)),
    raw_events: await canonicalEvents(database),
    dead_letter_events: letters
      .map((row) => `${Number(row["source_offset"])} ${String(row["reason"])} ${hexOf(row["record_digest"])}`)
      .sort(),
  };
}

function hexOf(value: unknown): string {
  return Buffer.from(value as Uint8Array).toString("hex");
}

/** The tables whose rows are not those expected. */
export function differing(found: Contents, expected: Contents): string[] {
  return Object.keys(expected).filter(
    (table) =>
      found[table]?.length !== expected[table]?.length ||
      found[table]?.join("\n") !== expected[table]?.join("\n"),
  );
}
