import { join } from "node:path";
import type { Database } from "../../db/database.ts";
import { dropIndexText } from "../../db/drop-index.ts";
import {
  ledgerAddEntry,
  ledgerAddLink,
  ledgerCreateLedger,
  ledgerCreateSchema,
  ledgerEntryCount,
  ledgerSetHead,
  ledgerSetLink,
  sessionInvalidIndexes,
  type LedgerFolderEntriesRow,
} from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { costsOf, readCosts } from "../costs/costs.ts";
import { estimate, type Estimate, type Step } from "../costs/estimate.ts";
import type { Dialect } from "../files/files.ts";
import { groupsOf, pendingOf, readFolderLedger } from "./folder.ts";
import { chainTexts, missingOf, type Missing } from "./ledger.ts";
import type { Folder, FolderMigration } from "../files/folder-files.ts";
import {
  concurrentIndex,
  ledgerPath,
  limitsAlone,
  ownPath,
  settingsBack,
  postgresLimits,
  referencesLook,
  storePath,
} from "../files/frames.ts";
import { isChained, rowsOf } from "../ledger.ts";
import { liveObjects, planIdOf, readRelations, type Basis } from "../costs/live.ts";
import { touchesReferences } from "../files/references.ts";

/** What `migrate up --dir` would do. */
export interface FolderPlan extends Estimate {
  plan_id: string;
  dialect: Dialect;
  migrations: FolderMigration[];
  /** Everything that would be sent and changes something, in order; of batches, one. */
  steps: Step[];
}

/**
 * Plans a change of somebody's own schema; reads the ledger and the catalogs, and writes and locks nothing. A table that is named without
 * its schema is that of the first of `schemas` that has one.
 */
export async function planFolderUp(
  database: Database,
  folder: Folder,
  last: string,
  allowsLate = false,
  schemas: readonly string[] = ["public", "cowrie"],
): Promise<FolderPlan> {
  const { dialect } = database;
  const entries = await readFolderLedger(database);
  const migrations = pendingOf(database, folder, entries, last, allowsLate);
  const halfBuilt = new Map<string, string[]>();
  for (const { name: migration, up } of migrations.filter(({ up }) => up.transactions === "none")) {
    const { name, schema } = concurrentIndex(up.text) ?? { name: "", schema: undefined };
    const places = { name, schemas: schema ?? schemas.join("\n") };
    const rows = await many(database, sessionInvalidIndexes, places);
    halfBuilt.set(
      migration,
      rows.map((row) => row.name),
    );
  }
  const missing = await missingOf(rowsOf(database));
  const old =
    missing.ledger || !missing.chain ? 0 : Number((await one(database, ledgerEntryCount, {})).found);
  const chained = missing.chain || (await isChained(rowsOf(database)));
  const steps =
    migrations.length === 0
      ? []
      : stepsOf(dialect, ledgerSteps(dialect, missing, old), migrations, chained, halfBuilt);
  const relations = await readRelations(database, schemas);
  const costs = readCosts(join(folder.path, "costs.tsv"), dialect);
  const digests = new Map(migrations.map(({ name, up }) => [name, up.digest]));
  const isReadBlocked = database.dialect === "sqlite" && database.journal !== "wal";
  return {
    plan_id: planIdOf(folderBasis(folder, migrations, entries, await liveObjects(database, false))),
    dialect,
    migrations,
    steps,
    ...estimate(dialect, steps, relations, (of) => costsOf(costs, of, digests.get(of) ?? ""), isReadBlocked),
  };
}

/** What the id of a plan of a folder is made of. */
export function folderBasis(
  folder: Folder,
  chosen: readonly FolderMigration[],
  entries: readonly LedgerFolderEntriesRow[],
  live: Basis["live"],
): Basis {
  return {
    files: [
      ["owner", folder.owner],
      ...folder.migrations.map(({ name, up, down }) => [name, up.digest + (down?.digest ?? "")] as const),
    ],
    ledger: entries.map(({ name, digest }) => [name, digest] as const),
    live,
    chosen: chosen.map(({ name }) => name),
  };
}

/** What makes the missing of the ledger; `old` entries get their digests. */
function ledgerSteps(dialect: Dialect, missing: Missing, old: number): Step[] {
  const onPath = (path: string, text: string): Step[] =>
    [...(dialect === "postgres" ? [path] : []), text].map((one) => ({
      ...{ transaction: 1, of: "runner", text: one },
    }));
  const on = (query: Record<Dialect, string>): Step[] => onPath(ledgerPath, query[dialect]);
  const { table, guards } = chainTexts(dialect);
  const steps = [
    ...(missing.ledger ? [...on(ledgerCreateSchema), ...on(ledgerCreateLedger)] : []),
    ...(missing.chain ? onPath(storePath, table) : []),
    ...Array.from({ length: old }, () => on(ledgerSetLink)).flat(),
    ...(missing.chain && !missing.ledger ? on(ledgerSetHead) : []),
    ...(missing.chain ? guards.flatMap((text) => onPath(storePath, text)) : []),
  ];
  if (steps.length === 0) return [];
  const { before, behind } = frameOf(dialect, false);
  return [...before, ...steps, ...behind].map((step) => ({ ...step, transaction: 1 }));
}

/** All that `folderUp` sends and that changes something, in its order, behind what makes the ledger. */
function stepsOf(
  dialect: Dialect,
  before: readonly Step[],
  migrations: readonly FolderMigration[],
  chained: boolean,
  halfBuilt: ReadonlyMap<string, string[]>,
): Step[] {
  let transaction = before.length === 0 ? 0 : 1;
  const framed = (inside: readonly { of: string; text: string }[], frame: Frame): Step[] => {
    transaction++;
    return [...frame.before, ...inside, ...frame.behind].map((step) => ({ transaction, ...step }));
  };
  const said = (text: string): { of: string; text: string } => ({ of: "runner", text });
  const asLedger = dialect === "postgres" ? [said(ledgerPath)] : [];
  const asOwner = dialect === "postgres" ? [said(ownPath)] : [];
  const back = (text: string): { of: string; text: string }[] =>
    dialect === "sqlite" ? settingsBack(text).map(said) : [];
  const note = [
    ...[...asLedger, said((chained ? ledgerAddLink : ledgerAddEntry)[dialect])],
    ...(chained ? [...asLedger, said(ledgerSetHead[dialect])] : []),
  ];
  const steps = [...before];
  for (const group of groupsOf(migrations)) {
    const kind = group[0]?.up.transactions ?? "one";
    const files = group.map(({ name, up }) => ({ of: name, text: up.text }));
    if (kind === "none") {
      const text = files[0]?.text ?? "";
      const drops = (halfBuilt.get(group[0]?.name ?? "") ?? []).map((index) => said(dropIndexText(index)));
      const alone = [
        ...(dialect === "postgres" ? [said(limitsAlone(text))] : []),
        ...drops,
        ...files,
        ...back(text),
      ];
      transaction++;
      steps.push(
        ...alone.map((step) => ({ transaction, ...step })),
        ...framed(note, frameOf(dialect, false)),
      );
      continue;
    }
    const inside = files.flatMap((file) => [...asOwner, file, ...back(file.text), ...note]);
    const isTouched = kind === "one" && files.some(({ text }) => touchesReferences(text));
    steps.push(...framed(inside, frameOf(dialect, kind === "one", isTouched)));
  }
  return steps;
}

interface Frame {
  before: { of: string; text: string }[];
  behind: { of: string; text: string }[];
}

function frameOf(dialect: Dialect, isOfSchema: boolean, isTouched = false): Frame {
  const said = (texts: readonly string[]): Frame["before"] => texts.map((text) => ({ of: "runner", text }));
  if (dialect === "postgres") return { before: said(["begin", postgresLimits]), behind: said(["commit"]) };
  const [off, on] = ["PRAGMA foreign_keys = off", "PRAGMA foreign_keys = on"];
  const look = isTouched ? [referencesLook] : [];
  return {
    before: said([...look, ...(isOfSchema ? [off] : []), "begin immediate"]),
    behind: said([...look, "commit", ...(isOfSchema ? [on] : [])]),
  };
}
