import t from "tap";
import { sealedStore, ways, type Way } from "../helpers/guarded.ts";
import { letterStatement, openStatement, outcomeOf, sealStatement, type Plain } from "../helpers/plain.ts";

const instantText = "'2026-02-01T00:00:00.000000Z'";

function checkCode({ engine }: Way): string {
  return engine.dialect === "sqlite" ? "SQLITE_CONSTRAINT_CHECK" : "23514";
}

/** What an UPDATE of an open letter may set, in this order, and how it ends. */
function letterChanges(plain: Plain): (readonly [setting: string, code: string])[] {
  return [
    ["dead_letter_id = 9", "WR020"],
    ["batch_id = 1", "WR020"],
    ["source_id = 9", "WR020"],
    ["source_offset = 9", "WR020"],
    ["record_bytes = 9", "WR020"],
    [`record_digest = ${plain.bytes("22".repeat(32))}`, "WR020"],
    [`record = ${plain.bytes("7d")}`, "WR020"],
    [`record_tail = ${plain.bytes("7d")}`, "WR020"],
    ["reason = 'bad_utf8'", "WR020"],
    ["detail = 'other'", "WR020"],
    [`created_at = ${instantText}`, "WR020"],
    [`resolved_at = ${instantText}, resolution = 'purged'`, "WR022"],
    [`resolved_at = ${instantText}, resolution = 'replayed', resolved_batch_id = 1`, "WR022"],
    [`resolved_at = ${instantText}, resolution = 'lost', purged_at = ${instantText}`, "WR022"],
    [`resolved_at = ${instantText}`, "WR022"],
    [`resolved_at = ${instantText}, resolution = 'purged', purged_at = ${instantText}`, "check"],
    ["attempts = 1", "WR023"],
    ["attempts = 2, version_attempts = 1, rules_version = 'a'", "WR023"],
    ["attempts = 1, version_attempts = 2, rules_version = 'a'", "WR023"],
    ["attempts = 1, version_attempts = 1, rules_version = 'a'", "accepted"],
    ["attempts = 2, version_attempts = 1, rules_version = 'a'", "WR023"],
    ["attempts = 2, version_attempts = 2, rules_version = 'a'", "accepted"],
    ["attempts = 3, version_attempts = 3, rules_version = 'a'", "accepted"],
    ["attempts = 4, version_attempts = 4, rules_version = 'a'", "WR023"],
    ["attempts = 4, version_attempts = 1, rules_version = 'b'", "accepted"],
    ["attempts = 0, version_attempts = 0, rules_version = null", "WR023"],
  ];
}

for (const way of ways) {
  void t.test(way.name, async (t) => {
    await t.test("a dead letter is tried, replayed or purged, and changes in no other way", async (t) => {
      const plain = await sealedStore(t, way, []);
      await outcomeOf(plain, [
        openStatement(2),
        letterStatement(plain, 2),
        letterStatement(plain, 2),
        sealStatement(plain, 2, [], { records_read: "2", records_rejected: "2" }),
      ]);
      for (const [setting, code] of letterChanges(plain)) {
        const outcome = await outcomeOf(plain, [
          `update ~dead_letter_events set ${setting} where dead_letter_id = 1`,
        ]);
        t.equal(outcome, code === "check" ? checkCode(way) : code, setting);
      }

      const settle = (letter: number, batch: number): string =>
        `update ~dead_letter_events set resolved_at = ${instantText}, resolution = 'replayed', resolved_batch_id = ${batch} where dead_letter_id = ${letter}`;
      const replayBatch = openStatement(3)
        .replace("actor)", "actor, kind)")
        .replace(/'hand'\)$/, "'hand', 'replay')");
      const seal = sealStatement(plain, 3, [], { records_read: "0" });
      t.equal(await outcomeOf(plain, [settle(1, 2)]), "WR022", "into a sealed batch");
      t.equal(await outcomeOf(plain, [openStatement(3), settle(1, 3), seal]), "WR022", "into a load");
      t.equal(await outcomeOf(plain, [replayBatch, settle(1, 3), seal]), "accepted", "into a replay");
      t.equal(await outcomeOf(plain, [settle(1, 3)]), "accepted", "no change at all");
      t.equal(
        await outcomeOf(plain, [
          "update ~dead_letter_events set attempts = 1, version_attempts = 1, rules_version = 'b' where dead_letter_id = 1",
        ]),
        "WR021",
      );
      t.equal(
        await outcomeOf(plain, [
          "update ~dead_letter_events set resolved_at = null, resolution = null, resolved_batch_id = null where dead_letter_id = 1",
        ]),
        "WR021",
      );

      const empty = `record = ${plain.bytes("")}, purged_at = ${instantText}`;
      t.equal(
        await outcomeOf(plain, [`update ~dead_letter_events set ${empty} where dead_letter_id = 1`]),
        "accepted",
        "a purge of a replayed one",
      );
      t.equal(
        await outcomeOf(plain, [
          `update ~dead_letter_events set ${empty}, resolved_at = ${instantText}, resolution = 'purged' where dead_letter_id = 2`,
        ]),
        "accepted",
        "a purge of an open one",
      );
      t.equal(await outcomeOf(plain, ["update ~dead_letter_events set purged_at = null"]), "WR021");
      t.equal(
        await outcomeOf(plain, [`update ~dead_letter_events set record = ${plain.bytes("7b")}`]),
        "WR020",
      );
    });

    await t.test("a dead letter is born open and untried (WR024)", async (t) => {
      const plain = await sealedStore(t, way, []);
      for (const [column, value] of [
        ["attempts, version_attempts, rules_version", "1, 1, 'a'"],
        ["record_tail, resolved_at, resolution, resolved_batch_id", `null, ${instantText}, 'replayed', 1`],
      ] as const) {
        const letter = letterStatement(plain, 2)
          .replace("detail)", `detail, ${column})`)
          .replace(/'by hand'\)$/, `'by hand', ${value})`);

        t.equal(await outcomeOf(plain, [openStatement(2), letter]), "WR024", column);
      }
    });
  });
}
