import fc from "fast-check";
import t from "tap";
import { canonicalJson, jsonRefusal } from "../../src/hydrate/rows/codec-json.ts";
import { codecs, newPage, type SqliteValue } from "../../src/hydrate/rows/codec.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");

/** The field that a codec writes, in hexadecimal digits without its length, or why it writes none. */
function field(type: string, value: SqliteValue): string {
  const page = newPage(8);
  const refusal = codecs.get(type)?.(page, value);
  if (refusal !== undefined) return page.at === 0 ? refusal : `${refusal}, and something was written`;
  const length = page.view.getInt32(0);
  return length < 0 ? "NULL" : page.bytes.toString("hex", 4, page.at);
}

/** What SQLite gives, as which type it goes, and what PostgreSQL makes of it; or why it does not go. */
const kept: readonly [type: string, value: SqliteValue, text: string | null][] = [
  ["bigint", 0, "0"],
  ["bigint", -1, "-1"],
  ["bigint", 9_007_199_254_740_991, "9007199254740991"],
  ["bigint", -9_007_199_254_740_991, "-9007199254740991"],
  ["bigint", 9_223_372_036_854_775_807n, "9223372036854775807"],
  ["bigint", -9_223_372_036_854_775_808n, "-9223372036854775808"],
  ["integer", -2_147_483_648, "-2147483648"],
  ["integer", 2_147_483_647n, "2147483647"],
  ["boolean", 1, "true"],
  ["boolean", 0n, "false"],
  ["double precision", 0.1234567890123, "0.1234567890123"],
  ["double precision", -0, "-0"],
  ["text", "", ""],
  ["text", "tab\tnew\nline \\N é 🐚", "tab\tnew\nline \\N é 🐚"],
  ["text", Buffer.from("\uFFFD really"), "\uFFFD really"],
  ["text", "x".repeat(70_000), "x".repeat(70_000)],
  ["jsonb", '{"b":1,"aa":2,"b":3.10}', '{"b": 3.10, "aa": 2}'],
  ["jsonb", Buffer.from('["\\u00e9"]'), '["é"]'],
  ["bytea", Buffer.from([0, 255]), "\\x00ff"],
  ["timestamp with time zone", "0001-01-01T00:00:00.000000Z", "0001-01-01 00:00:00+00"],
  ["timestamp with time zone", "1999-12-31T23:59:59.999999Z", "1999-12-31 23:59:59.999999+00"],
  ["timestamp with time zone", "2024-02-29T12:00:00.000001Z", "2024-02-29 12:00:00.000001+00"],
  ["timestamp with time zone", "9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999+00"],
  ["text", null, null],
];

const refused: readonly [type: string, value: SqliteValue, reason: string][] = [
  ["bigint", 9_007_199_254_740_992, "doubt"],
  ["bigint", "7", "wrong_class"],
  ["integer", 2_147_483_648, "integer_range"],
  ["integer", -2_147_483_649n, "integer_range"],
  ["boolean", 2, "not_boolean"],
  ["boolean", "t", "not_boolean"],
  ["text", "a\0b", "nul"],
  ["text", "\uFFFD", "doubt"],
  ["text", Buffer.from([0x61, 0xff]), "not_utf8"],
  ["text", Buffer.from([0xed, 0xa0, 0x80]), "not_utf8"],
  ["text", Buffer.from("a\0"), "nul"],
  ["text", 5, "wrong_class"],
  ["jsonb", '"\\u0000"', "nul_escape"],
  ["jsonb", '{"\\ud800":1}', "surrogate_escape"],
  ["jsonb", '["\\ud83d\\u0041"]', "surrogate_escape"],
  ["jsonb", '"\\udc00"', "surrogate_escape"],
  ["jsonb", "1e200000", "number_range"],
  ["jsonb", "1e-20000", "number_range"],
  ["bytea", "text", "wrong_class"],
  ["timestamp with time zone", "2023-02-29T00:00:00.000000Z", "not_an_instant"],
  ["timestamp with time zone", "2023-04-31T00:00:00.000000Z", "not_an_instant"],
  ["timestamp with time zone", "2023-01-01T24:00:00.000000Z", "not_an_instant"],
  ["timestamp with time zone", "0000-01-01T00:00:00.000000Z", "not_an_instant"],
  ["timestamp with time zone", "2023-01-01 00:00:00", "not_an_instant"],
  ["timestamp with time zone", "1735689600", "not_an_instant"],
];

/** The function of each type that takes its binary form. */
const asHex: Record<string, string> = {
  bigint: "int8send(x::bigint)",
  integer: "int4send(x::integer)",
  boolean: "boolsend(x::boolean)",
  "double precision": "float8send(x::double precision)",
  text: "textsend(x)",
  jsonb: "jsonb_send(x::jsonb)",
  bytea: "byteasend(x::bytea)",
  "timestamp with time zone": "timestamptz_send(x::timestamptz)",
};

await t.test("a value that PostgreSQL cannot hold is refused, and nothing of it is written", async (t) => {
  for (const [type, value, reason] of refused)
    t.equal(field(type, value), reason, `${type} ${String(value)}`);
  t.equal(jsonRefusal('{"a":"\\\\u0000","b":"\\ud83d\\udc1a","c":1e308,"d":"1e200000"}'), undefined);
  await Promise.resolve();
});

for (const engine of servers) {
  await t.test(
    `fields are what the server sends, and JSON comes out as its text (${engine.name})`,
    async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      if (store.database.dialect !== "postgres") throw new TypeError("a server");
      const { sql } = store.database;

      for (const [type, value, text] of kept) {
        if (text === null) {
          t.equal(field(type, value), "NULL");
          continue;
        }
        const ask = `select encode(${asHex[type] ?? ""}, 'hex') as hex from (select $1::text as x) as v`;
        const [row] = await sql.unsafe(ask, [text]);
        const ours = field(type, value);
        // JSONB sends its own text: what was sent is another one with the same meaning.
        const shown =
          type === "jsonb"
            ? `01${Buffer.from(canonicalJson(Buffer.from(ours, "hex").toString().slice(1))).toString("hex")}`
            : ours;
        t.equal(shown, row?.["hex"], `${type} ${text.slice(0, 40)}`);
      }
      const numbers = [
        "-0",
        "0e5",
        "0.00",
        "1e2",
        "1.10",
        "-1.5e3",
        "12E-4",
        "0.5e1",
        "1e30",
        "100e-2",
        "0.10e-2",
      ];
      const texts = fc.sample(fc.json({ maxDepth: 4 }), { numRuns: scaled(2_000), seed: 7 });
      for (const text of [...numbers, '{"":1,"é":2,"zz":3,"b":4,"b":5}', '"\\u001f\\b\\/\u007f"', ...texts]) {
        if (jsonRefusal(text) !== undefined) continue;
        const [row] = await sql.unsafe("select $1::text::jsonb::text as text", [text]);
        t.equal(canonicalJson(text), row?.["text"]);
      }
      await typed(store.database, "select 1");
    },
  );
}
