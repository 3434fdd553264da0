import { ledgerManagedObjects, type LedgerManagedObjectsRow } from "../sql/generated.ts";
import { quoted } from "../db/texts.ts";
import type { Change } from "./engine.ts";
import { readProcedures, type Dialect } from "./files.ts";

type Entries = readonly { kind: string; name: string }[];

/**
 * Drops our triggers, views and what else can block the change of a table that it names. They are known by the names of the
 * procedures' files, today's and those of the ledger: what somebody else has made stays.
 */
export async function dropManaged(change: Change, entries: Entries): Promise<void> {
  const objects = await change.rows(ledgerManagedObjects, {});
  for (const text of dropsOf(change.dialect, entries, objects)) await change.execute(text);
}

/** The statements that drop them. */
export function dropsOf(
  dialect: Dialect,
  entries: Entries,
  objects: readonly LedgerManagedObjectsRow[],
): string[] {
  const ours = new Set(
    [...readProcedures(dialect), ...entries.filter(({ kind }) => kind === "procedure")].map(
      ({ name }) => name.split("/")[1] ?? name,
    ),
  );
  const drops: string[] = [];
  for (const object of objects) {
    const base = String(object.name)
      .replace(/^(tr|tg)_/, "")
      .replace(/_instead_of_insert$/, "");
    if (!ours.has(base) && !ours.has(String(object.name))) continue;
    const name = quoted(String(object.name));
    const table = quoted(String(object.table_name));
    const cascade = dialect === "postgres" ? " cascade" : "";
    const on = dialect === "postgres" && object.kind === "trigger" ? ` on ${table}` : "";
    drops.push(`drop ${object.kind} if exists ${name}${on}${cascade}`);
  }
  return drops;
}
