import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { isNightly, scaled } from "../helpers/cli.ts";
import { engines, typed, type Engine } from "../helpers/database.ts";
import { emptyPlace } from "../helpers/empty.ts";
import { randomNumbers } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

const dir = join(packageFolder, "runbooks/examples/rename-a-column");
type Name = "snapshot_ip_types" | "snapshot_ip_type";
const types = ["VPN", "TOR", "MOBILE"];

/** So many statements a second of four readers and a writer together, on so many rows; between two phases so long. */
const perSecond = scaled(500);
const rows = scaled(200_000);
const dwellMs = isNightly ? 10_000 : 400;

/** Four readers and a writer, each a program of its own that knows one of the two names. */
interface Programs {
  names: Name[];
  expected: Map<string, string>;
  done: number;
  failures: string[];
  longestMs: number;
  stop(): Promise<void>;
}

for (const engine of engines()) {
  void t.test(
    `${engine.name}: a column is renamed in three phases beside ${perSecond} statements a second, and none fails`,
    async (t) => {
      const { db, database, table } = await filled(t, engine);
      const programs = running(database, table);
      const phase = async (name: string): Promise<void> => {
        const outcome = await warm(["migrate", "up", "--phase", name, "--dir", dir, "--db", db]);
        t.equal(outcome.code, 0, outcome.stderr);
        await pause(dwellMs);
      };
      t.teardown(programs.stop);

      await pause(dwellMs);
      await phase("expand");
      // Some programs are moved before the copy, some behind it.
      await moved(programs, [0, 1]);
      await phase("backfill");
      await moved(programs, [2, 3, 4]);
      await phase("contract");
      await programs.stop();

      const figures = `${programs.done} statements at ${perSecond}/s on ${rows} rows, ${programs.failures.length} failed`;
      const wait = `longest wait ${Math.round(programs.longestMs)} ms`;
      // The runner of the tests shows results alone.
      process.stderr.write(`${engine.name}: ${figures}, ${wait}\n`);
      t.same(programs.failures, []);
      t.ok(programs.done > perSecond, `${programs.done} statements were carried out`);
      const found = await typed(database, `select session_id, snapshot_ip_type as type from ${table}`);
      const wrong = found.filter((row) => programs.expected.get(String(row["session_id"])) !== row["type"]);
      t.same([found.length, wrong], [rows, []], "every row has what was written last");
      await t.rejects(typed(database, `select snapshot_ip_types from ${table}`), "the old name is gone");
    },
  );

  void t.test(
    `${engine.name}: a phase ends before the next one, and contract waits for every row`,
    async (t) => {
      const { db, database, table } = await filled(t, engine);
      const ours = join(t.testdir({}), "rename-a-column");
      cpSync(dir, ours, { recursive: true });
      const run = async (...words: string[]): Promise<{ code: number | null; text: string }> => {
        const { code, stdout, stderr } = await warm(["migrate", ...words, "--dir", ours, "--db", db]);
        return { code, text: stdout + stderr };
      };

      const nothing = await run("up", "--phase", "expand", "--dry-run");
      const early = await run("up", "--phase", "backfill", "--to", "0003_session_summaries_copy");
      const other = await run("up", "--phase", "shrink");
      const expand = await run("up", "--phase", "expand");
      const again = await run("up", "--phase", "expand");
      await run("up", "--phase", "backfill");
      await past(database, table);
      const contract = await run("up", "--phase", "contract");
      const up5 = join(ours, engine.dialect, "0005_session_summaries_contract.up.sql");
      writeFileSync(
        up5,
        readFileSync(up5, "utf8").replace("-- Phase:       contract", "-- Phase:       later"),
      );
      const header = await run("plan");

      t.match(nothing, { code: 0, text: /0002_session_summaries_expand/ });
      t.notMatch(nothing.text, /0003_session_summaries_copy/);
      t.match(early, { code: 64, text: /given beside/ });
      t.match(other, { code: 64, text: /"shrink" is no phase/ });
      t.match(expand, { code: 0, text: /is at 0002_session_summaries_expand/ });
      t.match(again, { code: 0, text: /Nothing is pending/ });
      t.match(contract, { code: 1, text: /verify query of 0003_session_summaries_copy.*gives 1 row/ });
      t.match(header, { code: 1, text: /Phase is "later"/ });
    },
  );
}

/** Programs that go on at their rate, whether they are answered or not, until they are stopped. */
function running(database: Database, table: string): Programs {
  const random = randomNumbers(11);
  const began = performance.now();
  const waiting = new Set<Promise<void>>();
  const expected = new Map(Array.from({ length: rows }, (_, index) => [idOf(index), types[index % 3] ?? ""]));
  let sent = 0;
  const programs: Programs = {
    names: Array.from({ length: 5 }, () => "snapshot_ip_types" as const),
    ...{ expected, done: 0, failures: [], longestMs: 0 },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(waiting);
    },
  };
  const send = async (number: number, due: number): Promise<void> => {
    const program = number % 5;
    const name = programs.names[program] ?? "snapshot_ip_type";
    const id = idOf(Math.floor(random() * rows));
    const type = types[Math.floor(random() * 3)] ?? "";
    try {
      if (program === 4) {
        // Two writes that are on their way at once are of two rows, so that their order says nothing.
        const one = idOf((number * 7) % rows);
        expected.set(one, type);
        await typed(database, `update ${table} set ${name} = '${type}' where session_id = '${one}'`);
      } else {
        const found = await typed(
          database,
          `select ${name} as type from ${table} where session_id = '${id}'`,
        );
        if (found.length !== 1) programs.failures.push(`${id} was not found`);
      }
    } catch (error) {
      programs.failures.push(String(error));
    }
    programs.done++;
    programs.longestMs = Math.max(programs.longestMs, performance.now() - due);
  };
  const timer = setInterval(() => {
    for (
      let due = began + (sent * 1_000) / perSecond;
      due <= performance.now();
      due = began + (sent * 1_000) / perSecond
    ) {
      const one = send(sent++, due).finally(() => waiting.delete(one));
      waiting.add(one);
    }
  }, 5);
  return programs;
}

/** Deploys programs anew, one by one, and lets what they had sent be answered. */
async function moved(programs: Programs, which: readonly number[]): Promise<void> {
  for (const program of which) {
    programs.names[program] = "snapshot_ip_type";
    await pause(dwellMs / 4);
  }
  await pause(dwellMs);
}

async function filled(t: Test, engine: Engine): Promise<{ db: string; database: Database; table: string }> {
  const place = await emptyPlace(engine);
  t.teardown(place.dispose);
  const made = ["migrate", "up", "--create", "--to", "0001_session_summaries_create", "--dir", dir];
  await warm([...made, "--db", place.db]);
  const database = await openDatabase(place.target);
  t.teardown(async () => closeDatabase(database));
  const table = engine.dialect === "sqlite" ? "session_summaries" : "public.session_summaries";
  for (let from = 0; from < rows; from += 10_000) {
    const values = Array.from({ length: Math.min(10_000, rows - from) }, (_, index) => from + index).map(
      (index) => `('${idOf(index)}', '2026-01-05', '${types[index % 3]}')`,
    );
    await typed(
      database,
      `insert into ${table} (session_id, first_event_at, snapshot_ip_types) values ${values.join(", ")}`,
    );
  }
  return { db: place.db, database, table };
}

/** A program writes past the triggers. */
async function past(database: Database, table: string): Promise<void> {
  await typed(
    database,
    database.dialect === "sqlite"
      ? "drop trigger tr_session_summaries_rename_from_old"
      : `alter table ${table} disable trigger user`,
  );
  await typed(
    database,
    `update ${table} set snapshot_ip_types = 'RESIDENTIAL' where session_id = '${idOf(1)}'`,
  );
}

function idOf(index: number): string {
  return index.toString(16).padStart(8, "0");
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
