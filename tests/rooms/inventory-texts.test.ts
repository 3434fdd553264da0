import fc from "fast-check";
import t from "tap";
import { cellsOf, csvRecords, type CsvRecord } from "../../src/inventory/csv.ts";
import { columnsGiven, columnsOf } from "../../src/inventory/columns.ts";
import { toldBy, type Told } from "../../src/inventory/facts.ts";
import { layoutOf } from "../../src/inventory/guess.ts";
import { linesOf } from "../../src/inventory/lines.ts";
import { objectOf } from "../../src/inventory/json.ts";

const given = { asOf: null, otherwise: "2026-01-05T00:00:00.000000Z", label: null, source: "import" };

void t.test("what is written as CSV is read as it was, cut into any chunks", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", " ", "ß", "1", ";") });
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), async (written, size) => {
      const kept = written.map(([first = "", ...rest]) => [`x${first}`, ...rest]);
      const text = kept.map((row) => row.map(quoted).join(",")).join("\r\n");

      const read = await recordsOf(text, size);

      return JSON.stringify(read.map(({ cells }) => cells)) === JSON.stringify(kept);
    }),
    { numRuns: 200 },
  );
});

void t.test("a broken record costs its own line and no other", async (t) => {
  const long = `5,${"d".repeat(1_100_000)}`;
  const lines = ['1,"one"', '2,"never closed', "3,three", '4,"four"x', long, "6,six", '7,sev"en', "8,eight"];
  const text = lines.join("\n");

  const read = await recordsOf(text, 4_096);

  t.same(
    read.map(({ line, cells, problem }) => [line, problem ?? cells[1]]),
    [
      [1, "one"],
      [2, "it is longer than 1 MiB"],
      [3, "three"],
      [4, "a quote stands where none may be"],
      [5, "it is longer than 1 MiB"],
      [6, "six"],
      [7, "a quoted value does not end"],
      [8, "eight"],
    ],
  );
});

void t.test("a quoted value goes over lines, and one that does not end is told", async (t) => {
  const read = await recordsOf('1,"a\nb"\n2,"open\n3,c', 3);

  t.same(
    read.map(({ line, cells, problem }) => [line, problem ?? cells.join("|")]),
    [
      [1, "1|a\nb"],
      [3, "a quoted value does not end"],
      [4, "3|c"],
    ],
  );
});

void t.test("a quote that is not closed is not looked for without end", async (t) => {
  const until = async (lines: number): Promise<string | null | undefined> =>
    (await recordsOf(`1,"a\n${"2,b\n".repeat(lines - 1)}3,c"`, 4_096))[0]?.problem;

  t.equal(await until(200), null);
  t.equal(await until(201), "a quoted value does not end");
});

void t.test("the columns of a file are found by its header or its values", (t) => {
  const cases: [string[], (string | null)[] | undefined, string][] = [
    [['1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."'], ["first", "last", "asn", "asn_name"], ","],
    [["16777216,16777471,AU"], ["first", "last", "country"], ","],
    [["2001:2::,2001:2::ff,JP"], ["first", "last", "country"], ","],
    [["192.0.2.0/24;AS64500;Example"], ["address", "asn", "asn_name"], ";"],
    [["192.0.2.7\tNL"], ["address", "country"], "\t"],
    [["IP Address,Country Code,ASN", "192.0.2.7,NL,64500"], ["address", "country", "asn"], ","],
    [
      ["network,autonomous_system_number,autonomous_system_organization"],
      ["address", "asn", "asn_name"],
      ",",
    ],
    [["asn_name;org;ip"], ["asn_name", null, "address"], ";"],
    [["192.0.2.7,5,some,words,more"], undefined, ","],
    [["seen,then", "1,2"], undefined, ","],
  ];
  for (const [lines, columns, delimiter] of cases)
    t.match(layoutOf(lines, undefined), { columns, delimiter }, lines.join(" "));
  t.match(layoutOf(["# exits", "192.0.2.7", "192.0.2.0/24 # a net"], undefined), { isList: true });
  t.match(layoutOf(["; drop", "192.0.2.0/24 ; SBL1"], undefined), { isList: true });
  t.same(columnsGiven("first, last,-,org"), ["first", "last", null, "asn_name"]);
  t.equal(columnsGiven("first,nonsense"), "nonsense");
  t.same(columnsOf(["isp", "ASN Name"]), [null, "asn_name"]);
  t.end();
});

void t.test("what a row says is read strictly, and what is wrong is named", (t) => {
  const cases: [Record<string, unknown>, object][] = [
    [
      { address: "::ffff:192.0.2.7", asn: "AS64500" },
      { is: "address", row: { ip_address: "192.0.2.7", asn: 64500 } },
    ],
    [{ address: "2001:DB8:0::1", country: "nl" }, { row: { ip_address: "2001:db8::1", country: "nl" } }],
    [
      { address: "192.0.2.0/24", asn: 1 },
      { is: "range", range: { version: 4, first: 3221225984n, last: 3221226239n } },
    ],
    [
      { address: "::ffff:192.0.2.0/120", asn: 1 },
      { range: { version: 4, first: 3221225984n, last: 3221226239n } },
    ],
    [
      {
        first: "42540488161975842760550356425300246528",
        last: "42540488161975842760550356425300246529",
        asn: 1,
      },
      { range: { version: 6 } },
    ],
    [{ address: "192.0.2.7" }, { is: "empty" }],
    [{ address: "192.0.2.7", asn: "0" }, { is: "empty" }],
    [
      { address: "192.0.2.7", country: "NL", as_of: "2025-04-02" },
      { row: { enriched_at: "2025-04-02T00:00:00.000000Z" } },
    ],
    [
      { address: "192.0.2.7", country: "NL", as_of: 1743552000 },
      { row: { enriched_at: "2025-04-02T00:00:00.000000Z" } },
    ],
    [{ address: "192.0.2.7", country: "NL" }, { row: { enriched_at: given.otherwise } }],
    [
      { asn: 64500, asn_name: "Example" },
      { is: "network", row: { asn: 64500, name: "Example" } },
    ],
    [
      { shasum: "A".repeat(64), malicious: "3" },
      { is: "verdict", row: { shasum: "a".repeat(64), is_malicious: true } },
    ],
    [{ shasum: "a".repeat(64), malicious: "0", state: "pending" }, { is: "empty" }],
    [
      { address: "192.0.2.07", asn: 1 },
      { is: "refused", reason: 'it is no address: "192.0.2.07"' },
    ],
    [
      { address: "192.0.2.0/33", asn: 1 },
      { is: "refused", reason: /prefix/ },
    ],
    [
      { first: "192.0.2.9", last: "192.0.2.1", asn: 1 },
      { is: "refused", reason: /behind/ },
    ],
    [
      { first: "192.0.2.9", last: "2001:db8::1", asn: 1 },
      { is: "refused", reason: /IPv4 and the other IPv6/ },
    ],
    [
      { address: "192.0.2.7", asn: "4294967296" },
      { is: "refused", reason: /AS number/ },
    ],
    [
      { address: "192.0.2.7", asn: { a: 1 } },
      { is: "refused", reason: /AS number/ },
    ],
    [
      { address: "192.0.2.7", asn_name: "a\0b" },
      { is: "refused", reason: 'the name has a NUL: "a\\x00b"' },
    ],
    [
      { address: "192.0.2.7", enrichment: '{"a":1,"a":2}' },
      { is: "refused", reason: /a key twice/ },
    ],
    [
      { address: "192.0.2.7", enrichment: "[1]" },
      { is: "refused", reason: /no object/ },
    ],
    [
      { address: "192.0.2.7", country: "NL", as_of: "2025-02-30" },
      { is: "refused", reason: /instant/ },
    ],
    [
      { shasum: "abc", malicious: "1" },
      { is: "refused", reason: /SHA-256/ },
    ],
    [{ country: "NL" }, { is: "refused", reason: /names no address/ }],
  ];
  for (const [fields, told] of cases) t.match(toldBy(fields, given) as Told, told, JSON.stringify(fields));
  t.end();
});

void t.test("an object is read as strictly as a log's", (t) => {
  t.same(objectOf('{"a":{"b":[1.5,null,"\\u0000"]}}'), { a: { b: [1.5, null, "\\u0000"] } });
  t.equal(objectOf('{"a":9007199254740993}'), "the JSON has a whole number beyond 2^53");
  t.equal(objectOf(`${'{"a":'.repeat(70)}1${"}".repeat(70)}`), "the JSON is nested too deep");
  t.equal(objectOf('{"a":{"\\u0062":1,"b":2}}'), "the JSON has a key twice");
  t.equal(objectOf('{"a":1} x'), "something follows the JSON");
  t.equal(objectOf('{"a":'), "the JSON ends too soon");
  t.equal(cellsOf('a,"b""c",', ",")?.join("|"), 'a|b"c|');
  t.end();
});

async function recordsOf(text: string, chunkBytes: number): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const record of csvRecords(linesOf(chunks(Buffer.from(text), chunkBytes)), ","))
    records.push(record);
  return records;
}

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
