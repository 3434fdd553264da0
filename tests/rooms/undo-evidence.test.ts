import t from "tap";
import { gzipSync } from "node:zlib";
import { mostEvidenceBytes } from "../../src/events/evidence.ts";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { verifyStore } from "../../src/verify/verify.ts";
import { liftGuards } from "../helpers/broken-store.ts";
import { engines, freshStore, type TestStore } from "../helpers/database.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { openPlain } from "../helpers/plain.ts";
import { contentsOf } from "../helpers/undone.ts";

// Evidence that is not what a load wrote: an undo that has to move records says so, and changes nothing.

const shared = sessionLines(sessionId(1));

for (const engine of engines()) {
  void t.test(`an undo of which the audit log lacks an event is told (${engine.name})`, async (t) => {
    const store = await freshStore(engine);
    const plain = openPlain(store);
    t.teardown(async () => {
      await plain.close();
      await store.dispose();
    });
    await loadInProcess(store.database, "a", Buffer.from(shared), [1_000]);
    await undoBatch(store.database, 1, { reload: false });
    const asNoted = await differencesIn(store);
    await liftGuards(plain);
    await plain.run(
      "delete from ~audit_log where audit_id = (select max(audit_id) from ~audit_log where table_name = 'raw_events')",
    );

    t.same(asNoted, []);
    t.match(await differencesIn(store), ["undone, and the audit log does not have each of its events"]);
  });

  void t.test(engine.name, async (t) => {
    const store = await freshStore(engine);
    const plain = openPlain(store);
    t.teardown(async () => {
      await plain.close();
      await store.dispose();
    });
    await loadInProcess(store.database, "a", Buffer.from(shared + sessionLines(sessionId(2))), [1_000]);
    await loadInProcess(store.database, "b", Buffer.from(shared), [1_000]);
    const before = await contentsOf(store.database);
    const [kept] = await plain.rows("select lines from ~batch_evidence where batch_id = 1");
    await liftGuards(plain);

    for (const [name, lines] of [
      ["no gzip", Buffer.from("no gzip")],
      ["half of it", Buffer.from(kept?.["lines"] as Uint8Array).subarray(0, 60)],
      ["records of nothing", gzipSync("")],
      ["other records", gzipSync(sessionLines(sessionId(3)).trim())],
      ["more than a batch has", gzipSync(Buffer.alloc(mostEvidenceBytes + 1, " "))],
    ] as const) {
      await plain.run(
        `update ~batch_evidence set lines = ${plain.bytes(lines.toString("hex"))} where batch_id = 1`,
      );
      await t.rejects(undoBatch(store.database, 1, { reload: false }), { code: "undo.evidence" }, name);
      t.same(await contentsOf(store.database), before, `${name}: nothing was undone`);
    }
  });
}

/** What a verification of the whole store says, sentence by sentence. */
async function differencesIn({ database }: TestStore): Promise<string[]> {
  const { findings } = await verifyStore(database, {
    full: true,
    toolVersion: "test",
    stop: { requested: false },
  });
  return findings.first.map(({ problem }) => problem);
}
