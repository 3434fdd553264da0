import t from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { targetOf } from "../../src/config.ts";
import { retire } from "../../src/hydrate/cutover-back.ts";
import type { CopiedTable } from "../../src/hydrate/rows/tables.ts";
import { tablesToNote } from "../../src/migrate/place.ts";
import { packageFiles, type SchemaFiles } from "../../src/migrate/files/files.ts";
import { downPlan, migrateUp } from "../../src/migrate/migrate.ts";
import { hydrateColumns } from "../../src/sql/generated.ts";
import { many } from "../../src/sql/run.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { changesFor } from "../helpers/empty.ts";

/** The package's files, with a migration that writes rows and makes a table, and another text of what refuses writers. */
function filesOfTomorrow({ dialect }: Engine): SchemaFiles {
  const { migrations, procedures } = packageFiles(dialect);
  const upText = "update settings set value = value; create table novelties (novelty_id bigint primary key);";
  const added = {
    ...{
      name: "9990_novelties_create",
      upText,
      downText: "drop table novelties;",
      digest: hexDigestOf(upText),
    },
    ...{ downDigest: "", why: "", locks: "", undo: "" },
  };
  const changed = procedures.map((file) => {
    const text = `${file.text}\n-- as of tomorrow\n`;
    return file.name === "functions/refuse_changes" ? { ...file, text, digest: hexDigestOf(text) } : file;
  });
  return { migrations: [...migrations, added], procedures: changed };
}

for (const engine of engines()) {
  await t.test(`the schema of a retired store goes up, and not down (${engine.name})`, async (t) => {
    const { database, db, dispose } = await freshStore(engine);
    t.teardown(dispose);
    const changes = changesFor(database, targetOf(db));
    const copied = tablesToNote(await many(database, hydrateColumns, {})).map(({ name, key }) => ({
      name,
      columns: key.map((column, at) => ({ name: column, expression: column, key: at + 1 })),
    }));
    await retire(database, copied as CopiedTable[], { movedTo: "the other one", actor: "a test" });
    const refusal = /WR056|the store is retired/;
    await t.rejects(typed(database, "update settings set value = value"), refusal);

    await migrateUp(database, changes, undefined, { files: filesOfTomorrow(engine) });

    await t.rejects(typed(database, "update settings set value = value"), refusal, "guarded as before");
    await t.rejects(typed(database, "insert into novelties values (1)"), refusal, "so is what is new");
    if (engine.dialect === "postgres") await t.rejects(typed(database, "truncate novelties"), refusal);
  });

  await t.test(`a store that is half copied, or retired, is not taken down (${engine.name})`, async (t) => {
    const { database, db, dispose } = await freshStore(engine);
    t.teardown(dispose);
    const changes = changesFor(database, targetOf(db));
    for (const state of ["retired", "hydrating"]) {
      await typed(database, `update store_state set state = '${state}'`);
      await t.rejects(downPlan(database, 1), { code: "migrate.not_open" }, state);
    }
    const up = migrateUp(database, changes, undefined, { files: filesOfTomorrow(engine) });
    await t.rejects(up, { code: "migrate.not_open" }, "nor up, while half of it is aside");
    await typed(database, "update store_state set state = 'open'");
    t.equal((await downPlan(database, 1)).length, 1);
  });
}
