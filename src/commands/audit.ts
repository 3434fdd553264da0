import { usageError } from "../errors.ts";
import { auditEntries, type AuditEntry } from "../report/audit.ts";
import { cut, table, visible } from "../term.ts";
import { wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";

const usualRows = 50;
const mostRows = 1_000_000;

/** `cowriedb audit list`: who changed what, newest first. */
export async function list(
  options: CommonOptions & { table: string; since: string; actor: string; limit: string },
): Promise<void> {
  const choice = {
    table: options.table,
    actor: options.actor,
    since: instantOf(options.since),
    limit: wholeNumber("--limit", options.limit, usualRows, mostRows),
  };
  await withStore(options, async (database) => {
    const entries = await auditEntries(database, choice);
    answer(options, { entries }, () =>
      entries.length === 0
        ? "The audit log has nothing of that kind."
        : table(entries.map(cellsOf), ["when", "who", "with", "what", "change"]),
    );
  });
}

/** A day as its first instant, an instant as it is; the beginning of time where nothing is given. */
function instantOf(text: string): string {
  if (text === "") return "0001-01-01T00:00:00.000000Z";
  const isGiven = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?Z)?$/.test(text);
  const time = isGiven ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text.slice(0, 10)) {
    throw usageError(
      `--since must be a day or an instant in UTC; got ${JSON.stringify(text)}.`,
      "Write it as 2026-01-05 or 2026-01-05T10:00:00Z.",
    );
  }
  const [day = "", rest = "00:00:00Z"] = text.split("T");
  const [seconds = "", fraction = ""] = rest.slice(0, -1).split(".");
  return `${day}T${seconds}.${fraction.padEnd(6, "0")}Z`;
}

function cellsOf(entry: AuditEntry): string[] {
  const change = [entry.before, entry.after]
    .map((side) => (side === null ? "" : JSON.stringify(side)))
    .filter((side) => side !== "")
    .join(" → ");
  const actor = entry.database_user === null ? entry.actor : `${entry.actor} as ${entry.database_user}`;
  return [
    entry.occurred_at.slice(0, 19).replace("T", " "),
    cut(visible(actor), 40),
    visible(entry.command ?? "-"),
    `${entry.action} ${visible(entry.table_name)} ${cut(visible(entry.row_key), 32)}`,
    cut(visible(change), 100),
  ];
}
