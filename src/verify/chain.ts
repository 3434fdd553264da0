import type { Database } from "../db/database.ts";
import { chainDigest, chainStart } from "../events/digests.ts";
import { runningRecord } from "../events/record-digest.ts";
import {
  verifyGaps,
  verifyLinks,
  verifySourcesAhead,
  verifyStrays,
  verifyUnchained,
  type VerifyLinksRow,
} from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { differs, type Findings } from "./findings.ts";

/** Where the chain ends: what is kept elsewhere, to be held against it later. */
export interface ChainHead {
  position: number;
  batch_id: number;
  /** 64 hexadecimal digits each. */
  chain_digest: string;
  /** The running digest over the record digests up to here. */
  record_chain: string;
  records_read: number;
  events_accepted: number;
}

/** A batch in the chain. */
export interface Link {
  position: number;
  batchId: number;
  /** Whether its digest follows from the one before. */
  isLinked: boolean;
  head: ChainHead;
  chainDigest: Buffer;
  /** Bytes of the log that it stands for. */
  logBytes: number;
}

const pageRows = 500;

/** The end of a chain without batches. */
export const emptyHead: ChainHead = {
  position: 0,
  batch_id: 0,
  chain_digest: chainStart.toString("hex"),
  record_chain: chainStart.toString("hex"),
  records_read: 0,
  events_accepted: 0,
};

/** Walks the chain from its first link, names every one that does not follow, and gives each on. */
export async function* walkChain(database: Database, findings: Findings): AsyncGenerator<Link> {
  let head = emptyHead;
  let expected: Buffer = chainStart;
  for (;;) {
    const rows = await many(database, verifyLinks, { after_position: head.position, row_limit: pageRows });
    for (const row of rows) {
      const position = row.chain_position ?? 0;
      const stored = Buffer.from(row.chain_digest ?? []);
      if (position !== head.position + 1) await nameMissing(database, findings, head, row);
      const digest = Buffer.from(row.batch_digest ?? []);
      const bases = [expected, Buffer.from(head.chain_digest, "hex")];
      const links = bases.map((base) => linkOf(base, row.batch_id, digest));
      // A link that was changed alone leaves the next one true; so each is tried behind what is stored too.
      const isLinked = position !== head.position + 1 || links.some((link) => link?.equals(stored) === true);
      if (!isLinked)
        differs(findings, "ingest_batches", "the digest does not follow from the one before", {
          batch_id: row.batch_id,
          column: "chain_digest",
          stored: stored.toString("hex"),
          expected: links[0]?.toString("hex") ?? null,
        });
      expected = isLinked ? stored : (links[0] ?? stored);
      head = nextHead(head, row, position, stored);
      const logBytes = (row.end_offset ?? row.first_offset) - row.first_offset;
      yield { position, batchId: row.batch_id, isLinked, head, chainDigest: stored, logBytes };
    }
    if (rows.length < pageRows) return;
  }
}

/** The link behind another; undefined where one of both is no digest: then nothing follows. */
function linkOf(base: Buffer, batchId: number, digest: Buffer): Buffer | undefined {
  const size = chainStart.length;
  return base.length === size && digest.length === size ? chainDigest(base, batchId, digest) : undefined;
}

function nextHead(head: ChainHead, row: VerifyLinksRow, position: number, stored: Buffer): ChainHead {
  const before = Buffer.from(head.record_chain, "hex");
  return {
    position,
    batch_id: row.batch_id,
    chain_digest: stored.toString("hex"),
    record_chain: runningRecord(before, Buffer.from(row.record_digest ?? [])).toString("hex"),
    records_read: head.records_read + (row.records_read ?? 0),
    events_accepted: head.events_accepted + (row.events_accepted ?? 0),
  };
}

/** Places of the chain without a batch; where the numbers around leave only one, it is named. */
async function nameMissing(
  database: Database,
  findings: Findings,
  head: ChainHead,
  next: VerifyLinksRow,
): Promise<void> {
  const from = head.position + 1;
  const to = (next.chain_position ?? 0) - 1;
  const gaps = await many(database, verifyGaps, {});
  const isGap = gaps.some(
    ({ after_batch: after, before_batch: before }) =>
      Math.max(0, after) === head.batch_id && before === next.batch_id,
  );
  const isOne = isGap && next.batch_id - head.batch_id === 2 && from === to;
  differs(findings, "ingest_batches", "a batch of the chain is missing", {
    batch_id: isOne ? head.batch_id + 1 : null,
    key: from === to ? `chain position ${from}` : `chain positions ${from} to ${to}`,
  });
}

/** Finds what belongs to no batch of the chain: unsealed batches, rows without a batch, sources read too far. */
export async function proveNothingStrays(database: Database, findings: Findings): Promise<void> {
  for (const { batch_id: batchId } of await many(database, verifyUnchained, {}))
    differs(findings, "ingest_batches", "the batch is not in the chain", {
      batch_id: batchId,
      column: "chain_position",
    });
  for (const gap of await many(database, verifyGaps, {})) {
    for (const { table_name: table, batch_id: batchId } of await many(database, verifyStrays, gap))
      differs(findings, table, "rows of a batch that is not there", { batch_id: batchId });
  }
  for (const source of await many(database, verifySourcesAhead, {}))
    differs(findings, "ingest_batches", "a source was read further than its batches go: one is missing", {
      key: `source ${source.source_id}`,
      column: "end_offset",
      stored: source.end_offset === null ? null : String(source.end_offset),
      expected: String(source.next_offset),
    });
}
