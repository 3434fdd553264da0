import type { Database } from "../db/database.ts";
import { auditList } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** One row of the audit log. */
export interface AuditEntry {
  audit_id: number;
  occurred_at: string;
  actor: string;
  database_user: string | null;
  command: string | null;
  table_name: string;
  row_key: string;
  action: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** Which rows to list; empty texts pick all. */
export interface AuditChoice {
  table: string;
  actor: string;
  /** An instant in the form of 27 characters. */
  since: string;
  limit: number;
}

/** Rows of the audit log, newest first. */
export async function auditEntries(database: Database, choice: AuditChoice): Promise<AuditEntry[]> {
  const rows = await many(database, auditList, {
    table_name: choice.table,
    actor: choice.actor,
    since: choice.since,
    row_limit: choice.limit,
  });
  return rows.map((row) => ({
    ...row,
    audit_id: Number(row.audit_id),
    before: objectOf(row.before),
    after: objectOf(row.after),
  }));
}

function objectOf(text: string | null): Record<string, unknown> | null {
  return text === null ? null : (JSON.parse(text) as Record<string, unknown>);
}
