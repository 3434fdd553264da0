import { readdirSync, readFileSync } from "node:fs";
import { hexDigestOf } from "../../checksum.ts";
import { inOrder } from "./order.ts";
import { headerOf, migrationNames, packageFolder, type Dialect } from "./names.ts";

export { headerOf, isWorkingCopy, packageFolder, toolVersion, type Dialect } from "./names.ts";

/** A migration: an up and a down file of one base name. */
export interface Migration {
  name: string;
  upText: string;
  downText: string;
  digest: string;
  downDigest: string;
  /** The header's Why. */
  why: string;
  locks: string;
  undo: string;
}

/** A function, procedure, view or trigger: one file, today's whole text. */
export interface Procedure {
  /** Folder and name, as `triggers/raw_events_after_insert`. */
  name: string;
  text: string;
  digest: string;
}

const kinds: Record<Dialect, readonly string[]> = {
  sqlite: ["views", "procedures", "triggers"],
  postgres: ["functions", "procedures", "views", "triggers"],
};

/** The migrations of a dialect in order, read once. Throws `migrate.name` when a file is out of place. */
export const readMigrations = once((dialect): readonly Migration[] => {
  const folder = `${packageFolder}migrations/${dialect}/`;
  return migrationNames(dialect).map((name) => {
    const upText = readFileSync(`${folder}${name}.up.sql`, "utf8");
    const downText = readFileSync(`${folder}${name}.down.sql`, "utf8");
    return {
      name,
      upText,
      downText,
      digest: hexDigestOf(upText),
      downDigest: hexDigestOf(downText),
      // Every command looks at the digests, few at a header: looking for all keys takes as long as all digests.
      get why() {
        return headerOf(upText, "Why");
      },
      get locks() {
        return headerOf(upText, "Locks");
      },
      get undo() {
        return headerOf(upText, "Undo");
      },
    };
  });
});

/** What a schema is made of: the files of a dialect. */
export interface SchemaFiles {
  migrations: readonly Migration[];
  /** In no order that matters. */
  procedures: readonly Procedure[];
}

/** The procedures of a dialect, by kind and name, read once. */
const readProcedureFiles = once((dialect): readonly Procedure[] =>
  kinds[dialect].flatMap((kind) => {
    const folder = `${packageFolder}procedures/${dialect}/${kind}/`;
    return listSql(folder).map((file) => {
      const text = readFileSync(`${folder}${file}`, "utf8");
      return { name: `${kind}/${file.slice(0, -".sql".length)}`, text, digest: hexDigestOf(text) };
    });
  }),
);

/** The same, each behind those it needs. Throws `migrate.needs` on a circle or a missing one. */
export const readProcedures = once((dialect): readonly Procedure[] =>
  inOrder(readProcedureFiles(dialect), dialect),
);

/** The files of the package. */
export function packageFiles(dialect: Dialect): SchemaFiles {
  return { migrations: readMigrations(dialect), procedures: readProcedureFiles(dialect) };
}

/** What a package has does not change while a program runs. */
function once<T>(read: (dialect: Dialect) => T): (dialect: Dialect) => T {
  const known = new Map<Dialect, T>();
  return (dialect) => {
    const found = known.get(dialect) ?? read(dialect);
    known.set(dialect, found);
    return found;
  };
}

/** The verify query of each migration, by the migration's name. */
export function readVerifyQueries(dialect: Dialect): Map<string, string> {
  const folder = `${packageFolder}migrations/verify/${dialect}/`;
  return new Map(
    listSql(folder).map((file) => [file.slice(0, -".sql".length), readFileSync(`${folder}${file}`, "utf8")]),
  );
}

function listSql(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".sql"))
      .sort();
  } catch {
    // A kind that a dialect does not have has no folder.
    return [];
  }
}
