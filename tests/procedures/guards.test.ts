import t, { type Test } from "tap";
import { sealedStore, ways, type Way } from "../helpers/guarded.ts";
import {
  batchStatements,
  eventStatement,
  evidenceStatement,
  letterStatement,
  openStatement,
  outcomeOf,
  sealStatement,
  sightingStatement,
  type HandEvent,
  type Plain,
  type SealValues,
} from "../helpers/plain.ts";

const events: HandEvent[] = [
  {
    ordinal: 0,
    second: 10,
    payload: { eventid: "cowrie.session.connect", src_ip: "192.0.2.7", session: "abcdef012345" },
  },
  {
    ordinal: 1,
    second: 20,
    payload: { eventid: "cowrie.command.input", input: "uname -a", session: "abcdef012345" },
  },
];

for (const way of ways) {
  void t.test(way.name, async (t) => {
    await t.test("a batch cannot be born sealed, undone or with a place in the chain", async (t) => {
      const plain = await sealedStore(t, way, events);
      const born = (column: string, value: string): string =>
        `insert into ~ingest_batches (batch_id, source_id, run_id, first_offset, actor, ${column}) values (2, 1, 'hand', 0, 'hand', ${value})`;

      const outcomes = [
        await outcomeOf(plain, [born("sealed_at", "'2026-02-01T00:00:00.000000Z'")]),
        await outcomeOf(plain, [born("undone_at", "'2026-02-01T00:00:00.000000Z'")]),
        await outcomeOf(plain, [born("chain_position", "2")]),
      ];

      t.same(outcomes, ["WR001", "WR001", "WR001"]);
    });

    await t.test("a batch cannot take the place of another", async (t) => {
      const plain = await sealedStore(t, way, events);
      const again = openStatement(1);

      t.equal(await outcomeOf(plain, [again]), "WR002");
      t.equal(
        await outcomeOf(plain, [`${again} on conflict (batch_id) do update set actor = 'other'`]),
        "WR002",
      );
      if (way.engine.dialect === "sqlite") {
        t.equal(await outcomeOf(plain, [again.replace("insert", "insert or replace")]), "WR002");
      }
    });

    await t.test("a second batch cannot be opened while one is unsealed", async (t) => {
      const plain = await sealedStore(t, way, events);

      const outcome = await outcomeOf(plain, [openStatement(2), openStatement(3)]);

      t.equal(outcome, "WR003");
    });

    await t.test("a batch left unsealed is refused, at the commit or before the next batch", async (t) => {
      const plain = await sealedStore(t, way, events);

      const left = await outcomeOf(plain, [openStatement(2)]);
      const next = await outcomeOf(plain, [openStatement(3)]);

      if (way.engine.dialect === "postgres") t.equal(left, "WR016");
      else t.equal(left, way.foreignKeys ? "SQLITE_CONSTRAINT_FOREIGNKEY" : "accepted");
      if (!way.foreignKeys) t.equal(next, "WR003");
    });

    await t.test("a sealed batch cannot be changed or deleted", async (t) => {
      const plain = await sealedStore(t, way, events);
      const update = (setting: string): string[] => [
        `update ~ingest_batches set ${setting} where batch_id = 1`,
      ];

      t.equal(await outcomeOf(plain, update("actor = 'other'")), "WR004");
      t.equal(await outcomeOf(plain, update("sealed_at = null")), "WR004");
      t.equal(await outcomeOf(plain, update("sealed_at = sealed_at")), "WR004");
      t.equal(await outcomeOf(plain, ["delete from ~ingest_batches where batch_id = 1"]), "WR012");
    });

    await t.test("an open batch cannot be deleted or get another number", async (t) => {
      const plain = await sealedStore(t, way, events);

      t.equal(
        await outcomeOf(plain, [openStatement(2), "delete from ~ingest_batches where batch_id = 2"]),
        "WR012",
      );
      t.equal(
        await outcomeOf(plain, [
          openStatement(2),
          "update ~ingest_batches set batch_id = 3 where batch_id = 2",
        ]),
        "WR004",
      );
    });

    await falseSeals(t, way);

    await t.test("nothing enters a sealed batch", async (t) => {
      const plain = await sealedStore(t, way, events);
      const third: HandEvent = { ordinal: 7, second: 30, payload: { eventid: "cowrie.session.closed" } };

      t.equal(await outcomeOf(plain, [eventStatement(plain, 1, third)]), "WR013");
      t.equal(await outcomeOf(plain, [letterStatement(plain, 1)]), "WR013");
      t.equal(await outcomeOf(plain, [sightingStatement(1, 1048576)]), "WR013");
      t.equal(
        await outcomeOf(plain, [...batchStatements(plain, 2, []), evidenceStatement(plain, 2, 1)]),
        "WR013",
      );
    });

    await t.test("nothing enters a batch that does not exist", async (t) => {
      const plain = await sealedStore(t, way, events);
      const third: HandEvent = { ordinal: 0, second: 30, payload: { eventid: "cowrie.session.closed" } };

      t.equal(await outcomeOf(plain, [eventStatement(plain, 99, third)]), "WR013");
      for (const statement of [
        letterStatement(plain, 99),
        sightingStatement(99, 1048576),
        evidenceStatement(plain, 99, 1),
      ]) {
        t.equal(await outcomeOf(plain, [statement]), "WR013", statement.slice(0, 32));
      }
    });

    await t.test("an event's time is one that the calendar and the clock have", async (t) => {
      const plain = await sealedStore(t, way, events);
      const third: HandEvent = { ordinal: 2, second: 30, payload: { eventid: "cowrie.session.closed" } };
      const at = (time: string): string[] => [
        openStatement(2),
        eventStatement(plain, 2, third).replace("2026-01-05T10:00:30", time),
        "rollback",
      ];

      for (const time of [
        "2026-19-05T10:00:30",
        "2026-00-05T10:00:30",
        "2026-02-30T10:00:30",
        "2026-01-05T29:00:30",
        "0000-01-05T10:00:30",
      ]) {
        t.match(await outcomeOf(plain, at(time)), /^(SQLITE_CONSTRAINT_CHECK|22008)$/, time);
      }
    });

    await t.test("events, evidence, sightings and dead letters cannot be changed or deleted", async (t) => {
      const plain = await sealedStore(t, way, events);
      const filled = await outcomeOf(plain, [
        openStatement(2),
        sightingStatement(2, 1048576),
        letterStatement(plain, 2),
        sealStatement(plain, 2, [], { records_read: "2", events_duplicate: "1", records_rejected: "1" }),
      ]);

      t.equal(filled, "accepted");
      t.equal(await outcomeOf(plain, ["update ~raw_events set flags = 'bogon'"]), "WR014");
      t.equal(await outcomeOf(plain, ["update ~batch_evidence set line_count = 9"]), "WR014");
      t.equal(await outcomeOf(plain, ["update ~duplicate_sightings set sightings = 9"]), "WR014");
      for (const table of ["raw_events", "batch_evidence", "duplicate_sightings", "dead_letter_events"]) {
        t.equal(await outcomeOf(plain, [`delete from ~${table}`]), "WR015", `delete from ${table}`);
      }
      if (way.engine.dialect === "postgres") {
        for (const table of [
          "raw_events",
          "batch_evidence",
          "duplicate_sightings",
          "dead_letter_events",
          "ingest_batches",
        ]) {
          const outcome = await outcomeOf(plain, [`truncate ~${table} cascade`]);
          t.match(outcome, /^WR01[25]$/, `truncate ${table}`);
        }
      }
    });

    if (way.engine.dialect === "sqlite") await replacements(t, way);
  });
}

/** Each test seals a batch that is true but for one value. */
async function falseSeals(t: Test, way: Way): Promise<void> {
  const cases: { says: string; values: SealValues; code: string }[] = [
    {
      says: "events_accepted counts an event too many",
      values: { records_read: "3", events_accepted: "3" },
      code: "WR005",
    },
    {
      says: "records_rejected counts a missing dead letter",
      values: { records_read: "3", records_rejected: "1" },
      code: "WR006",
    },
    {
      says: "events_duplicate counts a sighting that was not noted",
      values: { records_read: "3", events_duplicate: "1" },
      code: "WR007",
    },
    {
      says: "records_skipped is not the sum of skip_counts",
      values: { records_read: "3", records_skipped: "1" },
      code: "WR007",
    },
    {
      says: "first_event_at is too early",
      values: { first_event_at: "'2026-01-05T09:00:00.000000Z'" },
      code: "WR009",
    },
    {
      says: "last_event_at is too late",
      values: { last_event_at: "'2026-01-05T11:00:00.000000Z'" },
      code: "WR009",
    },
    { says: "the place in the chain leaves a gap", values: { chain_position: "3" }, code: "WR010" },
    { says: "the place in the chain is taken", values: { chain_position: "1" }, code: "WR010" },
  ];
  for (const { says, values, code } of cases) {
    await t.test(`a batch cannot be sealed where ${says} (${code})`, async (t) => {
      const plain = await sealedStore(t, way, events);

      t.equal(await outcomeOf(plain, batchStatements(plain, 2, events, values)), code);
    });
  }

  await t.test("a batch cannot be sealed where the evidence is missing or short (WR008)", async (t) => {
    const plain = await sealedStore(t, way, events);
    const written = [openStatement(2), ...events.map((event) => eventStatement(plain, 2, event))];
    const seal = sealStatement(plain, 2, events);

    t.equal(await outcomeOf(plain, [...written, seal]), "WR008");
    t.equal(await outcomeOf(plain, [...written, evidenceStatement(plain, 2, 1), seal]), "WR008");
  });

  await t.test("a batch cannot be sealed with a flag that is not known (WR011)", async (t) => {
    const plain = await sealedStore(t, way, events);
    const [first] = events;
    const flagged: HandEvent[] = first === undefined ? [] : [{ ...first, flags: "bogon made_up" }];

    t.equal(await outcomeOf(plain, batchStatements(plain, 2, flagged)), "WR011");
  });

  await t.test("a batch cannot be sealed where records_read is not the sum of the counts", async (t) => {
    const plain = await sealedStore(t, way, events);

    const outcome = await outcomeOf(plain, batchStatements(plain, 2, events, { records_read: "3" }));

    t.equal(outcome, way.engine.dialect === "sqlite" ? "SQLITE_CONSTRAINT_CHECK" : "23514");
  });

  for (const column of ["batch_digest", "chain_digest", "chain_position", "end_offset"] as const) {
    await t.test(`a batch cannot be sealed without ${column}`, async (t) => {
      const plain = await sealedStore(t, way, events);

      const outcome = await outcomeOf(plain, batchStatements(plain, 2, events, { [column]: "null" }));

      const refused = way.engine.dialect === "sqlite" ? "SQLITE_CONSTRAINT_CHECK" : "23514";
      t.equal(outcome, column === "chain_position" ? "WR010" : refused);
    });
  }
}

/** SQLite fires no delete trigger for a row that `or replace` removes, unless recursive_triggers is on. */
async function replacements(t: Test, way: Way): Promise<void> {
  const left = async (plain: Plain, table: string, where: string): Promise<number> =>
    Number((await plain.rows(`select count(*) as n from ~${table} where ${where}`))[0]?.["n"]);

  await t.test(
    "an event of a sealed batch that REPLACE deletes is missed by the count of its batch and kept in the evidence",
    async (t) => {
      const plain = await sealedStore(t, way, events);
      const [first] = events;
      const replace = eventStatement(plain, 1, first ?? { ordinal: 0, second: 0, payload: {} })
        .replace("insert", "insert or replace")
        .replace("(1048576,", "(2097152,");

      await outcomeOf(plain, [
        openStatement(2),
        replace,
        evidenceStatement(plain, 2, 1),
        sealStatement(plain, 2, events.slice(0, 1)),
      ]);

      // Limit: SQLite fires no trigger for a row that REPLACE deletes, so this cannot be refused there.
      const rows = await left(plain, "raw_events", "event_id < 2097152");
      const [batch] = await plain.rows("select events_accepted as n from ~ingest_batches where batch_id = 1");
      const [evidence] = await plain.rows("select line_count as n from ~batch_evidence where batch_id = 1");
      t.equal(Number(evidence?.["n"]), Number(batch?.["n"]), "the evidence has every record");
      t.ok(rows < Number(batch?.["n"]), "the loss shows");
    },
  );

  await t.test("a sealed batch cannot be replaced through its chain digest or position", async (t) => {
    const plain = await sealedStore(t, way, events);
    await outcomeOf(plain, batchStatements(plain, 2, []));
    const byDigest = `insert or replace into ~ingest_batches (batch_id, source_id, run_id, first_offset, actor, chain_digest)
      select 3, 1, 'hand', 0, 'hand', chain_digest from ~ingest_batches where batch_id = 2`;
    const byPosition = "update or replace ~ingest_batches set chain_position = 2 where batch_id = 3";

    for (const statements of [[byDigest], [openStatement(3), byPosition]]) {
      await plain.run("begin");
      for (const statement of statements) await plain.run(statement).catch(() => undefined);
      t.equal(await left(plain, "ingest_batches", "batch_id = 2"), 1, String(statements.at(-1)).slice(0, 30));
      await plain.run("rollback");
    }
  });

  await t.test("a dead letter of a sealed batch cannot be replaced", async (t) => {
    const plain = await sealedStore(t, way, events);
    await outcomeOf(plain, [
      openStatement(2),
      letterStatement(plain, 2),
      sealStatement(plain, 2, [], { records_read: "1", records_rejected: "1" }),
    ]);
    const replace = letterStatement(plain, 3)
      .replace("insert", "insert or replace")
      .replace("(batch_id,", "(dead_letter_id, batch_id,")
      .replace("(3,", "(1, 3,");

    await plain.run("begin");
    await plain.run(openStatement(3));
    await plain.run(replace).catch(() => undefined);

    t.equal(await left(plain, "dead_letter_events", "batch_id = 2"), 1);
    await plain.run("rollback");
  });
}
