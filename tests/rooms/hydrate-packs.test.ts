import { join } from "node:path";
import t from "tap";
import { closeDatabase } from "../../src/db/open.ts";
import { openSqlite, type Sqlite } from "../../src/db/sqlite.ts";
import type { SqliteValue } from "../../src/hydrate/rows/codec.ts";
import { encodePart, type Form } from "../../src/hydrate/rows/encode.ts";
import { proofForm } from "../../src/hydrate/parts/proof-part.ts";
import type { RefusedRow } from "../../src/hydrate/rows/refused-row.ts";
import { keyText, type CopiedTable } from "../../src/hydrate/rows/tables.ts";
import { scaled } from "../helpers/cli.ts";
import { randomFrom } from "../helpers/random.ts";

/** Columns of every type that stores have, two of them a key. */
const types: readonly [name: string, type: string, sqliteType: string, key: number][] = [
  ["at", "timestamp with time zone", "text", 0],
  ["blob", "bytea", "blob", 0],
  ["flag", "boolean", "integer", 0],
  ["large", "bigint", "integer", 0],
  ["name", "text", "text", 1],
  ["number", "bigint", "integer", 2],
  ["payload", "jsonb", "text", 0],
  ["real", "double precision", "real", 0],
  ["small", "integer", "integer", 0],
];
const table: CopiedTable = {
  name: "packed",
  columns: types.map(([name, type, sqliteType, key]) => ({ name, type, sqliteType, key, expression: name })),
};

/** Texts as bytes, so that those that are no UTF-8 come in too. */
const texts = ["", "a", "3:x", ";", "!", "-", "é🐚", "\uFFFD", "nul\0", "x".repeat(300), "y".repeat(9_000)];
const noTexts = [Buffer.from([0x61, 0xff]), Buffer.from([0xed, 0xa0, 0x80])];
const values: Record<string, readonly SqliteValue[]> = {
  at: ["2024-02-29T12:00:00.000001Z", "2023-02-29T12:00:00.000001Z", "0000-01-01T00:00:00.000000Z", "now"],
  blob: [Buffer.alloc(0), Buffer.from([0, 255, 59, 58]), Buffer.alloc(9_000, 7)],
  flag: [0, 1, 2],
  large: [0, -1, 999_999_999_999_999, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n],
  payload: [
    ...[
      "{}",
      '{"b":1.50,"aa":[1,{"c":null}],"b":true}',
      "[1,-0,2e2]",
      "1e5000",
      '{"a":1e200000}',
      "-1e200000",
      "[1,2.5e-99999]",
      '"9e99999"',
    ],
    ...['{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"a":"\\u00e9\\n"}', '{"a" : 9e1234, "aa":"b"}', "nothing"],
    ...["[".repeat(1_001) + "]".repeat(1_001), `{"a":${"1".repeat(2_000)}}`, `["${"z".repeat(9_000)}"]`],
  ],
  real: [0, 0.1, -1.5e-9, 1 / 3, 12_345.678_901, 1e300, -(2 ** 70), 5e-324, Infinity, 2 ** 53 + 2],
  small: [0, -2_147_483_648, 2_147_483_647, 2_147_483_648],
};

/** Makes rows: mostly what is usual, and now and then what is not. */
function fill({ handle }: Sqlite, rows: number): void {
  const random = randomFrom(11);
  const of = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  const columns = types.map(
    ([name, , sqliteType, key]) => `${name} ${sqliteType}${key > 0 ? " not null" : ""}`,
  );
  handle.exec(
    `create table packed (${columns.join(", ")}, primary key (name, number)) strict, without rowid`,
  );
  const insert = handle.prepare(
    "insert or ignore into packed values (?, ?, ?, ?, cast(? as text), ?, cast(? as text), ?, ?)",
  );
  handle.exec("begin");
  for (let row = 0; row < rows; row++) {
    const usual = random(4) > 0;
    const pick = (name: string, firsts: number): SqliteValue =>
      random(7) === 0 ? null : usual ? of((values[name] ?? []).slice(0, firsts)) : of(values[name] ?? []);
    const name = usual ? `name ${random(50)}` : of<string | Buffer>([...texts, ...noTexts]);
    insert.run(
      ...[pick("at", 1), pick("blob", 2), pick("flag", 2), pick("large", 3), Buffer.from(name as string)],
      ...[random(1_000_000) - 500_000, pick("payload", 3), pick("real", 5), pick("small", 3)],
    );
  }
  handle.exec("commit");
}

interface Written {
  bytes: Buffer;
  refused: RefusedRow[];
  counts: object;
  seen: (string | null)[][];
}

async function write(
  store: Sqlite,
  [after, last]: readonly (string | null)[],
  form: Form | undefined,
  how: "packs" | "rows",
): Promise<Written> {
  const pages: Buffer[] = [];
  const refused: RefusedRow[] = [];
  const seen: (string | null)[][] = [];
  const payload = types.findIndex(([name]) => name === "payload");
  const places = types.flatMap(([name, , , key], place) => (key > 0 || name === "payload" ? [place] : []));
  const sink = {
    page: async (bytes: Buffer) => Promise.resolve(void pages.push(Buffer.from(bytes))),
    refused: async (row: RefusedRow) => Promise.resolve(void refused.push(row)),
    seen: {
      columns: [payload],
      take: (row: readonly SqliteValue[]) => {
        if (row[payload] !== null) seen.push(places.map((place) => shown(row[place] ?? null)));
      },
    },
    ...(how === "rows" ? { row: async (): Promise<void> => Promise.resolve() } : {}),
  };
  const part = { table, after: after ?? null, last: last ?? null };
  const counts = await encodePart(store, part, sink, how === "rows", form);
  return { bytes: Buffer.concat(pages), refused, counts, seen };
}

function shown(value: SqliteValue): string | null {
  if (value === null) return null;
  return typeof value === "object" ? Buffer.from(value).toString() : String(value);
}

await t.test(
  "a part that is read in packs is the same to the last byte as one read row by row",
  async (t) => {
    const store = openSqlite(join(t.testdir(), "packed.sqlite"), { create: true });
    t.teardown(async () => closeDatabase(store));
    fill(store, scaled(20_000));
    const key = (name: string, number: number): string => keyText([name, number]);
    const bounds = [
      [null, null],
      [null, key("name 20", 0)],
      [key("name 20", 0), null],
      [key("a", -7), key("name 3", 100_000)],
      [key("name 20", 0), key("name 20", 0)],
    ];
    for (const form of [undefined, proofForm])
      for (const bound of bounds) {
        const packs = await write(store, bound, form, "packs");
        const rows = await write(store, bound, form, "rows");
        const named = `${form === undefined ? "sent" : "compared"}, ${bound.join(" to ")}`;
        t.ok(packs.bytes.equals(rows.bytes), `the rows, ${named}`);
        t.same(packs.refused, rows.refused, `what is refused, ${named}`);
        t.same(packs.counts, rows.counts, `the digest, ${named}`);
        t.same(packs.seen, rows.seen, `the texts, ${named}`);
      }
    const { refused, counts } = await write(store, [null, null], undefined, "packs");
    t.match(counts, { refused: refused.length });
    const reasons = new Set(refused.map(({ reason }) => reason));
    t.same(
      [...reasons].sort(),
      [
        "integer_range",
        "not_an_instant",
        "not_boolean",
        "not_utf8",
        "nul",
        "nul_escape",
        "number_range",
        "surrogate_escape",
        "too_deep",
      ],
      "each kind was met",
    );
  },
);
