import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { openOldStore, type OldStore } from "../db/old-tables.ts";
import { CowriedbError } from "../errors.ts";
import { adoptShape } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { visible } from "../term.ts";

/** What a database of the old system is. */
export interface Shape {
  /** The version that it says it has; null where it says none. */
  schema_version: number | null;
  /** The version that it has by its tables and columns. */
  shape_version: number;
  /** Columns that this version should have and that are not there. */
  lacks: string[];
}

const tableNames = ["raw_events", "session_summaries", "schema_state", "ip_inventory", "files"];
const [oldest, newest] = [5, 17];

/**
 * Opens a database of the old system for reading alone, and says which version of its schema it has. Throws
 * `adopt.unknown_shape` where it is none from v5 to v17, the codes of `openOldStore`, and those of `databaseError`.
 */
export async function openAdopted(
  database: Database,
  target: Target,
): Promise<{ old: OldStore; shape: Shape }> {
  const old = await openOldStore(target, tableNames);
  try {
    return { old, shape: await shapeOf(database, old) };
  } catch (error) {
    await old.close();
    throw error;
  }
}

async function shapeOf(database: Database, old: OldStore): Promise<Shape> {
  const columns = [...old.tables].flatMap(([table, names]) => names.map((name) => `${table}.${name}`));
  const {
    shape_version: shapeVersion,
    missing,
    lacks,
  } = await one(database, adoptShape, { columns: JSON.stringify(columns) });
  if (missing !== "" || shapeVersion === null)
    throw unknownShape(old, `it has no ${missing.split(", ").join(", no ")}`);
  const stamped = await stampedVersion(old);
  if (stamped !== null && !(stamped >= oldest && stamped <= newest))
    throw unknownShape(old, `it says that its schema has version ${stamped}`);
  return {
    schema_version: stamped,
    shape_version: shapeVersion,
    lacks: lacks === "" ? [] : lacks.split(", "),
  };
}

/** The version in `schema_state`; NaN where what stands there is no number. */
async function stampedVersion(old: OldStore): Promise<number | null> {
  const columns = old.tables.get("schema_state");
  if (columns?.includes("key") !== true || !columns.includes("value")) return null;
  for await (const page of old.pages({ table: "schema_state", columns: ["key", "value"] }, 100)) {
    const row = page.find(({ key }) => key === "schema_version");
    if (row !== undefined) return Number(row["value"]);
  }
  return null;
}

function unknownShape(old: OldStore, why: string): CowriedbError {
  return new CowriedbError("adopt.unknown_shape", `${old.name} cannot be adopted: ${visible(why)}.`, {
    hint: `A database of the old system has schema v${oldest} to v${newest}; bring an older one up with its own migrations, and try again. Nothing was written.`,
  });
}
