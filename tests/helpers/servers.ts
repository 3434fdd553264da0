import { existsSync } from "node:fs";
import { join } from "node:path";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { startServer, type Server, type ServerOptions } from "../../src/dev/server.ts";
import { migrateUp } from "../../src/migrate/migrate.ts";
import { postgresChanges } from "../../src/migrate/postgres-engine.ts";
import { onServer, templateName, type Engine } from "./database.ts";

/** The folder with the binaries of a major version of PostgreSQL; undefined where the machine has none. */
export function binariesOf(major: number): string | undefined {
  return [`/usr/lib/postgresql/${major}/bin`, `/usr/pgsql-${major}/bin`].find((path) =>
    existsSync(join(path, "initdb")),
  );
}

/** Makes the migrated database that the stores on a server are copied from. */
export async function makeTemplate(url: string): Promise<void> {
  await onServer(url, async (sql) => sql.unsafe(`create database ${templateName}`));
  const at = new URL(url);
  at.pathname = `/${templateName}`;
  const database = await openDatabase({ dialect: "postgres", url: at.href, shown: at.href });
  await migrateUp(database, postgresChanges(at.href, at.href));
  await closeDatabase(database);
}

/** A server that a test may harm. What it has committed outlives a crash, as it does at an operator's. */
export async function ownServer(
  engine: Engine,
  options: ServerOptions = {},
): Promise<{ server: Server; engine: Engine }> {
  const binaries = binariesOf(Number(engine.name.split(" ")[1]));
  const server = await startServer({
    ...options,
    ...(binaries === undefined ? {} : { binaries }),
    settings: { synchronous_commit: "on", full_page_writes: "on", ...options.settings },
  });
  try {
    await makeTemplate(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { server, engine: { ...engine, url: server.url } };
}

/** Small steps of the log and of the files, so that little room makes a difference. */
export const smallSteps = {
  initdb: ["--wal-segsize=1"],
  settings: { min_wal_size: "2MB", max_wal_size: "4MB", wal_recycle: "off", wal_init_zero: "off" },
};

/** Starts a server again where a full disk has ended it. */
export async function broughtBack(server: Server): Promise<void> {
  let unheard = 0;
  for (let turn = 0; turn < 100 && unheard < 5; turn++) {
    try {
      await onServer(server.url, async (sql) => sql.unsafe("select 1"));
      return;
    } catch (error) {
      // It is still recovering, and says so; or nobody listens, and it is gone.
      if ((error as { code?: string }).code === "ECONNREFUSED") unheard++;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await server.crash();
  await server.restart();
}
