import { CowriedbError, exitCodes, usageError, type ExitCode } from "../errors.ts";
import { targetOf } from "../config.ts";
import { headerOf, isWorkingCopy, readMigrations } from "../migrate/files/files.ts";
import { readingOnly } from "../migrate/store.ts";
import { refuseStale } from "../migrate/costs/live.ts";
import { basisOf, planUp } from "../migrate/plan.ts";
import { editedDowns } from "../migrate/history/down-files.ts";
import { downPlan, migrateDown, migrateUp, schemaStatus, type Standing } from "../migrate/migrate.ts";
import { lastUp } from "../migrate/reach.ts";
import { proveLedger } from "../migrate/ledger.ts";
import { roleDifferences, type RoleDifference } from "../migrate/roles.ts";
import { heightsOf, readLedger, storeTags } from "../migrate/status.ts";
import { readTags } from "../migrate/files/tags.ts";
import { verifySchema } from "../migrate/verify.ts";
import { upTo } from "../migrate/work.ts";
import { counted, green, red, shellWord, visible, yellow } from "../term.ts";
import { mostNamed, planDocument, planText, proceduresText } from "./migrate-plan.ts";
import { changedAmong, editedLines, editedText, faultLines, ledgerText } from "./ledger-text.ts";
import {
  answerNothingTaken,
  downReach,
  nextText,
  lossText,
  reachWords,
  standingsTable,
  takenText,
  targetReach,
  targetWords,
  type TargetOptions,
  type UpTarget,
} from "./migrate-target.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withAnyStore } from "./store.ts";

/** `cowriedb migrate up`: applies what is pending, up to its target, all of it in one transaction. */
export async function up(
  options: CommonOptions & UpTarget & { "dry-run": boolean; plan: string },
): Promise<void> {
  if (options["dry-run"]) return plan(options);
  const reach = targetReach(options);
  await withAnyStore(options, {}, async ({ database, changes }) => {
    const last = lastUp(heightsOf(database, await readLedger(database)), reach);
    const result = await migrateUp(
      database,
      changes,
      (entries, live, chosen) => {
        refuseStale(options.plan, basisOf(database.dialect, entries, live, chosen));
      },
      { choose: upTo(last, options["out-of-order"], database.name) },
    );
    const roles = await roleDifferences(database);
    const { schema_version: version } = result;
    const rest = last === "" ? 0 : (await schemaStatus(database)).migrations.filter(isPending).length;
    answer(options, { ...result, roles }, () =>
      [
        ...(result.migrations.length === 0 && result.procedures === 0
          ? [
              `Nothing is pending${rest === 0 ? "" : ` up to ${last}`}; the schema is at ${version ?? "nothing"}.`,
            ]
          : [
              ...result.migrations.map(
                ({ name, duration_ms }) => `${green("✔")} ${name} (${duration_ms} ms)`,
              ),
              `${counted(result.procedures, "procedure was", "procedures were")} put in place. The schema is at ${version ?? ""}.`,
            ]),
        ...(rest === 0
          ? []
          : [
              `${counted(rest, "migration is", "migrations are")} pending still; the procedures come with the last. Next: cowriedb migrate up`,
            ]),
        ...rolesText(roles),
      ].join("\n"),
    );
  });
}

/** Options of `cowriedb migrate down`. */
export interface DownOptions extends CommonOptions, TargetOptions {
  confirm: string;
  "dry-run": boolean;
  all: boolean;
}

/** `cowriedb migrate down`: takes back the last migration, several, or all of them, after a confirmation by name. */
export async function down(options: DownOptions): Promise<void> {
  const reach = downReach(options);
  await withAnyStore(options, {}, async ({ database, changes }) => {
    const migrations = await downPlan(database, reach);
    const [last] = migrations;
    if (last === undefined && options.to !== "") {
      const { schema_version } = await schemaStatus(database);
      return answerNothingTaken(options, database.name, schema_version);
    }
    if (last === undefined)
      throw new CowriedbError("migrate.nothing", `${database.name} has no migration to take back.`);
    const isAll = migrations.length > 1 && migrations.length === readMigrations(database.dialect).length;
    const losses = migrations.map(({ name, upText }) => ({
      migration: name,
      loss: headerOf(upText, "Undo"),
    }));
    const names = migrations.map(({ name }) => name);
    const edited = (await editedDowns(database)).filter(({ name }) => names.includes(name));
    const changed = changedAmong((await schemaStatus(database)).migrations, names);
    const lost =
      (isAll ? " All that the store holds is lost." : lossText(losses)) + editedText(edited, changed);
    const taken = isAll
      ? `all ${migrations.length} migrations of ${visible(database.name)}`
      : takenText(losses);
    if (options["dry-run"]) {
      const loss = isAll ? "All that the store holds is lost." : losses.map((one) => one.loss).join(" ");
      const files = { changed, changed_downs: edited };
      const document = { would_take_back: last.name, migrations: names, losses, loss, ...files };
      answer(options, document, () => `Would take back ${taken}.${lost}`);
      return;
    }
    const confirmed = isAll ? [options.db, database.name].filter((name) => name !== "") : [last.name];
    if (!confirmed.includes(options.confirm)) {
      throw usageError(
        `This takes back ${taken}.${lost}`,
        `To go on, run: cowriedb migrate down${reachWords(options)} --confirm ${shellWord(visible(confirmed.at(-1) ?? ""))}`,
      );
    }
    const result = await migrateDown(changes, migrations);
    const next = isAll ? "" : " The procedures are dropped. Next: cowriedb migrate up";
    answer(
      options,
      result,
      () => `Took back ${taken}; the schema is at ${result.schema_version ?? "nothing"}.${next}`,
    );
  });
}

/**
 * `cowriedb migrate status`: every migration and procedure with its state; people get those procedures alone that are not as
 * they should be, and all with `--verbose`.
 */
export async function status(options: CommonOptions): Promise<void> {
  await withAnyStore(options, {}, async ({ database }) => {
    const found = await schemaStatus(database);
    const tags = readTags(storeTags);
    const roles = await roleDifferences(database);
    const countOf = (state: Standing["state"]): number =>
      found.procedures.filter((standing) => standing.state === state).length;
    // After a way down none of them is there.
    const hidden = options.verbose ? [] : ["applied", ...(countOf("pending") > mostNamed ? ["pending"] : [])];
    const shown = found.procedures.filter(({ state }) => !hidden.includes(state));
    const told = (state: Standing["state"], mark: string): string[] =>
      hidden.includes(state) && countOf(state) > 0
        ? [
            `${mark}  ${counted(countOf(state), "procedure is", "procedures are")} ${state}; --verbose lists them.`,
          ]
        : [];
    answer(options, { ...found, tags, roles }, () =>
      [
        standingsTable([...found.migrations, ...shown], found, tags),
        ...told("applied", green("✔")),
        ...told("pending", yellow("…")),
        ...nextText(found, isWorkingCopy),
        ...rolesText(roles),
      ].join("\n"),
    );
  });
}

/** `cowriedb migrate plan`: what `up` would do, in order; changes nothing and takes no lock. */
export async function plan(options: CommonOptions & UpTarget): Promise<void> {
  const reach = targetReach(options);
  const { last, found } = await readingOnly(targetOf(options.db), async (database) => {
    const name = lastUp(heightsOf(database, await readLedger(database)), reach);
    return { last: name, found: await planUp(database, upTo(name, options["out-of-order"], database.name)) };
  });
  const migrations = found.migrations.map(({ name, why, locks, undo, upText }) => ({
    ...{ name, why, locks, undo, statements: upText, reversible: true },
  }));
  const procedures = found.procedures.map(({ name, state }) => ({ name, state }));
  const { remade } = found;
  answer(options, { ...planDocument(found), migrations, procedures, remade }, () =>
    found.steps.length === 0
      ? `Nothing is pending${last === "" ? "" : ` up to ${last}`}; the schema is at ${found.schema_version ?? ""}.`
      : [
          planText(found, migrations, options.verbose),
          ...proceduresText(
            [...procedures, ...remade.map((name) => ({ name, state: "made anew" }))],
            options.verbose,
          ),
          `Next: cowriedb migrate up${targetWords(last, options["out-of-order"])} --plan ${found.plan_id}`,
        ].join("\n"),
  );
}

/** `cowriedb migrate verify`: runs the verify query of every applied migration; exit code 20 where one does not hold. */
export async function verify(options: CommonOptions): Promise<ExitCode> {
  return withAnyStore(options, {}, async ({ database }) => {
    const found = await schemaStatus(database);
    if (found.schema_version === null) {
      throw new CowriedbError("migrate.no_store", `${database.name} holds no cowriedb store.`, {
        hint: "Run: cowriedb init",
      });
    }
    const broken = await verifySchema(database);
    const changed = [...found.migrations, ...found.procedures].filter(
      ({ state }) => state !== "applied" && state !== "pending",
    );
    const ledger = await proveLedger(database);
    const edited = await editedDowns(database);
    const holds = [broken, changed, edited, ledger.broken].every(({ length }) => length === 0);
    answer(options, { holds, broken, changed, changed_downs: edited, ledger }, () =>
      holds
        ? `${green("✔")} Every applied migration holds; ${ledgerText(ledger)}.`
        : [
            ...faultLines(ledger),
            ...broken.map(
              ({ name, rows }) =>
                `${red("✘")} ${name}: its verify query finds ${counted(rows, "thing")} missing`,
            ),
            ...changed.map(({ name, state }) => `${red("✘")} ${name}: ${state}`),
            ...editedLines(edited),
            "Next: cowriedb migrate status",
          ].join("\n"),
    );
    return holds ? exitCodes.done : exitCodes.differences;
  });
}

/** What of the roles is not as it should be, in a line or two; nothing where all is right. */
function rolesText(roles: readonly RoleDifference[]): string[] {
  const missing = roles.filter(({ difference }) => difference === "missing role");
  const other = roles.filter(({ difference }) => difference !== "missing role");
  const lines = [
    ...(missing.length === 0
      ? []
      : [`${yellow("…")} Not on this server: ${missing.map(({ role_name }) => role_name).join(", ")}`]),
    ...(other.length === 0
      ? []
      : [
          `${yellow("…")} ${counted(other.length, "privilege differs", "privileges differ")}, the first: ${other[0]?.role_name ?? ""}, ${other[0]?.privilege ?? ""} of ${other[0]?.object_kind ?? ""} ${visible(other[0]?.object_name ?? "")}, ${other[0]?.difference ?? ""}`,
        ]),
  ];
  return lines.length === 0 ? [] : [...lines, "Next: cowriedb runbook show grant-roles"];
}

function isPending({ state }: Standing): boolean {
  return state === "pending";
}
