import { digestOf } from "../../checksum.ts";
import { copyHeader } from "../../db/copy-binary.ts";
import { isOfTheData } from "../../db/database-error.ts";
import { copyIntoPostgres, type Postgres } from "../../db/postgres.ts";
import { inCopy } from "../../db/writing.ts";
import type { Database } from "../../db/database.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { runText } from "../../db/texts.ts";
import { CowriedbError } from "../../errors.ts";
import { hydrateAddChunk, hydrateAddQuarantine, hydrateClearQuarantine } from "../../sql/generated.ts";
import { many, none } from "../../sql/run.ts";
import { placedError } from "./copy-error.ts";
import { encodePart, InexactKey, type Encoded, type Part, type RowSink } from "../rows/encode.ts";
import { keyOf, shownValue, type RefusedRow } from "../rows/refused-row.ts";
import { keepTexts, keptColumns, packTexts, type KeptTexts } from "../rows/kept-texts.ts";
import { nowText } from "../../instant.ts";
import { copyTrailer, sendRows, type SentRow } from "../rows/send-rows.ts";
import { boundsOf, keyText, keyValues, textsOf, type CopiedTable } from "../rows/tables.ts";

/** A part to be copied. */
export interface ChunkTask extends Part {
  last: string;
  hydrationId: number;
  /** What the target has of it; null where it has nothing. */
  known: (Omit<Encoded, "digest"> & { digest: Uint8Array }) | null;
  batchesDigest: Uint8Array | null;
}

/** What has become of a part. */
export interface ChunkOutcome {
  rows: number;
  bytes: number;
  refused: number;
  /** Whether the target had it already as it is. */
  isKept: boolean;
}

/**
 * Copies a part of a table in one transaction, with its row of `hydration_chunks`. A row that a codec refuses is kept in the
 * quarantine; one that only the server refuses is found by halving what it came with.
 */
export async function copyChunk(source: Sqlite, target: Postgres, task: ChunkTask): Promise<ChunkOutcome> {
  try {
    return await copyRead(source, target, task, false);
  } catch (error) {
    if (!(error instanceof InexactKey)) throw error;
    return copyRead(source, target, task, true);
  }
}

async function copyRead(
  source: Sqlite,
  target: Postgres,
  task: ChunkTask,
  isExact: boolean,
): Promise<ChunkOutcome> {
  const { known } = task;
  if (known !== null) {
    const texts: KeptTexts = new Map();
    const sink = { refused: async () => Promise.resolve(), ...textSink(task.table, texts) };
    const now = await encodePart(source, task, sink, isExact);
    if (now.digest.equals(known.digest)) {
      await inCopy(target, async (store) =>
        noteChunk(store, task, { ...known, digest: now.digest, texts: packTexts(texts) }),
      );
      return { ...known, isKept: true };
    }
  }
  try {
    return await copyWith(source, target, task, isExact, copyPages);
  } catch (error) {
    if (!isOfTheData(error)) throw await placedError(error, source, task, isExact, target.name);
    return copyWith(source, target, task, isExact, copyRowByRow);
  }
}

type Copy = (
  source: Sqlite,
  store: Postgres,
  task: ChunkTask,
  isExact: boolean,
  copyText: string,
) => Promise<Copied>;

interface Copied {
  encoded: Encoded;
  refused: RefusedRow[];
  texts: KeptTexts;
}

/** Notes what the JSONB of a table does not tell of its texts; nothing for a table that has none. */
export function textSink(table: CopiedTable, texts: KeptTexts): Pick<RowSink, "seen"> {
  const columns = keptColumns(table);
  if (columns.length === 0) return {};
  return {
    seen: {
      columns,
      take: (row) => {
        keepTexts(texts, table, columns, () => keyText(keyOf(table, row).map(shownValue)), row);
      },
    },
  };
}

async function copyWith(
  source: Sqlite,
  target: Postgres,
  task: ChunkTask,
  isExact: boolean,
  copy: Copy,
): Promise<ChunkOutcome> {
  return inCopy(target, async (store) => {
    const texts = await textsOf(store, task.table, boundsOf(task.after, task.last));
    if (task.known !== null) {
      await runText(store, texts.delete_text, keyValues(task.table, task.after, task.last));
      await none(store, hydrateClearQuarantine, { table_name: task.table.name, last_key: task.last });
    }
    const { encoded, refused, texts: kept } = await copy(source, store, task, isExact, texts.write_text);
    for (const row of refused) await keepOut(store, task, row);
    const rows = encoded.rows + encoded.refused - refused.length;
    const outcome = { ...encoded, rows, refused: refused.length };
    await noteChunk(store, task, { ...outcome, texts: packTexts(kept) });
    return { ...outcome, isKept: false };
  });
}

const copyPages: Copy = async (source, store, task, isExact, copyText) => {
  const refused: RefusedRow[] = [];
  const texts: KeptTexts = new Map();
  let encoded: Encoded | undefined;
  await copyIntoPostgres(store.sql, copyText, async (write) => {
    await write(copyHeader);
    encoded = await encodePart(
      source,
      task,
      {
        page: write,
        refused: async (row) => Promise.resolve(void refused.push(row)),
        ...textSink(task.table, texts),
      },
      isExact,
    );
    await write(copyTrailer);
  });
  return { encoded: encoded as unknown as Encoded, refused, texts };
};

/** Rows that are tried together. */
const groupRows = 256;

const copyRowByRow: Copy = async (source, store, task, isExact, copyText) => {
  const refused: RefusedRow[] = [];
  const texts: KeptTexts = new Map();
  let group: SentRow[] = [];
  const flush = async (): Promise<void> => {
    refused.push(...(await sendRows(store, task.table, copyText, group)));
    group = [];
  };
  const encoded = await encodePart(
    source,
    task,
    {
      row: async (bytes, values) => {
        group.push({ bytes: Buffer.from(bytes), values });
        if (group.length >= groupRows) await flush();
      },
      refused: async (row) => Promise.resolve(void refused.push(row)),
      ...textSink(task.table, texts),
    },
    isExact,
  );
  await flush();
  return { encoded, refused, texts };
};

/** Keeps a row out of the target, as one of the part of a table that ends with `last`. */
export async function keepOut(
  store: Database,
  { hydrationId, table, last }: Pick<ChunkTask, "hydrationId" | "table" | "last">,
  row: RefusedRow,
): Promise<void> {
  await none(store, hydrateAddQuarantine, {
    ...row,
    hydration_id: hydrationId,
    table_name: table.name,
    last_key: last,
    raw_digest: digestOf(row.raw),
    now: nowText(),
  });
}

/** Notes a part as copied, in the transaction that copies it. Throws `hydrate.overtaken`. */
export async function noteChunk(
  store: Database,
  task: Pick<ChunkTask, "hydrationId" | "table" | "after" | "last" | "batchesDigest">,
  encoded: Encoded & { texts: Buffer | null },
): Promise<void> {
  const noted = await many(store, hydrateAddChunk, {
    hydration_id: task.hydrationId,
    table_name: task.table.name,
    last_key: task.last,
    after_key: task.after,
    row_count: encoded.rows,
    byte_count: encoded.bytes,
    quarantined: encoded.refused,
    digest: encoded.digest,
    kept_texts: encoded.texts,
    batches_digest: task.batchesDigest === null ? null : Buffer.from(task.batchesDigest),
    now: nowText(),
  });
  if (noted.length === 0)
    throw new CowriedbError("hydrate.overtaken", `Another run has taken over the copy into ${store.name}.`, {
      hint: "Leave it to the other run; see the table hydrations.",
    });
}
