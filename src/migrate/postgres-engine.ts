import { runner } from "node-pg-migrate";
import pg from "pg";
import { databaseError } from "../db/database-error.ts";
import { locks, takeLock } from "../sql/lock.ts";
import { instantText } from "../db/postgres.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import { ledgerBecomeOwner, ledgerCreateSchema } from "../sql/generated.ts";
import type { Query } from "../sql/run.ts";
import type { Change, ChangeRunner } from "./engine.ts";
import { packageFolder, type Migration } from "./files.ts";
import { postgresLimits, storePath } from "./frames.ts";

/** Changes of a PostgreSQL store's schema over a connection of their own. */
export function postgresChanges(url: string, shown: string): ChangeRunner {
  return async (work) =>
    lockedClient(url, shown, async (client) =>
      clientTransaction(client, async () => {
        await client.query(ledgerBecomeOwner.postgres);
        await client.query(ledgerCreateSchema.postgres);
        await client.query(storePath);
        return work(changeOf(client));
      }),
    );
}

/** Runs `work` on a connection of its own that holds the lock of schema changes. */
export async function lockedClient<T>(
  url: string,
  shown: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "cowriedb migrate",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await assertLocked(client, shown);
    return await work(client);
  } catch (error) {
    throw databaseError(error, "change the schema", shown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs `work` in one transaction with the time limits of a schema change; takes all back where it throws. */
export async function clientTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  try {
    await client.query("begin");
    await client.query(postgresLimits);
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function assertLocked(client: pg.Client, shown: string): Promise<void> {
  const holder = await takeLock(
    async (query, parameters) => clientRows(client, query, parameters),
    locks.schema,
  );
  if (holder === undefined) return;
  throw new CowriedbError("migrate.locked", `Another run holds the migration lock of ${shown} (${holder}).`, {
    exitCode: exitCodes.busy,
    hint: "Wait for it, then run the command again.",
  });
}

function changeOf(client: pg.Client): Change {
  return {
    dialect: "postgres",
    execute: async (text) => {
      await client.query(text);
    },
    rows: async <P, R>(query: Query<P, R>, parameters: P) => clientRows(client, query, parameters),
    migrate: (migrations, direction) => runNodePgMigrate(client, migrations, direction),
    // Views compile when they are made; a function's body when it first runs.
    compile: async () => Promise.resolve(),
  };
}

/** The rows of a named query. */
export async function clientRows<P, R>(client: pg.Client, query: Query<P, R>, parameters: P): Promise<R[]> {
  const values = query.parameters.map((name) => (parameters as Record<string, unknown>)[name]);
  const { rows } = await client.query({ text: query.postgres, values, types: textTypes as never });
  return rows as R[];
}

const textTypes = {
  getTypeParser: (oid: number) =>
    oid === 1184
      ? instantText
      : oid === 20
        ? Number
        : (pg.types.getTypeParser(oid) as (text: string) => unknown),
};

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
  await runner({
    dbClient: client,
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
  } as never);
  return durations;
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
    (name: string, text: string) =>
    async (pgm: { noTransaction(): void }): Promise<void> => {
      pgm.noTransaction();
      const began = performance.now();
      await runText(client, name, text);
      durations.set(name, performance.now() - began);
    };
  return migrations.map(({ name, upText, downText }) => ({
    id: `${packageFolder}migrations/postgres/${name}.sql`,
    actions: { up: action(name, upText), down: action(name, downText) },
  }));
}

async function runText(client: pg.Client, name: string, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (cause) {
    throw new CowriedbError("migrate.failed", `Migration ${name} failed: ${messageOf(cause)}.`, {
      hint: "Nothing was changed. Mend the file and run: cowriedb migrate up",
      cause,
    });
  }
}
