import { basename } from "node:path";
import { CowriedbError, usageError } from "../errors.ts";
import { visible } from "../term.ts";
import type { Standing } from "./status.ts";
import type { Tag } from "./files/tags.ts";

/** How far a change goes, as it was asked for. */
export interface Reach {
  /** A number, a name, or `@` and a tag; `0` is before the first. Empty where it is not given. */
  to: string;
  /** So many migrations; undefined where it is not given. */
  count: number | undefined;
}

/** Migrations as they stand, of a store or of a folder. */
export interface Heights {
  /** As messages call it. */
  subject: string;
  /** All that have files, in order. */
  names: readonly string[];
  /** Those in force, in the order in which they were applied. */
  applied: readonly string[];
  tags: readonly Tag[];
}

/** The last migration to apply; empty where no end was set. Throws `migrate.wrong_way` where it lies below what is applied. */
export function lastUp(heights: Heights, { to, count }: Reach): string {
  const { subject, names, applied } = heights;
  const newest = newestOf(applied);
  if (count !== undefined) {
    const pending = names.filter((name) => !applied.includes(name));
    return pending[count - 1] ?? pending.at(-1) ?? newest;
  }
  if (to === "") return "";
  const last = named(heights, to);
  const isBehind = last === "" || (last < newest && applied.includes(last));
  if (!isBehind) return last;
  const shown = last === "" ? "nothing" : last;
  throw new CowriedbError(
    "migrate.wrong_way",
    newest === ""
      ? `Nothing of ${subject} is applied, so there is nothing to go to with --to 0.`
      : `${subject} is at ${newest}; to ${shown} it goes down, not up.`,
    {
      hint:
        newest === ""
          ? "Run: cowriedb migrate status"
          : `Nothing was changed. Run: cowriedb migrate down --to ${last === "" ? "0" : last} --dry-run`,
    },
  );
}

/**
 * What is to be taken back, the last applied first: as the order was in which they were applied, not that of their numbers. Throws
 * `migrate.wrong_way` where the migration to go down to is not applied.
 */
export function takenBack(heights: Heights, { to, count }: Reach): string[] {
  const { subject, applied } = heights;
  if (count !== undefined) return applied.slice(-count).reverse();
  const target = named(heights, to);
  const index = applied.indexOf(target);
  if (target !== "" && index < 0) {
    const newest = newestOf(applied);
    throw new CowriedbError(
      "migrate.wrong_way",
      `${subject} is at ${newest === "" ? "nothing" : newest}, and ${target} is not applied; to it one goes up, not down.`,
      { hint: `Nothing was changed. Run: cowriedb migrate up --to ${target} --dry-run` },
    );
  }
  return applied.slice(index + 1).reverse();
}

/** The whole name of a migration that was given as its number, its name, its file or a tag; empty for `0`. Throws `migrate.name` and `migrate.tag`. */
export function named({ subject, names, tags }: Omit<Heights, "applied">, word: string): string {
  const given = basename(word).replace(/(?:\.up|\.down)?\.sql$/, "");
  if (given.startsWith("@")) {
    const found = tags.find(({ tag }) => tag === given.slice(1));
    if (found === undefined || !names.includes(found.migration)) {
      throw new CowriedbError(
        "migrate.tag",
        found === undefined
          ? `${subject} has no tag ${JSON.stringify(visible(given))}.`
          : `The tag ${visible(given)} is given to ${visible(found.migration)}, of which ${subject} has no file for this engine.`,
        { hint: "Run: cowriedb migrate status" },
      );
    }
    return found.migration;
  }
  if (/^0+$/.test(given)) return "";
  const number = /^\d{1,4}$/.test(given) ? given.padStart(4, "0") : "";
  const found = names.filter((name) => name === given || name.slice(0, 4) === number);
  const [name] = found;
  if (name !== undefined && found.length === 1) return name;
  const isTag = tags.some(({ tag }) => tag === given);
  throw new CowriedbError(
    "migrate.name",
    found.length > 1
      ? `${subject} has more than one migration ${number}: ${found.join(", ")}.`
      : `${subject} has no migration ${JSON.stringify(visible(given))}.`,
    {
      hint:
        found.length > 1
          ? "Name it whole, or run: cowriedb migrate renumber"
          : isTag
            ? `A tag is named as ${visible(`@${given}`)}.`
            : "Run: cowriedb migrate status",
    },
  );
}

/** Reads `--to` and `--count`. Throws where both are given. */
export function reachOf(to: string, count: string): Reach {
  if (to !== "" && count !== "") throw usageError("--to and --count are given both.", "Give one of them.");
  if (count === "") return { to, count: undefined };
  if (!/^[1-9]\d{0,3}$/.test(count)) {
    throw usageError(
      `--count must be a whole number from 1 to 9999; got ${JSON.stringify(visible(count))}.`,
      "Give how many migrations are to be applied or taken back.",
    );
  }
  return { to, count: Number(count) };
}

/** Of migrations that are numbered one way and applied another. */
export interface Disorder {
  /** Not applied, and others behind them are. */
  late: string[];
  /** Applied behind others that have greater numbers. */
  out_of_order: string[];
}

/** Finds what is late, and what was; `applied` is in the order in which they were applied. */
export function disorderOf(migrations: readonly Standing[], applied: readonly string[]): Disorder {
  const newest = newestOf(applied);
  return {
    late: migrations
      .filter(({ name, state }) => state === "pending" && name < newest)
      .map(({ name }) => name),
    out_of_order: applied
      .filter((name, index) => applied.slice(0, index).some((before) => before > name))
      .sort(),
  };
}

/**
 * Throws `migrate.out_of_order` where a migration is late: it would be applied behind such as were made to follow it. Another number
 * is no way out where the files are not the user's.
 */
export function refuseLate(
  subject: string,
  { migrations, late }: { migrations: readonly Standing[]; late: readonly string[] },
  isRenumberable: boolean,
): void {
  const [first] = late;
  if (first === undefined) return;
  const behind = migrations.filter(({ name, state }) => state !== "pending" && name > first);
  const more = behind.length > 3 ? ` and ${behind.length - 3} more` : "";
  const shown = behind.slice(0, 3).map(({ name }) => name);
  const others =
    late.length > 1 ? ` So does ${late.slice(1, 4).join(", ")}${late.length > 4 ? " and others" : ""}.` : "";
  throw new CowriedbError(
    "migrate.out_of_order",
    `Migration ${first} of ${subject} comes late: it is not applied, and ${shown.join(", ")}${more} behind it ${behind.length === 1 ? "is" : "are"}.${others}`,
    {
      hint:
        "Nothing was changed. " +
        (isRenumberable
          ? `Give it a number behind them: cowriedb migrate renumber ${first}; or apply`
          : "Apply") +
        ` ${late.length === 1 ? "it as it is" : "them as they are"}: cowriedb migrate up --out-of-order`,
    },
  );
}

/** What the ledger keeps as the reason of migrations that are applied although they are late. */
export function lateReasons(status: Disorder & { schema_version: string | null }): Map<string, string> {
  const reason = `out of order: ${status.schema_version ?? ""} was applied before`;
  return new Map(status.late.map((name) => [name, reason]));
}

function newestOf(applied: readonly string[]): string {
  return [...applied].sort().at(-1) ?? "";
}
