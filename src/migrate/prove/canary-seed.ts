import { insertText, rowsText, tableText } from "../../db/canary-rows.ts";
import { messageOf } from "../../errors.ts";
import {
  schemaColumns,
  schemaReferences,
  type SchemaColumnsRow,
  type SchemaReferencesRow,
} from "../../sql/generated.ts";
import { chance, valuesOf } from "./canary-values.ts";
import type { Facts } from "./facts.ts";
import type { ProvingGround } from "./proving-ground.ts";

/** So many rows are wanted of each table. */
const wanted = 6;
/** So often a row is tried, and after so many rows that nothing made fit no other is. */
const mostTries = 60;
const mostFailures = 2;

/** A table as far as a row of it must know. */
interface Seeded {
  name: string;
  columns: SchemaColumnsRow[];
  references: SchemaReferencesRow[][];
  /** Definitions of constraints by name. */
  checks: Map<string, string>;
}

/** Rows that are made up for tables as they come. */
export class SeededTables {
  readonly #done = new Set<string>();
  readonly #random = chance(4_711);

  /**
   * Puts rows into every table that is new or has other columns than before, with values that the schema itself suggests: the
   * awkward ones of each type, those that a check names, those of rows that a foreign key wants. Gives the tables that took none.
   */
  async fill(ground: ProvingGround, facts: Facts): Promise<string[]> {
    const empty: string[] = [];
    for (const table of inOrder(await tablesOf(ground, facts))) {
      const form = JSON.stringify([table.name, table.columns]);
      if (this.#done.has(form)) continue;
      this.#done.add(form);
      if ((await seedTable(ground, table, this.#random)) === 0) empty.push(table.name);
    }
    return empty;
  }
}

async function tablesOf(ground: ProvingGround, facts: Facts): Promise<Seeded[]> {
  const columns = await ground.rows(schemaColumns, {});
  const references = await ground.rows(schemaReferences, {});
  return [...new Set(columns.map(({ table_name }) => table_name))].map((name) => {
    const ours = references.filter(({ table_name }) => table_name === name);
    const checks = [...facts.values()].filter(
      (fact) => fact.kind === "constraint" && fact.name.startsWith(`${name.replaceAll('"', "")}.`),
    );
    return {
      name,
      columns: columns.filter(
        ({ table_name, is_generated }) => table_name === name && Number(is_generated) === 0,
      ),
      references: [...new Set(ours.map((one) => one.name))].map((key) =>
        ours.filter((one) => one.name === key),
      ),
      checks: new Map(
        checks.map((fact) => [
          fact.name.slice(name.replaceAll('"', "").length + 1),
          fact.attributes.get("definition") ?? "",
        ]),
      ),
    };
  });
}

/** Parents before those that refer to them; in a circle somebody is first. */
function inOrder(tables: readonly Seeded[]): Seeded[] {
  const done = new Set<Seeded>();
  const visit = (table: Seeded, path: readonly Seeded[]): void => {
    if (done.has(table) || path.includes(table)) return;
    for (const [reference] of table.references) {
      const parent = tables.find(({ name }) => name === reference?.parent_table);
      if (parent !== undefined) visit(parent, [...path, table]);
    }
    done.add(table);
  };
  for (const table of tables) visit(table, []);
  return [...done];
}

type Row = Map<string, string>;

async function seedTable(
  ground: ProvingGround,
  table: Seeded,
  random: (below: number) => number,
): Promise<number> {
  const target = tableText(ground.dialect, table.name);
  const choices = new Map(
    table.columns.map((column) => [
      column.name,
      valuesOf(ground.dialect, column, checksOf(table, column.name)),
    ]),
  );
  const parents = await parentsOf(ground, table);
  let rows = 0;
  for (let failures = 0; rows < wanted && failures < mostFailures;) {
    const row: Row = new Map();
    let anew: readonly string[] = table.columns.map(({ name }) => name);
    let isIn = false;
    for (let tries = 0; !isIn && tries < mostTries; tries++) {
      roll(row, table, choices, parents, anew, random);
      try {
        await ground.run(insertText(target, row));
        isIn = true;
      } catch (error) {
        anew = blamed(table, messageOf(error), random);
      }
    }
    if (isIn) rows++;
    else failures++;
  }
  return rows;
}

function checksOf(table: Seeded, column: string): string[] {
  return [...table.checks.values()].filter((definition) =>
    new RegExp(`\\b${column}\\b`, "i").test(definition),
  );
}

/** The rows that a foreign key may point to, by the key's name. */
async function parentsOf(ground: ProvingGround, table: Seeded): Promise<Map<string, (string | null)[][]>> {
  const found = new Map<string, (string | null)[][]>();
  for (const reference of table.references) {
    const [first] = reference;
    if (first === undefined) continue;
    const columns = reference.map(({ parent_column }) => parent_column);
    const parent = tableText(ground.dialect, first.parent_table);
    found.set(first.name, await ground.table(rowsText(ground.dialect, parent, columns)).catch(() => []));
  }
  return found;
}

/** Chooses values for columns anew; what is left out gets its default. */
function roll(
  row: Row,
  table: Seeded,
  choices: ReadonlyMap<string, string[]>,
  parents: ReadonlyMap<string, (string | null)[][]>,
  anew: readonly string[],
  random: (below: number) => number,
): void {
  for (const column of table.columns.filter(({ name }) => anew.includes(name))) {
    const values = choices.get(column.name) ?? [];
    row.delete(column.name);
    // A key that is given would be given again by what counts the keys.
    if (Number(column.has_default) === 1 && (Number(column.key_position) > 0 || random(3) === 0)) continue;
    if (Number(column.may_be_null) === 1 && random(4) === 0) row.set(column.name, "NULL");
    else row.set(column.name, values[random(values.length)] ?? "NULL");
  }
  for (const reference of table.references) {
    const known = parents.get(reference[0]?.name ?? "") ?? [];
    const parent = known[random(known.length)];
    for (const [at, { column_name }] of reference.entries()) {
      if (!anew.includes(column_name)) continue;
      const column = table.columns.find(({ name }) => name === column_name);
      if (parent !== undefined) row.set(column_name, parent[at] ?? "NULL");
      else if (column !== undefined && Number(column.may_be_null) === 1) row.set(column_name, "NULL");
    }
  }
}

/** The columns that an error is about: those of the constraint that it names, or the one that it names itself; else all. */
function blamed({ columns, checks }: Seeded, message: string, random: (below: number) => number): string[] {
  const all = columns.map(({ name }) => name);
  const named = [...checks].filter(([name]) => name !== "" && message.includes(name));
  const about = named.length === 0 ? message : named.map(([, definition]) => definition).join(" ");
  const found = all.filter((name) => new RegExp(`\\b${name}\\b`, "i").test(about));
  // Sometimes the fault is elsewhere.
  return found.length === 0 || random(6) === 0 ? all : found;
}
