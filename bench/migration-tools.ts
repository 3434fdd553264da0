import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolVersion } from "../src/migrate/files/files.ts";
import {
  endTools,
  laidOut,
  ourTool,
  postgresPlace,
  sqlitePlace,
  started,
} from "../tests/helpers/migration-places.ts";
import { scenarios, type Scenario, type Tool } from "../tests/helpers/migration-scenarios.ts";
import { isGood, played, type Outcome } from "../tests/helpers/migration-verdicts.ts";
import {
  besides,
  dbmate,
  graphile,
  nodePgMigrate,
  packages,
  sqitch,
  umzug,
  type Seat,
} from "./migration-peers.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";

/** A tool on an engine. */
interface Column {
  tool: string;
  dialect: Tool["dialect"];
  made: (seat: Seat) => Tool;
}

interface Result {
  tool: string;
  version: string;
  engine: string;
  outcomes: (Outcome & { scenario: string; seconds: number })[];
}

/** What hangs on who comes first is played so many times, and the worst counts. */
const ofChance: Readonly<Record<string, number>> = { runners: 3, "runners-alone": 3, "cut-off": 3 };
/** From the best to the worst. */
const rank = [
  "refused",
  "detected",
  "recovered",
  "no such feature",
  "silent",
  "failed",
  "stuck",
  "not played",
];
/** So long a tool has for a scenario. */
const mostMs = 150_000;

const columns: readonly Column[] = [
  { tool: "cowriedb", dialect: "sqlite", made: ({ db, folder }) => ourTool(db, "sqlite", folder) },
  { tool: "cowriedb", dialect: "postgres", made: ({ db, folder }) => ourTool(db, "postgres", folder) },
  { tool: "dbmate", dialect: "sqlite", made: (seat) => dbmate(seat, "sqlite") },
  { tool: "dbmate", dialect: "postgres", made: (seat) => dbmate(seat, "postgres") },
  { tool: "graphile-migrate", dialect: "postgres", made: graphile },
  { tool: "Sqitch", dialect: "sqlite", made: (seat) => sqitch(seat, "sqlite") },
  { tool: "Sqitch", dialect: "postgres", made: (seat) => sqitch(seat, "postgres") },
  { tool: "node-pg-migrate", dialect: "postgres", made: nodePgMigrate },
  { tool: "umzug", dialect: "sqlite", made: (seat) => umzug(seat, "sqlite") },
  { tool: "umzug", dialect: "postgres", made: (seat) => umzug(seat, "postgres") },
];

/**
 * Plays 14 things that happen to migrations with us and with five other tools, and prints a table of what each makes of them; with
 * `--json` also the line of each answer that shows it. The others are installed from npm into a folder that is thrown away, or kept
 * where `--tools` names one; Sqitch is Debian's, on the path, as sqlite3, psql and pg_dump are, which it and dbmate call.
 * Usage: node dist/bench/migration-tools.js [SERVER] [--json] [--tools=FOLDER] [--only=KEY] [PART OF A NAME…]
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const options = server.rest.filter((word) => word.startsWith("--"));
  const picks = server.rest.filter((word) => !word.startsWith("--"));
  const valueOf = (name: string): string | undefined =>
    options.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  if (server.binaries !== undefined) process.env["PATH"] = `${server.binaries}:${process.env["PATH"] ?? ""}`;
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-tools-"));
  try {
    const chosen = columns.filter(
      ({ tool, dialect }) => picks.length === 0 || picks.some((pick) => `${tool} ${dialect}`.includes(pick)),
    );
    const bin = await installed(valueOf("tools") ?? join(folder, "tools"), chosen);
    const only = valueOf("only");
    const some = scenarios.filter(({ key }) => only === undefined || key === only);
    const results: Result[] = [];
    await onServer(server, async (url) => {
      for (const column of chosen) results.push(await resultOf(column, some, url, folder, bin));
    });
    process.stdout.write(
      options.includes("--json") ? `${JSON.stringify(results, null, 2)}\n` : tableOf(results, some),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs the peers where they are not yet; gives the folder of their programs. */
async function installed(tools: string, chosen: readonly Column[]): Promise<string> {
  const bin = join(tools, "node_modules", ".bin");
  const isNeeded = chosen.some(({ tool }) => tool in packages);
  if (!isNeeded || statSync(join(bin, "graphile-migrate"), { throwIfNoEntry: false }) !== undefined)
    return bin;
  laidOut(tools, { "package.json": "{}" });
  const peers = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const words = ["npm", "install", "--no-audit", "--no-fund", "--silent", ...peers, ...besides];
  const { code, text } = await started(words, { cwd: tools, mostMs: 600_000 }).ended;
  if (code !== 0) throw new Error(`The tools cannot be installed: ${text}`);
  return bin;
}

async function versionOf(tool: string, bin: string): Promise<string> {
  if (tool === "cowriedb") return toolVersion;
  if (tool === "Sqitch")
    return /\d[\d.]+/.exec((await started(["sqitch", "--version"]).ended).text)?.[0] ?? "";
  const about = readFileSync(join(bin, "..", tool, "package.json"), "utf8");
  return (JSON.parse(about) as { version: string }).version;
}

async function resultOf(
  { tool, dialect, made }: Column,
  some: readonly Scenario[],
  url: string,
  folder: string,
  bin: string,
): Promise<Result> {
  const result: Result = {
    tool,
    version: await versionOf(tool, bin),
    engine: await engineOf(dialect, url),
    outcomes: [],
  };
  const playedOnce = async (scenario: Scenario): Promise<Outcome> => {
    const own = mkdtempSync(join(folder, "seat-"));
    const at = async (db: string, shadow: string): Promise<Outcome> =>
      inTime(async () => playedAt(scenario, made({ db, shadow, folder: own, bin }), db));
    const outcome =
      dialect === "sqlite"
        ? await at(join(own, "store.sqlite"), "")
        : await inDatabase(url, "tool", async (db) =>
            inDatabase(url, "shadow", async (shadow) => at(db, shadow)),
          );
    rmSync(own, { recursive: true, force: true });
    return outcome;
  };
  for (const scenario of some) {
    const began = performance.now();
    let outcome = await playedOnce(scenario);
    for (let turn = 1; turn < (ofChance[scenario.key] ?? 1); turn++) {
      const other = await playedOnce(scenario);
      if (rank.indexOf(other.verdict) > rank.indexOf(outcome.verdict)) outcome = other;
    }
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    process.stderr.write(
      `${tool} ${dialect}: ${scenario.name}: ${outcome.verdict} (${outcome.evidence}), ${seconds} s\n`,
    );
    result.outcomes.push({ scenario: scenario.key, ...outcome, seconds });
  }
  return result;
}

async function engineOf(dialect: Tool["dialect"], url: string): Promise<string> {
  if (dialect === "sqlite") return "SQLite";
  const place = postgresPlace(url);
  const [version] = await place.ask("select split_part(current_setting('server_version'), ' ', 1)");
  await place.close();
  return `PostgreSQL ${String(version)}`;
}

async function playedAt(scenario: Scenario, tool: Tool, db: string): Promise<Outcome> {
  if (tool.dialect === "sqlite") return played(scenario, tool, sqlitePlace(db));
  const place = postgresPlace(db);
  try {
    return await played(scenario, tool, place);
  } finally {
    await place.close();
  }
}

/** What has not ended in time is ended, with all that it started; what could not be played says why. */
async function inTime(play: () => Promise<Outcome>): Promise<Outcome> {
  const late = new AbortController();
  const over = pauseUntil(mostMs, late.signal).then((): Outcome => {
    endTools();
    return { verdict: "stuck", evidence: `it had not ended after ${mostMs / 1000} s` };
  });
  const outcome = play().catch((error: unknown): Outcome => ({
    verdict: "not played",
    evidence: String(error).slice(0, 400),
  }));
  try {
    return await Promise.race([outcome, over]);
  } finally {
    late.abort();
    endTools();
  }
}

async function pauseUntil(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
}

function tableOf(results: readonly Result[], some: readonly Scenario[]): string {
  const good = (outcomes: readonly Outcome[]): string =>
    `**${outcomes.filter(isGood).length} of ${outcomes.length}**`;
  const rows = [
    ["", ...results.map(({ tool, version, engine }) => `${tool} ${version}, ${engine}`)],
    ["---", ...results.map(() => "---")],
    ...some.map(({ name }, index) => [
      name,
      ...results.map(({ outcomes }) => outcomes[index]?.verdict ?? ""),
    ]),
    ["**refused, detected or recovered**", ...results.map(({ outcomes }) => good(outcomes))],
  ];
  return `${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`;
}

await main();
