import t from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { CowriedbError } from "../../src/errors.ts";
import { packageFiles, type Dialect, type SchemaFiles } from "../../src/migrate/files/files.ts";
import { migrateUp } from "../../src/migrate/migrate.ts";
import { brokenProcedures, type Broken } from "../helpers/broken-procedures.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { changesFor, schemaListing } from "../helpers/empty.ts";

/** So many must be refused on each engine, all of those that it can have. */
const least = 25;

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const { dialect } = engine;
    const changes = changesFor(store.database, store.target);
    const everything = async (): Promise<unknown> => [
      await schemaListing(store.database),
      await typed(
        store.database,
        "select count(*) as n from schema_ledger where action in ('up', 'apply', 'drop')",
      ),
    ];
    const before = await everything();
    const cases = brokenProcedures.filter(({ texts }) => texts[dialect] !== undefined);
    let refused = 0;

    for (const broken of cases) {
      const files = filesWith(dialect, broken);
      const error = await migrateUp(store.database, changes, undefined, { files }).then(
        () => undefined,
        (cause: unknown) => cause,
      );

      if (!(error instanceof CowriedbError)) {
        t.equal(error, undefined, `${broken.name}: is refused with an error of ours`);
        t.fail(`${broken.name}: was not refused`);
        continue;
      }
      refused++;
      t.match(error.message, broken.says, `${broken.name}: ${error.code} ${error.message}`);
      const text = files.procedures.find(({ name }) => name === broken.file)?.text ?? "";
      if (
        broken.migration !== undefined ||
        broken.file.startsWith("functions/check") ||
        /check_job|event_contributions/.test(broken.file)
      )
        continue;
      t.equal(error.code, broken.code ?? "migrate.does_not_compile", broken.name);
      t.ok(
        error.message.includes(`procedures/${dialect}/${broken.file}.sql`),
        `${broken.name}: ${error.message}`,
      );
      t.match(error.message, /broken/, broken.name);
      if (broken.mark !== undefined) {
        const line = text.slice(0, text.indexOf(broken.mark)).split("\n").length;
        t.ok(
          error.message.includes(`.sql, line ${line}:`),
          `${broken.name}: line ${line} in: ${error.message}`,
        );
      }
    }

    t.equal(refused, cases.length);
    t.ok(refused >= least, `${refused} were refused`);
    t.same(await everything(), before, "nothing was committed");
  });
}

/** The package's files with a broken one among them, or with a migration that breaks others. */
function filesWith(dialect: Dialect, { file, texts, migration }: Broken): SchemaFiles {
  const { migrations, procedures } = packageFiles(dialect);
  const text = texts[dialect] ?? "";
  if (migration === undefined) {
    const added = { name: file, text, digest: hexDigestOf(text) };
    return { migrations, procedures: [...procedures.filter(({ name }) => name !== file), added] };
  }
  const last = {
    ...{ name: "9990_broken", upText: migration, downText: "select 1;", digest: hexDigestOf(migration) },
    ...{ downDigest: "", why: "", locks: "", undo: "" },
  };
  return { migrations: [...migrations, last], procedures };
}
