import type pg from "pg";
import { countOf } from "../db/read-only.ts";
import { ledgerPath, limitsAlone, ownPath } from "./frames.ts";
import { type FolderSession, type FolderTransaction } from "./folder-session.ts";
import { clientRows, clientTransaction, lockedClient } from "./postgres-engine.ts";

/**
 * Changes of somebody's own PostgreSQL database over a connection with the search path of its owner; the ledger alone is in
 * the schema cowrie.
 */
export async function inPostgresFolderSession<T>(
  url: string,
  shown: string,
  work: (session: FolderSession) => Promise<T>,
): Promise<T> {
  return lockedClient(url, shown, async (client) =>
    work({
      transaction: async (kind, inside) =>
        clientTransaction(client, async () => {
          if (kind === "read") await client.query("set transaction read only");
          return inside(transactionOn(client));
        }),
      alone: async (text) => {
        await client.query(limitsAlone);
        await client.query(text).catch((error: unknown) => {
          throw placed(error, text);
        });
      },
    }),
  );
}

function transactionOn(client: pg.Client): FolderTransaction {
  return {
    run: async (text) => {
      await client.query(ownPath);
      const results: unknown = await client.query(text).catch((error: unknown) => {
        throw placed(error, text);
      });
      const all = (Array.isArray(results) ? results : [results]) as pg.QueryResult[];
      return all
        .filter(({ command }) => /^(INSERT|UPDATE|DELETE|MERGE)$/.test(command))
        .reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
    },
    count: async (text) => {
      await client.query(ownPath);
      const { rows } = await client.query<{ n: string }>(countOf(text));
      return Number(rows[0]?.n);
    },
    rows: async (query, parameters) => {
      await client.query(ledgerPath);
      return clientRows(client, query, parameters);
    },
  };
}

/** The server's error with the line of the file that it is about. */
function placed(error: unknown, text: string): unknown {
  const position = Number((error as { position?: string }).position);
  if (!(error instanceof Error) || !Number.isSafeInteger(position) || position < 1) return error;
  const before = [...text].slice(0, position - 1).join("");
  error.message += ` (line ${before.split("\n").length})`;
  return error;
}
