import pg from "pg";
import { databaseError } from "../db/database-error.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { sessionWritesNothing } from "../sql/generated.ts";
import { locks, takeLock } from "../sql/lock.ts";
import { postgresLimits } from "./files/frames.ts";
import { patiently, type Patience, type Session } from "./patience.ts";
import { clientRows } from "./procedures/postgres-rows.ts";

const connectMs = 10_000;

/** Runs `work` on a connection of its own that holds the lock of schema changes. Throws `migrate.locked` and `migrate.pooler`. */
export async function lockedClient<T>(
  url: string,
  shown: string,
  patience: Patience,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = clientOf(url, "cowriedb migrate", connectMs);
  try {
    await client.connect();
    const pid = await pidOf(client);
    if (pid !== (client as unknown as { processID: number }).processID)
      await refusePooler(client, url, shown);
    // Where we are killed in the middle of a long statement, the server ends it, and lets its locks go, within seconds.
    await client.query("set client_connection_check_interval = '2s'").catch(() => undefined);
    await assertLocked(client, shown);
    return await work({ client, pid, url, shown, patience });
  } catch (error) {
    throw (await readOnlyError(client, error, shown)) ?? databaseError(error, "change the schema", shown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Why nothing can be written there, where that is what a server says; a query of verify that writes is another matter. */
async function readOnlyError(
  client: pg.Client,
  error: unknown,
  shown: string,
): Promise<CowriedbError | undefined> {
  const said = error instanceof CowriedbError ? error.cause : error;
  if ((said as { code?: string } | undefined)?.code !== "25006") return undefined;
  const [row] = await clientRows(client, sessionWritesNothing, {}).catch(() => []);
  const why =
    row?.is_standby === true
      ? { message: "it is a standby", hint: "Give --db the address of its primary." }
      : row?.is_default === true
        ? {
            message: "default_transaction_read_only is on there",
            hint: "Connect as a user who may write, or say: alter role … set default_transaction_read_only = off",
          }
        : undefined;
  if (why === undefined) return undefined;
  return new CowriedbError("db.read_only", `Cannot change the schema in ${shown}: ${why.message}.`, {
    hint: why.hint,
    cause: error,
  });
}

/**
 * Runs `work` in one transaction with the time limits of a schema change; takes all back where it throws, and does it again where
 * others held a lock.
 */
export async function clientTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { client } = session;
  return patiently(session, async () => {
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
  });
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

/** Runs `work` on a connection that finds names where its user does, and takes no lock. */
export async function visitingClient<T>(
  url: string,
  shown: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = clientOf(url, "cowriedb migrate", connectMs);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw databaseError(error, "look at the schema", shown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Behind a pooler that gives a connection to another client after each transaction, a lock of the session is anybody's. Such a
 * pooler gives the server process that we have just had to a second client, or gives us another one meanwhile; one that pools
 * sessions does neither.
 */
async function refusePooler(client: pg.Client, url: string, shown: string): Promise<void> {
  const second = clientOf(url, "cowriedb migrate", 3000);
  const pids: (number | undefined)[] = [];
  try {
    pids.push(await pidOf(client));
    await second.connect();
    await second.query("begin");
    pids.push(await pidOf(client));
    const theirs = await pidOf(second);
    await second.query("rollback");
    if (pids[0] === pids[1] && !pids.includes(theirs)) return;
  } catch (error) {
    // A pooler of sessions with no connection left for a second client.
    if (pids.length > 0 && !(error instanceof CowriedbError)) return;
    throw error;
  } finally {
    await second.end().catch(() => undefined);
  }
  throw new CowriedbError(
    "migrate.pooler",
    `${shown} is a pooler that gives each transaction another connection; the lock of a schema change would not hold there.`,
    { hint: "Give --db the server's own address, or a pool in session mode." },
  );
}

function clientOf(url: string, application_name: string, connectionTimeoutMillis: number): pg.Client {
  const client = new pg.Client({ connectionString: url, application_name, connectionTimeoutMillis });
  client.on("error", () => undefined);
  return client;
}

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}
