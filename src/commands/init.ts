import { migrateUp } from "../migrate/migrate.ts";
import { counted, green } from "../term.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withAnyStore } from "./store.ts";

/** `cowriedb init`: makes the store, sets and reads back its PRAGMAs, applies every migration and procedure. */
export async function init(options: CommonOptions): Promise<void> {
  await withAnyStore(options, { create: true }, async ({ database, changes }) => {
    const result = await migrateUp(database, changes);
    const document = { store: database.name, dialect: database.dialect, ...result };
    answer(options, document, () =>
      result.migrations.length === 0 && result.procedures === 0
        ? `${database.name} is a store already, at ${result.schema_version ?? ""}. Nothing was changed.`
        : `${green("✔")} ${database.name} is ready: ${counted(result.migrations.length, "migration")}, ${counted(result.procedures, "procedure")}, at ${result.schema_version ?? ""}.\nNext: cowriedb ingest bulk PATH… --db ${database.name}`,
    );
  });
}
