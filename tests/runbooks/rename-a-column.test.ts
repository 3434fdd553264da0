import { spawn } from "node:child_process";
import { join } from "node:path";
import t, { type Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { program } from "../helpers/cli.ts";
import { engines, typed, type Engine } from "../helpers/database.ts";
import { emptyPlace } from "../helpers/empty.ts";
import { randomNumbers } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

const dir = join(packageFolder, "runbooks/examples/rename-a-column");
const names = ["snapshot_ip_types", "snapshot_ip_type"] as const;
type Name = (typeof names)[number];
const types = ["VPN", "TOR", "MOBILE", null];
const atFirst = 12_000;

/** Programs that go on with the table while its column is renamed, and what it must hold for it. */
interface Programs {
  database: Database;
  table: string;
  expected: Map<string, string | null>;
  writes: number;
  reads: number;
  wrong: string[];
}

for (const engine of engines()) {
  void t.test(
    `${engine.name}: a column is renamed and renamed back under a reader and a writer`,
    async (t) => {
      const { db, programs } = await begun(t, engine);

      const forward = await beside(programs, "snapshot_ip_types", ["runbook", "run", "rename-a-column"], db);
      const renamed = await contents(programs, "snapshot_ip_type");
      const writesForward = programs.writes;
      const gone = await has(programs, "snapshot_ip_types");
      const back = await beside(
        programs,
        "snapshot_ip_type",
        ["runbook", "run", "rename-a-column", "--undo"],
        db,
      );

      t.equal(forward.code, 0, forward.text);
      t.ok(
        writesForward > 20 && programs.writes > writesForward + 20,
        `${programs.writes} writes went through`,
      );
      t.ok(programs.reads > 40, `${programs.reads} reads were right`);
      t.same(programs.wrong, [], "no program has seen or met anything wrong");
      t.same(renamed.missing, 0, "every value is under the new name");
      t.notOk(gone, "the old name is gone");
      t.equal(back.code, 0, back.text);
      t.same(
        (await contents(programs, "snapshot_ip_types")).missing,
        0,
        "and every value back under the old one",
      );
      t.notOk(await has(programs, "snapshot_ip_type"), "the new name is gone");
    },
  );

  void t.test(
    `${engine.name}: a row that was written past the triggers stops the run before the old name goes`,
    async (t) => {
      const { db, programs } = await begun(t, engine);
      const { database, table } = programs;
      await warm(["migrate", "up", "--to", "0004_session_summaries_copy_back", "--dir", dir, "--db", db]);
      const off =
        database.dialect === "sqlite"
          ? ["drop trigger tr_session_summaries_rename_from_old"]
          : [`alter table ${table} disable trigger user`];
      for (const text of off) await typed(database, text);
      await typed(
        database,
        `update ${table} set snapshot_ip_types = 'RESIDENTIAL' where session_id = '00000001'`,
      );

      const run = await warm([
        "runbook",
        "run",
        "rename-a-column",
        "--set",
        `DIR=${dir}`,
        "--yes",
        "--json",
        "--db",
        db,
      ]);
      const contract = await warm(["migrate", "up", "--json", "--dir", dir, "--db", db]);

      t.equal(run.code, 24);
      t.match(JSON.parse(run.stdout), {
        state: "stopped",
        stopped_at: { section: "Before" },
        why: /exit code 20/,
      });
      t.match(JSON.parse(contract.stdout), { error: { code: "migrate.not_backfilled" } });
      t.ok(await has(programs, "snapshot_ip_types"), "the old name is still there");
    },
  );
}

async function begun(t: Test, engine: Engine): Promise<{ db: string; programs: Programs }> {
  const place = await emptyPlace(engine);
  t.teardown(place.dispose);
  const made = await warm([
    "migrate",
    "up",
    "--create",
    "--to",
    "0001_session_summaries_create",
    "--dir",
    dir,
    "--db",
    place.db,
  ]);
  t.equal(made.code, 0, made.stderr);
  const database = await openDatabase(place.target);
  t.teardown(async () => closeDatabase(database));
  const table = database.dialect === "sqlite" ? "session_summaries" : "public.session_summaries";
  const expected = new Map<string, string | null>();
  for (let number = 1; number <= atFirst; number++)
    expected.set(number.toString(16).padStart(8, "0"), types[number % types.length] ?? null);
  const rows = [...expected].map(([id, type]) => `('${id}', '2026-01-05', ${literal(type)})`);
  await typed(
    database,
    `insert into ${table} (session_id, first_event_at, snapshot_ip_types) values ${rows.join(", ")}`,
  );
  return { db: place.db, programs: { database, table, expected, writes: 0, reads: 0, wrong: [] } };
}

/** Runs a command while the programs go on; a reader asks for `preferred` as long as it is there. */
async function beside(
  programs: Programs,
  preferred: Name,
  words: readonly string[],
  db: string,
): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [program, ...words, "--set", `DIR=${dir}`, "--yes", "--db", db]);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const random = randomNumbers(7);
  while (child.exitCode === null && child.signalCode === null) {
    await write(programs, random);
    await read(programs, preferred, random);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return { code: await ended, text };
}

/** Changes or adds a row under one of the two names, whichever there is. */
async function write(programs: Programs, random: () => number): Promise<void> {
  const { database, table, expected } = programs;
  const isNew = random() < 0.3;
  const id = isNew ? `f${String(expected.size).padStart(7, "0")}` : anyOf(expected, random);
  const type = types[Math.floor(random() * types.length)] ?? null;
  const first = random() < 0.5 ? 0 : 1;
  for (const name of [names[first], names[1 - first]] as Name[]) {
    const text = isNew
      ? `insert into ${table} (session_id, first_event_at, ${name}) values ('${id}', '2026-01-06', ${literal(type)})`
      : `update ${table} set ${name} = ${literal(type)} where session_id = '${id}'`;
    try {
      await typed(database, text);
      expected.set(id, type);
      programs.writes++;
      return;
    } catch (error) {
      if (!isMissing(error)) programs.wrong.push(`a write of ${id}: ${String(error)}`);
    }
  }
  programs.wrong.push(`a write of ${id} found neither name`);
}

async function read(programs: Programs, preferred: Name, random: () => number): Promise<void> {
  const { database, table, expected } = programs;
  const id = anyOf(expected, random);
  for (const name of [preferred, ...names.filter((other) => other !== preferred)]) {
    try {
      const [row] = await typed(database, `select ${name} as type from ${table} where session_id = '${id}'`);
      if (row?.["type"] !== expected.get(id))
        programs.wrong.push(
          `${id} is ${String(row?.["type"])} under ${name}, not ${String(expected.get(id))}`,
        );
      programs.reads++;
      return;
    } catch (error) {
      if (!isMissing(error)) programs.wrong.push(`a read of ${id}: ${String(error)}`);
    }
  }
}

function anyOf(expected: ReadonlyMap<string, string | null>, random: () => number): string {
  return (1 + Math.floor(random() * Math.min(atFirst, expected.size))).toString(16).padStart(8, "0");
}

function literal(type: string | null): string {
  return type === null ? "null" : `'${type}'`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && /no such column|has no column|does not exist/.test(error.message);
}

async function has({ database, table }: Programs, name: Name): Promise<boolean> {
  try {
    await typed(database, `select ${name} from ${table} limit 1`);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** How many rows do not have the value that was written last. */
async function contents({ database, table, expected }: Programs, name: Name): Promise<{ missing: number }> {
  const rows = await typed(database, `select session_id, ${name} as type from ${table}`);
  const right = rows.filter((row) => expected.get(String(row["session_id"])) === row["type"]).length;
  return { missing: expected.size - right };
}
