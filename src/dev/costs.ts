import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closeDatabase, openDatabase } from "../db/open.ts";
import { messageOf } from "../errors.ts";
import { costsText, packageCosts, type Cost } from "../migrate/costs/costs.ts";
import { migrateUp } from "../migrate/migrate.ts";
import { postgresChanges } from "../migrate/postgres-engine.ts";
import { sqliteChanges } from "../migrate/sqlite-engine.ts";
import { startServer } from "./server.ts";
import { costsOnCopy } from "./staircase.ts";
import { throwAwayFolder } from "./throw-away-folder.ts";

/**
 * `npm run costs -- STORE…`: measures all migrations anew on copies of stores with many rows, a SQLite file that nobody has open or
 * a PostgreSQL URL each, and writes migrations/costs.tsv. Without a store: those migrations that are not in it yet, on empty ones.
 */
async function main(): Promise<void> {
  const stores = process.argv.slice(2);
  const known = textOf(packageCosts);
  const found: Cost[] = [];
  for (const store of stores) {
    found.push(...(await costsOnCopy(/^postgres(ql)?:/.test(store) ? { url: store } : { path: store })));
  }
  if (stores.length === 0) {
    const isNew = ({ dialect, migration, digest }: Cost): boolean =>
      !known.includes(`${dialect}\t${migration}\t${digest}\t`);
    found.push(...[...(await onEmptyFile()), ...(await onEmptyServer())].filter(isNew));
  }
  // Views and triggers come and go; what dropping and making them locks is known by the rules.
  const kept = found.filter(({ migration, table }) => migration !== "procedures" || table === "-");
  writeFileSync(packageCosts, costsText(known, kept));
  process.stdout.write(`${packageCosts} written, ${kept.length} lines of it anew\n`);
}

async function onEmptyFile(): Promise<Cost[]> {
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-empty-"));
  const path = join(folder, "store.sqlite");
  try {
    const database = await openDatabase({ dialect: "sqlite", path }, { create: true });
    if (database.dialect === "sqlite") await migrateUp(database, sqliteChanges(database));
    await closeDatabase(database);
    return await costsOnCopy({ path });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onEmptyServer(): Promise<Cost[]> {
  const server = await startServer();
  try {
    const { url } = server;
    const database = await openDatabase({ dialect: "postgres", url, shown: url });
    await migrateUp(database, postgresChanges(url, url));
    await closeDatabase(database);
    return await costsOnCopy({ url });
  } finally {
    await server.stop();
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The first time.
    return "";
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
