import { statementsOf } from "./statements.ts";

/** What neither writes rows of a table nor changes what a reference says, or what it needs of the table that it is to. */
const leavesReferences =
  /^(?:create (?:unique )?index|create (?:temp |temporary )?(?:view|trigger)|drop (?:view|trigger)|create (?:temp |temporary )?table|alter table \S+ add|select|analyze|reindex|pragma (?!writable_schema))\b/;

/**
 * Whether a text may break a reference between tables of SQLite, which is seen by a look at the rows of all of them alone: it writes
 * or drops rows, or says something of references.
 */
export function touchesReferences(text: string): boolean {
  return statementsOf(text, "sqlite").some(
    ({ words }) => !leavesReferences.test(words) || /^(?:create|alter) .*\breferences\b/.test(words),
  );
}
