import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { cowriedb, shareOf } from "../helpers/cli.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { differing } from "../helpers/contents.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { atMs, onceReached, runAndKill } from "../helpers/kill.ts";
import { fence, writePage } from "../helpers/pages.ts";
import { randomNumbers } from "../helpers/random.ts";

const seed = 20_261_123;
const all = engines();
const random = randomNumbers(seed);

for (const engine of all) {
  const kills = shareOf(40, engine, all, 2);
  await t.test(`a runbook that is killed goes on at its step (${engine.name})`, async (t) => {
    t.comment(`seed ${seed}`);
    const log = logOf(generatedLines(3_000, 11, 200));
    t.testdir({ "first.json": "", "second.json": "" });
    const half = log.lastIndexOf(10, log.length / 2) + 1;
    writeFileSync(join(t.testdirName, "first.json"), log.subarray(0, half));
    writeFileSync(join(t.testdirName, "second.json"), log.subarray(half));
    const page = writePage(t, {
      need: "- `$LOGS`: a folder.",
      run: ["first.json", "second.json"]
        .map(
          (name, index) =>
            `${index + 1}. Load.\n${fence("sh", `cowriedb ingest bulk "$LOGS"/${name} --batch-size 100 --db "$DB"`)}`,
        )
        .join("\n"),
      verify: fence("sh", 'cowriedb verify --db "$DB"'),
    });
    let within = 0;
    for (let round = 0; round < kills; round++)
      within += await oneKill(engine, page, t.testdirName, round, log);
    t.comment(`${within} of ${kills} kills fell into a command`);
    t.ok(within > 0, "a kill fell into a command");

    async function oneKill(
      on: Engine,
      path: string,
      folder: string,
      round: number,
      whole: Buffer,
    ): Promise<number> {
      const store = await freshStore(on);
      const other = await freshStore(on);
      try {
        const words = ["runbook", "run", path, "--yes", "--set", `LOGS=${folder}`, "--db", store.db];
        const step = 1 + (round % 2);
        const isAt = onceReached(
          async () =>
            (await typed(store.database, `select 1 from runbook_steps where step_number = ${step}`)).length >
            0,
        );
        await runAndKill(words, async (isOver) => {
          await isAt(isOver);
          await atMs(random() * 700)(isOver);
        });
        const [open] = await typed(
          store.database,
          "select step_number, outcome from runbook_steps where outcome = 'running'",
        );
        const done = await typed(
          store.database,
          "select step_number, attempt from runbook_steps where outcome = 'done'",
        );

        let last = await cowriedb(["runbook", "resume", "1", "--yes", "--db", store.db]);
        // The command that was killed with it may still be at its last batch.
        for (let tries = 0; last.code === 75 && tries < 20; tries++)
          last = await cowriedb(["runbook", "resume", "1", "--yes", "--db", store.db]);

        t.equal(last.code, 0, last.stderr);
        t.match(await typed(store.database, "select state from runbook_runs"), [{ state: "done" }]);
        const twice = await typed(
          store.database,
          "select step_number from runbook_steps where outcome = 'done' group by step_number having count(*) > 1",
        );
        t.same(twice, [], "no step is done twice");
        for (const row of done) {
          const [again] = await typed(
            store.database,
            `select max(attempt) as attempt from runbook_steps where step_number = ${Number(row["step_number"])}`,
          );
          t.equal(
            Number(again?.["attempt"]),
            Number(row["attempt"]),
            "a step that was done was not begun again",
          );
        }
        await loadInProcess(other.database, "log", whole, [100]);
        const [found, expected] = [
          await canonicalTables(store.database),
          await canonicalTables(other.database),
        ];
        t.same(differing(found, expected), [], "the store is as one load makes it");
        return open === undefined ? 0 : 1;
      } finally {
        await store.dispose();
        await other.dispose();
      }
    }
  });
}
