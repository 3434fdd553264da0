import { createReadStream, statSync } from "node:fs";
import { runningDigest } from "../checksum.ts";
import type { Target } from "../config.ts";
import { copySqlite, damagesOf, keepInOneFile } from "../db/copy.ts";
import { openDatabase, whileOpen } from "../db/open.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { openSqlite } from "../db/sqlite.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { visible } from "../term.ts";
import { nowText } from "../instant.ts";
import { assertEqual, factsOf, type Facts } from "./facts.ts";
import { dumpPostgres, listDump, restoreInto } from "./postgres.ts";
import { placed, placeDocument, refuseExisting } from "./place.ts";

/** What a backup gave. */
export interface BackupResult {
  file: string;
  dialect: "sqlite" | "postgres";
  bytes: number;
  /** BLAKE3 of the file. */
  digest: string;
  facts: Facts;
  /** What was shown of the file, and what was not, in sentences. */
  proved: string[];
  not_proved: string[];
  elapsed_ms: number;
}

/** How to make one. */
export interface BackupOptions {
  /** An empty database to restore a dump into; null where none is given. */
  verifyInto: Target | null;
  isStopped: () => boolean;
  toolVersion: string;
}

/**
 * Makes a copy of a store beside its writers, as it was at one moment, and holds it against that moment. What is left is a
 * file that was opened again, and `FILE.json`, which says what is in it. Throws `backup.differs`, `backup.damaged` and more.
 */
export async function backUp(target: Target, path: string, options: BackupOptions): Promise<BackupResult> {
  const began = performance.now();
  const document = `${path}.json`;
  refuseExisting(document);
  const { facts, proved, notProved } = await placed(path, async (part) =>
    target.dialect === "sqlite"
      ? copyOfSqlite(target.path, part, path, options)
      : dumpOfPostgres(target, part, path, options),
  );
  const result: BackupResult = {
    file: visible(path),
    dialect: target.dialect,
    bytes: statSync(path).size,
    digest: await digestOfFile(path),
    facts,
    proved,
    not_proved: notProved,
    elapsed_ms: Math.round(performance.now() - began),
  };
  placeDocument(document, {
    format: "cowriedb backup 1",
    made_at: nowText(),
    tool_version: options.toolVersion,
    ...result,
  });
  return result;
}

/** What fails, as errors say it. */
const doing = "make a backup";

interface Proof {
  facts: Facts;
  proved: string[];
  notProved: string[];
}

async function copyOfSqlite(
  source: string,
  part: string,
  path: string,
  { verifyInto, isStopped }: BackupOptions,
): Promise<Proof> {
  if (verifyInto !== null)
    throw new CowriedbError("config.usage", "--verify-into is for a store in PostgreSQL.", {
      exitCode: exitCodes.usage,
      hint: "A copy of a SQLite store is opened again without it.",
    });
  const facts = await whileOpen(openSqlite(source, { readonly: true }), doing, async (store) =>
    inSnapshot(store, async () => {
      const found = await factsOf(store);
      await copySqlite(store, part, isStopped);
      return found;
    }),
  );
  await whileOpen(openSqlite(part, {}), doing, (copy) => {
    keepInOneFile(copy);
    return Promise.resolve();
  });
  await whileOpen(openSqlite(part, { readonly: true }), doing, async (copy) => {
    const [damage] = damagesOf(copy);
    if (damage !== undefined)
      throw new CowriedbError(
        "backup.damaged",
        `The copy for ${visible(path)} is damaged: ${visible(damage)}.`,
        {
          hint: "Nothing was kept. The store itself may be damaged: cowriedb verify --full",
        },
      );
    assertEqual(facts, await factsOf(copy), "The copy");
  });
  return {
    facts,
    proved: [
      "opened again: integrity_check and foreign_key_check found nothing",
      "as many rows in every table, the same migrations and procedures, the same end of the chain as the store at the moment of the copy",
    ],
    notProved: [
      "the contents of the rows: cowriedb verify --full, on a copy of the file, proves them from the chain",
    ],
  };
}

async function dumpOfPostgres(
  target: Target & { dialect: "postgres" },
  part: string,
  path: string,
  { verifyInto, isStopped }: BackupOptions,
): Promise<Proof> {
  return whileOpen(await openDatabase(target, { connections: 1 }), doing, async (database) => {
    if (database.dialect !== "postgres") throw new TypeError("a URL opens a server");
    const facts = await dumpPostgres(database, target, part, isStopped);
    await listDump(part, facts);
    const proved = ["the dump is of one moment; its list names every table of the store"];
    if (verifyInto === null)
      return {
        facts,
        proved,
        notProved: ["that it can be restored: --verify-into URL does so, into an empty database"],
      };
    assertEqual(
      facts,
      await restoreInto(part, verifyInto),
      `What ${visible(path)} gives when it is restored`,
    );
    return {
      facts,
      proved: [
        ...proved,
        "restored: as many rows in every table, the same migrations and procedures, the same end of the chain",
      ],
      notProved: [
        "the contents of the rows: cowriedb verify --full, on the restored database, proves them from the chain",
      ],
    };
  });
}

async function digestOfFile(path: string): Promise<string> {
  const digest = runningDigest();
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 }))
      digest.update(bytes as Buffer);
    return digest.read().toString("hex");
  } finally {
    digest.close();
  }
}
