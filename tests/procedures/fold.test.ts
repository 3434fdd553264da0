import t from "tap";
import { canonicalTables } from "../helpers/canonical.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import {
  evidenceStatement,
  eventStatement,
  openPlain,
  openStatement,
  outcomeOf,
  sealStatement,
  sourceStatement,
  type HandEvent,
} from "../helpers/plain.ts";

const session = "abcdef012345";
const events: HandEvent[] = [
  {
    ordinal: 0,
    second: 10,
    payload: { eventid: "cowrie.session.connect", src_ip: "192.0.2.7", sensor: "harbour", session },
  },
  { ordinal: 1, second: 20, payload: { eventid: "cowrie.command.input", input: "cat /etc/passwd", session } },
  { ordinal: 2, second: 30, payload: { eventid: "cowrie.session.closed", duration: "20.5", session } },
];
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test(
      "a batch made by hand seals and folds alike, in whatever order its events come",
      async (t) => {
        const found: unknown[] = [];
        for (const order of orders) {
          const store = await freshStore(engine);
          const plain = openPlain(store);
          await plain.run(sourceStatement(plain));

          const outcome = await outcomeOf(plain, [
            openStatement(1),
            ...order
              .flatMap((index) => events.slice(index, index + 1))
              .map((event) => eventStatement(plain, 1, event)),
            evidenceStatement(plain, 1, 3),
            sealStatement(plain, 1, events),
          ]);

          t.equal(outcome, "accepted", order.join());
          found.push(await canonicalTables(store.database));
          await plain.close();
          await store.dispose();
        }
        for (const tables of found.slice(1)) t.same(tables, found[0]);
      },
    );

    await t.test("the seal gives the session what its events say", async (t) => {
      const store = await freshStore(engine);
      const plain = openPlain(store);
      t.teardown(async () => {
        await plain.close();
        await store.dispose();
      });
      await plain.run(sourceStatement(plain));

      await outcomeOf(plain, [
        openStatement(1),
        ...events.map((event) => eventStatement(plain, 1, event)),
        evidenceStatement(plain, 1, 3),
        sealStatement(plain, 1, events),
      ]);

      const [row] = await typed(store.database, "select * from session_summaries");
      t.match(row, {
        session_id: session,
        source_ip: "192.0.2.7",
        sensor: "harbour",
        matcher: "full_delimited",
        first_event_at: "2026-01-05T10:00:10.000000Z",
        last_event_at: "2026-01-05T10:00:30.000000Z",
        duration_seconds: 20,
        reported_duration_ms: 20_500,
        event_count: 3,
        command_count: 1,
        command_inputs: 1,
        risk_score: 50,
      });
      const commands = await typed(store.database, "select command, occurrences from command_stats");
      t.same(commands, [{ command: "cat /etc/passwd", occurrences: 1 }]);
    });

    await t.test("a change of the risk rules forgets the remembered scores", async (t) => {
      const store = await freshStore(engine);
      const plain = openPlain(store);
      t.teardown(async () => {
        await plain.close();
        await store.dispose();
      });
      const changes = [
        "insert into ~risk_rules (risk_rule_id, event_type, field, match, pattern, score) values (90001, 'cowrie.command.input', 'input', 'equals', 'ls', 5)",
        "update ~risk_rules set score = 6 where risk_rule_id = 90001",
        "delete from ~risk_rules where risk_rule_id = 90001",
      ];
      for (const change of changes) {
        await plain.run(
          "insert into ~command_scores (event_type, command, risk_score) values ('cowrie.command.input', 'ls', 0)",
        );

        await plain.run(change);

        t.same(await plain.rows("select * from ~command_scores"), [], change.slice(0, 6));
      }
    });
  });
}
