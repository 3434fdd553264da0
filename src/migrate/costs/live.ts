import { hexDigestOf } from "../../checksum.ts";
import type { Database } from "../../db/database.ts";
import { countRows } from "../../db/open-to-read.ts";
import { CowriedbError } from "../../errors.ts";
import { schemaLiveObjects, schemaRelations, type SchemaLiveObjectsRow } from "../../sql/generated.ts";
import { many } from "../../sql/run.ts";

/** What a plan was made from: the files, what the ledger has, and the schema as it is. */
export interface Basis {
  /** Files by name and digest, in order. */
  files: readonly (readonly [name: string, digest: string])[];
  /** What is in force by the ledger. */
  ledger: readonly (readonly [name: string, digest: string])[];
  live: readonly SchemaLiveObjectsRow[];
  /** The migrations that are to be applied. */
  chosen: readonly string[];
}

const idParts = ["the files", "the ledger", "the live schema", "what is to be applied"] as const;

/** The name of a plan: a BLAKE3 digest of each part of its basis, 16 digits each. */
export function planIdOf({ files, ledger, live, chosen }: Basis): string {
  const objects = live.map(({ kind, name, digest }) => [kind, name, digest]);
  return [files, ledger, objects, chosen]
    .map((part) => hexDigestOf(JSON.stringify(part)).slice(0, 16))
    .join("-");
}

/** Throws `migrate.plan_stale` where a plan that was looked at is not the one that would be carried out now. */
export function refuseStale(wanted: string, basis: Basis): void {
  if (wanted === "") return;
  const now = planIdOf(basis);
  if (wanted === now) return;
  const [asked, found] = [wanted.split("-"), now.split("-")];
  const changed = idParts.filter((_part, index) => asked[index] !== found[index]);
  const isOne = asked.length === idParts.length && asked.every((part) => /^[0-9a-f]{16}$/.test(part));
  throw new CowriedbError(
    "migrate.plan_stale",
    isOne
      ? `The plan ${wanted} is not what would be done now: ${changed.join(" and ")} changed since.`
      : `${JSON.stringify(wanted)} is no plan's id.`,
    { hint: "Nothing was changed. Look at the plan as it is now: cowriedb migrate plan" },
  );
}

/** Tables by name with their rows, and indexes with their table. */
export interface Relations {
  /** The live table that a statement means by a name; undefined where there is none yet. */
  tableOf(name: string, isIndex: boolean): string | undefined;
  isView(table: string): boolean;
  /** About how many rows it has. */
  rowsOf(table: string): number;
}

/** The objects of the store, or of all else, from the catalogs alone. */
export async function liveObjects(database: Database, ofStore: boolean): Promise<SchemaLiveObjectsRow[]> {
  return many(database, schemaLiveObjects, { of_store: ofStore ? 1 : 0 });
}

/** Reads which tables there are; an unqualified name is one of `schemas`, the first that has it. */
export async function readRelations(database: Database, schemas: readonly string[]): Promise<Relations> {
  const rows = await many(database, schemaRelations, {});
  // To SQLite the case of a name means nothing.
  const folded = (name: string): string => (database.dialect === "sqlite" ? name.toLowerCase() : name);
  const known = new Map(rows.map((row) => [`${row.kind} ${folded(row.name)}`, row]));
  const counted = new Map<string, number>();
  return {
    tableOf: (name, isIndex) => {
      const names =
        database.dialect === "sqlite" || name.includes(".") ? [name] : schemas.map((s) => `${s}.${name}`);
      const kinds = isIndex ? ["index", "table"] : ["table", "view"];
      for (const kind of kinds) {
        for (const one of names) {
          const row = known.get(`${kind} ${folded(one)}`);
          if (row !== undefined) return row.table_name;
        }
      }
      return undefined;
    },
    isView: (table) => known.has(`view ${folded(table)}`),
    rowsOf: (table) => {
      if (database.dialect === "postgres") return known.get(`table ${folded(table)}`)?.row_count ?? 0;
      const rowCount = counted.get(table) ?? countRows(database, table);
      counted.set(table, rowCount);
      return rowCount;
    },
  };
}
