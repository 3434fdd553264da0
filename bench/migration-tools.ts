import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolVersion } from "../src/migrate/files.ts";
import { laidOut, ourTool, postgresPlace, sqlitePlace, started } from "../tests/helpers/migration-places.ts";
import { scenarios, type Tool, type ToolMigration } from "../tests/helpers/migration-scenarios.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";

/** The peers, as they are installed from npm into a folder that is thrown away. */
const packages = ["dbmate@2.36.0", "graphile-migrate@1.4.1", "node-pg-migrate@9.0.0", "umzug@3.8.3"];
const besides = ["pg@8.23.1", "better-sqlite3@12.11.1"];

/** Where a tool has its files, and what it works on. */
interface Seat {
  db: string;
  folder: string;
  bin: string;
}

const quiet = { code: 0, text: "" };
const nameOnly = (name: string): string => name.slice(5);

/** `db` as dbmate and Sqitch name it. */
function dbmate({ db, folder, bin }: Seat, dialect: Tool["dialect"]): Tool {
  const dir = join(folder, "dbmate");
  const url = dialect === "sqlite" ? `sqlite:${db}` : `${db}?sslmode=disable`;
  const words = [join(bin, "dbmate"), "--no-dump-schema", "--url", url, "--migrations-dir", dir];
  return {
    ...{ name: "dbmate", dialect },
    write: (migrations) => {
      const textOf = ({ up, down, isAlone }: ToolMigration): string =>
        `-- migrate:up${isAlone === true ? " transaction:false" : ""}\n${up}\n-- migrate:down${isAlone === true ? " transaction:false" : ""}\n${down}\n`;
      laidOut(dir, Object.fromEntries(migrations.map((one) => [`${one.name}.sql`, textOf(one)])));
    },
    up: () => started([...words, "up"]),
    down: async () => started([...words, "down"]).ended,
    check: async () => started([...words, "status", "--exit-code"]).ended,
  };
}

function sqitch({ db, folder }: Seat, dialect: Tool["dialect"]): Tool {
  const dir = join(folder, "sqitch");
  const target = dialect === "sqlite" ? `db:sqlite:${db}` : db.replace(/^postgres(ql)?:/, "db:pg:");
  const options = {
    cwd: dir,
    env: { SQITCH_FULLNAME: "bench", SQITCH_EMAIL: "bench@example.org", LC_ALL: "C.UTF-8" },
  };
  const run = (...words: string[]): ReturnType<typeof started> =>
    started(["sqitch", ...words, target], options);
  return {
    ...{ name: "Sqitch", dialect },
    write: (migrations) => {
      const engine = dialect === "sqlite" ? "sqlite" : "pg";
      const plan = migrations.map(
        ({ name }) => `${nameOnly(name)} 2026-01-01T00:00:00Z bench <bench@example.org> # ${name}`,
      );
      laidOut(dir, {
        "sqitch.conf": `[core]\n\tengine = ${engine}\n`,
        "sqitch.plan": `%syntax-version=1.0.0\n%project=bench\n\n${plan.join("\n")}\n`,
      });
      const framed = (text: string, isAlone?: boolean): string =>
        isAlone === true ? text : `begin;\n${text}\ncommit;\n`;
      const parts = (part: (one: ToolMigration) => string): Record<string, string> =>
        Object.fromEntries(migrations.map((one) => [`${nameOnly(one.name)}.sql`, part(one)]));
      laidOut(
        join(dir, "deploy"),
        parts(({ up, isAlone }) => framed(up, isAlone)),
      );
      laidOut(
        join(dir, "revert"),
        parts(({ down, isAlone }) => framed(down, isAlone)),
      );
      laidOut(
        join(dir, "verify"),
        parts(({ name }) =>
          /_(log|things)$/.test(name) ? `select 1 from ${nameOnly(name)} where 1 = 0;` : "select 1;",
        ),
      );
    },
    up: () => run("deploy", "--verify"),
    down: async () => run("revert", "-y", "--to", "@HEAD^").ended,
    check: async () => {
      const check = await run("check").ended;
      return check.code === 0 ? run("verify").ended : check;
    },
  };
}

function graphile({ db, folder, bin }: Seat): Tool {
  const dir = join(folder, "graphile");
  const options = {
    cwd: dir,
    env: { DATABASE_URL: db, SHADOW_DATABASE_URL: `${db}_shadow`, ROOT_DATABASE_URL: db },
  };
  const run = (...words: string[]): ReturnType<typeof started> =>
    started([join(bin, "graphile-migrate"), ...words], options);
  return {
    ...{ name: "graphile-migrate", dialect: "postgres" },
    write: (migrations) => {
      laidOut(dir, { ".gmrc": '{ "pgSettings": {}, "migrationsFolder": "./migrations" }' });
      laidOut(join(dir, "migrations"), { "current.sql": "" });
      let previous = "";
      const files = migrations.map(({ name, up, isAlone }) => {
        const body = `${isAlone === true ? "--! no-transaction\n" : ""}${up}`.trim();
        const hash = `sha1:${createHash("sha1")
          .update(`${`${previous}\n${body}`.trim()}\n`)
          .digest("hex")}`;
        const text = `--! Previous: ${previous === "" ? "-" : previous}\n--! Hash: ${hash}\n\n${body}\n`;
        previous = hash;
        return [`00${name.slice(0, 4)}-${nameOnly(name)}.sql`, text] as const;
      });
      laidOut(join(dir, "migrations", "committed"), Object.fromEntries(files));
    },
    up: () => run("migrate"),
    down: async () => Promise.resolve({ code: 1, text: "it has no down" }),
    check: async () => run("status", "--skipDatabase").ended,
  };
}

function nodePgMigrate({ db, folder, bin }: Seat): Tool {
  const dir = join(folder, "npm");
  const run = (verb: string): ReturnType<typeof started> =>
    started([join(bin, "node-pg-migrate"), verb, "-m", dir], { env: { DATABASE_URL: db } });
  return {
    ...{ name: "node-pg-migrate", dialect: "postgres" },
    write: (migrations) => {
      const textOf = ({ up, down }: ToolMigration): string =>
        `-- Up Migration\n${up}\n-- Down Migration\n${down}\n`;
      laidOut(dir, Object.fromEntries(migrations.map((one) => [`${one.name}.sql`, textOf(one)])));
    },
    up: () => run("up"),
    down: async () => run("down").ended,
    check: async () => Promise.resolve(quiet),
  };
}

/** The least that makes umzug run files on SQLite, as its own documentation has it. */
const umzugProgram = `
const { Umzug } = require("umzug");
const Database = require("better-sqlite3");
const fs = require("node:fs"), path = require("node:path");
const [file, dir, verb] = process.argv.slice(2);
const db = new Database(file);
db.exec("create table if not exists umzug (name text primary key)");
const run = (name, part) => db.exec(fs.readFileSync(path.join(dir, name + "." + part + ".sql"), "utf8"));
const names = fs.readdirSync(dir).filter((one) => one.endsWith(".up.sql")).map((one) => one.slice(0, -7)).sort();
const umzug = new Umzug({
  migrations: names.map((name) => ({ name, up: async () => run(name, "up"), down: async () => run(name, "down") })),
  storage: {
    logMigration: async ({ name }) => void db.prepare("insert into umzug values (?)").run(name),
    unlogMigration: async ({ name }) => void db.prepare("delete from umzug where name = ?").run(name),
    executed: async () => db.prepare("select name from umzug order by name").pluck().all(),
  },
  logger: undefined,
});
umzug[verb]().catch((error) => { console.error(String(error)); process.exitCode = 1; });
`;

function umzug({ db, folder, bin }: Seat): Tool {
  const dir = join(folder, "umzug");
  const program = join(bin, "..", "umzug-run.cjs");
  const run = (verb: string): ReturnType<typeof started> =>
    started([process.execPath, program, db, dir, verb]);
  return {
    ...{ name: "umzug", dialect: "sqlite" },
    write: (migrations) => {
      const files = migrations.flatMap(({ name, up, down }) => [
        [`${name}.up.sql`, up],
        [`${name}.down.sql`, down],
      ]);
      laidOut(dir, Object.fromEntries(files) as Record<string, string>);
    },
    up: () => run("up"),
    down: async () => run("down").ended,
    check: async () => Promise.resolve(quiet),
  };
}

type Column = readonly [name: string, dialect: Tool["dialect"], made: (seat: Seat) => Tool];

const columns: readonly Column[] = [
  [`cowriedb ${toolVersion}`, "sqlite", ({ db, folder }) => ourTool(db, "sqlite", folder)],
  [`cowriedb ${toolVersion}`, "postgres", ({ db, folder }) => ourTool(db, "postgres", folder)],
  ["dbmate 2.36.0", "sqlite", (seat) => dbmate(seat, "sqlite")],
  ["dbmate 2.36.0", "postgres", (seat) => dbmate(seat, "postgres")],
  ["graphile-migrate 1.4.1", "postgres", graphile],
  ["Sqitch", "sqlite", (seat) => sqitch(seat, "sqlite")],
  ["Sqitch", "postgres", (seat) => sqitch(seat, "postgres")],
  ["node-pg-migrate 9.0.0", "postgres", nodePgMigrate],
  ["umzug 3.8.3", "sqlite", umzug],
];

/**
 * Plays 14 things that happen to migrations with us and with five other tools, and prints a table of what each makes of them. The
 * others are installed from npm into a folder that is thrown away; Sqitch is Debian's, where it is on the path.
 * Usage: node dist/bench/migration-tools.js [SERVER] [PART OF A NAME…]
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const picks = server.rest;
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-tools-"));
  try {
    const bin = join(folder, "tools", "node_modules", ".bin");
    laidOut(join(folder, "tools"), { "package.json": "{}" });
    const words = ["npm", "install", "--no-audit", "--no-fund", "--silent", ...packages, ...besides];
    const { code, text } = await started(words, { cwd: join(folder, "tools"), mostMs: 600_000 }).ended;
    if (code !== 0) throw new Error(`The tools cannot be installed: ${text}`);
    writeFileSync(join(bin, "..", "umzug-run.cjs"), umzugProgram);
    const chosen = columns.filter(
      ([name]) => picks.length === 0 || picks.some((pick) => name.includes(pick)),
    );
    await onServer(server, async (url) => {
      const results: string[][] = [];
      for (const column of chosen) results.push(await played(column, url, folder, bin));
      print(chosen, results);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function played(
  [name, dialect, made]: Column,
  url: string,
  folder: string,
  bin: string,
): Promise<string[]> {
  const verdicts: string[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    const own = mkdtempSync(join(folder, "seat-"));
    const at = async (db: string): Promise<void> => {
      const beside = dialect === "sqlite" ? sqlitePlace(db) : postgresPlace(db);
      const verdict = await scenario
        .play(made({ db, folder: own, bin }), beside)
        .catch((error: unknown) => `not played: ${String(error).slice(0, 200)}`);
      if ("close" in beside) await (beside as ReturnType<typeof postgresPlace>).close();
      process.stderr.write(`${name} ${dialect}: ${scenario.name}: ${verdict}\n`);
      verdicts.push(verdict);
    };
    if (dialect === "sqlite") await at(join(own, "store.sqlite"));
    else await inDatabase(url, `tools_${index}`, at);
  }
  return verdicts;
}

function print(chosen: readonly Column[], results: readonly string[][]): void {
  const rows = [
    ["", ...chosen.map(([name, dialect]) => `${name}, ${dialect === "sqlite" ? "SQLite" : "PostgreSQL"}`)],
    chosen.map(() => "---").concat("---"),
    ...scenarios.map(({ name }, index) => [name, ...results.map((verdicts) => verdicts[index] ?? "")]),
    [
      "**seen or mended**",
      ...results.map(
        (verdicts) =>
          `**${verdicts.filter((one) => /^(refused|detected|recovered)$/.test(one)).length} of ${scenarios.length}**`,
      ),
    ],
  ];
  process.stdout.write(`${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`);
}

await main();
