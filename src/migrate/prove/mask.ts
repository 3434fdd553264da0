import type { SchemaColumnsRow } from "../../sql/generated.ts";
import type { Mask } from "./canary.ts";
import type { Facts } from "./facts.ts";
import type { Dialect } from "../files/names.ts";

const otherEachTime =
  /now|current_|clock_timestamp|statement_timestamp|transaction_timestamp|localtime|random|nextval|uuid/i;

/** A UUID, many hexadecimal digits or decimal ones. */
const looksRandom =
  /^(?:'(?:\\x)?|x'|)(?:[0-9a-f]{12,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'?$|^-?\d{12,}$/i;

/**
 * Hides what is another value each time that a file is run: what a default makes anew, as the time, a random number or the next
 * number, every instant since `began`, and, where the file itself makes random values, what looks like one.
 */
export function maskOf(dialect: Dialect, facts: Facts, text: string, began: number): Mask {
  const isRandom = /random|uuid/i.test(text);
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
    const isAnew = madeAnew(table, column) || isSince(value, began) || (isRandom && looksRandom.test(value));
    return isAnew ? "made anew" : value;
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
