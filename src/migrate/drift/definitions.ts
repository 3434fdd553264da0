import type { Database } from "../../db/database.ts";
import {
  schemaDefColumns,
  schemaDefConstraints,
  schemaDefGrants,
  schemaDefIndexes,
  schemaDefOthers,
  schemaDefRegistry,
  schemaDefRoutines,
  schemaDefSequences,
  schemaDefSettings,
  schemaDefTables,
  schemaDefTriggers,
  schemaDefTypes,
  schemaDefViews,
  schemaDependencies,
  schemaPlainPath,
  type SchemaDefTablesRow,
} from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import type { Dialect } from "../files/files.ts";

/** One thing that can be said of a part of a schema, and the SQL that makes it so. */
export type Facet = Pick<SchemaDefTablesRow, "facet" | "value" | "put" | "remove" | "part"> & {
  /** It comes with the statement that makes the thing. */
  isMade: boolean;
};

/** A table, a column, an index, a function, a privilege, … */
export interface Thing {
  key: string;
  kind: string;
  /** The table, view or function that it is or belongs to. */
  relation: string;
  /** Empty where it is the relation itself. */
  name: string;
  facets: Map<string, Facet>;
  place: number;
}

/** A schema as the catalogs describe it. */
export interface Model {
  dialect: Dialect;
  things: Map<string, Thing>;
  /** What each thing cannot be without. */
  needs: Map<string, Set<string>>;
}

/** Whose schema is read, and who owns it where the SQL is to be run. */
export interface Reading {
  ofStore: boolean;
  owner: string;
}

const queries = [
  schemaDefTables,
  schemaDefSequences,
  schemaDefTypes,
  schemaDefColumns,
  schemaDefConstraints,
  schemaDefIndexes,
  schemaDefViews,
  schemaDefRoutines,
  schemaDefTriggers,
  schemaDefOthers,
  schemaDefGrants,
  schemaDefSettings,
] as const;

/** Where kinds are read that are no constraints. */
const queryOf: Partial<Record<string, (typeof queries)[number]>> = {
  column: schemaDefColumns,
  index: schemaDefIndexes,
  statistics: schemaDefIndexes,
  view: schemaDefViews,
  "materialized view": schemaDefViews,
  rule: schemaDefViews,
  domain: schemaDefTypes,
  function: schemaDefRoutines,
  procedure: schemaDefRoutines,
  trigger: schemaDefTriggers,
  policy: schemaDefTriggers,
};

/** Reads a schema from the catalogs, in a transaction that only reads. */
export async function readModel(database: Database, { ofStore, owner }: Reading): Promise<Model> {
  await one(database, schemaPlainPath, {});
  const asked = { of_store: ofStore ? 1 : 0, owner };
  const model: Model = { dialect: database.dialect, things: new Map(), needs: new Map() };
  for (const query of queries) addRows(model, await many(database, query, asked));
  const isRegistered = ["event_types", "event_fields"].every((table) =>
    model.things.has(keyOf("table", table, "")),
  );
  if (ofStore && isRegistered) addRows(model, await many(database, schemaDefRegistry, asked));
  for (const row of await many(database, schemaDependencies, asked)) {
    const key = keyOf(row.kind, row.relation, row.name);
    const needed = keyOf(row.needed_kind, row.needed_relation, row.needed_name);
    model.needs.set(key, (model.needs.get(key) ?? new Set()).add(needed));
  }
  return model;
}

/** What the catalogs say of the things of one kind, once `change` has had its way in a transaction of `database`. */
export async function readKind(
  database: Database,
  kind: string,
  { ofStore, owner }: Reading,
  change: () => Promise<void>,
): Promise<ReadonlyMap<string, Thing>> {
  await one(database, schemaPlainPath, {});
  await change();
  const model: Model = { dialect: database.dialect, things: new Map(), needs: new Map() };
  const query = queryOf[kind] ?? schemaDefConstraints;
  addRows(model, await many(database, query, { of_store: ofStore ? 1 : 0, owner }));
  return model.things;
}

/** What names a thing in its schema. */
export function keyOf(kind: string, relation: string, name: string): string {
  return JSON.stringify([kind, relation, name]);
}

function addRows(model: Model, rows: readonly SchemaDefTablesRow[]): void {
  for (const row of rows) {
    const { kind, relation, name, facet, value, put, remove, part, in_create: made, place } = row;
    const key = keyOf(kind, relation, name);
    const thing = model.things.get(key) ?? { key, kind, relation, name, facets: new Map(), place };
    thing.facets.set(facet, { facet, value: String(value), put, remove, part, isMade: Number(made) === 1 });
    model.things.set(key, thing);
  }
}
