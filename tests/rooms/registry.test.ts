import t from "tap";
import type { Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { knownType, knownTypes, unknownSeen } from "../../src/registry/registry.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { loadContents } from "../helpers/load.ts";
import { logLine, sessionId } from "../helpers/lines.ts";

const beginning = "0001-01-01T00:00:00.000000Z";

for (const engine of engines()) {
  await t.test(
    `the gate flags a field by the types that the store registers (${engine.name})`,
    async (test) => {
      const database = await storeOf(test, engine);
      await typed(
        database,
        `insert into event_fields (event_type, field, json_types, since, flag, meaning) values
        ('*', 'shoe_size', 'number,object', '2026-01', 'type', 'by hand'),
        ('cowrie.client.var', 'input', 'string,array', '2026-01', 'type', 'by hand'),
        ('cowrie.session.params', 'arch_size', 'number', '2026-01', 'path', 'by hand')`,
      );
      const cases: [event: Record<string, unknown>, flags: string][] = [
        [{ eventid: "cowrie.command.input", input: "id" }, ""],
        [{ eventid: "cowrie.command.input", input: 7 }, "type"],
        [{ eventid: "cowrie.command.input", input: null }, ""],
        [{ eventid: "cowrie.command.input", input: ["id"], username: true }, "type"],
        [{ eventid: "cowrie.client.var", input: ["id"] }, ""],
        [{ eventid: "cowrie.client.var", input: 7 }, "type"],
        [{ eventid: "cowrie.client.var", input: ["id"], username: 7 }, "type"],
        [{ eventid: "cowrie.client.size", shoe_size: 44 }, ""],
        [{ eventid: "cowrie.client.size", shoe_size: { eu: 44 } }, ""],
        [{ eventid: "cowrie.client.size", shoe_size: "44" }, "type"],
        [{ eventid: "cowrie.session.params", arch_size: "64" }, "path"],
        [{ eventid: "cowrie.session.params", shoe_size: "44", arch_size: "64" }, "path,type"],
        [{ eventid: "cowrie.client.size", arch_size: "64" }, ""],
      ];
      const content = cases.map(([event], index) => lineOf(index, event)).join("");

      await loadInProcess(database, "in-process", Buffer.from(content), [5]);
      const inProcess = await flagsOf(database);
      const other = await storeOf(test, engine);
      await typed(
        other,
        "update event_fields set json_types = 'number' where event_type = '*' and field = 'input'",
      );
      await loadContents(other, [{ name: "cowrie.json", content: lineOf(1, { eventid: "x", input: "id" }) }]);

      test.same(
        inProcess,
        cases.map(([, flags]) => flags),
      );
      test.same(await flagsOf(other), ["type,unknown_event"], "the reader's thread goes by the store too");
    },
  );

  await t.test(`what is not registered is listed, until it is (${engine.name})`, async (test) => {
    const database = await storeOf(test, engine);
    const lines = [
      lineOf(1, { eventid: "cowrie.made.up", odd: 1 }),
      lineOf(2, { eventid: "cowrie.made.up" }),
      lineOf(3, { eventid: "cowrie.other\u001b[31m", "key\u202e": 1 }),
      lineOf(4, { eventid: "cowrie.session.closed", duration: 1, width: 80 }),
      lineOf(5, { eventid: "cowrie.client.size", width: 80, height: 24 }),
    ];
    await loadInProcess(database, "a", Buffer.from(lines.join("")), [5]);
    await loadInProcess(
      database,
      "b",
      Buffer.from(lineOf(6, { eventid: "cowrie.client.size", depth: 1 })),
      [5],
    );
    const asked = { since: beginning, batches: 20, limit: 50 };

    const all = await unknownSeen(database, asked);
    const newest = await unknownSeen(database, { ...asked, batches: 1 });
    const late = await unknownSeen(database, { ...asked, since: "2026-01-05T10:00:03.000000Z" });
    await typed(
      database,
      "insert into event_types (event_type, since, meaning) values ('cowrie.made.up', '2026-01', 'by hand')",
    );
    await typed(
      database,
      "insert into event_fields (event_type, field, json_types, since, meaning) values ('cowrie.made.up', 'odd', 'number', '2026-01', 'by hand')",
    );
    const after = await unknownSeen(database, asked);

    test.same(
      all.event_types.map(({ event_type, events }) => [event_type, events]),
      [
        ["cowrie.made.up", 2],
        ["cowrie.other\\x1b[31m", 1],
      ],
    );
    test.match(all.event_types[0], {
      first_seen: "2026-01-05T10:00:01.000000Z",
      last_seen: "2026-01-05T10:00:02.000000Z",
      example_session: sessionId(2),
    });
    test.same(all.fields.map(({ event_type, field }) => `${event_type} ${field}`).sort(), [
      "cowrie.client.size depth",
      "cowrie.made.up odd",
      "cowrie.other\\x1b[31m key\\u202e",
      "cowrie.session.closed width",
    ]);
    test.same(
      newest.fields.map(({ field }) => field),
      ["depth"],
      "fields of the newest batch alone",
    );
    test.equal(newest.event_types.length, 2, "event ids of all");
    test.same(
      late.event_types.map(({ event_type }) => event_type),
      ["cowrie.other\\x1b[31m"],
    );
    test.equal(after.event_types.length, 1);
    test.equal(after.fields.length, 3);
  });

  await t.test(
    `the registry tells the fields of an event, its own ones first (${engine.name})`,
    async (test) => {
      const database = await storeOf(test, engine);

      const types = await knownTypes(database);
      const { event, fields } = await knownType(database, "KIPP0011");

      const [stored] = await typed(database, "select count(*) as n from event_types");
      test.equal(types.length, Number(stored?.["n"]));
      test.match(event, { legacy_of: "cowrie.session.closed", until: "2015-12" });
      test.equal(types.find((one) => one.event_type === "cowrie.session.closed")?.until, null);
      test.match(fields[0], {
        field: "duration",
        event_type: "cowrie.session.closed",
        json_types: ["number", "string"],
      });
      test.ok(fields.some(({ field, event_type }) => field === "src_ip" && event_type === "*"));
      await test.rejects(knownType(database, "cowrie.made.up"), { code: "registry.not_found" });
    },
  );
}

async function storeOf(test: Test, engine: Engine): Promise<Database> {
  const store = await freshStore(engine);
  test.teardown(async () => store.dispose());
  return store.database;
}

function lineOf(second: number, event: Record<string, unknown>): string {
  return logLine({
    session: sessionId(second),
    timestamp: `2026-01-05T10:00:${String(second).padStart(2, "0")}.000000Z`,
    src_ip: "203.0.113.9",
    ...event,
  });
}

/** The flags of the events in their order; the address is of a range for documentation. */
async function flagsOf(database: Database): Promise<string[]> {
  const rows = await typed(database, "select flags from raw_events order by occurred_at");
  return rows.map((row) =>
    String(row["flags"])
      .split(",")
      .filter((flag) => flag !== "bogon")
      .join(","),
  );
}
