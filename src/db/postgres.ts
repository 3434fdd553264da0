import type postgres from "postgres";
import { CowriedbError } from "../errors.ts";
import { databaseError } from "./database-error.ts";
import { hearRefusal } from "./refusal.ts";
import { guarded, noLoss, noteLoss, unheardIfLost, untilLost, type Loss } from "./lost-connection.ts";

/**
 * A connection pool to a PostgreSQL store. Once it has lost a connection it is closed as a whole: who wants to go on opens
 * another pool. (A connection that postgres.js 3.4.9 makes anew may keep what it is to send for ever.)
 */
export interface Postgres {
  dialect: "postgres";
  sql: postgres.Sql;
  /** The name of the store as it may be printed. */
  name: string;
  loss: Loss;
  /** Opens another pool like this one, with so many connections where that is said. */
  another(connections?: number): Promise<Postgres>;
}

export type PostgresTransaction = postgres.TransactionSql;
export type PostgresConnection = postgres.Sql | postgres.ReservedSql | PostgresTransaction;

/** How to connect. */
export interface PostgresOptions {
  /** Most connections at once, made when they are needed; 2 by default. */
  connections?: number;
}

/** Whole numbers come as numbers, instants in the 27-character form that SQLite stores, JSON as its text. */
const portableTypes = {
  bigint: { to: 20, from: [20], serialize: String, parse: Number },
  instant: { to: 1184, from: [1184], serialize: String, parse: instantText },
  json: { to: 114, from: [114, 3802], serialize: String, parse: (text: string) => text },
};

/** `2026-01-02 03:04:05.6+00` as `2026-01-02T03:04:05.600000Z`; the connection's zone is UTC. */
export function instantText(text: string): string {
  const [date = "", rest = ""] = text.split(" ", 2);
  const [seconds = "", fraction = ""] = rest.replace(/[+-]\d\d(:?\d\d)?$/, "").split(".", 2);
  return `${date}T${seconds}.${fraction.padEnd(6, "0")}Z`;
}

/**
 * Runs `work` in one transaction on one connection. Where a connection of the pool is lost meanwhile it throws
 * `CONNECTION_CLOSED` at once; the server rolls back what was not committed.
 */
export async function inPostgresTransaction<T>(
  { sql, loss }: Postgres,
  work: (connection: PostgresTransaction) => Promise<T>,
): Promise<T> {
  return untilLost(
    loss,
    async () =>
      (await sql.begin(async (connection) =>
        unheardIfLost(loss, async () => work(guarded(connection, loss))),
      )) as T,
  );
}

/**
 * Runs `COPY … FROM STDIN`: `fill` writes the stream through the function it is given, which resolves once the bytes
 * are on their way and may be overwritten. Gives nothing; throws what the server says.
 */
export async function copyIntoPostgres(
  connection: PostgresConnection,
  text: string,
  fill: (write: (bytes: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
  const query = connection.unsafe(text);
  let fail = (_error: unknown): void => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  hearRefusal(query, fail);
  const stream = await query.writable();
  stream.on("error", fail);
  const step = async (act: (done: (error?: Error | null) => void) => void): Promise<void> =>
    Promise.race([
      failed,
      new Promise<void>((resolve, reject) => {
        // The server's words come as the stream's error; "the stream is destroyed" is only what follows from them.
        act((error) => (error === undefined || error === null ? resolve() : setImmediate(reject, error)));
      }),
    ]);
  try {
    await fill(async (bytes) => step((done) => void stream.write(bytes, done)));
    await step((done) => void stream.end(done));
  } catch (error) {
    stream.destroy(error as Error);
    throw error;
  }
}

/**
 * Opens a pool on `url` and makes one connection to see that it works. Throws the codes of `databaseError`, and
 * `db.wrong_encoding` where the database is not in UTF-8: digests of text and the order of bytes would differ there.
 */
export async function openPostgres(
  url: string,
  shown: string,
  options: PostgresOptions = {},
): Promise<Postgres> {
  const loss = noLoss();
  // Many who work on SQLite alone import this file; the driver brings TLS and more with it.
  const { default: connect } = await import("postgres");
  const sql = connect(url, {
    max: options.connections ?? 2,
    connect_timeout: 10,
    // We pass no arrays; where the connection closes meanwhile, nobody would hear that this question has failed.
    fetch_types: false,
    // A connection that closes is a lost one, so none is closed for its age alone.
    max_lifetime: null,
    onclose: () => {
      noteLoss(loss);
      // The transactions of the other connections are nobody's any more, and must not keep their locks.
      void sql.end({ timeout: 0 });
    },
    onnotice: () => undefined,
    types: portableTypes,
    connection: {
      application_name: "cowriedb",
      search_path: "cowrie, pg_catalog",
      TimeZone: "UTC",
      // Compiling a seal took 2.5 s where running it takes 0.1 s.
      jit: "off",
      // The rows of a batch are kept for a trigger while they are inserted, 13 MB of them; with less they go to a file.
      work_mem: "32MB",
      lock_timeout: 10_000,
      statement_timeout: 3_600_000,
    } as Record<string, string | number>,
  });
  try {
    await sql`select 1`;
  } catch (error) {
    await sql.end({ timeout: 1 }).catch(() => undefined);
    throw databaseError(error, "connect", shown);
  }
  // The server says it with every connection.
  const encoding = sql.parameters["server_encoding"];
  if (encoding !== "UTF8") {
    await sql.end({ timeout: 1 }).catch(() => undefined);
    throw new CowriedbError(
      "db.wrong_encoding",
      `The database ${shown} stores text as ${encoding ?? "unknown"}; a store needs UTF8.`,
      { hint: "Create another: createdb --encoding=UTF8 --template=template0 NAME, then run: cowriedb init" },
    );
  }
  const another = async (connections?: number): Promise<Postgres> =>
    openPostgres(url, shown, connections === undefined ? options : { ...options, connections });
  return { dialect: "postgres", sql, name: shown, loss, another };
}

/** Gives a store whose pool has lost a connection another pool, for all who hold the store. */
export async function renewPool(store: Postgres): Promise<void> {
  if (!store.loss.isLost) return;
  const { sql, loss } = await store.another();
  // Somebody else may have been faster.
  if (store.loss.isLost) Object.assign(store, { sql, loss });
  else await sql.end({ timeout: 5 });
}
