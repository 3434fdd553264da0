import type { Tag } from "../migrate/files/tags.ts";
import { reachOf, type Disorder, type Reach } from "../migrate/reach.ts";
import type { Standing } from "../migrate/status.ts";
import { usageError } from "../errors.ts";
import { answer, type CommonOptions } from "./output.ts";
import { green, red, table, visible, yellow } from "../term.ts";

/** What says how far a change goes. */
export interface TargetOptions {
  to: string;
  count: string;
}

/** What says how far a way up goes. */
export interface UpTarget extends TargetOptions {
  "out-of-order": boolean;
}

/** How far a change goes. Throws where it is said twice. */
export function targetReach({ to, count }: TargetOptions): Reach {
  return reachOf(to, count);
}

/** How far a way down goes: one step where nothing is said, to nothing with `--all`. Throws where it is said twice. */
export function downReach(options: TargetOptions & { all: boolean }): Reach {
  const reach = targetReach(options);
  const isSaid = reach.to !== "" || reach.count !== undefined;
  if (options.all && isSaid) throw usageError("--all is given beside --to or --count.", "Give one of them.");
  if (options.all) return { to: "0", count: undefined };
  return isSaid ? reach : { to: "", count: 1 };
}

/** The words of a command that goes as far. */
export function targetWords(last: string, allowsLate: boolean): string {
  return `${last === "" ? "" : ` --to ${last}`}${allowsLate ? " --out-of-order" : ""}`;
}

/** Migrations with their state and tags, a line each. */
export function standingsTable(
  standings: readonly Standing[],
  { late, out_of_order: outOfOrder }: Disorder,
  tags: readonly Tag[],
  owner = "",
): string {
  return table(
    standings.map(({ name, state, applied_at }) => [
      state === "applied" ? green("✔") : state === "pending" ? yellow("…") : red("✘"),
      `${owner}${name}`,
      `${state}${late.includes(name) ? ", late" : ""}${outOfOrder.includes(name) ? ", out of order" : ""}`,
      applied_at ?? "",
      tags
        .filter(({ migration }) => migration === name)
        .map(({ tag }) => `@${visible(tag)}`)
        .join(" "),
    ]),
  );
}

/** What to do next where migrations do not stand as they should, in a line; nothing where all are applied. */
export function nextText(
  { late, migrations }: Disorder & { migrations: readonly Standing[] },
  isRenumberable: boolean,
): string[] {
  const of = (state: Standing["state"]): string | undefined =>
    migrations.find((standing) => standing.state === state)?.name;
  if (of("missing_file") !== undefined) return ["Next: take the files that applied it, and look again"];
  if (of("changed") !== undefined)
    return [
      `Next: restore the file; where its comments alone are others: cowriedb migrate bless ${of("changed") ?? ""} --reason "…"`,
    ];
  if (late[0] !== undefined) return [`Next: ${lateText(late[0], isRenumberable)}`];
  return of("pending") === undefined ? [] : ["Next: cowriedb migrate plan"];
}

/** What is done with a migration that comes late; the files of an installed package get no other numbers. */
export function lateText(name: string, isRenumberable: boolean): string {
  const anyway = "cowriedb migrate up --out-of-order";
  return isRenumberable ? `cowriedb migrate renumber ${name}, or ${anyway}` : anyway;
}

/** What taking migrations back would lose. */
export interface Loss {
  migration: string;
  loss: string;
}

/** What stands behind the sentence that names what is taken back: what is lost, as far as headers say it. */
export function lossText(losses: readonly Loss[]): string {
  const said = losses.filter(({ loss }) => loss !== "");
  if (losses.length === 1) return said.map(({ loss }) => ` ${visible(loss)}`).join("");
  return said.length === 0
    ? ""
    : ` ${said.map(({ migration, loss }) => `${migration}: ${visible(loss)}`).join(" ")}`;
}

/** Answers where a way down ends at its begin, as where the same command was run before. */
export function answerNothingTaken(
  options: CommonOptions & { "dry-run": boolean },
  subject: string,
  schema_version: string | null,
): void {
  const document = options["dry-run"]
    ? { would_take_back: null, migrations: [], losses: [], loss: "", changed_downs: [] }
    : { migrations: [], procedures: 0, schema_version };
  answer(
    options,
    document,
    () => `Nothing is to be taken back; ${visible(subject)} is at ${schema_version ?? "nothing"}.`,
  );
}

/** As `0008_settings_create`, or `3 migrations, from 0008_settings_create down to 0006_session_summaries_create`. */
export function takenText(losses: readonly Loss[]): string {
  const first = losses[0]?.migration ?? "";
  const last = losses.at(-1)?.migration ?? "";
  return losses.length === 1 ? first : `${losses.length} migrations, from ${first} to ${last}`;
}

/** The words that say how far down one goes. */
export function reachWords({ all, to, count }: TargetOptions & { all: boolean }): string {
  if (all) return " --all";
  return `${to === "" ? "" : ` --to ${visible(to)}`}${count === "" ? "" : ` --count ${count}`}`;
}
