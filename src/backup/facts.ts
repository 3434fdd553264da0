import { hexDigestOf } from "../checksum.ts";
import { rowsOf } from "../db/copy.ts";
import type { Database } from "../db/database.ts";
import { CowriedbError } from "../errors.ts";
import { backupTables, batchesLastLink, ledgerCurrentEntries, ledgerHasLedger } from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";

/** What a store and its copy must agree on. */
export interface Facts {
  /** The last migration. */
  schema_version: string;
  /** BLAKE3 of the names and digests of all migrations and procedures. */
  ledger_digest: string;
  /** Where the chain of batches ends; its digest stands for every accepted record. */
  chain_position: number;
  chain_digest: string;
  /** Rows by table. */
  tables: Record<string, number>;
}

/** Reads the facts of a store. Throws `migrate.no_store` where it is none. */
export async function factsOf(database: Database): Promise<Facts> {
  const { found } = await one(database, ledgerHasLedger, {});
  const entries = Number(found) === 0 ? [] : await many(database, ledgerCurrentEntries, {});
  const migrations = entries.filter(({ kind }) => kind === "migration").map(({ name }) => name);
  if (migrations.length === 0) {
    throw new CowriedbError("migrate.no_store", `${database.name} holds no cowriedb store.`, {
      hint: "Run: cowriedb init",
    });
  }
  const ledger = entries.map(({ kind, name, digest }) => `${kind} ${name} ${digest}`).sort();
  const link = await maybe(database, batchesLastLink, {});
  const tables: Record<string, number> = {};
  for (const { name } of await many(database, backupTables, {}))
    if (name !== null) tables[name] = await rowsOf(database, name);
  return {
    schema_version: migrations.sort().at(-1) ?? "",
    ledger_digest: hexDigestOf(ledger.join("\n")),
    chain_position: link?.chain_position ?? 0,
    chain_digest: link === undefined ? "" : Buffer.from(link.chain_digest ?? []).toString("hex"),
    tables,
  };
}

/** Throws `backup.differs`, naming the first difference, unless a copy has the facts of its source. */
export function assertEqual(source: Facts, copy: Facts, what: string): void {
  const flat = ({ tables, ...rest }: Facts): Map<string, unknown> =>
    new Map<string, unknown>([
      ...Object.entries(rest),
      ...Object.entries(tables).map(([name, rows]): [string, unknown] => [`rows of ${name}`, rows]),
    ]);
  const [wanted, found] = [flat(source), flat(copy)];
  const name = [...new Set([...wanted.keys(), ...found.keys()])].find(
    (key) => wanted.get(key) !== found.get(key),
  );
  if (name === undefined) return;
  throw new CowriedbError(
    "backup.differs",
    `${what} is not equal to its source: ${name} is ${String(found.get(name))} and must be ${String(wanted.get(name))}.`,
    { hint: "Nothing was kept. Check the disk, then run the same command again." },
  );
}
