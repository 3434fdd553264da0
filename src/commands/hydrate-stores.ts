import { targetOf } from "../config.ts";
import { usageError } from "../errors.ts";
import { assertCurrent, migrateUp, schemaStatus } from "../migrate/migrate.ts";
import type { CommonOptions } from "./output.ts";
import type { ReportOptions } from "./reported.ts";
import { withAnyStore, type StoreDatabase } from "./store.ts";

/** Options of `cowriedb hydrate`. */
export interface HydrateCommandOptions extends CommonOptions, ReportOptions {
  from: string;
  to: string;
  resume: boolean;
  cutover: boolean;
  reopen: boolean;
  workers: string;
  verify: boolean;
  "verify-only": boolean;
  "dry-run": boolean;
  manifest: string;
  confirm: string;
}

/** Opens both stores; the target is made one where there is none, unless both are only looked at. */
export async function between<T>(
  options: HydrateCommandOptions & { isLooking?: boolean },
  work: (source: StoreDatabase, target: StoreDatabase) => Promise<T>,
): Promise<T> {
  const isLooking = options.isLooking === true;
  const isFile = targetOf(options.to, process.env, "--to").dialect === "sqlite";
  return withAnyStore({ ...options, db: options.from }, { word: "--from" }, async ({ database: source }) => {
    await assertCurrent(source);
    const how = { create: isFile && source.dialect === "postgres" && !isLooking, word: "--to" };
    return withAnyStore({ ...options, db: options.to }, how, async ({ database: target, changes }) => {
      if (!isLooking && (await schemaStatus(target)).schema_version === null)
        await migrateUp(target, changes);
      await assertCurrent(target);
      return work(source, target);
    });
  });
}

/** Sees that the options name one store of each engine, before either is opened. */
export function assertTwoEngines({ from, to }: HydrateCommandOptions): void {
  const { dialect } = targetOf(from, process.env, "--from");
  if (dialect === targetOf(to, process.env, "--to").dialect)
    throw usageError(
      "hydrate copies between SQLite and PostgreSQL, and --from and --to name the same engine.",
      "Name one of each; a copy within one engine is: cowriedb backup",
    );
}

/** Where the one of both stores is that is on a server. */
export function urlOf({ from, to }: HydrateCommandOptions): string {
  for (const [word, option] of Object.entries({ "--from": from, "--to": to })) {
    const target = targetOf(option, process.env, word);
    if (target.dialect === "postgres") return target.url;
  }
  return "";
}
