import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { contentsOf, differing, type Contents } from "../helpers/contents.ts";
import { isNightly } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { wholeBatches } from "../helpers/faults.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";

const folder = mkdtempSync(join(tmpdir(), "cowriedb-nth-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});
const path = join(folder, "cowrie.json.2026-02-01");
const lines = generatedLines(60, 3, 8);
writeFileSync(path, logOf([...lines, ...lines.slice(0, 5)]));

/** What a batch writes to, and how. */
const writes = [
  ["insert", "sources"],
  ["insert", "ingest_batches"],
  ["insert", "raw_events"],
  ["insert", "duplicate_sightings"],
  ["insert", "batch_evidence"],
  ["insert", "dead_letter_events"],
  ["update", "ingest_batches"],
  ["insert", "session_summaries"],
  ["insert", "command_stats"],
  ["insert", "session_files"],
  ["update", "sources"],
] as const;

for (const [number, engine] of engines().entries()) {
  // In a short run every tenth step fails, on a server every twentieth, from another one on each engine.
  const stride = isNightly ? 1 : engine.dialect === "sqlite" ? 10 : 20;
  await t.test(
    `a load whose n-th write fails leaves a whole store, and the next run ends it (${engine.name})`,
    async (test) => {
      const plain = await freshStore(engine);
      await load(plain.database);
      const expected = await contentsOf(plain.database);
      await plain.dispose();
      let hasFailed = true;
      let failures = 0;
      for (let nth = 1 + (number % stride); hasFailed; nth += stride) {
        hasFailed = await failingAt(test, engine, nth, expected);
        if (hasFailed) failures++;
      }
      test.ok(failures > writes.length / stride, `${failures} steps failed`);
    },
  );
}

async function load(database: Database): Promise<void> {
  await loadFiles(database, [path], { multiLine: false, batchEvents: 5 });
}

/** False where the load has fewer steps than that. */
async function failingAt(test: Test, engine: Engine, nth: number, expected: Contents): Promise<boolean> {
  const store = await freshStore(engine);
  const other = await openDatabase(store.target);
  try {
    // Every other failure takes the connection along, where there is one.
    const ends = engine.dialect === "postgres" && nth % 2 === 0;
    await setTrap(store, nth, ends);
    const failure = await load(store.database).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return false;

    test.match(failure, { code: ends ? "db.connection_lost" : "db.failed" }, `step ${nth}`);
    await wholeBatches(test, other, `when step ${nth} has failed`);
    await removeTrap(other);
    await load(other);
    test.same(differing(await contentsOf(other), expected), [], `tables after step ${nth} has failed`);
    return true;
  } finally {
    await closeDatabase(other);
    await store.dispose();
  }
}

async function setTrap({ database }: TestStore, nth: number, ends: boolean): Promise<void> {
  if (database.dialect === "postgres") {
    // A sequence counts on when its transaction is rolled back.
    await typed(database, "create sequence steps");
    await typed(
      database,
      `create function trap() returns trigger language plpgsql as $$
       begin
         if nextval('steps') = ${nth} then
           ${ends ? "perform pg_terminate_backend(pg_backend_pid());" : "raise exception 'the trap';"}
         end if;
         return null;
       end $$`,
    );
    for (const [act, table] of writes) {
      await typed(
        database,
        `create trigger trap_${act} before ${act} on ${table} for each statement execute function trap()`,
      );
    }
    return;
  }
  await typed(database, `create table steps (passed integer not null)`);
  await typed(database, "insert into steps (passed) values (0)");
  for (const [act, table] of writes) {
    database.handle.exec(
      `create trigger trap_${act}_${table} before ${act} on ${table} begin
         update steps set passed = passed + 1;
         select raise(abort, 'the trap') from steps where passed = ${nth};
       end`,
    );
  }
}

async function removeTrap(database: Database): Promise<void> {
  for (const [act, table] of writes) {
    await typed(
      database,
      database.dialect === "postgres"
        ? `drop trigger trap_${act} on ${table}`
        : `drop trigger trap_${act}_${table}`,
    );
  }
}
