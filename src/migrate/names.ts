import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CowriedbError } from "../errors.ts";

export type Dialect = "sqlite" | "postgres";

/** The folder of the package, which holds migrations/ and procedures/. */
export const packageFolder = fileURLToPath(new URL("../../../", import.meta.url));

/** The package's version. */
export const toolVersion = (
  JSON.parse(readFileSync(`${packageFolder}package.json`, "utf8")) as { version: string }
).version;

const migrationName = /^(\d{4}_[a-z0-9_]+)\.(up|down)\.sql$/;

/** The names of a dialect's migrations in order. Throws `migrate.name` when a file is out of place. */
export function migrationNames(dialect: Dialect): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(`${packageFolder}migrations/${dialect}/`)) {
    const name = migrationName.exec(file)?.[1];
    if (name === undefined) {
      throw new CowriedbError(
        "migrate.name",
        `migrations/${dialect}/${JSON.stringify(file)} is no migration's name.`,
        {
          hint: "Name it NNNN_object_change.up.sql with a .down.sql beside it, or move it away.",
        },
      );
    }
    names.add(name);
  }
  return [...names].sort();
}
