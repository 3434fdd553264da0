import type { Target } from "../../config.ts";
import type { Database } from "../../db/database.ts";
import { CowriedbError } from "../../errors.ts";
import { ledgerAppliedText, ledgerHasLedger } from "../../sql/generated.ts";
import type { ChangeRunner } from "../procedures/engine.ts";
import { packageFiles, type Dialect } from "../files/files.ts";
import { ledgerName, type Folder } from "../files/folder-files.ts";
import { inFolderSession } from "../folder/session.ts";
import { isChained, noteOne, type NamedText, type Rows } from "../ledger.ts";
import { lineAt, placedTokensOf, type Token } from "../files/statements.ts";

/** An edit that was accepted. */
export interface Blessed {
  name: string;
  /** The digest of the up file as it was applied, and as it is. */
  was: string;
  digest: string;
  /** The same of the down file; null where there was none, or is none. */
  down_was: string | null;
  down_digest: string | null;
}

/** The files of a migration as they are. */
type Files = NamedText & { downDigest: string | null };

/**
 * Accepts the edit of an applied migration's file that changes comments and blanks alone, and any of its down file, which has changed
 * nothing yet; notes who accepts it and why. Throws `migrate.not_blessed` with the first thing that is another in the up file, where
 * something else is.
 */
export async function blessMigration(changes: ChangeRunner, name: string, reason: string): Promise<Blessed> {
  return changes(async ({ rows, dialect }) => {
    const file = packageFiles(dialect).migrations.find((migration) => migration.name === name);
    return blessIn(rows, dialect, name, file, reason);
  });
}

/** The same for a migration of somebody's own folder. */
export async function blessFolder(
  database: Database,
  target: Target,
  folder: Folder,
  name: string,
  reason: string,
): Promise<Blessed> {
  const migration = folder.migrations.find((one) => one.name === name);
  const own = ledgerName(folder, name);
  const file =
    migration === undefined
      ? undefined
      : {
          ...{ name: own, digest: migration.up.digest, upText: migration.up.text },
          downDigest: migration.down?.digest ?? null,
        };
  return inFolderSession(database, target, async (session) =>
    session.transaction("rows", async ({ rows }) => blessIn(rows, database.dialect, own, file, reason)),
  );
}

async function blessIn(
  rows: Rows,
  dialect: Dialect,
  name: string,
  file: Files | undefined,
  reason: string,
): Promise<Blessed> {
  const hasLedger = Number((await rows(ledgerHasLedger, {}))[0]?.found) > 0;
  const chained = hasLedger && (await isChained(rows));
  if (!chained) throw refusal(name, "cannot be blessed before the ledger keeps texts, from 0024 on");
  const [applied] = await rows(ledgerAppliedText, { name });
  if (applied === undefined || applied.action === "down")
    throw refusal(name, "is not applied", "Its file may be edited as it is. Run: cowriedb migrate status");
  if (file === undefined) throw refusal(name, "has no file any more");
  const isSameUp = applied.digest === file.digest;
  if (isSameUp && applied.down_digest === file.downDigest)
    throw refusal(name, "is as it was applied", "Nothing is to be done.");
  if (!isSameUp && applied.body === null)
    throw refusal(name, "was applied before the ledger kept texts, and was changed before it began to");
  const difference = isSameUp ? undefined : firstDifference(applied.body ?? "", file.upText, dialect);
  if (difference !== undefined) throw refusal(name, `is another than was applied: ${difference}`);
  const { digest, upText, downDigest } = file;
  await noteOne(rows, {
    ...{ kind: "migration", action: "bless", name, digest, downDigest, reason },
    body: upText,
  });
  const { digest: was, down_digest: downWas } = applied;
  return { name, was, digest, down_was: downWas, down_digest: downDigest };
}

function refusal(name: string, why: string, hint = remedy): CowriedbError {
  return new CowriedbError("migrate.not_blessed", `Migration ${name} ${why}.`, { hint });
}

const remedy =
  "Nothing was changed. Restore the file, or add a new migration; to look at what is, run: cowriedb migrate status";

/** The first word in which two texts differ that an engine reads, with its lines; undefined where they say the same. */
export function firstDifference(was: string, is: string, dialect: Dialect): string | undefined {
  const [before, after] = [placedTokensOf(was, dialect), placedTokensOf(is, dialect)];
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const [one, other] = [before[index], after[index]];
    const isSame = one?.text === other?.text;
    if (isSame && gapOf(was, before, index) === gapOf(is, after, index)) continue;
    if (isSame) return `the blanks before ${shown(other, is)} are others, and mean something there`;
    return `${shown(one, was)} became ${shown(other, is)}`;
  }
  return undefined;
}

function shown(token: Token | undefined, text: string): string {
  if (token === undefined) return "nothing";
  return `${JSON.stringify(token.text.slice(0, 60))} in line ${lineAt(text, token.at)}`;
}

/**
 * What stands between a piece and the one before, where an engine takes it for something: `- -` is not `--`, `x '00'` is not `x'00'`,
 * and texts are one text in PostgreSQL where a line ends between them.
 */
function gapOf(text: string, tokens: readonly Token[], index: number): string {
  const [left, right] = [tokens[index - 1], tokens[index]];
  if (left === undefined || right === undefined) return "";
  const isOperator = /[-+*/<>=~!@#%^&|`?:.]$/.test(left.text) && /^[-+*/<>=~!@#%^&|`?:.]/.test(right.text);
  const isPrefix = /[\w$&\u0080-\uffff]$/.test(left.text) && /^["'$`[&]/.test(right.text);
  const areTexts = /['"]$/.test(left.text) && /^['"]/.test(right.text);
  const isNumber = /^[0-9.]/.test(left.text) && /^[\w.]/.test(right.text);
  if (!isOperator && !isPrefix && !areTexts && !isNumber) return "";
  const gap = text.slice(left.at + left.text.length, right.at);
  if (gap === "") return "none";
  return areTexts && /[\n\r]/.test(gap) ? "line" : "blank";
}
