import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hexDigestOf, runningDigest } from "../checksum.ts";
import { copyOutOfPostgres } from "../db/copy-out.ts";
import type { Database } from "../db/database.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import { hydrateProofText } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { visible } from "../term.ts";
import { nowText } from "../instant.ts";
import { writeWhole } from "../whole-file.ts";
import { encodePart, InexactKey } from "./rows/encode.ts";
import { proofForm } from "./parts/proof-part.ts";
import type { CopyProof } from "./proof.ts";
import type { CopiedTable } from "./rows/tables.ts";
import { countBehind } from "./tails.ts";

const format = "cowriedb manifest 1";

/** A part of a table in a manifest. */
interface ManifestPart {
  after: string | null;
  last: string;
  rows: number;
  /** BLAKE3 of its rows as COPY's binary form has them, without header and end. */
  digest: string;
}

/** What was in both stores when one was proved to be a copy of the other. */
export interface Manifest {
  format: typeof format;
  source: string;
  target: string;
  rows: number;
  quarantined: number;
  sessions: number;
  chain_position: number;
  chain_digest: string;
  tables: (CopiedTable & { rows: number; parts: ManifestPart[] })[];
  /** BLAKE3 over every part, in order. */
  root: string;
  actor: string;
  signed_off_at: string;
  tool_version: string;
  schema_version: string;
  /** BLAKE3 of everything above, so that an edit shows. */
  digest: string;
}

/** Who signs a manifest off, and what else it says. */
export type SignOff = Pick<
  Manifest,
  "sessions" | "chain_position" | "chain_digest" | "actor" | "tool_version" | "schema_version"
>;

/** The manifest of stores that were found to be the same. */
export function manifestOf(proof: CopyProof, signOff: SignOff): Manifest {
  const tables = proof.proved.map(({ table, parts }) => ({
    ...table,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    parts: parts.map((part) => ({ ...part, digest: part.digest.toString("hex") })),
  }));
  const said = {
    format,
    source: proof.source,
    target: proof.target,
    rows: proof.rows,
    quarantined: proof.quarantined,
    sessions: signOff.sessions,
    chain_position: signOff.chain_position,
    chain_digest: signOff.chain_digest,
    tables,
    root: rootOf(tables),
    actor: signOff.actor,
    signed_off_at: nowText(),
    tool_version: signOff.tool_version,
    schema_version: signOff.schema_version,
  } as const;
  return { ...said, digest: hexDigestOf(JSON.stringify(said)) };
}

function rootOf(tables: readonly Pick<Manifest["tables"][number], "name" | "parts">[]): string {
  const lines = tables.flatMap(({ name, parts }) =>
    parts.map(({ after, last, rows, digest }) => JSON.stringify([name, after, last, rows, digest])),
  );
  return hexDigestOf(lines.join("\n"));
}

/** Writes a manifest in one step: the file is the old one or the new one. Throws `hydrate.cannot_write`. */
export function writeManifest(path: string, manifest: Manifest): void {
  toFile(path, () => {
    writeWhole(path, `${JSON.stringify(manifest, null, 1)}\n`);
  });
}

/** Sees that a manifest can be written, before hours of work and a cutover. Throws `hydrate.cannot_write`. */
export function assertWritable(path: string): void {
  toFile(path, () => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error("it is a folder");
    const trial = `${path}.${randomUUID()}.trial`;
    writeFileSync(trial, "", { flag: "wx" });
    rmSync(trial);
  });
}

function toFile(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new CowriedbError(
      "hydrate.cannot_write",
      `The manifest cannot be written to ${visible(path)}: ${messageOf(error)}.`,
      { hint: "Name a file in a folder that this user may write.", cause: error },
    );
  }
}

/** Reads a manifest. Throws `verify.bad_manifest` where the file is none, or was edited. */
export function readManifest(path: string): Manifest {
  let found: Manifest;
  try {
    found = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  } catch (error) {
    throw badManifest(path, messageOf(error));
  }
  const { digest, ...said } = found;
  if (said.format !== format) throw badManifest(path, "it is no document of hydrate --manifest");
  if (hexDigestOf(JSON.stringify(said)) !== digest) throw badManifest(path, "it was edited");
  if (rootOf(said.tables) !== said.root) throw badManifest(path, "its root is not that of its parts");
  return found;
}

function badManifest(path: string, why: string): CowriedbError {
  return new CowriedbError("verify.bad_manifest", `${visible(path)} is no manifest: ${visible(why)}.`, {
    hint: "Name a file that cowriedb hydrate --manifest has written.",
    exitCode: exitCodes.usage,
  });
}

/** What a table is against a manifest. */
export interface ManifestTable {
  table_name: string;
  parts: number;
  /** Parts that are as they were. */
  proved: number;
  /** Rows behind the last one of then. */
  new_rows: number;
  /** The parts that are not: behind which key, up to which. */
  changed: { after: string | null; last: string }[];
  /** Whether rows of this table may change while a store is in use. */
  is_mutable: boolean;
}

/** What a store is against a manifest. */
export interface ManifestCheck {
  manifest: string;
  root: string;
  signed_off_at: string;
  actor: string;
  parts: number;
  proved: number;
  /** Parts of tables that never change, and did; with them the store is not what was signed off. */
  differences: number;
  /** Parts of other tables, whose rows may have changed since in the course of things. */
  changed: number;
  new_rows: number;
  tables: ManifestTable[];
  elapsed_ms: number;
}

/** Tables whose rows no command changes but an undo, which leaves its note. */
const unchanging = new Set(["raw_events", "batch_evidence", "audit_log", "reconcile_certificates"]);

/** Compares a store of either engine with a manifest; the other store is not needed. */
export async function checkManifest(
  database: Database,
  path: string,
  onProgress: (done: number, total: number) => void,
): Promise<ManifestCheck> {
  const began = performance.now();
  const manifest = readManifest(path);
  const total = manifest.tables.reduce((sum, { parts }) => sum + parts.length, 0);
  const tables: ManifestTable[] = [];
  let done = 0;
  for (const table of manifest.tables) {
    const changed: { after: string | null; last: string }[] = [];
    for (const { after, last, digest } of table.parts) {
      if ((await digestOfPart(database, table, after, last)) !== digest) changed.push({ after, last });
      onProgress(++done, total);
    }
    tables.push({
      table_name: table.name,
      parts: table.parts.length,
      proved: table.parts.length - changed.length,
      new_rows: await countBehind(database, table, table.parts.at(-1)?.last ?? null),
      changed,
      is_mutable: !unchanging.has(table.name),
    });
  }
  const changedIn = (isMutable: boolean): number =>
    tables.reduce((sum, table) => sum + (table.is_mutable === isMutable ? table.changed.length : 0), 0);
  const { root, actor, signed_off_at } = manifest;
  return {
    ...{ manifest: path, root, signed_off_at, actor },
    ...{ parts: total, proved: total - changedIn(true) - changedIn(false) },
    ...{ differences: changedIn(false), changed: changedIn(true) },
    new_rows: tables.reduce((sum, table) => sum + table.new_rows, 0),
    tables,
    elapsed_ms: Math.round(performance.now() - began),
  };
}

/** BLAKE3 of a part of a table in its canonical form, which both engines give. */
async function digestOfPart(
  database: Database,
  table: CopiedTable,
  after: string | null,
  last: string,
): Promise<string> {
  if (database.dialect === "sqlite") {
    const read = async (isExact: boolean): Promise<string> => {
      const digest = runningDigest();
      const page = async (bytes: Buffer): Promise<void> => Promise.resolve(digest.update(bytes));
      const refused = async (): Promise<void> => Promise.resolve();
      try {
        await encodePart(database, { table, after, last }, { page, refused }, isExact, proofForm);
        return digest.read().toString("hex");
      } finally {
        digest.close();
      }
    };
    return read(false).catch(async (error: unknown) => {
      if (error instanceof InexactKey) return read(true);
      throw error;
    });
  }
  const { copy_text: text } = await one(database, hydrateProofText, {
    table_name: table.name,
    columns: JSON.stringify(table.columns),
    after_key: after,
    last_key: last,
    row_keys: null,
  });
  const digest = runningDigest();
  const out = await copyOutOfPostgres(database.sql, database.loss, text);
  try {
    await out.eachPiece((bytes) => {
      digest.update(bytes);
    });
    return digest.read().toString("hex");
  } finally {
    await out.close();
    digest.close();
  }
}
