import type pg from "pg";
import { dropIndexText } from "../../db/drop-index.ts";
import { countOf } from "../../db/read-only.ts";
import { CowriedbError } from "../../errors.ts";
import { schemaOwnPath, sessionInvalidIndexes } from "../../sql/generated.ts";
import { clientTransaction, lockedClient } from "../connect.ts";
import { faultsOfRoutines, refuseNewFaults, type RoutineFault } from "./compile.ts";
import { type FolderSession, type FolderTransaction } from "./session.ts";
import {
  concurrentIndex,
  ledgerPath,
  limitsAlone,
  ownPath,
  storePath,
  type ConcurrentIndex,
} from "../files/frames.ts";
import { patiently, type Patience, type Session } from "../patience.ts";
import { runPlaced } from "../files/placed.ts";
import { clientRows } from "../procedures/postgres-rows.ts";

/**
 * Changes of somebody's own PostgreSQL database over a connection with the search path of its owner; the ledger alone is in
 * the schema cowrie.
 */
export async function inPostgresFolderSession<T>(
  url: string,
  shown: string,
  patience: Patience,
  work: (session: FolderSession) => Promise<T>,
): Promise<T> {
  return lockedClient(url, shown, patience, async (session) => {
    const { client } = session;
    const { tell } = patience;
    return work({
      transaction: async (kind, inside) =>
        clientTransaction(session, async () => {
          if (kind === "read") await client.query("set transaction read only");
          // What was broken before is not held against a change.
          const faults = kind === "schema" ? await faultsOfRoutines(client) : undefined;
          return inside(transactionOn(client, tell, faults));
        }),
      alone: async (text) => patiently(session, async () => runAlone(session, text)),
    });
  });
}

/** Runs a file outside of any transaction. An index that a run before has left half built is dropped first. */
async function runAlone({ client, shown, patience }: Session, text: string): Promise<void> {
  await client.query(limitsAlone(text));
  const made = concurrentIndex(text);
  for (const index of await invalidIndexes(client, made)) await client.query(dropIndexText(index));
  await runPlaced(client, text, { tell: patience.tell });
  const [left] = await invalidIndexes(client, made);
  if (left === undefined) return;
  throw new CowriedbError("migrate.invalid_index", `The index ${left} in ${shown} is not valid.`, {
    hint: "Nothing was noted. Run the command again: it is dropped and built anew.",
  });
}

/** Those of the name that are not valid, where the statement looks for its table; one of another schema is somebody else's. */
async function invalidIndexes(client: pg.Client, made: ConcurrentIndex | undefined): Promise<string[]> {
  if (made === undefined) return [];
  const { name, schema } = made;
  const [path] = await clientRows(client, schemaOwnPath, {});
  const rows = await clientRows(client, sessionInvalidIndexes, {
    name,
    schemas: schema ?? path?.schemas ?? "",
  });
  return rows.map((row) => row.name);
}

function transactionOn(
  client: pg.Client,
  tell: Patience["tell"],
  faults?: Map<string, RoutineFault>,
): FolderTransaction {
  return {
    run: async (text) => {
      await client.query(ownPath);
      return (await runPlaced(client, text, { tell }))
        .filter(({ command }) => /^(INSERT|UPDATE|DELETE|MERGE)$/.test(command))
        .reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
    },
    hasWritten: async () => {
      const text = "select pg_current_xact_id_if_assigned() is not null as has_written";
      return (await client.query<{ has_written: boolean }>(text)).rows[0]?.has_written === true;
    },
    count: async (text) => {
      await client.query(ownPath);
      const { rows } = await client.query<{ n: string }>(countOf(text));
      return Number(rows[0]?.n);
    },
    table: async (text) => {
      await client.query(ownPath);
      return (await client.query<unknown[]>({ text, rowMode: "array" })).rows;
    },
    compile: async (files) => {
      if (faults !== undefined) refuseNewFaults(faults, await faultsOfRoutines(client), files);
    },
    keep: async (text) => {
      await client.query(storePath);
      await client.query(text);
    },
    rows: async (query, parameters) => {
      await client.query(ledgerPath);
      return clientRows(client, query, parameters);
    },
  };
}
