import { ledgerManagedObjects } from "../sql/generated.ts";
import type { Change } from "./engine.ts";
import { readProcedures } from "./files.ts";

/**
 * Drops our triggers, views and what else can block the change of a table that it names. They are known by the names of the
 * procedures' files, today's and those of the ledger: what somebody else has made stays.
 */
export async function dropManaged(
  change: Change,
  entries: readonly { kind: string; name: string }[],
): Promise<void> {
  const ours = new Set(
    [...readProcedures(change.dialect), ...entries.filter(({ kind }) => kind === "procedure")].map(
      ({ name }) => name.split("/")[1] ?? name,
    ),
  );
  for (const object of await change.rows(ledgerManagedObjects, {})) {
    const base = String(object.name)
      .replace(/^(tr|tg)_/, "")
      .replace(/_instead_of_insert$/, "");
    if (!ours.has(base) && !ours.has(String(object.name))) continue;
    const name = `"${String(object.name).replaceAll('"', '""')}"`;
    const table = `"${String(object.table_name).replaceAll('"', '""')}"`;
    const cascade = change.dialect === "postgres" ? " cascade" : "";
    const on = change.dialect === "postgres" && object.kind === "trigger" ? ` on ${table}` : "";
    await change.execute(`drop ${object.kind} if exists ${name}${on}${cascade}`);
  }
}
