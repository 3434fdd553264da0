import { chainDigest, chainStart } from "../../src/events/digests.ts";
import { recordOf, type SealedRow } from "../../src/events/record-digest.ts";
import { verifyBatchRow } from "../../src/sql/generated.ts";
import { one } from "../../src/sql/run.ts";
import { typed, type TestStore } from "./database.ts";
import { openPlain } from "./plain.ts";

/** Writes record and chain digests of all batches anew, as someone would who owns the database and knows the rules. */
export async function rewriteChain(store: TestStore): Promise<void> {
  const plain = openPlain(store, { foreignKeys: false });
  try {
    if (plain.dialect === "postgres") await plain.run("set session_replication_role = replica");
    const batches = await typed(
      store.database,
      "select batch_id from ingest_batches order by chain_position",
    );
    let previous: Uint8Array = chainStart;
    for (const { batch_id: id } of batches) {
      const row = await one(store.database, verifyBatchRow, { batch_id: Number(id) });
      const content = Buffer.from(row.record_parts ?? []).subarray(32);
      const record = recordOf(row as SealedRow, content);
      previous = chainDigest(previous, row.batch_id, row.batch_digest ?? Buffer.alloc(0));
      await plain.run(
        `update ~ingest_batches set record_digest = ${plain.bytes(record.record_digest.toString("hex"))},
         record_parts = ${plain.bytes(record.record_parts.toString("hex"))},
         chain_digest = ${plain.bytes(Buffer.from(previous).toString("hex"))} where batch_id = ${row.batch_id}`,
      );
    }
  } finally {
    await plain.close();
  }
}
