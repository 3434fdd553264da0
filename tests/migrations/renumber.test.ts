import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import t, { type Test } from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { packageFolder } from "../../src/migrate/files/files.ts";
import {
  carryOutRenumbering,
  planRenumbering,
  renumberingSteps,
  type Numbered,
} from "../../src/migrate/history/renumber.ts";
import { engines, type Engine } from "../helpers/database.ts";
import { ownFolder, writeOwn, type OwnFolder } from "../helpers/own-folder.ts";

const names = ["0001_a_create", "0002_b_create", "0003_c_create", "0004_d_create", "0005_e_create"];

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a late file gets the next number, everywhere it is named, and goes up", async (t) => {
      const theirs = await numbered(t, engine);

      const dry = await theirs.documentOf("renumber", "--dry-run");
      const before = filesOf(theirs.dir);
      const done = await theirs.documentOf("renumber");
      const after = filesOf(theirs.dir);
      const again = await theirs.run("renumber");
      const lint = await theirs.run("lint");
      const plan = await theirs.documentOf("plan", "--to", "@first");
      const up = await theirs.run("up");

      t.same({ ...done, dry_run: true }, dry);
      t.match(done, {
        moves: [{ from: "0002_b_create", to: "0006_b_create" }],
        left: [`${engine.dialect}/0003_c_create.up.sql`],
        overtaken: ["0005_e_create"],
      });
      t.ok(
        [...before.keys()].some((path) => path.includes("0002_b_create")),
        "a dry run changed nothing",
      );
      t.notOk([...after.keys()].some((path) => path.includes("0002_b_create")));
      const naming = [...after].filter(([, text]) => text.includes("0002_b_create")).map(([path]) => path);
      t.same(naming, [`${engine.dialect}/0003_c_create.up.sql`], "only what is applied names it as before");
      t.equal(after.get(`${engine.dialect}/0006_b_create.up.sql`)?.split("\n")[0], "-- 0006_b_create");
      t.match(again.stdout, /Nothing is to be renumbered/);
      t.equal(lint.code, 0, lint.stdout);
      t.match(plan, { migrations: [{ name: "0005_e_create" }, { name: "0006_b_create" }] });
      t.not(plan["predicted_ms"], undefined);
      const cost = (after.get("costs.tsv") ?? "")
        .split("\n")
        .find((line) => line.startsWith(`${engine.dialect}\t0006_b_create`));
      const digest = hexDigestOf(after.get(`${engine.dialect}/0006_b_create.up.sql`) ?? "").slice(0, 16);
      t.ok(cost?.includes(digest), "what was measured is of this text still");
      t.equal(up.code, 0, up.stderr);
    });

    await t.test("two of one number, an applied one, and one that is asked for", async (t) => {
      const theirs = await ownFolder(t, engine, names.slice(0, 2));
      await theirs.run("up");
      theirs.arrives("0002_z_create");
      theirs.arrives("0004_d_create");

      const twice = (await theirs.documentOf("up")) as { error: { code: string; hint: string } };
      const applied = await theirs.documentOf("renumber", "0001");
      const unknown = await theirs.documentOf("renumber", "0009_x");
      const done = await theirs.documentOf("renumber");
      theirs.arrives("0005_x_create");
      const unsure = await theirs.documentOf("renumber");
      const file = join(theirs.dir, engine.dialect, "0005_x_create.up.sql");
      const asked = await theirs.documentOf("renumber", file);
      const up = await theirs.run("up");

      t.match(twice.error, { code: "migrate.name", hint: /migrate renumber --dir / });
      t.match(applied, { error: { code: "migrate.applied" } });
      t.match(unknown, { error: { code: "migrate.name" } });
      t.match(done, { moves: [{ from: "0002_z_create", to: "0005_z_create" }] });
      t.match(unsure, { error: { code: "migrate.name", hint: /renumber --dir .* 0005_z_create/ } });
      t.match(asked, {
        moves: [{ from: "0005_x_create", to: "0006_x_create" }],
        overtaken: ["0005_z_create"],
      });
      t.equal(up.code, 0, up.stderr);
      t.same(await theirs.applied(), [
        ...["0001_a_create", "0002_b_create", "0004_d_create", "0005_z_create", "0006_x_create"],
      ]);
    });

    await t.test("a tag is a line beside the files, stays where it is, and is shown", async (t) => {
      const theirs = await ownFolder(t, engine, names);
      const tag = async (...words: string[]): Promise<Record<string, unknown>> =>
        theirs.documentOf("tag", ...words).catch(() => ({}));

      const last = await tag("release-2", "--note", "the second\tone");
      const first = await tag("release-1", "--at", "2");
      const text = readFileSync(join(theirs.dir, "tags.tsv"), "utf8");
      const moved = await tag("release-1", "--at", "3");
      const odd = await tag("a tag");
      const unknown = await tag("later", "--at", "0042");
      const up = await theirs.documentOf("up", "--to", "@release-1");
      const status = await theirs.documentOf("status");

      t.match(last, { tag: "release-2", migration: "0005_e_create" });
      t.match(first, { tag: "release-1", migration: "0002_b_create" });
      t.equal(
        text,
        "tag\tmigration\tnote\nrelease-2\t0005_e_create\tthe second one\nrelease-1\t0002_b_create\t\n",
      );
      t.match(moved, { error: { code: "migrate.tag", message: /is given: to 0002_b_create/ } });
      t.match(odd, { error: { code: "migrate.tag" } });
      t.match(unknown, { error: { code: "migrate.name" } });
      t.equal(readFileSync(join(theirs.dir, "tags.tsv"), "utf8"), text);
      t.match(up, { schema_version: "0002_b_create" });
      t.same(
        (status["tags"] as { tag: string }[]).map((one) => one.tag),
        ["release-2", "release-1"],
      );
    });
  });
}

void t.test("a run that was killed anywhere goes on and ends as one that was not", (t) => {
  const folders = t.testdir({});
  const inFolder = (name: string): Numbered => {
    const root = join(folders, name, "ours");
    writeFolder(root);
    const applied = ["0001_a_create", "0004_d_create"];
    return { root, shown: "ours", store: "it", applied };
  };
  const straight = inFolder("straight");
  const plan = planRenumbering(straight, []);
  carryOutRenumbering(straight, plan);
  const whole = filesOf(straight.root);
  const count = renumberingSteps(straight, plan).length;

  t.same(plan.moves, [
    { from: "0002_b_create", to: "0006_b_create" },
    { from: "0003_c_create", to: "0007_c_create" },
  ]);
  t.same(planRenumbering(straight, []).moves, [], "twice is as once");
  for (let killed = 0; killed <= count; killed++) {
    const folder = inFolder(`killed-${killed}`);
    for (const step of renumberingSteps(folder, planRenumbering(folder, [])).slice(0, killed)) step();
    carryOutRenumbering(folder, planRenumbering(folder, []));
    t.same(filesOf(folder.root), whole, `behind step ${killed} of ${count}`);
  }
  t.end();
});

void t.test("the files of an installed package are not changed, whoever asks", async (t) => {
  const installed = join(t.testdir({}), "cowriedb");
  // What npm installs; a working copy has its sources too.
  for (const part of ["dist/src", "migrations", "procedures", "package.json"])
    cpSync(join(packageFolder, part), join(installed, part), { recursive: true });
  symlinkSync(join(packageFolder, "node_modules"), join(installed, "node_modules"));
  const before = filesOf(join(installed, "migrations"));
  const db = join(installed, "../store.sqlite");
  const run = async (...words: string[]): Promise<string> => {
    const line = [join(installed, "dist/src/cli.js"), ...words, "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, line).catch(
      (error: unknown) => error as { stdout: string },
    );
    return stdout;
  };

  const tag = await run("migrate", "tag", "release-1", "--at", "0007");
  const named = await run("migrate", "tag", "release-1", "--dir", join(installed, "migrations"));
  const renumber = await run("migrate", "renumber", "0007", "--db", db);

  for (const answer of [tag, named, renumber])
    t.match(JSON.parse(answer), {
      error: { code: "migrate.installed", hint: /Nothing was changed.*--dir FOLDER/ },
    });
  t.match(JSON.parse(renumber), { error: { hint: /migrate up --db .* --out-of-order/ } });
  t.same(filesOf(join(installed, "migrations")), before);
});

/** A folder for both engines, whose tables, notes and files name the second migration. */
function writeFolder(dir: string): void {
  const head = "dialect\tmigration\tdigest\ttable\tlock\twork\tfixed_ms\tper_million_ms\tmeasured";
  const costs: string[] = [];
  for (const dialect of ["postgres", "sqlite"] as const) {
    for (const name of names) writeOwn(dir, dialect, name);
    mkdirSync(join(dir, "verify", dialect), { recursive: true });
    for (const [name, first] of [
      ["0001_a_create", "-- Until: 0002_b_create"],
      ["0002_b_create", "-- 0002_b_create"],
    ] as const)
      writeFileSync(join(dir, "verify", dialect, `${name}.sql`), `${first}\nselect 1 where false\n`);
    const text = readFileSync(join(dir, dialect, "0002_b_create.up.sql"), "utf8");
    const digest = hexDigestOf(text).slice(0, 16);
    costs.push([dialect, "0002_b_create", digest, "-", "-", "catalog", "1", "0", "x"].join("\t"));
  }
  writeFileSync(join(dir, "costs.tsv"), `${[head, ...costs].join("\n")}\n`);
  writeFileSync(join(dir, "tags.tsv"), "tag\tmigration\tnote\nfirst\t0002_b_create\t\n");
  writeFileSync(join(dir, "README.md"), "| `0002_b_create` | b |\n");
}

/** Such a folder, of which 1, 3, which names the second, and 4 are applied; 2 is late, 5 pending. */
async function numbered(t: Test, engine: Engine): Promise<OwnFolder> {
  const theirs = await ownFolder(t, engine, []);
  const { dir } = theirs;
  writeFolder(dir);
  const naming = join(dir, engine.dialect, "0003_c_create.up.sql");
  writeFileSync(naming, `-- Then: 0002_b_create\n${readFileSync(naming, "utf8")}`);
  const aside = join(dir, "../aside");
  cpSync(dir, aside, { recursive: true });
  const late = ["up", "down"].map((way) => join(engine.dialect, `0002_b_create.${way}.sql`));
  late.push(join("verify", engine.dialect, "0002_b_create.sql"));
  for (const file of late) rmSync(join(dir, file));
  await theirs.run("up", "--to", "4");
  for (const file of late) copyFileSync(join(aside, file), join(dir, file));
  return theirs;
}

/** Every file below a folder by its path there. */
function filesOf(dir: string): Map<string, string> {
  return new Map(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(dir.length + 1), readFileSync(path, "utf8")]),
  );
}
