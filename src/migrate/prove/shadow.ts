import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { targetOf, type Target } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import { execute } from "../../db/execute.ts";
import { openDatabase, whileOpen } from "../../db/open.ts";
import { CowriedbError, exitCodes, messageOf, usageError, type ExitCode } from "../../errors.ts";
import {
  schemaCreateShadow,
  schemaDropShadow,
  schemaEngineVersion,
  schemaForeignObjects,
  schemaStaleShadows,
} from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";
import { visible } from "../../term.ts";

/** A database that is thrown away: empty at first, of the same engine as the one that it stands for. */
export interface Shadow {
  target: Target;
  /** Lets a signal be heard; throws `migrate.stopped` where one came. To be called between two steps of the work. */
  turn(): Promise<void>;
}

/** Whether somebody has asked for an end. */
export interface Stop {
  readonly requested: boolean;
  readonly exitCode?: ExitCode;
}

const prefix = "cowriedb_shadow_";

/**
 * Runs `work` on a throw-away database of the engine of `of` and drops it at the end, however that comes: a file in the folder for
 * temporary files, or a database of its own on the same server. Where this user may not make one, `given` names an empty one, which
 * is empty again at the end. Throws `migrate.no_shadow`, `migrate.shadow_not_empty` and `migrate.stopped`.
 */
export async function inShadow<T>(
  of: Target,
  given: string,
  stop: Stop,
  work: (shadow: Shadow) => Promise<T>,
): Promise<T> {
  const turn = async (): Promise<void> => {
    await nextTurn();
    if (!stop.requested) return;
    throw new CowriedbError("migrate.stopped", "It was asked to stop; the throw-away database is dropped.", {
      exitCode: stop.exitCode ?? exitCodes.interrupted,
      hint: "Nothing else was changed. Run the same command again.",
    });
  };
  const inside = async (target: Target): Promise<T> => work({ target, turn });
  if (of.dialect === "sqlite") {
    if (given !== "")
      throw usageError("--shadow is of PostgreSQL alone.", "SQLite needs none: leave it out.");
    return inFile(inside);
  }
  return given === "" ? inOwnDatabase(of, inside) : inGivenDatabase(of, given, inside);
}

const making = "make a throw-away database";

/** Opens a shadow, runs `work` and closes it. */
export async function openShadow<T>(shadow: Shadow, work: (database: Database) => Promise<T>): Promise<T> {
  return whileOpen(await openDatabase(shadow.target, { create: true }), making, work);
}

/** A shadow that a killed run has left, and what takes it away. */
export interface StaleShadow {
  name: string;
  remedy: string;
}

/** The throw-away databases on the server of a database, or in the folder of temporary files, that nobody works with. */
export async function staleShadows(database: Database): Promise<StaleShadow[]> {
  const rows = await many(database, schemaStaleShadows, {});
  if (database.dialect === "postgres")
    return rows.map(({ name, statement }) => ({ name, remedy: statement }));
  return staleFolders().map((name) => ({ name, remedy: `rm -r ${name}` }));
}

async function inFile<T>(work: (target: Target) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}_`));
  try {
    return await work({ dialect: "sqlite", path: join(folder, "shadow.sqlite") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Folders of processes that are no more. */
function staleFolders(): string[] {
  const form = new RegExp(`^${prefix}(\\d+)_`);
  return readdirSync(tmpdir())
    .filter((name) => !isRunning(Number(form.exec(name)?.[1] ?? process.pid)))
    .map((name) => join(tmpdir(), name))
    .sort();
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

type PostgresTarget = Extract<Target, { dialect: "postgres" }>;

async function inOwnDatabase<T>(of: PostgresTarget, work: (target: Target) => Promise<T>): Promise<T> {
  const name = `${prefix}${randomBytes(6).toString("hex")}`;
  await onServer(of, async (server) => {
    const { statement } = await one(server, schemaCreateShadow, { name });
    await execute(server, statement).catch((cause: unknown) => {
      throw new CowriedbError(
        "migrate.no_shadow",
        `No throw-away database can be made beside ${of.shown}: ${messageOf(cause)}.`,
        {
          hint: `${(cause as { code?: string }).code === "42501" ? "Give this user CREATEDB, or name" : "Name"} an empty database of a server of the same version: --shadow postgres://user@host/database`,
          cause,
        },
      );
    });
  });
  try {
    return await work(databaseBeside(of, name));
  } finally {
    await onServer(of, async (server) => {
      const { statement } = await one(server, schemaDropShadow, { name });
      await execute(server, statement);
    });
  }
}

function databaseBeside(of: PostgresTarget, name: string): Target {
  const at = (text: string): string => {
    const url = new URL(text);
    url.pathname = `/${name}`;
    return url.href;
  };
  return { dialect: "postgres", url: at(of.url), shown: at(of.shown) };
}

async function inGivenDatabase<T>(
  of: PostgresTarget,
  given: string,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const target = targetOf(given, {}, "--shadow");
  if (target.dialect === "sqlite")
    throw usageError("--shadow is no PostgreSQL database.", "Give postgres://user@host/database.");
  const asked = await onServer(of, async (server) => one(server, schemaEngineVersion, {}));
  await onServer(target, async (shadow) => {
    const { engine } = await one(shadow, schemaEngineVersion, {});
    if (majorOf(engine) !== majorOf(asked.engine)) {
      throw new CowriedbError(
        "migrate.no_shadow",
        `${target.shown} is ${engine}, ${of.shown} ${asked.engine}: they write definitions down differently.`,
        { hint: "Give a database of a server of the same major version: --shadow" },
      );
    }
    const [first, ...more] = await many(shadow, schemaForeignObjects, {});
    if (first === undefined) return;
    const others = more.length === 0 ? "" : ` and ${more.length} more`;
    throw new CowriedbError(
      "migrate.shadow_not_empty",
      `${target.shown} is not empty: it has ${visible(first.name)}${others}, and everything in a shadow is dropped.`,
      { hint: "Nothing was changed. Give an empty database: --shadow" },
    );
  });
  try {
    return await work(target);
  } finally {
    await onServer(target, async (shadow) => {
      for (const { statement } of await many(shadow, schemaForeignObjects, {}))
        await execute(shadow, statement);
    });
  }
}

async function onServer<T>(target: PostgresTarget, work: (database: Database) => Promise<T>): Promise<T> {
  return whileOpen(await openDatabase(target, { connections: 1 }), making, work);
}

/** `PostgreSQL 18` of `PostgreSQL 18.4`. */
function majorOf(engine: string): string {
  return engine.split(".")[0] ?? engine;
}
