import t from "tap";
import { cowriedb, shareOf } from "../helpers/cli.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { fileOf, inventoryOf, logOf } from "../helpers/imports.ts";
import { onceReached, runAndKill } from "../helpers/kill.ts";
import { loadContents } from "../helpers/load.ts";
import { randomFrom } from "../helpers/random.ts";

const seed = 20_260_105;
const all = engines();
const rows = 400;
const random = randomFrom(seed);

for (const engine of all) {
  const kills = shareOf(100, engine, all, 3);
  await t.test(
    `an import that is killed ${kills} times and run again is one import (${engine.name})`,
    async (t) => {
      t.comment(`seed ${seed}`);
      const addresses = Array.from(
        { length: rows },
        (_, number) => `198.51.${100 + (number >> 8)}.${number & 255}`,
      );
      const single = addresses.map(
        (address, number) => `${address},AS${64_500 + (number % 50)},Name ${number % 50},NL`,
      );
      const files = [
        fileOf(t, "facts.csv", ["ip,asn,org,country", ...single].join("\n")),
        fileOf(t, "ranges.csv", "198.51.100.0,198.51.100.99,DE\n198.51.100.50,198.51.101.255,FR\n"),
      ];
      const words = (db: string): string[] => [
        ...["inventory", "import", ...files, "--db", db, "--as-of", "2026-01-05", "--batch-size", "10"],
      ];
      const stores = [await freshStore(engine), await freshStore(engine)] as const;
      for (const store of stores) {
        t.teardown(store.dispose);
        await loadContents(store.database, [
          { name: "cowrie.json", content: logOf(addresses.slice(0, 200)) },
        ]);
      }
      const [killed, whole] = stores;
      let within = 0;
      for (let round = 0; round < kills; round++) {
        const least = Math.min(rows - 10, Math.floor((rows * round) / kills) + random(20));
        const isReached = async (): Promise<boolean> => {
          const [found] = await typed(killed.database, "select count(*) as n from ip_inventory");
          return Number(found?.["n"]) >= least;
        };
        if (await runAndKill(words(killed.db), onceReached(isReached))) within++;
      }

      const again = await cowriedb([...words(killed.db), "--json"]);
      const once = await cowriedb([...words(whole.db), "--json"]);

      t.equal(again.code, 0, again.stderr);
      t.equal(once.code, 0, once.stderr);
      t.ok(within > 0, `${within} kills fell into the work`);
      t.same(await inventoryOf(killed.database), await inventoryOf(whole.database));
    },
  );
}
