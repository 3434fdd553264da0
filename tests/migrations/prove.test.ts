import t from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import type { Folder, Script } from "../../src/migrate/folder-files.ts";
import { proveFolder, type Proven } from "../../src/migrate/prove-run.ts";
import { isMetInShort } from "../helpers/cli.ts";
import { engines, type Engine } from "../helpers/database.ts";
import { base, wrongDowns, type WrongDown } from "../helpers/wrong-downs.ts";

const onwards = { requested: false };

const baseDown = {
  sqlite: "drop view new_orders; drop table tags; drop table orders; drop table customers;",
  postgres:
    "drop materialized view counts; drop view new_orders; drop table tags, orders, customers; drop function note_gone, twice; drop type mood; drop domain share;",
};

for (const [place, engine] of engines().entries()) {
  const cases = wrongDowns(engine.dialect);
  // A database of its own for each case takes a server a second: in the short run it makes some of them.
  const met = isMetInShort(engine) ? cases : cases.filter((_case, index) => index % 12 === place);
  void t.test(`${engine.name}: wrong down files are caught`, async (t) => {
    t.ok(cases.length >= 40, `${cases.length} cases`);
    const missed: string[] = [];
    for (const one of met) {
      const { migrations } = await proved(engine, [one]);
      const told = migrations[1]?.differences.join("\n") ?? "";
      if (!one.says.test(told)) missed.push(`${one.name}: ${told === "" ? "nothing was said" : told}`);
      if (migrations[0]?.outcome !== "proved")
        missed.push(`${one.name}: the base is ${JSON.stringify(migrations[0])}`);
    }
    t.same(missed, [], `${met.length} of ${cases.length} down files`);
  });
}

/** Proves a folder with the base and these behind it. */
async function proved(
  engine: Engine,
  cases: readonly (Omit<WrongDown, "says"> & { verify?: string })[],
): Promise<Proven> {
  const folder: Folder = {
    ...{ owner: "theirs", path: "", shown: "theirs" },
    migrations: [{ name: "base", up: base[engine.dialect], down: baseDown[engine.dialect] }, ...cases].map(
      ({ name, up, down, ...rest }, at) => ({
        name: `000${at + 1}_${name.replaceAll(/\W+/g, "_")}`,
        up: scriptOf(up),
        down: down === undefined ? undefined : scriptOf(down),
        verify: (rest as { verify?: string }).verify,
      }),
    ),
  };
  const target =
    engine.url === undefined
      ? { dialect: "sqlite" as const, path: "none" }
      : { dialect: "postgres" as const, url: engine.url, shown: engine.url };
  return proveFolder({ target, shadow: "", stop: onwards }, folder, "", {
    stop: onwards,
    onBatch: () => undefined,
  });
}

function scriptOf(text: string): Script {
  return { text, digest: hexDigestOf(text), transactions: "one", whileQuery: "" };
}
