import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { engines } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { makeRoles, members, owner, roleWorld, type Role, type RoleWorld } from "../helpers/roles.ts";
import { warm } from "../helpers/warm.ts";

const roles = Object.keys(members) as Role[];
/** Every role of the store but the migrator, who is as the owner. */
const plainRoles = roles.filter((role) => role !== "cowrie_migrator");

/** What is tried as each role and must be refused for want of a privilege. */
const forbidden: Record<string, readonly string[]> = {
  cowrie_loader: [
    "delete from raw_events",
    "update raw_events set flags = ''",
    "truncate raw_events",
    "delete from ingest_batches",
    "delete from batch_evidence",
    "delete from sources",
    "update dead_letter_events set resolved_at = now()",
    "delete from dead_letter_events",
    "update risk_rules set score = 1",
    "insert into risk_rules (event_type) values ('x')",
    "update settings set value = 1",
    "update event_types set meaning = ''",
    "update session_summaries set risk_score = 0",
    "insert into session_summaries (session_id) values ('x')",
    "insert into audit_log (actor, table_name, row_key, action) values ('x', 'x', 'x', 'delete')",
    "select * from audit_log",
    "insert into ip_inventory (ip_address) values ('192.0.2.1')",
    "insert into undo_sessions (session_id, batch_id) values ('', 1)",
    "call undo_batch(1)",
    "call rebuild_summaries()",
    "select fold_batch(1)",
    "select note_audit('x', 'x', 'delete', null, null)",
    "alter table raw_events disable trigger user",
    "drop view session_rollup",
    "create table cowrie.mine (a integer)",
    "select grant_roles()",
    `create table pg_temp.mine (like settings); create trigger tr_mine after insert on pg_temp.mine
     for each row execute function cowrie.tg_settings_after_insert()`,
  ],
  cowrie_reporter: [
    "insert into sources (path) values ('x')",
    "update session_summaries set risk_score = 0",
    "delete from jobs",
    "insert into jobs (kind) values ('rebuild_summaries')",
    "select open_job('rebuild_summaries')",
    "select lock_chain()",
    "call backfill_snapshots()",
    "create table cowrie.mine (a integer)",
  ],
  cowrie_reconciler: [
    "delete from raw_events",
    "insert into raw_events (event_id) values (1)",
    "update ingest_batches set actor = ''",
    "delete from repairs",
    "delete from reconcile_certificates",
    "update risk_rules set score = 1",
    "update settings set value = 1",
    "update ip_inventory set session_count = 0",
    "insert into audit_log (actor, table_name, row_key, action) values ('x', 'x', 'x', 'delete')",
    "call undo_batch(1)",
    "call undo_backfill(1)",
    "alter table session_summaries disable trigger user",
  ],
};

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(engine.name, async (t) => {
    const world = await roleWorld(t, engine);

    await t.test("a plain owner makes a store where the roles cannot be made, and is told", async (t) => {
      const init = await warm(["init", "--db", world.as(owner)]);
      const status = await warm(["migrate", "status", "--db", world.as(owner), "--json"]);
      const text = await warm(["migrate", "up", "--db", world.as(owner)]);
      const verified = await warm(["migrate", "verify", "--db", world.as(owner)]);

      t.equal(init.code, 0, init.stderr);
      t.same(
        (JSON.parse(status.stdout) as { roles: { role_name: string; difference: string }[] }).roles.map(
          ({ role_name, difference }) => `${role_name}: ${difference}`,
        ),
        [...roles].sort().map((role) => `${role}: missing role`),
      );
      t.match(text.stdout, /Not on this server: cowrie_loader, .*runbook show grant-roles/s);
      t.equal(verified.code, 0);
    });

    await t.test("the roles are made once, and migrate up gives them their privileges", async (t) => {
      await makeRoles(world);

      const up = await warm(["migrate", "up", "--db", world.as(owner), "--json"]);
      const again = await world.run(owner, "select grant_roles() as granted");

      t.equal(up.code, 0, up.stderr);
      t.same((JSON.parse(up.stdout) as { roles: unknown[] }).roles, []);
      t.equal(Number(again[0]?.["granted"]), 0, "twice is once");
    });

    await t.test("every role has on every object what the table says, and nothing else", async (t) => {
      t.same(await matrixOf(world), await expectedMatrix(world));
    });

    await t.test("a privilege given by hand is told, and taken back", async (t) => {
      await world.run(owner, "grant delete on raw_events to cowrie_loader");
      await world.run(owner, "grant update (score) on risk_rules to cowrie_reporter");
      await world.run(owner, "grant execute on function note_audit to public");
      await world.run(owner, "revoke select on sources from cowrie_reporter");

      const told = await world.run(
        owner,
        "select role_name, privilege, difference from check_role_privileges order by 1, 2",
      );
      const up = await warm(["migrate", "up", "--db", world.as(owner), "--json"]);

      t.same(told, [
        { role_name: "cowrie_loader", privilege: "DELETE", difference: "unexpected" },
        { role_name: "cowrie_reporter", privilege: "SELECT", difference: "missing" },
        { role_name: "cowrie_reporter", privilege: "UPDATE", difference: "unexpected" },
        { role_name: "public", privilege: "EXECUTE", difference: "unexpected" },
      ]);
      t.same((JSON.parse(up.stdout) as { roles: unknown[] }).roles, []);
      t.same(await matrixOf(world), await expectedMatrix(world));
    });

    await t.test("a role does its task by the program, and nothing else", async (t) => doTasks(t, world));

    await t.test("nobody changes the ledger: not its owner, and no superuser", async (t) => {
      for (const user of [...Object.values(members), owner, "postgres"]) {
        const asked = async (statement: string): Promise<string> => world.outcome(user, statement);
        const mayWrite = ["migrator_user", owner, "postgres"].includes(user);
        const [changed, deleted] = mayWrite ? ["WR057", "WR058"] : ["42501", "42501"];
        t.equal(await asked("update schema_ledger set reason = 'x' where ledger_id = 1"), changed, user);
        t.equal(await asked("update schema_ledger set digest = 'x' where ledger_id = 0"), changed, user);
        t.equal(await asked("delete from schema_ledger where ledger_id = 1"), deleted, user);
        t.equal(await asked("truncate schema_ledger"), deleted, user);
      }
    });

    for (const [role, statements] of Object.entries(forbidden)) {
      await t.test(`${role}: what it may not do is refused`, async (t) => {
        for (const statement of statements)
          t.equal(await world.outcome(members[role as Role], statement), "42501", statement);
      });
    }

    await t.test("a table of one's own takes nobody in who runs as the owner", async (t) => {
      const [before] = await world.run(owner, "select count(*) as n from session_summaries");
      await world.run(members.cowrie_loader, "create temporary table session_summaries (session_id text)");
      const log = join(t.testdir({}), "more.json");
      writeFileSync(log, sessionLines(sessionId(77)));
      const loaded = await warm(["ingest", "bulk", log, "--db", world.as(members.cowrie_loader)]);
      const [after] = await world.run(owner, "select count(*) as n from session_summaries");
      const unpinned = await world.run(
        owner,
        `select p.proname from pg_proc as p where p.pronamespace = 'cowrie'::regnamespace and p.prosecdef
         and not coalesce(p.proconfig @> array['search_path=cowrie, pg_catalog, pg_temp'], false)`,
      );
      const invokers = await world.run(
        owner,
        `select p.proname from pg_proc as p where p.pronamespace = 'cowrie'::regnamespace
         and p.prosecdef != (p.prorettype = 'trigger'::regtype or p.proname = 'note_audit')`,
      );

      t.equal(loaded.code, 0, loaded.stderr);
      t.equal(Number(after?.["n"]), Number(before?.["n"]) + 1);
      t.same(unpinned, [], "pg_temp is the last place that a name is looked up in");
      t.same(invokers, [], "all triggers and what they note run as the owner, and nothing else does");
    });

    await t.test("what a member of the migrator makes belongs to the owner", async (t) => {
      const as = world.as(members.cowrie_migrator);
      const last = await lastMigration(as);

      const down = await warm(["migrate", "down", "--confirm", last, "--db", as]);
      const meanwhile = await matrixOf(world);
      const told = await warm(["status", "--json", "--db", world.as(members.cowrie_reporter)]);
      const up = await warm(["migrate", "up", "--db", as, "--json"]);

      t.equal(down.code, 0, down.stderr);
      t.same(
        meanwhile.filter((line) => !line.endsWith(" EXECUTE text_digest")),
        ["cowrie_loader", "cowrie_reconciler", "cowrie_reporter"].flatMap((role) => [
          `${role} SELECT schema_ledger`,
          `${role} USAGE schema cowrie`,
        ]),
        "without the procedures a role may read what is pending, and nothing that they are for",
      );
      t.match(told, { code: 1, stdout: /"code": ?"migrate\.pending"/ });
      t.equal(up.code, 0, up.stderr);
      t.same((JSON.parse(up.stdout) as { roles: unknown[] }).roles, []);
      t.same(
        await world.run(
          owner,
          "select distinct pg_get_userbyid(relowner)::text as owner from pg_class where relnamespace = 'cowrie'::regnamespace",
        ),
        [{ owner }],
      );
      t.same(await matrixOf(world), await expectedMatrix(world));
    });
  });
}

/** The name of the newest migration of a store, which must be given to take it back. */
async function lastMigration(url: string): Promise<string> {
  const status = await warm(["migrate", "status", "--json", "--db", url]);
  return (JSON.parse(status.stdout) as { schema_version: string }).schema_version;
}

/** Loads, reports, reconciles, rebuilds, backfills and verifies, each as its role; then tries the tasks of the others. */
async function doTasks(t: Test, world: RoleWorld): Promise<void> {
  const log = join(t.testdir({}), "cowrie.json");
  writeFileSync(log, [1, 2, 3].map((number) => sessionLines(sessionId(number))).join("") + "no JSON\n");
  const as = async (role: Role, words: readonly string[], code: number): Promise<void> => {
    const outcome = await warm([...words, "--db", world.as(members[role])]);
    t.equal(outcome.code, code, `${role}: ${words.join(" ")}: ${outcome.stderr}`);
    if (code === 1)
      t.match(
        outcome.stderr,
        /lacks a privilege: permission denied|lacks a privilege: must be owner/,
        `${role}: ${words.join(" ")}`,
      );
  };
  const load = ["ingest", "bulk", log];

  await as("cowrie_reporter", load, 1);
  await as("cowrie_reconciler", load, 1);
  await as("cowrie_loader", load, 0);
  await as("cowrie_loader", ["ingest", "delta", log], 0);
  t.match(await world.run(owner, "select event_count from session_summaries order by session_id"), [
    { event_count: 5 },
    { event_count: 5 },
    { event_count: 5 },
  ]);
  for (const words of [
    ["report", "daily", "--day", "2026-01-05"],
    ["status"],
    ["status", "--quality"],
    ["audit", "list"],
    ["migrate", "status"],
    ["rebuild", "summaries", "--dry-run"],
  ])
    await as("cowrie_reporter", words, 0);
  await world.run(owner, "update session_summaries set event_count = event_count + 1");
  await as("cowrie_reconciler", ["rebuild", "summaries"], 0);
  await as("cowrie_reconciler", ["rebuild", "command-stats"], 0);
  await world.run(owner, "update session_summaries set event_count = 9 where session_id like '%1'");
  await as("cowrie_reconciler", ["reconcile", "--repair"], 21);
  await as("cowrie_reconciler", ["reconcile", "--mode", "full"], 0);
  await world.run(
    owner,
    "insert into ip_inventory (ip_address, geo_country, enriched_at) values ('192.0.2.7', 'DE', '2020-01-01')",
  );
  await as("cowrie_reconciler", ["backfill", "snapshots"], 0);
  await as("cowrie_reconciler", ["verify", "--full"], 0);
  for (const role of plainRoles) await as(role, ["ingest", "undo", "1", "--confirm", "1"], 1);
  await as("cowrie_reconciler", ["migrate", "down", "--confirm", await lastMigration(world.as(owner))], 1);
  await as("cowrie_loader", ["rebuild", "summaries"], 1);
  await as("cowrie_reporter", ["reconcile"], 1);
}

const tablePrivileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

/** What each role may do with each object, by the server's own word, a line each; what all may do is among it. */
async function matrixOf(world: RoleWorld): Promise<string[]> {
  const rows = await world.run(
    "postgres",
    `with
       roles as (select unnest(array[${plainRoles.map((role) => `'${role}'`).join(", ")}]) as role),
       objects as (
         select c.oid, c.relname::text as name, c.relkind
         from pg_class as c
         where c.relnamespace = 'cowrie'::regnamespace and c.relkind in ('r', 'v', 'S')
       )
     select r.role || ' ' || p.privilege || ' ' || o.name as line
     from roles as r, objects as o, unnest(array[${tablePrivileges.map((word) => `'${word}'`).join(", ")}]) as p (privilege)
     where o.relkind != 'S' and has_table_privilege(r.role, o.oid, p.privilege)
     union all
     select r.role || ' ' || p.privilege || ' a column of ' || o.name
     from roles as r, objects as o, unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) as p (privilege)
     where
       o.relkind != 'S' and has_any_column_privilege(r.role, o.oid, p.privilege)
       and not has_table_privilege(r.role, o.oid, p.privilege)
     union all
     select r.role || ' ' || p.privilege || ' sequence ' || o.name
     from roles as r, objects as o, unnest(array['USAGE', 'SELECT', 'UPDATE']) as p (privilege)
     where o.relkind = 'S' and has_sequence_privilege(r.role, o.oid, p.privilege)
     union all
     select r.role || ' EXECUTE ' || p.proname
     from roles as r, pg_proc as p
     where p.pronamespace = 'cowrie'::regnamespace and has_function_privilege(r.role, p.oid, 'EXECUTE')
     union all
     select r.role || ' ' || p.privilege || ' schema cowrie'
     from roles as r, unnest(array['USAGE', 'CREATE']) as p (privilege)
     where has_schema_privilege(r.role, 'cowrie', p.privilege)`,
  );
  return rows.map((row) => String(row["line"])).sort();
}

/** The lines of tests/fixtures/role-privileges.tsv; `*` there is every table and view. */
async function expectedMatrix(world: RoleWorld): Promise<string[]> {
  const rows = await world.run(
    "postgres",
    "select relname::text as name from pg_class where relnamespace = 'cowrie'::regnamespace and relkind in ('r', 'v')",
  );
  const everything = rows.map((row) => String(row["name"]));
  const [, ...lines] = readFileSync(join(packageFolder, "tests/fixtures/role-privileges.tsv"), "utf8")
    .trimEnd()
    .split("\n");
  return lines
    .flatMap((line) => {
      const [role = "", privileges = "", names = ""] = line.split("\t");
      return privileges
        .split(" ")
        .flatMap((privilege) =>
          (names === "*" ? everything : names.split(", ")).map((name) => `${role} ${privilege} ${name}`),
        );
    })
    .sort();
}
