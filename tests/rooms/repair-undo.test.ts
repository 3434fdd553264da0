import t from "tap";
import { undoRepairsOf } from "../../src/reconcile/undo.ts";
import { shareOf } from "../helpers/cli.ts";
import { damage } from "../helpers/damage.ts";
import { engines, typed } from "../helpers/database.ts";
import { reconciled, spreadLines } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { openPlain, outcomeOf } from "../helpers/plain.ts";
import {
  derivedRows,
  fillSnapshots,
  repaired,
  repairsOf,
  sessionsOf,
  smallStore,
  spoil,
} from "../helpers/repairs.ts";
import { warm } from "../helpers/warm.ts";

const all = engines();

for (const [number, engine] of all.entries()) {
  await t.test(`an undo puts back every row as it was (${engine.name})`, async (test) => {
    const count = shareOf(60, engine, all);
    for (let seed = 1 + number * 100; seed <= number * 100 + count; seed++) {
      const store = await smallStore(engine);
      try {
        await fillSnapshots(store);
        await damage(store, seed);
        const before = await derivedRows(store);
        const wrong = await reconciled(store.database, "full");
        const found = await repaired(store);
        test.notSame(await derivedRows(store), before);
        const undone = await undoRepairsOf(store.database, found.run.run_id, "somebody");
        const again = await undoRepairsOf(store.database, found.run.run_id, "somebody");
        const after = await derivedRows(store);
        const next = await reconciled(store.database, "full");

        test.same([undone.undone, undone.left], [found.repair.applied, 0]);
        test.same([again.undone, again.undone_before, again.left], [0, found.repair.applied, 0]);
        test.same(after, before, `seed ${seed}`);
        test.same(shown(next), shown(wrong), "the differences are there again");
        const [audited] = await typed(
          store.database,
          "select count(*) as n from audit_log where actor = 'somebody' and command = 'reconcile undo'",
        );
        test.equal(Number(audited?.["n"]), found.repair.applied);
      } finally {
        await store.dispose();
      }
    }
  });

  await t.test(`a session that changed since its repair is named and left (${engine.name})`, async (test) => {
    const store = await smallStore(engine);
    try {
      const sessions = await sessionsOf(store, 5);
      await spoil(store, sessions);
      const found = await repaired(store);
      const [first = "", second = "", third = ""] = sessions;
      await loadInProcess(store.database, "later.json", logOf(spreadLines(400, 99, 40)), [400]);
      await typed(
        store.database,
        `update command_stats set inputs = inputs + 1 where session_id = '${first}'`,
      );
      await typed(
        store.database,
        `update session_summaries set snapshot_asn = 7, updated_at = '2030-01-01T00:00:00.000000Z' where session_id = '${second}'`,
      );
      const states = await typed(store.database, "select session_id, is_changed from repair_states");
      const changed = states.filter((row) => Number(row["is_changed"]) === 1).map((row) => row["session_id"]);
      const before = await derivedRows(store);
      const run = String(found.run.run_id);
      const asked = await warm(["reconcile", "undo", run, "--db", store.db]);
      const foreseen = await warm(["reconcile", "undo", run, "--dry-run", "--json", "--db", store.db]);
      const kept = await derivedRows(store);
      const undone = await warm(["reconcile", "undo", run, "--confirm", run, "--json", "--db", store.db]);

      test.ok(changed.includes(second), "a snapshot was written");
      test.equal(asked.code, 64, "without --confirm nothing is put back");
      test.same(kept, before);
      const plan = JSON.parse(foreseen.stdout) as { undone: number; left: number; dry_run: boolean };
      test.same([plan.undone, plan.left, plan.dry_run], [5 - changed.length, changed.length, true]);
      const result = JSON.parse(undone.stdout) as { undone: number; left: number; left_first: unknown[] };
      test.same([result.undone, result.left], [5 - changed.length, changed.length]);
      test.same(
        (result.left_first as { session_id: string }[])
          .map((row) => row.session_id)
          .sort((one, other) => (String(one) < String(other) ? -1 : 1)),
        [...changed].sort((one, other) => (String(one) < String(other) ? -1 : 1)),
      );
      test.equal(undone.code, changed.length === 0 ? 0 : 24);
      const after = await derivedRows(store);
      const lines = (rows: string[], session: string): string[] =>
        rows.filter((row) => row.includes(session));
      test.same(lines(after, second), lines(before, second));
      test.ok(third !== "" && after.length >= 5);
    } finally {
      await store.dispose();
    }
  });

  await t.test(`the archive of a repair cannot be changed or deleted (${engine.name})`, async (test) => {
    const store = await smallStore(engine);
    const plain = openPlain(store);
    try {
      const [session = "", other = ""] = await sessionsOf(store, 2);
      await spoil(store, [session, other]);
      await typed(store.database, `delete from command_stats where session_id = '${session}'`);
      await repaired(store);
      test.equal(await repairsOf(store), 2);
      const outcomes = async (words: readonly string[]): Promise<string[]> => {
        const codes: string[] = [];
        for (const word of words) codes.push(await outcomeOf(plain, [word]));
        return codes;
      };

      test.same(
        await outcomes([
          "update ~repairs set cause = ''",
          "update ~repairs set repaired_at = repaired_at, undone_at = null",
          "update ~repaired_summaries set event_count = 0",
          "delete from ~repairs",
          "delete from ~repaired_summaries",
        ]),
        ["WR054", "WR054", "WR054", "WR055", "WR055"],
      );
      if (engine.dialect === "postgres")
        test.same(
          await outcomes([
            "truncate ~repaired_files",
            "truncate ~repairs cascade",
            "select ~undo_repair(99)",
          ]),
          ["WR055", "WR055", "WR052"],
        );
      else
        test.same(
          await outcomes([
            "insert or replace into repaired_summaries (repair_id) values (1)",
            `insert or replace into repairs (run_id, session_id, cause, actor) values (1, '${session}', '', '')`,
            "insert into undo_repair (repair_id) values (99)",
          ]),
          ["WR055", "WR055", "WR052"],
        );
    } finally {
      await plain.close();
      await store.dispose();
    }
  });
}

function shown(found: { findings: { class: string }[] }): string[] {
  return found.findings
    .filter((finding) => finding.class !== "trigger_bypassed")
    .map((finding) => JSON.stringify({ ...finding, is_new: null }))
    .sort();
}
