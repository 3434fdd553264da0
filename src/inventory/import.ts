import { targetOf, type Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { OldStore } from "../db/old-tables.ts";
import { inTrial } from "../db/writing.ts";
import { CowriedbError } from "../errors.ts";
import type { Columns } from "./columns.ts";
import type { Given } from "./facts.ts";
import { look, type Input } from "./kind.ts";
import { openMmdb, type Mmdb } from "./mmdb.ts";
import { openOldInventory } from "./old-store.ts";
import { putterOf, type AllChanges, type Putter } from "./put.ts";
import { importMmdb, importOldStore, importText, type Reading } from "./read.ts";
import { isUnreadable, noneRead, refuse, type ReadCounts } from "./refused.ts";
import { seenAddresses, type Seen } from "./seen.ts";
import { textReader, type TextReader } from "./texts.ts";

/** How to import. */
export interface ImportOptions {
  /** Since when the facts hold, whatever the files say. */
  asOf: string | null;
  /** The instant of the run, for facts that say nothing of their time. */
  now: string;
  label: string | null;
  source: string;
  columns: Columns | undefined;
  batchRows: number;
  dryRun: boolean;
  stop: { readonly requested: boolean };
  onProgress?: (progress: ImportProgress) => void;
}

/** How far an import is. */
export interface ImportProgress {
  file: string;
  rowsRead: number;
  rowsPut: number;
}

/** What a file came to. */
export interface FileResult extends ReadCounts, AllChanges {
  path: string;
  /** `csv`, `list`, `ndjson`, `mmdb`, `sqlite` or `postgres`. */
  kind: string;
  /** Ranges and records that cover an address of the store. */
  covered: number;
}

/** What an import came to. */
export interface ImportResult extends AllChanges {
  dry_run: boolean;
  interrupted: boolean;
  files: FileResult[];
}

/** A file that is open, or known to be readable. */
type Opened =
  | { input: Input; is: "text"; reader: TextReader }
  | { input: Input; is: "mmdb"; mmdb: Mmdb }
  | { input: Input; is: "sqlite" | "postgres" };

/**
 * Imports files into the inventory, one after the other, in batches of one transaction each. All are looked at before anything is
 * written. A dry run does the same in one transaction and takes it back.
 *
 * Throws `config.usage` where a file does not say what its columns hold, `inventory.not_found`, `inventory.cannot_read`,
 * `inventory.unknown_kind` and `inventory.damaged` where it cannot be read, `inventory.mostly_refused` where more than half of its
 * rows cannot, and the codes of `databaseError`.
 */
export async function importInventory(
  database: Database,
  paths: readonly string[],
  options: ImportOptions,
): Promise<ImportResult> {
  const opened: Opened[] = [];
  for (const path of paths) opened.push(await open(await look(path), options));
  const work = async (store: Database): Promise<FileResult[]> => {
    const seen = seenAddresses(store);
    const files: FileResult[] = [];
    for (const file of opened) {
      if (options.stop.requested) break;
      files.push(await importFile(store, file, seen, options));
    }
    return files;
  };
  const files = options.dryRun ? await inTrial(database, work) : await work(database);
  const totals = files.reduce(summed, noneChanged());
  return { dry_run: options.dryRun, interrupted: options.stop.requested, ...totals, files };
}

async function open(input: Input, options: ImportOptions): Promise<Opened> {
  if (input.kind === "mmdb") return { input, is: "mmdb", mmdb: openMmdb(input) };
  if (input.kind !== "sqlite" && input.kind !== "postgres")
    return { input, is: "text", reader: textReader(input, options.columns, options.label) };
  await (await openOldInventory(oldTargetOf(input), input.shown)).close();
  return { input, is: input.kind };
}

function oldTargetOf({ kind, path }: Input): Target {
  return kind === "sqlite" ? { dialect: "sqlite", path } : targetOf(path, {});
}

/**
 * Imports what a database of the old system that is open says of addresses, networks and files. What its columns hold is known: rows
 * that are refused are counted, however many there are.
 */
export async function importOld(
  database: Database,
  store: OldStore,
  options: Pick<ImportOptions, "now" | "batchRows" | "dryRun" | "stop" | "onProgress">,
): Promise<FileResult> {
  const given = { asOf: null, otherwise: options.now, label: null, source: "import" };
  const work = async (into: Database): Promise<FileResult> => {
    const counts = noneRead();
    const { putter, reading } = readingOf(into, store.name, counts, options, () => undefined);
    await importOldStore(reading, store, given);
    await putter.flush();
    return { path: store.name, kind: store.dialect, ...counts, covered: 0, ...putter.changes };
  };
  return options.dryRun ? inTrial(database, work) : work(database);
}

async function importFile(
  database: Database,
  file: Opened,
  seen: Seen,
  options: ImportOptions,
): Promise<FileResult> {
  const counts = noneRead();
  const shown = file.input.shown;
  const { putter, reading } = readingOf(database, shown, counts, options, () => {
    if (isUnreadable(counts)) throw mostlyRefused(shown, counts);
  });
  const given: Given = {
    asOf: options.asOf,
    otherwise: file.is === "mmdb" ? file.mmdb.builtAt : options.now,
    label: options.label,
    source: options.source,
  };
  if (file.is === "text") await importText(reading, file.reader, seen, given);
  else if (file.is === "mmdb") await importMmdb(reading, file.mmdb, seen, given);
  else {
    const store = await openOldInventory(oldTargetOf(file.input), file.input.shown);
    try {
      await importOldStore(reading, store, given);
    } finally {
      await store.close();
    }
  }
  reading.assertReadable();
  // What waits when a signal comes is the batch at hand.
  await putter.flush();
  const kind = file.is === "text" ? file.reader.kind : file.is;
  return { path: file.input.shown, kind, ...counts, covered: reading.covered, ...putter.changes };
}

function readingOf(
  database: Database,
  shown: string,
  counts: ReadCounts,
  options: Pick<ImportOptions, "batchRows" | "dryRun" | "stop" | "onProgress">,
  assertReadable: () => void,
): { putter: Putter; reading: Reading } {
  const putter: Putter = putterOf(database, {
    batchRows: options.batchRows,
    isTrial: options.dryRun,
    beforeBatch: assertReadable,
    afterBatch: () => {
      tell();
    },
    onRefused: (line, reason) => {
      refuse(counts, line, reason);
    },
  });
  const tell = (): void => {
    const { addresses, networks, verdicts } = putter.changes;
    const rowsPut = addresses.rows + networks.rows + verdicts.rows;
    options.onProgress?.({ file: shown, rowsRead: counts.rows_read, rowsPut });
  };
  const reading = {
    counts,
    putter,
    covered: 0,
    isStopped: () => options.stop.requested,
    assertReadable,
    tell,
  };
  return { putter, reading };
}

function mostlyRefused(shown: string, { rows_read, rows_refused, refused }: ReadCounts): CowriedbError {
  const [first] = refused;
  const example = first === undefined ? "" : ` Line ${first.line}: ${first.reason}.`;
  return new CowriedbError(
    "inventory.mostly_refused",
    `${rows_refused} of the first ${rows_read} rows of ${shown} cannot be read; no more of it is written.${example}`,
    { hint: "Look at the file; name its columns with --columns where its header does not." },
  );
}

function noneChanged(): AllChanges {
  const none = { rows: 0, added: 0, changed: 0, history: 0 };
  return { addresses: { ...none }, networks: { ...none }, verdicts: { ...none } };
}

function summed(sum: AllChanges, file: AllChanges): AllChanges {
  for (const table of ["addresses", "networks", "verdicts"] as const) {
    for (const name of ["rows", "added", "changed", "history"] as const)
      sum[table][name] += file[table][name];
  }
  return sum;
}
