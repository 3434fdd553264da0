import { maybeTextOf, packageFolder, type Dialect } from "../files/names.ts";
import type { Work } from "../files/lock-rules.ts";

/** A line of a `costs.tsv`: what a migration was measured to do to one table, or, where that is `-`, beside. */
export interface Cost {
  dialect: Dialect;
  /**
   * The migration; `procedures` for what is put in place behind all of them; `references` for SQLite's look at the references of all
   * rows before a changed schema is committed.
   */
  migration: string;
  /** The first 16 digits of the up file's digest; `-` where any text will do. */
  digest: string;
  table: string;
  /** `-` of a table that is read before anything is locked. */
  lock: string;
  work: Work;
  /** Milliseconds on an empty table. */
  fixed_ms: number;
  /** Milliseconds more for each million rows. */
  per_million_ms: number;
  /** Where, when and with how many rows. */
  measured: string;
}

/** The costs that are kept beside the migrations of the package. */
export const packageCosts = `${packageFolder}migrations/costs.tsv`;

/** The measured costs of a file; none where there is no such file. */
export function readCosts(path: string, dialect: Dialect): Cost[] {
  return (maybeTextOf(path) ?? "")
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line): Cost => {
      const [
        engine,
        migration = "",
        digest = "",
        table = "",
        lock = "",
        work = "",
        fixed,
        slope,
        measured = "",
      ] = line.split("\t");
      return {
        ...{ dialect: engine as Dialect, migration, digest, table, lock, work: work as Work, measured },
        ...{ fixed_ms: Number(fixed), per_million_ms: Number(slope) },
      };
    })
    .filter((cost) => cost.dialect === dialect);
}

/** What was measured of a migration whose file has this digest. */
export function costsOf(costs: readonly Cost[], migration: string, digest: string): Cost[] {
  return costs.filter(
    (cost) => cost.migration === migration && (cost.digest === "-" || digest.startsWith(cost.digest)),
  );
}

const columns = [
  "dialect",
  "migration",
  "digest",
  "table",
  "lock",
  "work",
  "fixed_ms",
  "per_million_ms",
  "measured",
] as const;

/** The text of a file of costs with what was measured anew in the place of what it had of the same migrations. */
export function costsText(known: string, found: readonly Cost[]): string {
  const anew = new Set(found.map(({ dialect, migration }) => `${dialect}\t${migration}`));
  const kept = known
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== "" && !anew.has(line.split("\t").slice(0, 2).join("\t")));
  const lines = found.map((cost) => columns.map((column) => String(cost[column])).join("\t"));
  return `${[columns.join("\t"), ...[...kept, ...lines].sort()].join("\n")}\n`;
}
