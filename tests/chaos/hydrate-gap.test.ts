import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { engines, onServer, typed, type Engine } from "../helpers/database.ts";
import { allRows, filledSource, freshTarget, opened } from "../helpers/hydrations.ts";
import { onceReached, runAndKill } from "../helpers/kill.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");

/** Where a runner is killed on its last steps, and what it leaves. */
interface Gap {
  name: string;
  /** Makes whoever comes there wait, as a slow server would. */
  wait: string;
  /** What the stores are then: the source, and the target. */
  states: [string, string];
  /** Whether something is aside, which `doctor` tells. */
  isTold: boolean;
  /** How it is ended, in place of the cutover that was killed. */
  words: string[];
}

const asleep = "perform pg_sleep(600)";
const onStatement = (pattern: string, condition: string): string =>
  `create function public.wait() returns event_trigger language plpgsql as $$
   begin if current_query() ~ '${pattern}' and ${condition} then ${asleep}; end if; end $$;
   create event trigger wait on ddl_command_start execute function public.wait()`;

const gaps: Gap[] = [
  {
    name: "behind the last change, before the target is opened",
    wait: onStatement(
      "not valid",
      // The first copy brings its keys back too, before any of them is checked.
      "exists (select 1 from cowrie.hydration_objects where kind = 'validation' and state = 'back')",
    ),
    ...{ states: ["retired", "hydrating"], isTold: true, words: ["--resume", "--cutover"] },
  },
  {
    name: "behind the opening, before old rows are checked",
    wait: onStatement("validate constraint", "(select state from cowrie.store_state) = 'open'"),
    ...{ states: ["retired", "open"], isTold: true, words: ["--resume"] },
  },
  {
    name: "behind all of it, before it is told",
    wait: `create function public.wait() returns trigger language plpgsql as $$ begin ${asleep}; return new; end $$;
     create trigger wait before update on cowrie.hydrations for each row when (new.state = 'done') execute function public.wait()`,
    ...{ states: ["retired", "open"], isTold: false, words: ["--cutover"] },
  },
];

const there = "from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";

/** Runs a cutover until it waits in a gap, kills it there, and lets go what waits. */
async function killedIn({ wait }: Gap, words: readonly string[], to: string): Promise<boolean> {
  let wasKilled = false;
  await onServer(to, async (sql) => {
    await sql.unsafe(wait);
    wasKilled = await runAndKill(
      [...words, "--cutover"],
      onceReached(async () => (await sql.unsafe(`select 1 ${there}`)).length > 0),
    );
    await sql.unsafe(`select pg_terminate_backend(pid) ${there}`);
    await sql.unsafe("drop function public.wait() cascade");
  });
  return wasKilled;
}

const stateOf = async (store: Database): Promise<unknown> =>
  (await typed(store, "select state from store_state"))[0]?.["state"];

/** Whether `doctor` and `migrate drift` tell that something is aside; a migration's rows were changed before. */
async function tellers(to: string): Promise<{ doctor: boolean; drift: boolean }> {
  const doctor = await warm(["doctor", "--db", to, "--json"]);
  const drift = await warm(["migrate", "drift", "--db", to, "--json"]);
  const { differences } = JSON.parse(drift.stdout) as { differences: { kind: string }[] };
  return {
    doctor: doctor.stdout.includes("objects set aside"),
    drift: differences.some(({ kind }) => kind !== "row"),
  };
}

async function inGap(t: Test, engine: Engine, gap: Gap): Promise<void> {
  const source = await filledSource(t, 200);
  const to = await freshTarget(t, engine);
  const words = ["hydrate", "--from", source.db, "--to", to, "--no-verify", "--json"];

  t.ok(await killedIn(gap, words, to));

  const target = await opened(t, to);
  t.same([await stateOf(source.database), await stateOf(target)], gap.states);
  t.same(await tellers(to), { doctor: gap.isTold, drift: gap.isTold });
  await onServer(to, async (sql) => {
    await sql.unsafe("select pg_advisory_lock(7266311, 3)");
    t.equal((await tellers(to)).doctor, false, "of a run that lives nothing is told");
  });
  const ended = await warm([...words, ...gap.words]);
  t.equal(ended.code, 0, ended.stdout);
  t.match(JSON.parse(ended.stdout), { source_state: "retired", state: "open" });
  t.same(await tellers(to), { doctor: false, drift: false });
  t.same(await allRows(target, source.database), await allRows(source.database, target));
  for (const left of [
    "select name from hydration_objects where state = 'aside'",
    "select hydration_id from hydrations where state = 'running'",
    "select conname from pg_constraint where not convalidated",
  ])
    t.same(await typed(target, left), []);
  const again = await warm([...words, "--cutover"]);
  t.match([again.code, JSON.parse(again.stdout)], [0, { hydration_id: 0, objects_left: 0 }]);
  const resumed = await warm([...words, "--resume"]);
  t.match(JSON.parse(resumed.stdout), { error: { code: "hydrate.not_begun" } });
}

for (const engine of servers)
  for (const gap of gaps)
    await t.test(`killed ${gap.name}, a cutover is told and ended (${engine.name})`, async (t) =>
      inGap(t, engine, gap),
    );
