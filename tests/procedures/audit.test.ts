import t, { type Test } from "tap";
import { auditClearContext, auditSetContext } from "../../src/sql/generated.ts";
import { ask, runScript } from "../../src/ingest/undo/script.ts";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { openPlain, outcomeOf, type Plain } from "../helpers/plain.ts";

const lines = ["not json", ...generatedLines(120, 5, 10)];

const then = "'2026-01-05T00:00:00.000000Z'";
/** Edits of every audited table, as a person would type them. */
const edits = [
  "insert into ~risk_rules (event_type, field, match, pattern, score) values ('cowrie.login.failed', 'username', 'equals', 'a\"b', 7)",
  "update ~risk_rules set score = 8, pattern = 'c' where event_type = 'cowrie.login.failed'",
  "delete from ~risk_rules where event_type = 'cowrie.login.failed'",
  "update ~settings set value = 20 where setting = 'breaker_percent'",
  "update ~settings set value = value",
  "insert into ~settings (setting, value, unit, least, greatest, meaning) values ('made_up', 2, 'tries', 1, 3, 'a test')",
  "delete from ~settings where setting = 'made_up'",
  "insert into ~event_types (event_type, legacy_of, since, meaning) values ('cowrie.made.up', null, '2026', 'a test')",
  "update ~event_types set legacy_of = 'cowrie.login.failed' where event_type = 'cowrie.made.up'",
  "insert into ~event_fields (event_type, field, json_types, since, meaning) values ('cowrie.made.up', 'f', 'string', '2026', 'a test')",
  "update ~event_fields set json_types = 'number', flag = 'type' where event_type = 'cowrie.made.up'",
  "delete from ~event_fields where event_type = 'cowrie.made.up'",
  "delete from ~event_types where event_type = 'cowrie.made.up'",
  "insert into ~ip_type_rules (ip_type_rule_id, field, pattern, ip_type, priority) values (9001, 'label', 'made_up', 'VPN', 900)",
  "update ~ip_type_rules set priority = 901 where ip_type_rule_id = 9001",
  "delete from ~ip_type_rules where ip_type_rule_id = 9001",
  "insert into ~reserved_prefixes (prefix, network, meaning) values ('203.0.114.', '203.0.114.0/24', 'a test')",
  "update ~reserved_prefixes set meaning = 'another' where prefix = '203.0.114.'",
  "delete from ~reserved_prefixes where prefix = '203.0.114.'",
  `insert into ~asn_inventory (asn, asn_name, enriched_at, confirmed_at) values (64511, 'a test', ${then}, ${then})`,
  `update ~asn_inventory set country = 'AQ', enrichment = '{"a":[1,true]}' where asn = 64511`,
  "delete from ~asn_inventory where asn = 64511",
  `insert into ~ip_inventory (ip_address, geo_country, dshield_reports) values ('203.0.113.250', 'AQ', 3)`,
  "update ~ip_inventory set ip_type = 'VPN' where ip_address = '203.0.113.250'",
  "delete from ~ip_inventory where ip_address = '203.0.113.250'",
  `insert into ~file_verdicts (shasum, source, is_malicious, judged_at, confirmed_at) values ('ab', 'a test', 1 = 1, ${then}, ${then})`,
  "update ~file_verdicts set is_malicious = (1 = 0) where shasum = 'ab'",
  "delete from ~file_verdicts where shasum = 'ab'",
  "update ~dead_letter_events set attempts = 1, version_attempts = 1, rules_version = 'a' where dead_letter_id = 1",
];

/** The rows of the log as one engine has them; JSON with its keys in order, times of now left out. */
async function logOfStore(plain: Plain): Promise<string[]> {
  const rows = await plain.rows(
    "select table_name, row_key, action, before, after from ~audit_log order by audit_id",
  );
  return rows.map((row) =>
    JSON.stringify([
      row["table_name"],
      row["row_key"],
      row["action"],
      sorted(row["before"]),
      sorted(row["after"]),
    ]),
  );
}

function sorted(value: unknown): unknown {
  if (value === null) return null;
  const object = (typeof value === "string" ? JSON.parse(value) : value) as Record<string, unknown>;
  return Object.keys(object)
    .sort()
    .map((key) => [key, /^(undone|resolved)_at$/.test(key) && object[key] !== null ? "now" : object[key]]);
}

async function loadedStore(test: Test, engine: Engine): Promise<{ store: TestStore; plain: Plain }> {
  const store = await freshStore(engine);
  const plain = openPlain(store);
  test.teardown(async () => {
    await plain.close();
    await store.dispose();
  });
  await loadInProcess(store.database, "a", logOf(lines.slice(0, 80)), [40]);
  await loadInProcess(store.database, "b", logOf([...lines.slice(10, 30), ...lines.slice(80)]), [100]);
  return { store, plain };
}

const logs = new Map<string, string[]>();

for (const engine of engines()) {
  await t.test(`every edit of an audited table is noted with what changed (${engine.name})`, async (test) => {
    const { store, plain } = await loadedStore(test, engine);
    test.same(await logOfStore(plain), [], "a load is no edit");

    for (const edit of edits) await plain.run(edit);
    await undoBatch(store.database, 1, { reload: false });

    const log = await logOfStore(plain);
    logs.set(engine.name, log);
    const edited = log.filter((row) => !/^."(raw_events|ingest_batches)"/.test(row));
    test.equal(
      edited.length,
      edits.length,
      "each edit but the one that changes nothing, and the letter of the undone batch",
    );
    test.match(log[1], '[["pattern","a\\"b"],["score",7]],[["pattern","c"],["score",8]]');
    test.match(log[3], '"settings","breaker_percent","update",[["value",10]],[["value",20]]');
    test.notOk(
      log.some((row) => row.startsWith('["settings"') && row.includes("replay_attempts")),
      "no change, no row",
    );
    test.ok(
      log.some((row) => row.startsWith('["ingest_batches","1","update",[["undone_at",null]]')),
      "the undo",
    );
    const texts = JSON.stringify(
      await plain.rows("select before, after from ~audit_log where table_name = 'raw_events'"),
    );
    test.notMatch(texts, /password|eventid|src_ip|payload/, "no bytes of an event");
  });

  await t.test(`the log names who acts, or says that it was a hand (${engine.name})`, async (test) => {
    const { store, plain } = await loadedStore(test, engine);
    const edit = "update ~settings set value = value + 1 where setting = 'replay_attempts'";

    await plain.run(edit);
    await runScript(store.database, function* () {
      yield* ask(auditSetContext, { actor: "ada@harbour", command: "a test" });
      yield* ask(
        { name: "test/edit", sqlite: edit.replace("~", ""), postgres: edit.replace("~", ""), parameters: [] },
        {},
      );
      yield* ask(auditClearContext, {});
    });
    await plain.run(edit);
    await undoBatch(store.database, 2, { reload: false });

    const rows = await plain.rows("select distinct actor, command from ~audit_log");
    const named = rows.map((row) => `${String(row["actor"])}, ${String(row["command"])}`).sort();
    test.equal(named.length, 3);
    test.ok(named.includes("ada@harbour, a test"));
    test.ok(named.includes("direct SQL, null"));
    test.match(
      named.find((name) => name.endsWith(", ingest undo")),
      /^\S+@\S+, /,
    );
    const users = await plain.rows("select distinct database_user as u from ~audit_log");
    const [user] =
      engine.dialect === "postgres" ? await plain.rows("select session_user as u") : [{ u: null }];
    test.same(users, [{ u: user?.["u"] ?? null }]);
    if (engine.dialect === "sqlite")
      test.same(await typed(store.database, "select * from audit_context"), [], "no name is left behind");
  });

  await t.test(`a row of the log cannot be changed, deleted or replaced (${engine.name})`, async (test) => {
    const { plain } = await loadedStore(test, engine);
    await plain.run("update ~settings set value = 4 where setting = 'replay_attempts'");

    test.equal(await outcomeOf(plain, ["update ~audit_log set actor = 'nobody'"]), "WR030");
    test.equal(await outcomeOf(plain, ["delete from ~audit_log"]), "WR031");
    if (engine.dialect === "postgres") test.equal(await outcomeOf(plain, ["truncate ~audit_log"]), "WR031");
    else {
      const replace =
        "insert or replace into audit_log (audit_id, actor, table_name, row_key, action, after) values (1, 'x', 'y', 'z', 'insert', '{}')";
      test.equal(await outcomeOf(plain, [replace]), "WR031");
    }
  });
}

void t.test("the log of the same edits is the same on every engine", (test) => {
  const [first, ...others] = [...logs];
  test.ok((first?.[1].length ?? 0) > 20, "there is something to compare");
  for (const [name, log] of others) test.same([...log].sort(), [...(first?.[1] ?? [])].sort(), name);
  test.end();
});
