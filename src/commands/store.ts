import { targetOf } from "../config.ts";
import { assertCurrent } from "../migrate/migrate.ts";
import { inStore, type Store } from "../migrate/store.ts";
import { yellow } from "../term.ts";
import { say, type CommonOptions } from "./output.ts";

/** A store that is open. */
export type StoreDatabase = Store["database"];

/** Opens the store that the options name, sees that its schema is today's, runs `work` and closes it. */
export async function withStore<T>(
  options: CommonOptions,
  work: (database: StoreDatabase) => Promise<T>,
): Promise<T> {
  return withAnyStore(options, {}, async ({ database }) => {
    await assertCurrent(database);
    return work(database);
  });
}

/** Opens the store without a look at its schema; `word` is the option that names it where that is not --db. */
export async function withAnyStore<T>(
  options: CommonOptions,
  how: { create?: boolean; word?: string },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const tell = (text: string): void => say(options, text);
  return inStore(targetOf(options.db, process.env, how.word), { ...how, tell }, async (store) => {
    const { database } = store;
    if (database.dialect === "sqlite" && database.journal === "delete") {
      say(
        options,
        yellow(
          `${database.name} is on a file system without write-ahead logging; journal_mode is DELETE: readers wait while a batch is written.`,
        ),
      );
    }
    return work(store);
  });
}
