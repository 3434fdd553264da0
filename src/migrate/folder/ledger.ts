import {
  ledgerCreateLedger,
  ledgerCreateSchema,
  ledgerHasLedger,
  ledgerMayChain,
} from "../../sql/generated.ts";
import { packageFiles, type Dialect } from "../files/files.ts";
import { ledgerName, type Folder } from "../files/folder-files.ts";
import type { FolderTransaction } from "./session.ts";
import { chainMigration, isChained, linkOldEntries, setHead, type Rows } from "../ledger.ts";

/** What is missing of the ledger where a folder is all that a database knows. */
export interface Missing {
  /** The ledger itself. */
  ledger: boolean;
  /** Its chain. */
  chain: boolean;
}

/** What is missing of a ledger. The migrations of a store bring its chain, where there is a store. */
export async function missingOf(rows: Rows): Promise<Missing> {
  const found = async (query: typeof ledgerHasLedger): Promise<boolean> =>
    Number((await rows(query, {}))[0]?.found) > 0;
  if (!(await found(ledgerHasLedger))) return { ledger: true, chain: true };
  return { ledger: false, chain: !(await isChained(rows)) && (await found(ledgerMayChain)) };
}

/** The chain's columns and its head, and what guards it: the same that the store's files make. */
export function chainTexts(dialect: Dialect): { table: string; guards: string[] } {
  const { migrations, procedures } = packageFiles(dialect);
  return {
    table: migrations.find(({ name }) => name === chainMigration)?.upText ?? "",
    guards: procedures
      .filter(({ name }) => name.startsWith("triggers/schema_ledger_"))
      .map(({ text }) => text),
  };
}

/** Makes what is missing of the ledger. */
export async function makeLedger(
  transaction: FolderTransaction,
  dialect: Dialect,
  missing: Missing,
  folder: Folder,
): Promise<void> {
  const { rows } = transaction;
  if (missing.ledger) {
    await rows(ledgerCreateSchema, {});
    await rows(ledgerCreateLedger, {});
  }
  if (!missing.chain) return;
  const { table, guards } = chainTexts(dialect);
  await transaction.keep(table);
  const known = folder.migrations.map(({ name, up }) => ({
    name: ledgerName(folder, name),
    digest: up.digest,
    upText: up.text,
  }));
  await linkOldEntries(rows, known);
  if (!missing.ledger) await setHead(rows, true);
  for (const text of guards) await transaction.keep(text);
}
