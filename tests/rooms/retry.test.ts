import t from "tap";
import { withRetry } from "../../src/ingest/write/writer.ts";

/** How often a transaction is begun that the engine refuses with this code, and what is said then. */
async function triesOf(code: string): Promise<{ tries: number; error: unknown }> {
  let tries = 0;
  const error = await withRetry("a store", () => {
    tries++;
    throw Object.assign(new Error("refused"), { code });
  }).catch((thrown: unknown) => thrown);
  return { tries, error };
}

void t.test("a locked store is asked three times, each of which waits ten seconds", async (t) => {
  t.match(await triesOf("SQLITE_BUSY"), {
    tries: 3,
    error: { code: "db.locked", exitCode: 75, hint: /Wait until it ends, or end it: fuser/ },
  });
});

void t.test("a deadlock is tried five times", async (t) => {
  t.match(await triesOf("40P01"), { tries: 5, error: { code: "db.failed" } });
});

void t.test("a failed write, a failed sync and a full disk are never tried again", async (t) => {
  for (const code of [
    "SQLITE_IOERR_WRITE",
    "SQLITE_IOERR_FSYNC",
    "SQLITE_FULL",
    "53100",
    "CONNECTION_CLOSED",
  ]) {
    t.match(await triesOf(code), { tries: 1 }, code);
  }
});
