import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { hexDigestOf } from "../../checksum.ts";
import { CowriedbError, messageOf } from "../../errors.ts";
import { visible } from "../../term.ts";
import { headerOf, headLines, maybeTextOf, scriptName, type Dialect } from "./names.ts";
import { shellLine } from "./shell-lines.ts";
import { statementsOf } from "./statements.ts";

/** How a file is run: with others in one transaction, outside of any, or again and again in small ones. */
export type Transactions = "one" | "none" | "batches";

/** The steps of a change of a column in use, in their order: both forms side by side, what was there copied, the old form gone. */
export const phases = ["expand", "backfill", "contract"] as const;

export type Phase = (typeof phases)[number];

/** One direction of a migration. */
export interface Script {
  text: string;
  digest: string;
  transactions: Transactions;
  /** Undefined where it is none of a change in phases. */
  phase: Phase | undefined;
  /** Of batches: the query that gives a row as long as the file is to be run again. */
  whileQuery: string;
}

/** A migration of somebody's own folder. */
export interface FolderMigration {
  name: string;
  up: Script;
  /** Not there where it cannot be taken back. */
  down: Script | undefined;
  /** Gives no rows when the migration holds. */
  verify: string | undefined;
}

/** Somebody's own folder, as it is for one engine. */
export interface Folder {
  /** The name under which the ledger keeps it. */
  owner: string;
  /** Where it is. */
  path: string;
  /** As it may be printed. */
  shown: string;
  migrations: FolderMigration[];
}

/**
 * Reads `FOLDER/sqlite` or `FOLDER/postgres`, and `FOLDER/verify` of the same engine. Throws `migrate.no_folder`,
 * `migrate.name` and `migrate.bad_header`.
 */
export function readFolder(path: string, owner: string, dialect: Dialect): Folder {
  const root = resolve(path);
  const name = ownerOf(path, owner);
  const shown = visible(path);
  const files = filesOf(join(root, dialect), `${shown}/${dialect}`);
  const names = [...new Set(files.map((file) => baseOf(file, `${shown}/${dialect}`)))].sort();
  const twice = names.find((base, index) => names[index + 1]?.slice(0, 4) === base.slice(0, 4));
  if (twice !== undefined) {
    throw new CowriedbError(
      "migrate.name",
      `${shown}/${dialect} has two migrations ${twice.slice(0, 4)}: ${names.filter((base) => base.slice(0, 4) === twice.slice(0, 4)).join(", ")}.`,
      { hint: "Give the one that is not applied another number: cowriedb migrate renumber" },
    );
  }
  const scriptOf = (base: string, direction: "up" | "down"): Script | undefined => {
    const file = `${base}.${direction}.sql`;
    if (!files.includes(file)) return undefined;
    return readScript(readFileSync(join(root, dialect, file)), dialect, `${shown}/${dialect}/${file}`);
  };
  const stray = verifyFilesOf(join(root, "verify", dialect)).find((base) => !names.includes(base));
  if (stray !== undefined) {
    throw new CowriedbError(
      "migrate.name",
      `${shown}/verify/${dialect}/${visible(stray)}.sql is of no migration of ${shown}/${dialect}, and would never be run.`,
      { hint: "Name it as its migration, NNNN_object_change.sql, or move it away." },
    );
  }
  return {
    owner: name,
    path: root,
    shown,
    migrations: names.map((base) => {
      const up = scriptOf(base, "up");
      if (up === undefined) throw badName(`${shown}/${dialect}/${base} has a down file and no up file.`);
      const verify = join(root, "verify", dialect, `${base}.sql`);
      return { name: base, up, down: scriptOf(base, "down"), verify: maybeTextOf(verify) };
    }),
  };
}

/** The name under which the ledger keeps a folder. Throws `migrate.owner`. */
export function ownerOf(path: string, owner: string): string {
  const name = owner === "" ? basename(resolve(path)) : owner;
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return name;
  throw new CowriedbError(
    "migrate.owner",
    `${JSON.stringify(visible(name))} cannot be the name under which the ledger keeps a folder.`,
    { hint: "Give one of letters, digits, dots, dashes and underscores: --owner NAME" },
  );
}

function filesOf(folder: string, shown: string): string[] {
  try {
    return readdirSync(folder).filter((file) => !file.startsWith("."));
  } catch (cause) {
    throw new CowriedbError("migrate.no_folder", `The folder ${shown} cannot be read: ${messageOf(cause)}.`, {
      hint: "Give the folder that has sqlite/ or postgres/ with NNNN_name.up.sql and .down.sql in it: --dir FOLDER",
      cause,
    });
  }
}

function verifyFilesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".sql") && !file.startsWith("."))
    .map((file) => file.slice(0, -".sql".length));
}

function baseOf(file: string, shown: string): string {
  const base = scriptName.exec(file)?.[1];
  if (base === undefined) throw badName(`${shown}/${visible(file)} is no migration's name.`);
  return base;
}

function badName(message: string): CowriedbError {
  return new CowriedbError("migrate.name", message, {
    hint: "Name it NNNN_object_change.up.sql, in small letters from a to z, digits and _, with a .down.sql beside it; or move it away.",
  });
}

/** What the runner goes by of a header; whatever else stands there is for people. */
const keys = ["Transaction", "Phase", "Unchecked", "While", "Loses", "Until"];

/** A line of a header that means one of them and is not read as it: `-- transaction: none`, `--Phases: expand`. */
function unreadKey(text: string): { line: string; key: string } | undefined {
  for (const line of headLines(text)) {
    const [, word] = /^--\s*([A-Za-z]+)\s*:/.exec(line) ?? [];
    const plain = (one: string): string => one.toLowerCase().replace(/s$/, "");
    const key = keys.find((one) => word !== undefined && plain(one) === plain(word));
    if (word !== undefined && key !== undefined && !new RegExp(`^-- ${key}: +\\S`).test(line))
      return { line: line.trim(), key };
  }
  return undefined;
}

/** The digest of a script: line ends are those of whoever checked it out, and count for nothing. */
export function scriptDigest(text: string): string {
  return hexDigestOf(text.replaceAll("\r\n", "\n"));
}

/** A file with what its header says of transactions; a header is not needed. Throws `migrate.bad_header`. */
export function readScript(bytes: Buffer, dialect: Dialect, shown: string): Script {
  const text = decoded(bytes, shown);
  const unread = unreadKey(text);
  if (unread !== undefined) {
    const { line, key } = unread;
    throw badHeader(shown, `${JSON.stringify(visible(line))} is not read; the key is "-- ${key}: …"`);
  }
  const said = headerOf(text, "Transaction").replace(/\.$/, "");
  const whileQuery = headerOf(text, "While").replace(/;$/, "");
  const transactions = said === "" ? "one" : said;
  if (transactions !== "one" && transactions !== "none" && transactions !== "batches")
    throw badHeader(shown, `Transaction is ${JSON.stringify(visible(said))}, not one, none or batches`);
  if ((transactions === "batches") !== (whileQuery !== ""))
    throw badHeader(shown, "Transaction: batches and While: QUERY go together");
  const word = headerOf(text, "Phase").replace(/\.$/, "");
  const phase = phases.find((one) => one === word);
  if (word !== "" && phase === undefined)
    throw badHeader(shown, `Phase is ${JSON.stringify(visible(word))}, not expand, backfill or contract`);
  const foreign = shellLine(text, dialect);
  if (foreign !== undefined) throw badHeader(shown, foreign.why, foreign.hint);
  if (transactions === "none" && statementsOf(text, dialect).length > 1)
    throw badHeader(shown, "outside of a transaction it may have one statement, and has more");
  if (endsTransaction(text, dialect))
    throw badHeader(shown, "it begins or ends a transaction itself, which is the runner's");
  return { text, digest: scriptDigest(text), transactions, phase, whileQuery };
}

function badHeader(
  shown: string,
  why: string,
  hint = "Mend the file; runbooks/reference/own-migrations.md has the keys of a header.",
): CowriedbError {
  return new CowriedbError("migrate.bad_header", `${shown} cannot be run: ${why}.`, { hint });
}

/** The text of a file, without a mark of the byte order, which is no statement. What is no text would be run as another one. */
function decoded(bytes: Buffer, shown: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badHeader(shown, "it is not written in UTF-8");
  }
  if (text.includes("\0")) throw badHeader(shown, "it has a NUL in it, at which SQLite takes it to end");
  return text;
}

/** Whether a statement of a file is BEGIN, COMMIT or the like; what stands in comments, texts and bodies is none. */
function endsTransaction(text: string, dialect: Dialect): boolean {
  // Most files need not be taken apart.
  if (!/\b(?:begin|start|commit|end|abort|rollback|prepare)\b/i.test(text)) return false;
  return statementsOf(text, dialect).some(({ words }) =>
    /^(?:begin|start transaction|commit|end|abort|rollback(?! (?:(?:transaction|work) )?to )|prepare transaction)\b/.test(
      words,
    ),
  );
}

/** The name of a folder's migration in the ledger. */
export function ledgerName(folder: Folder, name: string): string {
  return `${folder.owner}/${name}`;
}
