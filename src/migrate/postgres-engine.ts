import { runner } from "node-pg-migrate";
import type pg from "pg";
import { databaseError, isBusy } from "../db/database-error.ts";
import { CowriedbError, messageOf } from "../errors.ts";
import { ledgerBecomeOwner, ledgerCreateSchema } from "../sql/generated.ts";
import type { Query } from "../sql/run.ts";
import { clientTransaction, lockedClient } from "./connect.ts";
import type { Change, ChangeRunner } from "./procedures/engine.ts";
import { packageFolder, type Migration } from "./files/files.ts";
import { storePath } from "./files/frames.ts";
import { usualPatience, type Patience } from "./patience.ts";
import { runPlaced } from "./files/placed.ts";
import { compileRoutines } from "./procedures/postgres-compile.ts";
import { clientRows } from "./procedures/postgres-rows.ts";

/** Changes of a PostgreSQL store's schema over a connection of their own. */
export function postgresChanges(
  url: string,
  shown: string,
  patience: Patience = usualPatience,
): ChangeRunner {
  return async (work) =>
    lockedClient(url, shown, patience, async (session) =>
      clientTransaction(session, async () => {
        const { client } = session;
        await client.query(ledgerBecomeOwner.postgres);
        await client.query(ledgerCreateSchema.postgres);
        await client.query(storePath);
        return work(changeOf(client));
      }),
    );
}

function changeOf(client: pg.Client): Change {
  return {
    dialect: "postgres",
    execute: async (text) => {
      await client.query(text);
    },
    rows: async <P, R>(query: Query<P, R>, parameters: P) => clientRows(client, query, parameters),
    migrate: (migrations, direction) => runNodePgMigrate(client, migrations, direction),
    // Views compile when they are made.
    compile: async (procedures) => compileRoutines(client, procedures),
  };
}

/**
 * Runs the files through node-pg-migrate on our connection, inside our transaction. The ledger knows what is applied, so
 * its bookkeeping table is a temporary one, filled with what it must take for applied.
 */
async function runNodePgMigrate(
  client: pg.Client,
  migrations: readonly Migration[],
  direction: "up" | "down",
): Promise<Map<string, number>> {
  const durations = new Map<string, number>();
  if (migrations.length === 0) return durations;
  const refused: { first?: unknown } = {};
  await runner({
    dbClient: listening(client, refused),
    dir: `${packageFolder}migrations/postgres`,
    direction,
    count: migrations.length,
    migrationsTable: bookkeepingTable,
    migrationsSchema: await createBookkeeping(client, direction === "down" ? migrations : []),
    checkOrder: false,
    noLock: true,
    singleTransaction: false,
    logger: silent,
    migrationLoaderStrategies: [
      { extensions: [".sql"], loader: async () => Promise.resolve(loaded(client, migrations, durations)) },
    ],
  } as never).catch((error: unknown) => {
    throw error instanceof CowriedbError ? error : (refused.first ?? error);
  });
  return durations;
}

/** The client for node-pg-migrate, which keeps but the text of what befalls its own statements: what came first is noted as it was. */
function listening(client: pg.Client, refused: { first?: unknown }): pg.Client {
  const query = async (...words: [string]): Promise<unknown> => {
    try {
      return await client.query(...words);
    } catch (error) {
      refused.first ??= error;
      throw error;
    }
  };
  return new Proxy(client, {
    get: (target, name) => (name === "query" ? query : (Reflect.get(target, name) as unknown)),
  });
}

const bookkeepingTable = "applied_migrations";
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Makes the runner's table, filled with what is applied; gives its schema, which is this session's temporary one. */
async function createBookkeeping(client: pg.Client, applied: readonly Migration[]): Promise<string> {
  await client.query(
    `create temporary table ${bookkeepingTable} (id serial primary key, name varchar(255) not null, run_on timestamp not null) on commit drop`,
  );
  for (const { name } of applied) {
    await client.query(`insert into pg_temp.${bookkeepingTable} (name, run_on) values ($1, now())`, [name]);
  }
  const { rows } = await client.query<{ schema: string }>(
    "select pg_my_temp_schema()::regnamespace::text as schema",
  );
  return rows[0]?.schema ?? "pg_temp";
}

/** The migrations as the runner wants them; notes how long each takes. */
function loaded(
  client: pg.Client,
  migrations: readonly Migration[],
  durations: Map<string, number>,
): unknown[] {
  const action =
    (name: string, direction: "up" | "down", text: string) =>
    async (pgm: { noTransaction(): void }): Promise<void> => {
      pgm.noTransaction();
      const began = performance.now();
      await runText(client, name, `migrations/postgres/${name}.${direction}.sql`, text);
      durations.set(name, performance.now() - began);
    };
  return migrations.map(({ name, upText, downText }) => ({
    id: `${packageFolder}migrations/postgres/${name}.sql`,
    actions: { up: action(name, "up", upText), down: action(name, "down", downText) },
  }));
}

async function runText(client: pg.Client, name: string, file: string, text: string): Promise<void> {
  try {
    await runPlaced(client, text, { file });
  } catch (cause) {
    if (isBusy(cause)) throw cause;
    const known = databaseError(cause, `run ${name}`, "the store");
    if (known.code !== "db.failed") throw known;
    throw new CowriedbError("migrate.failed", `Migration ${name} failed: ${messageOf(cause)}.`, {
      hint: "Nothing was changed. Mend the file and run: cowriedb migrate up",
      cause,
    });
  }
}
