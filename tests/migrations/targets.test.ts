import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { folderDown, folderDownPlan, folderUp } from "../../src/migrate/folder/change.ts";
import { folderHeights, readFolderLedger } from "../../src/migrate/folder/folder.ts";
import { readMigrations } from "../../src/migrate/files/files.ts";
import { lastUp } from "../../src/migrate/reach.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, type Engine, type TestStore } from "../helpers/database.ts";
import { schemaListing } from "../helpers/empty.ts";
import { ownFolder, silent, type OwnFolder } from "../helpers/own-folder.ts";
import { randomFrom } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

const names = ["0001_a_create", "0002_b_create", "0003_c_create", "0004_d_create", "0005_e_create"];

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a number, a name, a tag and a count mean the same", async (t) => {
      const theirs = await ownFolder(t, engine, names);
      writeFileSync(join(theirs.dir, "tags.tsv"), "tag\tmigration\tnote\nrelease-1\t0003_c_create\t\n");
      const asked = [
        ["--to", "3"],
        ["--to", "0003"],
        ["--to", "0003_c_create"],
        ["--to", "@release-1"],
      ];
      const first = names.slice(0, 3);

      const plans = [];
      for (const words of [...asked, ["--count", "3"]]) {
        const { plan_id, migrations } = await theirs.documentOf("plan", ...words);
        plans.push([plan_id, (migrations as { name: string }[]).map(({ name }) => name)]);
      }
      const done = await theirs.documentOf("up", "--to", "@release-1", "--plan", String(plans[0]?.[0]));
      const downs = [];
      for (const words of [
        ["--to", "1"],
        ["--to", "0001_a_create"],
        ["--count", "2"],
      ])
        downs.push((await theirs.documentOf("down", "--dry-run", ...words))["migrations"]);
      const back = await theirs.run("down", "--to", "1", "--confirm", "0003_c_create");
      const status = await theirs.run("status");

      t.same(new Set(plans.map((plan) => JSON.stringify(plan))).size, 1, "one plan, one id");
      t.same(plans[0]?.[1], first);
      t.match(done, { schema_version: "0003_c_create" });
      t.same(
        downs,
        downs.map(() => ["0003_c_create", "0002_b_create"]),
      );
      t.equal(back.code, 0, back.stderr);
      t.same(await theirs.applied(), ["0001_a_create"]);
      t.match(status.stdout, /0003_c_create +pending +@release-1/);
    });

    await t.test("any way up and down by targets ends as the straight way there", async (t) => {
      const theirs = await ownFolder(t, engine, names);
      const below = randomFrom(7);
      const heights = new Map<number, string[]>();
      let at = 0;
      for (let step = 0; step < scaled(60); step++) {
        const to = below(names.length + 1);
        await goTo(theirs, at, to, below(2) === 0);
        at = to;
        const listing = await theirs.listing();
        t.same(await theirs.applied(), names.slice(0, at), `step ${step}: at ${at}`);
        t.same(listing, heights.get(at) ?? listing, `step ${step}: the schema at ${at}`);
        heights.set(at, listing);
      }
    });

    await t.test("what cannot be meant together is refused, and changes nothing", async (t) => {
      const theirs = await ownFolder(t, engine, names);
      const refused = [
        ["up", "--to", "2", "--count", "2"],
        ["plan", "--to", "2", "--count", "2"],
        ["up", "--phase", "expand", "--count", "2"],
        ["up", "--phase", "expand", "--to", "2"],
        ["up", "--count", "0"],
        ["up", "--count", "two"],
        ["down", "--to", "1", "--count", "1"],
        ["down", "--all"],
      ];
      const unknown = [
        ["--to", "9"],
        ["--to", "0002_b"],
        ["--to", "@nothing"],
      ];
      writeFileSync(join(theirs.dir, "tags.tsv"), "tag\tmigration\tnote\nv1\t0003_c_create\t\n");

      for (const words of refused) t.equal((await theirs.run(...words)).code, 64, words.join(" "));
      for (const words of unknown) {
        const { stdout } = await theirs.run("up", "--json", ...words);
        t.match(JSON.parse(stdout), {
          error: { code: /^migrate\.(name|tag)$/, hint: /migrate status --dir/ },
        });
      }
      t.match(await theirs.documentOf("up", "--to", "v1"), { error: { hint: "A tag is named as @v1." } });
      t.same(await theirs.applied(), []);
    });

    await t.test("a target on the other side is refused with the command that goes there", async (t) => {
      const theirs = await ownFolder(t, engine, names);
      await theirs.run("up", "--to", "3");

      for (const [verb, other, to] of [
        ["up", "down", "1"],
        ["down", "up", "5"],
        ["up", "down", "0"],
      ] as const) {
        const { stdout } = await theirs.run(verb, "--to", to, "--json");
        const { error } = JSON.parse(stdout) as { error: { code: string; hint: string } };
        const command = /Run: cowriedb (.*)$/.exec(error.hint)?.[1] ?? "";
        const next = await warm(command.split(" "));

        t.equal(error.code, "migrate.wrong_way");
        t.match(command, new RegExp(`^migrate ${other} --dir .* --db .* --to .* --dry-run$`));
        t.equal(next.code, 0, next.stderr);
      }
      const same = await theirs.run("up", "--to", "3");
      const below = await theirs.run("down", "--to", "3");
      t.match(same, { code: 0, stdout: /Nothing is pending up to 0003_c_create/ });
      t.match(below, { code: 0, stdout: /Nothing is to be taken back; ours is at 0003_c_create/ });
      t.same(await theirs.applied(), names.slice(0, 3));
    });

    await t.test("the id of a plan is that of its target", async (t) => {
      const theirs = await ownFolder(t, engine, names);
      const { plan_id: two } = await theirs.documentOf("plan", "--to", "2");

      const all = await theirs.documentOf("up", "--plan", String(two));
      const other = await theirs.documentOf("up", "--plan", String(two), "--count", "3");
      const none = await theirs.applied();
      const done = await theirs.documentOf("up", "--plan", String(two), "--count", "2");

      for (const document of [all, other])
        t.match(document, {
          error: { code: "migrate.plan_stale", message: /done now: what is to be applied changed since/ },
        });
      t.same(none, []);
      t.match(done, { schema_version: "0002_b_create" });
    });

    await t.test("a store goes down several steps and up again, step by step", async (t) => {
      const store = await storeFor(t, engine);
      const own = readMigrations(engine.dialect).map(({ name }) => name);
      const [below = "", lower = "", last = ""] = own.slice(-3);
      const run = async (...words: string[]): ReturnType<typeof warm> =>
        warm(["migrate", ...words, "--db", store.db]);
      const before = await schemaListing(store.database);

      const unsure = await run("down", "--to", below.slice(0, 4), "--confirm", lower);
      const done = await run("down", "--to", below, "--confirm", last);
      const wrong = await run("up", "--to", "1", "--json");
      const one = await run("up", "--count", "1");
      const standing = JSON.parse((await run("status", "--json")).stdout) as { schema_version: string };
      const use = await warm(["status", "--db", store.db]);
      const shown = await run("status");
      const rest = await run("up");

      t.match(unsure, {
        code: 64,
        stderr: new RegExp(
          `2 migrations, from ${last} to ${lower}.*--to ${below.slice(0, 4)} --confirm ${last}`,
          "s",
        ),
      });
      t.match(done, { code: 0, stdout: new RegExp(`the schema is at ${below}`) });
      t.match(JSON.parse(wrong.stdout), {
        error: { code: "migrate.wrong_way", hint: /migrate down .*--to 0001_/ },
      });
      t.match(one, { code: 0, stdout: /1 migration is pending still; the procedures come with the last/ });
      t.equal(standing.schema_version, lower);
      t.match(use, { code: 1, stderr: /cowriedb migrate up/ });
      t.match(shown.stdout, /\d procedures are pending; --verbose lists them\.\nNext: cowriedb migrate plan/);
      t.ok(shown.stdout.split("\n").length < own.length + 8, shown.stdout);
      t.equal(rest.code, 0, rest.stderr);
      t.same(await schemaListing(store.database), before);
    });

    await t.test("to go down so far that nothing is left is --all, however it is said", async (t) => {
      const store = await storeFor(t, engine);
      const last = readMigrations(engine.dialect).at(-1)?.name ?? "";

      for (const words of [
        ["--to", "0"],
        ["--count", "999"],
      ]) {
        const outcome = await warm(["migrate", "down", ...words, "--confirm", last, "--db", store.db]);
        t.match(outcome, { code: 64, stderr: /takes back all \d+ migrations.*All that the store holds/s });
      }
      const status = await warm(["migrate", "status", "--json", "--db", store.db]);
      t.match(JSON.parse(status.stdout), { schema_version: last });
    });
  });
}

/** The way from one height to another, by its number or by the count of steps. */
async function goTo(theirs: OwnFolder, at: number, to: number, isCounted: boolean): Promise<void> {
  const { database, place } = theirs;
  const folder = theirs.folder();
  if (to > at) {
    const reach = isCounted ? { to: "", count: to - at } : { to: String(to), count: undefined };
    const last = lastUp(folderHeights(folder, await readFolderLedger(database)), reach);
    await folderUp(database, place.target, folder, last, silent);
  } else if (to < at) {
    const reach = isCounted ? at - to : { to: String(to), count: undefined };
    await folderDown(database, place.target, folder, await folderDownPlan(database, folder, reach), silent);
  }
}

async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  return store;
}
