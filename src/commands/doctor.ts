import { createRequire } from "node:module";
import { readFileSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { shownTarget, targetOf, type Target } from "../config.ts";
import { CowriedbError, exitCodes, type ExitCode } from "../errors.ts";
import { driftOf } from "../migrate/drift/drift.ts";
import { isWorkingCopy } from "../migrate/files/files.ts";
import { schemaStatus, type SchemaStatus } from "../migrate/status.ts";
import { roleDifferences } from "../migrate/roles.ts";
import { staleShadows } from "../migrate/prove/shadow.ts";
import { readingOnly, type Store } from "../migrate/store.ts";
import { engineVersion, healthOf, levels, type Finding, type Health, type Place } from "../report/health.ts";
import { bold, counted, green, readableBytes, red, visible, yellow } from "../term.ts";
import { lateText } from "./migrate-target.ts";
import { wholeCommands } from "./next-command.ts";
import { answer, type CommonOptions } from "./output.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";

/** Options of `cowriedb doctor`. */
export interface DoctorOptions extends CommonOptions {
  shadow: string;
}

/** So many findings are told to people. */
const mostTold = 14;

/** `cowriedb doctor`: looks at everything that a store depends on and says what to do; exit code 20 where something wants doing. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const target = targetOf(options.db);
  const stop = stopOnSignals();
  try {
    const place = placeOf(target);
    const seen = await readingOnly(target, async (database) => lookAt(database, place));
    const drift = await driftFinding(target, options.shadow, stop);
    const findings = [...seen.schema, drift, ...seen.health.findings]
      .sort((one, other) => levels.indexOf(one.level) - levels.indexOf(other.level))
      .map((one) => ({ ...one, command: wholeCommands(one.command, options) }));
    const versions = { ...seen.versions, node: process.version, driver: driverOf(target) };
    const healthy = findings.every(({ level }) => level === "ok" || level === "note");
    const document = {
      ...{ store: visible(shownTarget(target)), dialect: target.dialect, healthy, versions },
      ...{ sizes: seen.health.sizes, ...shownPlace(place), findings },
    };
    answer(options, document, () => textOf(document));
    if (!healthy) return exitCodes.differences;
    return drift.level === "ok" ? exitCodes.done : exitCodes.unproved;
  } finally {
    stop.release();
  }
}

interface Seen {
  versions: { cowriedb: string; schema: string | null; engine: string };
  schema: Finding[];
  health: Health;
}

async function lookAt(database: Store["database"], place: Place): Promise<Seen> {
  const status = await schemaStatus(database);
  if (status.schema_version === null) {
    throw new CowriedbError("migrate.no_store", `${database.name} holds no cowriedb store.`, {
      hint: "Run: cowriedb init",
    });
  }
  const stale = staleOf(status);
  const [late] = status.late;
  const shadows = await staleShadows(database);
  const roles = await roleDifferences(database);
  return {
    versions: {
      cowriedb: status.tool_version,
      schema: status.schema_version,
      engine: await engineVersion(database),
    },
    schema: [
      finding("schema", "migrations", stale.length === 0 ? "ok" : "warning", {
        present:
          stale.length === 0
            ? "all applied"
            : `${counted(stale.length, "migration or procedure is", "migrations or procedures are")} not applied, ${late === undefined ? `the first ${stale[0] ?? ""}` : `and ${late} comes late: others behind it are`}`,
        advised: "all applied",
        why: "no other command works until they are",
        command:
          late === undefined
            ? "cowriedb migrate plan, then cowriedb migrate up"
            : lateText(late, isWorkingCopy),
      }),
      finding("schema", "privileges", roles.length === 0 ? "ok" : "note", {
        present: roles.length === 0 ? "as they should be" : counted(roles.length, "difference"),
        advised: "as role_privileges has them",
        why: "somebody may do more, or less, than his task needs",
        command: "cowriedb runbook show grant-roles",
      }),
      ...shadows.map(({ name, remedy }) =>
        finding("shadows", visible(name), "note", {
          present: "left by a run that was killed",
          advised: "gone",
          why: "it takes up space, and nobody works with it",
          command: visible(remedy),
        }),
      ),
    ],
    health: await healthOf(
      database,
      place,
      status.migrations.every(({ state }) => state === "applied"),
    ),
  };
}

function staleOf({ migrations, procedures }: SchemaStatus): string[] {
  return [...migrations, ...procedures].filter(({ state }) => state !== "applied").map(({ name }) => name);
}

async function driftFinding(target: Target, shadow: string, stop: StopRequest): Promise<Finding> {
  const told = {
    advised: "what the ledger says",
    why: "somebody has changed the schema by hand",
    command: "cowriedb migrate drift",
  };
  try {
    const { differences, ledger, changed_downs: downs } = await driftOf(target, { shadow, stop });
    const [fault] = ledger.broken;
    if (fault !== undefined) {
      return finding("schema", "ledger", "warning", {
        ...{ present: `entry ${fault.ledger_id} is not as it was written`, advised: "a whole chain" },
        ...{ why: "somebody has changed the ledger by hand", command: "cowriedb migrate verify" },
      });
    }
    const real = differences.filter(({ is_cosmetic }) => !is_cosmetic);
    const [first] = real;
    const [down] = downs;
    if (first === undefined && down !== undefined) {
      return finding("schema", "down files", "warning", {
        ...{
          present: `that of ${visible(down.name)} was edited since`,
          advised: "as they were applied with",
        },
        ...{ why: "the way back is not the one that was proved", command: "cowriedb migrate verify" },
      });
    }
    const present =
      first === undefined
        ? told.advised
        : `${counted(real.length, "difference")}, the first: ${visible(first.sentence)}`;
    return finding("schema", "drift", first === undefined ? "ok" : "warning", { ...told, present });
  } catch (error) {
    if (!(error instanceof CowriedbError) || error.code === "migrate.stopped") throw error;
    const why = "nobody knows whether the schema was changed by hand";
    return finding("schema", "drift", "note", {
      ...{ ...told, why, present: `not compared: ${error.message}` },
      command: error.hint ?? told.command,
    });
  }
}

function finding(
  area: Finding["area"],
  subject: string,
  level: Finding["level"],
  rest: Pick<Finding, "present" | "advised" | "why" | "command">,
): Finding {
  return { area, subject, level, ...rest };
}

function placeOf(target: Target): Place {
  if (target.dialect === "postgres") return { free_bytes: -1, wal_bytes: -1 };
  const { bavail, bsize } = statfsSync(dirname(resolve(target.path)));
  const log = statSync(`${target.path}-wal`, { throwIfNoEntry: false });
  return { free_bytes: bavail * bsize, wal_bytes: log?.size ?? 0 };
}

function shownPlace({ free_bytes, wal_bytes }: Place): Record<keyof Place, number | null> {
  return { free_bytes: free_bytes < 0 ? null : free_bytes, wal_bytes: wal_bytes < 0 ? null : wal_bytes };
}

/** As `better-sqlite3 12.11.1`. */
function driverOf({ dialect }: Target): string {
  const name = dialect === "sqlite" ? "better-sqlite3" : "postgres";
  // Not every package lets its package.json be imported.
  const folder =
    createRequire(import.meta.url)
      .resolve(name)
      .split(`node_modules/${name}/`)[0] ?? "";
  const text = readFileSync(`${folder}node_modules/${name}/package.json`, "utf8");
  return `${name} ${(JSON.parse(text) as { version: string }).version}`;
}

type Document = {
  store: string;
  versions: Record<string, string | null>;
  sizes: Health["sizes"];
  findings: Finding[];
} & {
  free_bytes: number | null;
};

function textOf({ store, versions, sizes, findings, free_bytes: free }: Document): string {
  const { engine, schema, cowriedb, node, driver } = versions;
  const largest = sizes
    .slice(0, 3)
    .map(({ name, size_bytes }) => `${visible(name)} ${readableBytes(size_bytes)}`);
  const ills = findings.filter(({ level }) => level !== "ok");
  const told = ills.slice(0, mostTold);
  const marks = { fault: red("✘"), warning: red("!"), note: yellow("…"), ok: green("✔") };
  return [
    `${bold(store)}  ${engine ?? ""}, schema ${schema ?? ""}`,
    `  cowriedb ${cowriedb ?? ""}, node ${node ?? ""}, ${driver ?? ""}`,
    ...(largest.length === 0 ? [] : [`  largest: ${largest.join(", ")}`]),
    ...(free === null ? [] : [`  free on its disk: ${readableBytes(free)}`]),
    ...told.map(
      ({ subject, level, present, advised, why, command }) =>
        `${marks[level]} ${visible(subject)}: ${visible(present)}; should be: ${advised}; ${why}. Do: ${visible(command)}`,
    ),
    ...(ills.length > told.length ? [`And ${ills.length - told.length} more: cowriedb doctor --json`] : []),
    ills.length === 0
      ? `${green("✔")} ${counted(findings.length, "thing")} looked at; nothing wants doing.`
      : `${counted(ills.length, "thing")} of ${findings.length} looked at ${ills.length === 1 ? "wants" : "want"} somebody.`,
  ].join("\n");
}
