import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";
import { program } from "./cli.ts";
import type { Tool, ToolMigration, ToolPlace, ToolRun } from "./migration-scenarios.ts";

/** Starts a program and gathers what it says; one that hangs is killed. */
export function started(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; mostMs?: number } = {},
): { child: ChildProcess; ended: Promise<ToolRun> } {
  const [command = "", ...rest] = words;
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (text += part.toString("utf8")));
  const timer = setTimeout(() => child.kill("SIGKILL"), options.mostMs ?? 90_000);
  const ended = new Promise<ToolRun>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, text });
    });
  });
  return { child, ended };
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
  let plan = "";
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
    // The plan is noted at the first look; from then on `up` carries out that one alone, and says what is another.
    check: async () => {
      const verify = await started(words("verify")).ended;
      if (verify.code !== 0) return verify;
      if (plan !== "") return started(words("up", "--plan", plan)).ended;
      const planned = await started(words("plan", "--json")).ended;
      plan = (JSON.parse(planned.text) as { plan_id: string }).plan_id;
      return planned;
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
    endOthers: async () => Promise.resolve(false),
    readAndStay: async (table) => {
      const handle = new DatabaseHandle(path);
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
