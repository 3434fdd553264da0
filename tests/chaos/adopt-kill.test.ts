import t from "tap";
import { cowriedb, shareOf } from "../helpers/cli.ts";
import { contentsOf, differing } from "../helpers/contents.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import { onceReached, runAndKill } from "../helpers/kill.ts";
import { logLine } from "../helpers/lines.ts";
import { oldDatabase, putLines } from "../helpers/old-system.ts";
import { randomFrom } from "../helpers/random.ts";

const seed = 20_260_106;
const all = engines();
const files = 24;
const rows = 4 * files;
const random = randomFrom(seed);

for (const engine of all) {
  const kills = shareOf(60, engine, all, 2);
  await t.test(
    `an adoption that is killed ${kills} times and run again is one adoption (${engine.name})`,
    async (t) => {
      t.comment(`seed ${seed}`);
      const old = await oldDatabase(t, engine, { version: 17 });
      const session = (number: number): string => `s${String(number % 90).padStart(4, "0")}`;
      await putLines(
        old,
        Array.from({ length: rows }, (_none, number) => ({
          source: `cowrie.json.${number % files}`,
          line:
            number % 50 === 49
              ? "{}"
              : logLine({
                  ...{ eventid: "cowrie.command.input", session: session(number), input: `echo ${number}` },
                  ...{ timestamp: `2026-01-05T10:00:${String(number % 60).padStart(2, "0")}.000000Z` },
                  ...{ src_ip: "8.8.4.4", sensor: "harbour" },
                }),
        })),
      );
      await old.insert(
        "session_summaries",
        Array.from({ length: 80 }, (_none, number) => ({
          ...{
            session_id: session(number),
            event_count: 7,
            snapshot_country: number % 3 === 0 ? "XX" : "NL",
          },
        })),
      );
      await old.insert("ip_inventory", [
        { ip_address: "8.8.4.4", current_asn: 64_500, enrichment_updated_at: "2026-02-01 00:00:00" },
      ]);
      const [killed, whole] = [await freshStore(engine), await freshStore(engine)];
      t.teardown(killed.dispose);
      t.teardown(whole.dispose);
      const words = (store: TestStore): string[] => [
        ...["migrate", "adopt", "--from", old.from, "--db", store.db],
      ];
      let within = 0;
      for (let round = 0; round < kills; round++) {
        const least = Math.floor((files * round) / kills) + random(5);
        const isReached = async (): Promise<boolean> => {
          const [found] = await typed(killed.database, "select count(*) as n from ingest_batches");
          return Number(found?.["n"]) >= least;
        };
        // Who was killed holds the job until it is seen to be dead.
        if (await runAndKill(words(killed), onceReached(isReached), [0])) within++;
      }

      const again = await cowriedb([...words(killed), "--json"]);
      const once = await cowriedb([...words(whole), "--json"]);

      t.equal(again.code, 0, again.stderr);
      t.equal(once.code, 0, once.stderr);
      t.ok(within > 0, `${within} kills fell into the work`);
      t.same(differing(await contentsOf(killed.database), await contentsOf(whole.database)), []);
      t.same(await snapshotsOf(killed), await snapshotsOf(whole));
      const [counted] = await typed(
        killed.database,
        "select count(*) as n, sum(records_read) as records, sum(events_duplicate) as twice from ingest_batches",
      );
      t.same([counted?.["records"], counted?.["twice"], counted?.["n"]].map(Number), [rows, 0, files]);
      const verified = await cowriedb(["verify", "--full", "--db", killed.db]);
      t.equal(verified.code, 0, verified.stdout);
    },
  );
}

async function snapshotsOf(store: TestStore): Promise<string[]> {
  const rows = await typed(
    store.database,
    "select session_id, snapshot_asn, snapshot_country, snapshot_status from session_summaries order by session_id",
  );
  return rows.map((row) => JSON.stringify(row));
}
