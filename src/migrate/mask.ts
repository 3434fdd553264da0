import type { SchemaColumnsRow } from "../sql/generated.ts";
import type { Mask } from "./canary.ts";
import type { Facts } from "./facts.ts";
import type { Dialect } from "./names.ts";

const otherEachTime =
  /now|current_|clock_timestamp|statement_timestamp|transaction_timestamp|localtime|random|nextval|uuid/i;

/**
 * Hides what is another value each time that a file is run: what a default makes anew, as the time, a random number or the next
 * number, and every instant since `began`.
 */
export function maskOf(dialect: Dialect, facts: Facts, began: number): Mask {
  const madeAnew = (table: string, column: SchemaColumnsRow): boolean => {
    const known = facts.get(`column ${table.replaceAll('"', "")}.${column.name}`)?.attributes;
    if (known === undefined) return false;
    if (known.has("identity")) return true;
    // The rowid of SQLite.
    if (dialect === "sqlite" && known.get("key") === "1" && column.type === "integer") return true;
    return otherEachTime.test(known.get("default") ?? "");
  };
  return (table, column, value) => {
    if (value === null || value === "NULL") return value;
    return madeAnew(table, column) || isSince(value, began) ? "made anew" : value;
  };
}

/** Whether a literal is an instant since the proof began, as text or as seconds or milliseconds. */
function isSince(value: string, began: number): boolean {
  const text = /^'(.*)'$/.exec(value)?.[1] ?? value;
  const from = began - 2_000;
  const until = Date.now() + 2_000;
  if (/^\d{10,13}(\.\d+)?$/.test(text)) {
    const number = Number(text);
    return [number, number * 1_000].some((ms) => ms >= from && ms <= until);
  }
  if (!/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text)) return false;
  const zoned = /(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) ? text.replace(/([+-]\d\d)$/, "$1:00") : `${text}Z`;
  const at = Date.parse(zoned.replace(" ", "T").replace(/(\.\d{3})\d+/, "$1"));
  return at >= from && at <= until;
}
