import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { laidOut, started } from "../tests/helpers/migration-places.ts";
import type { Tool, ToolMigration, ToolRun, ToolStart } from "../tests/helpers/migration-scenarios.ts";

/** The peers, as they are installed from npm. */
export const packages = {
  dbmate: "2.36.0",
  "graphile-migrate": "1.4.1",
  "node-pg-migrate": "9.0.0",
  umzug: "3.8.3",
} as const;
/** What they need beside. */
export const besides = ["pg@8.23.1", "better-sqlite3@12.11.1"];

/** Where a tool has its files, and what it works on. */
export interface Seat {
  db: string;
  /** PostgreSQL: a second database, for tools that try things out. */
  shadow: string;
  folder: string;
  /** The folder of the installed programs. */
  bin: string;
}

type Dialect = Tool["dialect"];

const nameOnly = (name: string): string => name.slice(5);
const noChecksum = "it keeps no checksum of what it has applied";
const noLook = "it does not compare its files with what is applied";
const noDrift = "it does not compare the schema with anything";
const noLockTimeout = "it has no option for a lock timeout";
const noBodies = "it does not read the bodies of routines and triggers";
const noCommits = "it does not look for COMMIT in files";

/** Late files are refused with `--strict`; what a schema has become is seen by comparing `schema.sql`, which its docs put under version control. */
export function dbmate({ db, folder, bin }: Seat, dialect: Dialect): Tool {
  const dir = join(folder, "dbmate");
  const url = dialect === "sqlite" ? `sqlite:${db}` : `${db}?sslmode=disable`;
  const schema = join(folder, "schema.sql");
  const run = (file: string, ...words: string[]): ToolStart =>
    started([join(bin, "dbmate"), "--url", url, "--migrations-dir", dir, "--schema-file", file, ...words]);
  const option = (isAlone?: boolean): string => (isAlone === true ? " transaction:false" : "");
  return {
    ...{ name: "dbmate", dialect },
    lacks: {
      edited: noChecksum,
      deleted: noLook,
      renamed: noLook,
      runners: "it takes no lock",
      "runners-alone": "it takes no lock",
      reader: noLockTimeout,
      commits: noCommits,
      "broken-trigger": noBodies,
    },
    write: (migrations) => {
      const textOf = ({ up, down, isAlone }: ToolMigration): string =>
        `-- migrate:up${option(isAlone)}\n${up}\n-- migrate:down${option(isAlone)}\n${down}\n`;
      laidOut(dir, Object.fromEntries(migrations.map((one) => [`${one.name}.sql`, textOf(one)])));
    },
    up: () => run(schema, "up", "--strict"),
    down: async () => run(schema, "down").ended,
    check: async () => {
      const status = await run(schema, "status", "--exit-code").ended;
      return status.code === 0 ? compared(schema, async (live) => run(live, "dump").ended) : status;
    },
    prove: async () => {
      const before = dumpOf(schema);
      await run(schema, "up", "--strict").ended;
      const down = await run(schema, "down").ended;
      return dumpOf(schema) === before
        ? down
        : { code: 20, text: "git diff: schema.sql differs after the rollback" };
    },
  };
}

/** The schema file that the last run wrote against one of now. */
async function compared(schema: string, dump: (live: string) => Promise<ToolRun>): Promise<ToolRun> {
  const live = `${schema}.live`;
  const run = await dump(live);
  if (run.code !== 0) return run;
  const isSame = dumpOf(live) === dumpOf(schema);
  rmSync(live);
  return isSame ? run : { code: 20, text: "git diff: schema.sql differs from a new dump" };
}

/** A dump, without the words that pg_dump makes up anew each time. */
function dumpOf(path: string): string {
  return readFileSync(path, "utf8").replaceAll(/^\\(un)?restrict .*$/gm, "");
}

/** Each change has a verify script; `check`, `verify` and `rebase` are what its manual has for looking back. */
export function sqitch({ db, folder }: Seat, dialect: Dialect): Tool {
  const dir = join(folder, "sqitch");
  const target = dialect === "sqlite" ? `db:sqlite:${db}` : db.replace(/^postgres(ql)?:/, "db:pg:");
  const env = { SQITCH_FULLNAME: "bench", SQITCH_EMAIL: "bench@example.org", LC_ALL: "C.UTF-8" };
  const run = (...words: string[]): ToolStart => started(["sqitch", ...words, target], { cwd: dir, env });
  return {
    ...{ name: "Sqitch", dialect },
    lacks: { reader: noLockTimeout, commits: noCommits },
    write: (migrations) => {
      const lines = migrations.map(
        ({ name }) => `${nameOnly(name)} 2026-01-01T00:00:00Z bench <bench@example.org> # ${nameOnly(name)}`,
      );
      laidOut(dir, {
        "sqitch.conf": `[core]\n\tengine = ${dialect === "sqlite" ? "sqlite" : "pg"}\n`,
        "sqitch.plan": `%syntax-version=1.0.0\n%project=bench\n\n${lines.join("\n")}\n`,
      });
      const framed = (text: string, isAlone?: boolean): string =>
        isAlone === true ? text : `begin;\n${text}\ncommit;\n`;
      const scripts = (part: string, textOf: (one: ToolMigration) => string): void =>
        laidOut(
          join(dir, part),
          Object.fromEntries(migrations.map((one) => [`${nameOnly(one.name)}.sql`, textOf(one)])),
        );
      scripts("deploy", ({ up, isAlone }) => framed(up, isAlone));
      scripts("revert", ({ down, isAlone }) => framed(down, isAlone));
      scripts("verify", ({ holds }) => `begin;\n${holds ?? "select 1;"}\nrollback;\n`);
    },
    up: () => run("deploy", "--verify"),
    down: async () => run("revert", "-y", "--to", "@HEAD^").ended,
    check: async () => {
      const check = await run("check").ended;
      return check.code === 0 ? run("verify").ended : check;
    },
    prove: async () => {
      await run("deploy", "--verify").ended;
      return run("rebase", "-y", "--onto", "@HEAD^").ended;
    },
  };
}

/** What is committed keeps its head, with its own hash and that of the one before; a shadow replays all of it. */
export function graphile({ db, shadow, folder, bin }: Seat): Tool {
  const dir = join(folder, "graphile");
  const root = new URL(db);
  root.pathname = "/postgres";
  const env = { DATABASE_URL: db, SHADOW_DATABASE_URL: shadow, ROOT_DATABASE_URL: root.href };
  const run = (...words: string[]): ToolStart =>
    started([join(bin, "graphile-migrate"), ...words], { cwd: dir, env });
  // What is applied keeps its head; what is not may be uncommitted, mended and committed anew.
  const applied = new Map<string, { head: string; hash: string }>();
  let pending: typeof applied = new Map();
  return {
    ...{ name: "graphile-migrate", dialect: "postgres" },
    lacks: {
      drift: noDrift,
      "wrong-down": "it has no down: it goes forward only",
      commits: noCommits,
      "broken-trigger": noBodies,
    },
    write: (migrations) => {
      laidOut(dir, {
        ".gmrc": '{ "pgSettings": { "lock_timeout": "3s" }, "migrationsFolder": "./migrations" }',
      });
      laidOut(join(dir, "migrations"), { "current.sql": "" });
      pending = new Map();
      let previous = "-";
      const files = migrations.map(({ name, up, isAlone }) => {
        const body = `${isAlone === true ? "--! no-transaction\n" : ""}${up}`.trim();
        // A file that is renamed keeps its head as well.
        const one = applied.get(name) ?? applied.get(up) ?? committed(previous, body);
        for (const key of [name, up]) pending.set(key, one);
        previous = one.hash;
        return [`00${name.slice(0, 4)}-${nameOnly(name)}.sql`, `${one.head}\n\n${body}\n`] as const;
      });
      laidOut(join(dir, "migrations", "committed"), Object.fromEntries(files));
    },
    up: () => {
      const { kill, ended } = run("migrate");
      const noted = ended.then((one) => {
        if (one.code === 0) for (const [key, head] of pending) applied.set(key, head);
        return one;
      });
      return { kill, ended: noted };
    },
    check: async () => {
      const status = await run("status").ended;
      return status.code === 0 ? run("reset", "--shadow", "--erase").ended : status;
    },
  };
}

function committed(previous: string, body: string): { head: string; hash: string } {
  const sum = createHash("sha1").update(`${`${previous === "-" ? "" : previous}\n${body}`.trim()}\n`);
  const hash = `sha1:${sum.digest("hex")}`;
  return { head: `--! Previous: ${previous}\n--! Hash: ${hash}`, hash };
}

/** What is not to run in a transaction is a module that says so; SQL files have no word for it. `redo` is down and up again. */
export function nodePgMigrate({ db, folder, bin }: Seat): Tool {
  const dir = join(folder, "npm");
  const run = (verb: string): ToolStart =>
    started([join(bin, "node-pg-migrate"), verb, "-m", dir], { env: { DATABASE_URL: db } });
  return {
    ...{ name: "node-pg-migrate", dialect: "postgres" },
    lacks: {
      edited: noChecksum,
      deleted: noLook,
      drift: noDrift,
      reader: noLockTimeout,
      commits: noCommits,
      "broken-trigger": noBodies,
    },
    write: (migrations) => {
      const fileOf = ({ name, up, down, isAlone }: ToolMigration): [string, string] => {
        if (isAlone !== true) return [`${name}.sql`, `-- Up Migration\n${up}\n-- Down Migration\n${down}\n`];
        const part = (verb: string, text: string): string =>
          `export const ${verb} = (pgm) => { pgm.noTransaction(); pgm.sql(${JSON.stringify(text)}); };\n`;
        return [`${name}.mjs`, part("up", up) + part("down", down)];
      };
      laidOut(dir, Object.fromEntries(migrations.map(fileOf)));
    },
    up: () => run("up"),
    down: async () => run("down").ended,
    prove: async () => {
      await run("up").ended;
      return run("redo").ended;
    },
  };
}

/** The least that makes umzug run files, as its own documentation has it, with the lock that it ships. */
const umzugProgram = `
const { Umzug, FileLocker } = require("umzug");
const fs = require("node:fs"), path = require("node:path");
const [at, dir, verb] = process.argv.slice(2);
async function opened() {
  if (/^postgres/.test(at)) {
    const { Client } = require("pg");
    const client = new Client({ connectionString: at });
    await client.connect();
    const rows = async (text, values) => (await client.query(text, values)).rows;
    return { rows, exec: async (text) => void (await client.query(text)), close: () => client.end(), mark: "$1" };
  }
  const Database = require("better-sqlite3");
  const db = new Database(at);
  const rows = async (text, values = []) => {
    const one = db.prepare(text);
    return one.reader ? one.all(...values) : (one.run(...values), []);
  };
  return { rows, exec: async (text) => void db.exec(text), close: async () => void db.close(), mark: "?" };
}
(async () => {
  const db = await opened();
  await db.exec("create table if not exists umzug (name text primary key)");
  const run = async (name, part) => db.exec(fs.readFileSync(path.join(dir, name + "." + part + ".sql"), "utf8"));
  const names = fs.readdirSync(dir).filter((one) => one.endsWith(".up.sql")).map((one) => one.slice(0, -7)).sort();
  const umzug = new Umzug({
    migrations: names.map((name) => ({ name, up: async () => run(name, "up"), down: async () => run(name, "down") })),
    storage: {
      logMigration: async ({ name }) => void (await db.rows("insert into umzug values (" + db.mark + ")", [name])),
      unlogMigration: async ({ name }) => void (await db.rows("delete from umzug where name = " + db.mark, [name])),
      executed: async () => (await db.rows("select name from umzug order by name")).map(({ name }) => name),
    },
    logger: undefined,
  });
  FileLocker.attach(umzug, { path: dir + ".lock" });
  await umzug[verb]().finally(() => db.close());
})().catch((error) => { console.error(String(error)); process.exitCode = 1; });
`;

export function umzug({ db, folder, bin }: Seat, dialect: Dialect): Tool {
  const dir = join(folder, "umzug");
  const program = join(bin, "..", "umzug-run", "run.cjs");
  laidOut(join(bin, "..", "umzug-run"), { "run.cjs": umzugProgram });
  const run = (verb: string): ToolStart => started([process.execPath, program, db, dir, verb]);
  return {
    ...{ name: "umzug", dialect },
    lacks: {
      edited: noChecksum,
      late: "it has no rule of order",
      deleted: noLook,
      renamed: noLook,
      fails: "it opens no transaction",
      reader: noLockTimeout,
      commits: noCommits,
      drift: noDrift,
      "wrong-down": "it has no command that tries a way down",
      "broken-trigger": noBodies,
    },
    write: (migrations) => {
      const files = migrations.flatMap(({ name, up, down }) => [
        [`${name}.up.sql`, up],
        [`${name}.down.sql`, down],
      ]);
      laidOut(dir, Object.fromEntries(files) as Record<string, string>);
    },
    up: () => run("up"),
    down: async () => run("down").ended,
  };
}
