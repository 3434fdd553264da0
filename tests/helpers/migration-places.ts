import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";
import { program } from "./cli.ts";
import type { Tool, ToolMigration, ToolPlace, ToolRun, ToolStart } from "./migration-scenarios.ts";

/** All that was started and has not ended. */
const underWay = new Set<() => void>();

/** Ends whatever tools are at work still, with all that they have started. */
export function endTools(): void {
  for (const kill of underWay) kill();
}

/** Starts a program in a group of its own and gathers what it says; one that hangs is killed. */
export function started(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; mostMs?: number } = {},
): ToolStart {
  const [command = "", ...rest] = words;
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  };
  underWay.add(kill);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (text += part.toString("utf8")));
  const timer = setTimeout(kill, options.mostMs ?? 90_000);
  const over = (): void => {
    clearTimeout(timer);
    underWay.delete(kill);
  };
  const ended = new Promise<ToolRun>((resolve, reject) => {
    child.on("error", (error) => {
      over();
      reject(error);
    });
    child.on("close", (code) => {
      over();
      resolve({ code, text });
    });
  });
  return { ended, kill };
}

/** Writes files into an empty folder. */
export function laidOut(folder: string, files: Record<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** Ours, on a folder of migrations. */
export function ourTool(db: string, dialect: Tool["dialect"], folder: string): Tool {
  const dir = join(folder, "ours");
  const words = (verb: string, ...more: string[]): string[] => [
    ...[process.execPath, program, "migrate", verb, "--dir", dir, "--db", db],
    ...more,
  ];
  let last = "";
  return {
    name: "cowriedb",
    dialect,
    write: (migrations) => {
      const header = (isAlone?: boolean): string => (isAlone === true ? "-- Transaction: none\n\n" : "");
      const files = migrations.flatMap(({ name, up, down, isAlone }: ToolMigration) => [
        [`${name}.up.sql`, header(isAlone) + up],
        [`${name}.down.sql`, header(isAlone && dialect === "postgres") + down],
      ]);
      laidOut(join(dir, dialect), Object.fromEntries(files) as Record<string, string>);
      last = migrations.at(-1)?.name ?? "";
    },
    up: () => started(words("up", "--create")),
    down: async () => started(words("down", "--confirm", last)).ended,
    check: async () => {
      const verify = await started(words("verify")).ended;
      return verify.code === 0 ? started(words("drift")).ended : verify;
    },
    prove: async () => started(words("prove")).ended,
  };
}

/** A SQLite file beside the tool. */
export function sqlitePlace(path: string): ToolPlace {
  const asked = (text: string): unknown[] => {
    const handle = new DatabaseHandle(path, { timeout: 10_000 });
    try {
      handle.pragma("journal_mode = wal");
      const statement = handle.prepare(text);
      if (statement.reader) return statement.pluck().all();
      statement.run();
      return [];
    } finally {
      handle.close();
    }
  };
  return {
    ask: async (text) => Promise.resolve(asked(text)),
    isBusy: async () => {
      const handle = new DatabaseHandle(path, { timeout: 0 });
      try {
        handle.exec("begin immediate; rollback");
        return await Promise.resolve(false);
      } catch (error) {
        if ((error as { code?: string }).code === "SQLITE_BUSY") return true;
        throw error;
      } finally {
        handle.close();
      }
    },
    isWaiting: async () => Promise.resolve(false),
    endOthers: async () => Promise.resolve(false),
    readAndStay: async (table) => {
      const handle = new DatabaseHandle(path);
      handle.pragma("journal_mode = wal");
      handle.exec(`begin; select * from ${table}`);
      handle.prepare(`select count(*) from ${table}`).get();
      return Promise.resolve(async () => Promise.resolve(void handle.close()));
    },
  };
}

/** A PostgreSQL database beside the tool. */
export function postgresPlace(url: string): ToolPlace & { close(): Promise<void> } {
  const sql = postgres(url, {
    max: 3,
    onnotice: () => undefined,
    connection: { application_name: "beside" },
  });
  return {
    ask: async (text) => (await sql.unsafe(text)).map((row) => Object.values(row as object)[0] as unknown),
    isBusy: async () => {
      const found = await sql`
        select from pg_stat_activity
        where datname = current_database() and application_name <> 'beside' and query ~ 'pg_sleep' and state = 'active'`;
      return found.length > 0;
    },
    isWaiting: async () => {
      const found = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return found.length > 0;
    },
    endOthers: async () => {
      const ended = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name <> 'beside' and query ~ 'pg_sleep' and state = 'active'`;
      return ended.length > 0;
    },
    readAndStay: async (table) => {
      const reserved = await sql.reserve();
      await reserved.unsafe(`begin`);
      await reserved.unsafe(`select * from ${table}`);
      return async () => {
        await reserved.unsafe("rollback");
        reserved.release();
      };
    },
    close: async () => sql.end({ timeout: 2 }),
  };
}
