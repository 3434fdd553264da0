import { readFileSync } from "node:fs";
import { hexDigestOf } from "../checksum.ts";
import { packageFolder } from "../migrate/files/files.ts";
import { modelDifferences, type DialectDifference, type Model } from "./model.ts";

/** A difference that is as it should be, and why. */
interface AllowedDifference extends DialectDifference {
  reason: string;
}

/** The differences that are allowed, one a line. */
export const differencesPath = "migrations/dialect-differences.tsv";

/** So long may a value be that stands there whole; of a longer one there is a digest. */
const longest = 100;

/** What is allowed. */
export function readAllowed(): AllowedDifference[] {
  return readFileSync(packageFolder + differencesPath, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [kind = "", name = "", attribute = "", sqlite = "", postgres = "", reason = ""] =
        line.split("\t");
      return { kind, name, attribute, sqlite, postgres, reason };
    });
}

/** Where the dialects differ and it is not allowed, and what is allowed for nothing; one line a problem. */
export function parityProblems(
  sqlite: Model,
  postgres: Model,
  allowed: readonly AllowedDifference[] = readAllowed(),
): string[] {
  const found = modelDifferences(sqlite, postgres).map(lineOf);
  const known = allowed.map(lineOf);
  return [
    ...allowed
      .filter(({ reason }) => reason === "")
      .map((one) => `${differencesPath}: ${one.kind} ${one.name}: there is no reason`),
    ...found
      .filter((line) => !known.includes(line))
      .map((line) => {
        const [kind, name, attribute, ours, theirs] = line.split("\t");
        return `${kind} ${name}: ${attribute} is ${ours} in sqlite, ${theirs} in postgres. Mend one, or allow it: ${line}`;
      }),
    ...known
      .filter((line, index) => !found.includes(line) || known.indexOf(line) !== index)
      .map((line) => `${differencesPath} allows what is not there: ${line}`),
  ];
}

function lineOf({ kind, name, attribute, sqlite, postgres }: DialectDifference): string {
  return [kind, name, attribute, inShort(sqlite), inShort(postgres)].join("\t");
}

function inShort(value: string): string {
  return value.length <= longest ? value : `#${hexDigestOf(value).slice(0, 12)}`;
}
