import type { Database } from "../db/database.ts";
import { verifyUndone } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { differs, type Findings } from "./findings.ts";

/** Holds undone batches against the audit log: an undo notes there the mark of a batch and each event that it took away. */
export async function proveUndos(database: Database, findings: Findings): Promise<void> {
  for (const row of await many(database, verifyUndone, {})) {
    const batch_id = row.batch_id;
    if (row.noted_at !== row.undone_at) {
      differs(findings, "ingest_batches", "undone, and the audit log has no such undo", {
        batch_id,
        column: "undone_at",
        stored: row.undone_at,
        expected: row.noted_at,
      });
    } else if (row.noted !== row.events_accepted) {
      differs(findings, "ingest_batches", "undone, and the audit log does not have each of its events", {
        batch_id,
        column: "undone_at",
        stored: String(row.noted),
        expected: String(row.events_accepted),
      });
    }
  }
}
