import postgres from "postgres";
import type { Test } from "tap";
import { startServer } from "../../src/dev/server.ts";
import type { Engine } from "./database.ts";
import { binariesOf } from "./servers.ts";

/** The four roles of a store, with the user of each that a test logs in as. */
export const members = {
  cowrie_migrator: "migrator_user",
  cowrie_loader: "loader_user",
  cowrie_reporter: "reporter_user",
  cowrie_reconciler: "reconciler_user",
} as const;

export type Role = keyof typeof members;

/** A server of its own, whose roles a test may change, with an empty database that a plain user owns. */
export interface RoleWorld {
  /** The database's URL for a user. */
  as(user: string): string;
  /** Runs a statement as a user. */
  run(user: string, statement: string): Promise<Record<string, unknown>[]>;
  /** The SQLSTATE with which a statement is refused, or `accepted`; what it changed is taken back. */
  outcome(user: string, statement: string): Promise<string>;
}

/** The user who owns the store: no superuser, and none who may make roles. */
export const owner = "store_owner";

/** Starts the server; it ends with the test. */
export async function roleWorld(test: Test, engine: Engine): Promise<RoleWorld> {
  const binaries = binariesOf(Number(engine.name.split(" ")[1]));
  const server = await startServer(binaries === undefined ? {} : { binaries });
  test.teardown(server.stop);
  const as = (user: string): string => {
    const url = new URL(server.url);
    url.username = user;
    url.pathname = user === "" ? url.pathname : "/honeypot";
    return url.href;
  };
  const first = postgres(server.url, { max: 1, onnotice: () => undefined });
  await first.unsafe(`create role ${owner} login`);
  await first.unsafe(`create database honeypot owner ${owner} encoding 'UTF8' template template0`);
  await first.end();
  const pools = new Map<string, postgres.Sql>();
  test.teardown(async () => {
    for (const pool of pools.values()) await pool.end({ timeout: 1 });
  });
  const poolOf = (user: string): postgres.Sql => {
    const known = pools.get(user);
    if (known !== undefined) return known;
    const pool = postgres(as(user), {
      max: 1,
      onnotice: () => undefined,
      connection: { search_path: "cowrie, pg_catalog" },
    });
    pools.set(user, pool);
    return pool;
  };
  return {
    as,
    run: async (user, statement) => [...(await poolOf(user).unsafe(statement))],
    outcome: async (user, statement) => {
      const sql = poolOf(user);
      await sql.unsafe("begin");
      try {
        await sql.unsafe(statement);
        return "accepted";
      } catch (error) {
        return (error as { code: string }).code;
      } finally {
        await sql.unsafe("rollback");
      }
    },
  };
}

/** Makes the roles as a superuser does it, by the words of the runbook, and a user for each. */
export async function makeRoles(world: RoleWorld): Promise<void> {
  for (const [role, user] of Object.entries(members)) {
    await world.run("postgres", `create role ${role} nologin`);
    await world.run("postgres", `create role ${user} login in role ${role}`);
  }
  await world.run("postgres", `grant ${owner} to cowrie_migrator`);
}
