import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, deflateRawSync, gzipSync } from "node:zlib";
import t from "tap";
import { loadFiles } from "../../src/ingest/loader.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";

const [sqlite = { name: "SQLite", dialect: "sqlite" as const }] = engines();
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** The start of a block of a kind that there is none of. */
const fault = Buffer.from([0x07, 0xff, 0xff]);

function log(sessions: number): Buffer {
  return Buffer.from(
    Array.from({ length: sessions }, (_, index) => sessionLines(sessionId(index + 1))).join(""),
  );
}

function cutGzip(content: Buffer): Buffer {
  return Buffer.concat([header, deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }), fault]);
}

const whole = gzipSync(log(300));
const wrongSum = Buffer.from(whole);
wrongSum.writeUInt32LE(1, wrongSum.length - 8);

for (const [what, content, sessions] of [
  ["a fault behind few bytes", cutGzip(log(2)), 2],
  ["a fault in the middle of a piece", Buffer.concat([cutGzip(log(3_000)), Buffer.alloc(100_000, 7)]), 3_000],
  ["a checksum that is wrong", Buffer.concat([wrongSum, whole]), 300],
] as const) {
  void t.test(`every line before the fault of a gzip is loaded: ${what}`, async (t) => {
    const store = await freshStore(sqlite);
    const folder = mkdtempSync(join(tmpdir(), "cowriedb-damaged-"));
    t.teardown(async () => {
      await store.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    const path = join(folder, "cowrie.json.2026-01-05.gz");
    writeFileSync(path, content);
    const load = () => loadFiles(store.database, [path], { multiLine: false, batchEvents: 1_000 });

    t.match(await load(), {
      events_accepted: sessions * 5,
      records_rejected: 1,
      files: [{ damage: "file:gzip_damaged" }],
    });
    t.match(await load(), { records_read: 0 });
  });
}
