import DatabaseHandle from "better-sqlite3";

/** A row as somebody has put it into a SQLite store past every check, and what must become of it. */
export interface Poison {
  name: string;
  /** The column of asn_inventory that has it, and the value as SQL. */
  column: "asn_name" | "country" | "enrichment" | "enriched_at" | "confirmed_at";
  value: string;
  becomes: "moved" | "quarantined";
}

const json = (name: string, text: string, becomes: Poison["becomes"]): Poison => ({
  name,
  column: "enrichment",
  value: `'${text.replaceAll("'", "''")}'`,
  becomes,
});
const time = (name: string, text: string, becomes: Poison["becomes"] = "quarantined"): Poison => ({
  name,
  column: "enriched_at",
  value: `'${text}'`,
  becomes,
});
const text = (name: string, value: string, becomes: Poison["becomes"]): Poison => ({
  name,
  column: "asn_name",
  value,
  becomes,
});

/** Rows that engines and drivers disagree on; each is moved as it is, or kept out with all its bytes. */
export const poisons: readonly Poison[] = [
  text("embedded NUL", "cast(x'616200636400' as text)", "quarantined"),
  text("NUL alone", "cast(x'00' as text)", "quarantined"),
  text("invalid UTF-8", "cast(x'61ff62' as text)", "quarantined"),
  text("an overlong slash", "cast(x'c0af' as text)", "quarantined"),
  text("half a character at the end", "cast(x'61e282' as text)", "quarantined"),
  text("a surrogate in UTF-8", "cast(x'eda080' as text)", "quarantined"),
  text("beyond U+10FFFF", "cast(x'f4908080' as text)", "quarantined"),
  text("U+FFFD as it is", "cast(x'efbfbd' as text)", "moved"),
  text("an empty text", "''", "moved"),
  text("blanks at the end", "'a  '", "moved"),
  text("a backslash and n", "'\\N'", "moved"),
  text("tab, newline, return", "char(9, 10, 13)", "moved"),
  text("control characters", "char(1, 8, 27, 31, 127, 133)", "moved"),
  text("bidi and zero width", "char(8238, 8203, 65279)", "moved"),
  text("the last character", "char(1114111)", "moved"),
  text("both normal forms", "char(233) || 'e' || char(769)", "moved"),
  text("quotes and a semicolon", "'''; drop table raw_events;--'", "moved"),
  text("a megabyte", "replace(hex(zeroblob(500000)), '00', 'é')", "moved"),
  text("bytes in a text column that are a text", "x'6162'", "moved"),
  text("bytes that are no text", "x'00ff'", "quarantined"),
  text("a whole number that the column makes a text", "42", "moved"),
  text("a real that the column makes a text", "0.5", "moved"),
  { name: "a country that no check lets in", column: "country", value: "'zz9'", becomes: "quarantined" },
  { name: "NULL where there must be a time", column: "confirmed_at", value: "null", becomes: "quarantined" },
  json("an escaped NUL", '{"a":"b\\u0000c"}', "quarantined"),
  json("an escaped NUL in a key", '{"\\u0000":1}', "quarantined"),
  json("a backslash before u0000", '{"a":"\\\\u0000"}', "moved"),
  json("a lone high surrogate", '{"a":"\\ud800"}', "quarantined"),
  json("a lone low surrogate", '{"a":"\\udc00 x"}', "quarantined"),
  json("surrogates the wrong way round", '{"a":"\\udc00\\ud800"}', "quarantined"),
  json("a surrogate pair", '{"a":"\\ud83d\\ude00"}', "moved"),
  json("escaped controls", '{"a":"\\u0001\\u001f\\u007f\\b\\f\\n\\r\\t\\/"}', "moved"),
  json("an escape of a plain letter", '{"\\u0061":"\\u0062"}', "moved"),
  json("a key twice", '{"a":1,"b":2,"a":3}', "moved"),
  json("a key twice, once escaped", '{"a":1,"\\u0061":2}', "moved"),
  json("a key twice within", '{"x":{"a":[1],"a":{"b":2}}}', "moved"),
  json("keys by length", '{"bb":1,"a":2,"ccc":3,"":4,"é":5}', "moved"),
  json("minus zero", '{"a":-0,"b":-0.0,"c":-0.00e5,"d":0e-3}', "moved"),
  json("exponents", '{"a":1e2,"b":1E+2,"c":1.50e1,"d":15e-1,"e":-1e-7}', "moved"),
  json("zeros behind the point", '{"a":1.10,"b":100.000,"c":-0.50}', "moved"),
  json("twenty digits", '{"a":12345678901234567890,"b":9007199254740993}', "moved"),
  json("2^63", '{"a":9223372036854775807,"b":-9223372036854775809}', "moved"),
  json("1e400", '{"a":1e400}', "moved"),
  json("1e-400", '{"a":1e-400}', "moved"),
  json("1e200000", '{"a":1e200000}', "quarantined"),
  json("1e-20000", '{"a":1e-20000}', "quarantined"),
  json("an exponent beyond all", '{"a":1e99999999999999999999}', "quarantined"),
  json("NaN", '{"a":NaN}', "quarantined"),
  json("Infinity", '{"a":Infinity}', "quarantined"),
  json("single quotes", "{'a':1}", "quarantined"),
  json("a key without quotes", "{a:1}", "quarantined"),
  json("a comma at the end", '{"a":1,}', "quarantined"),
  json("a comment", '{"a":1/*x*/}', "quarantined"),
  json("a hexadecimal number", '{"a":0x10}', "quarantined"),
  json("a number with a point and no more", '{"a":5.}', "quarantined"),
  json("a zero before a number", '{"a":01}', "quarantined"),
  json("a plus before a number", '{"a":+1}', "quarantined"),
  json("cut off", '{"a":1', "quarantined"),
  json("two values", '{"a":1}{"b":2}', "quarantined"),
  json("no text at all", "", "quarantined"),
  json("blanks around", ' \t\n{ "a" : [ 1 , 2 ] } ', "moved"),
  json("no object", "[1]", "quarantined"),
  json("a word", "null", "quarantined"),
  json("deep", `{"a":${"[".repeat(900)}${"]".repeat(900)}}`, "moved"),
  json("1,001 levels", `{"a":${"[".repeat(1_000)}${"]".repeat(1_000)}}`, "quarantined"),
  json("100,000 levels", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "quarantined"),
  json("100,000 brackets in a string", `{"a":"${"[".repeat(100_000)}"}`, "moved"),
  json("a boolean and an object where texts are", '{"a":true,"b":{"x":1},"c":[null]}', "moved"),
  json("prototype keys", '{"__proto__":{"x":1},"constructor":2,"toString":3}', "moved"),
  json("letters beyond the first plane", '{"😀":"🐚","é":"\u2028"}', "moved"),
  {
    name: "a raw control character",
    column: "enrichment",
    value: "'{\"a\":\"b' || char(1) || '\"}'",
    becomes: "quarantined",
  },
  { name: "a raw NUL", column: "enrichment", value: "cast(x'7b7d00' as text)", becomes: "quarantined" },
  {
    name: "a string that is no UTF-8",
    column: "enrichment",
    value: "cast(x'7b2261223a22ff227d' as text)",
    becomes: "quarantined",
  },
  { name: "a byte order mark", column: "enrichment", value: "char(65279) || '{}'", becomes: "quarantined" },
  { name: "JSONB of SQLite", column: "enrichment", value: "jsonb('{\"a\":1}')", becomes: "quarantined" },
  time("a month 13", "2026-13-01T00:00:00.000000Z"),
  time("30 February", "2026-02-30T00:00:00.000000Z"),
  time("29 February of no leap year", "1900-02-29T00:00:00.000000Z"),
  time("29 February of a leap year", "2000-02-29T23:59:59.999999Z", "moved"),
  time("24 o'clock", "2026-01-01T24:00:00.000000Z"),
  time("a leap second", "2026-06-30T23:59:60.000000Z"),
  time("the year 0", "0000-01-01T00:00:00.000000Z"),
  time("the year 1", "0001-01-01T00:00:00.000000Z", "moved"),
  time("the year 9999", "9999-12-31T23:59:59.999999Z", "moved"),
  time("the year 294277", "294277-01-01T00:00:00.000000Z"),
  time("no microseconds", "2026-01-01T00:00:00Z"),
  time("nine digits", "2026-01-01T00:00:00.123456789Z"),
  time("a zone", "2026-01-01T00:00:00.000000+02:00"),
  time("a blank for the T", "2026-01-01 00:00:00.000000Z"),
  time("infinity", "infinity"),
  time("seconds since 1970", "1735689600"),
  time("nothing", ""),
];

/** A row of another table: with a value of the wrong kind, or that refers to nothing, or to a row that is kept out. */
export interface Stray {
  name: string;
  table: string;
  key: readonly unknown[];
  column: string;
  /** Why it is kept out; undefined where it is moved. */
  reason: string | undefined;
  insert: string;
}

const begun = "'2026-01-01T00:00:00.000000Z'";
const failure = (job: number): string =>
  `insert into job_failures (job_id, session_id, error) values (${job}, 's', 'e')`;
const eventType = (name: string, of: string): Stray => ({
  name: `an event type of ${of}`,
  table: "event_types",
  key: [name],
  column: "legacy_of",
  reason: "23503",
  insert: `insert into event_types (event_type, legacy_of, since, meaning) values ('${name}', '${of}', '1', 'x')`,
});

const verdict = (name: string, value: string, reason: string | undefined): Stray => ({
  name,
  ...{ table: "file_verdicts", key: [name, "s"], column: "is_malicious", reason },
  insert: `insert into file_verdicts (shasum, source, is_malicious, judged_at, confirmed_at) values ('${name}', 's', ${value}, ${begun}, ${begun})`,
});
const address = (name: string, value: string, reason: string | undefined): Stray => ({
  name,
  ...{ table: "ip_inventory", key: [name], column: "session_count", reason },
  insert: `insert into ip_inventory (ip_address, session_count) values ('${name}', ${value})`,
});

/** Rows of other tables. */
export const strays: readonly Stray[] = [
  verdict("boolean 1", "1", undefined),
  verdict("boolean 2", "2", "not_boolean"),
  verdict("boolean true as a text", "'true'", "not_boolean"),
  address("text in a column of whole numbers", "'many'", "wrong_class"),
  address("bytes in a column of whole numbers", "x'00'", "wrong_class"),
  address("a real in a column of whole numbers", "1.5", "wrong_class"),
  address("2^63-1", "9223372036854775807", undefined),
  address("2^53+1", "9007199254740993", undefined),
  {
    name: "a failure of no job",
    ...{ table: "job_failures", key: [901, "s"], column: "job_id", reason: "23503" },
    insert: failure(901),
  },
  {
    name: "a job with a NUL",
    ...{ table: "jobs", key: [902], column: "actor", reason: "nul" },
    insert:
      "insert into jobs (job_id, kind, state, actor) values (902, 'reconcile', 'running', 'a' || char(0))",
  },
  {
    name: "a failure of a job that is kept out",
    ...{ table: "job_failures", key: [902, "s"], column: "job_id", reason: "23503" },
    insert: failure(902),
  },
  {
    name: "a repair of no run",
    ...{ table: "repairs", key: [904], column: "run_id", reason: "23503" },
    insert:
      "insert into repairs (repair_id, run_id, session_id, cause, actor) values (904, 905, 's', 'c', 'a')",
  },
  {
    name: "a file of a repair of no run",
    ...{ table: "repaired_files", key: [904, "f"], column: "repair_id", reason: "23503" },
    insert: "insert into repaired_files (repair_id, session_id, shasum) values (904, 's', 'f')",
  },
  {
    name: "a sighting of no event in no batch",
    ...{ table: "duplicate_sightings", key: [906, 907], column: "batch_id", reason: "23503" },
    insert: "insert into duplicate_sightings (event_id, batch_id, sightings) values (906, 907, 1)",
  },
  eventType("zz.1", "zz.none"),
  eventType("zz.0", "zz.1"),
  eventType("zz.2", "zz.0"),
];

/**
 * The rows of the lists of what peers, drivers and engines were measured to get wrong, each with the cases that stand for it; those
 * without a case are of the schema, and stand in the tests that are named.
 */
export const lists: Readonly<Record<string, readonly string[]>> = {
  "text with an embedded NUL, cut there": ["embedded NUL", "NUL alone"],
  "REAL as float4": ["test rooms/hydrate-codec"],
  "NOT NULL lost": ["NULL where there must be a time"],
  "generated column absent": ["test rooms/hydrate-proof"],
  "trigger, view absent": ["test rooms/hydrate"],
  "a payload with an escaped NUL": ["an escaped NUL", "an escaped NUL in a key", "a backslash before u0000"],
  "a payload with a lone surrogate": ["a lone high surrogate", "a lone low surrogate", "a surrogate pair"],
  "a malformed payload": ["cut off", "two values", "no text at all"],
  "boolean 2": ["boolean 2", "boolean true as a text"],
  "epoch integer as a date": ["seconds since 1970"],
  "text in an INTEGER column": ["text in a column of whole numbers"],
  "9223372036854775807": ["2^63-1"],
  "invalid UTF-8": ["invalid UTF-8", "an overlong slash", "a surrogate in UTF-8"],
  "text in a REAL column": ["a real in a column of whole numbers"],
  "tabs, newlines, backslash-N, the empty text": [
    "tab, newline, return",
    "a backslash and n",
    "an empty text",
  ],
  "an offset from UTC": ["a zone"],
  "a naive timestamp": ["a blank for the T", "no microseconds"],
  "kill -9": ["test chaos/hydrate-kill"],
  "a failed COPY hangs": ["test chaos/hydrate-kill"],
  "a JSON string twice encoded": ["a word", "no object"],
  "U+FFFD for what is no UTF-8": [
    "U+FFFD as it is",
    "half a character at the end",
    "a string that is no UTF-8",
  ],
  "whole numbers above 2^53": ["2^53+1", "2^63"],
  "json_valid accepts escapes and equal keys": ["a key twice", "a key twice, once escaped", "an escaped NUL"],
  JSON5: ["single quotes", "a key without quotes", "a comma at the end", "a comment", "a hexadecimal number"],
  NaN: ["NaN", "Infinity"],
  "a raw control character": ["a raw control character", "a raw NUL"],
  "JSONB of SQLite in a text column": ["JSONB of SQLite"],
  "numbers beyond NUMERIC": ["1e200000", "1e-20000", "an exponent beyond all"],
  "keys reordered": ["keys by length"],
  "-0, 1e2, 1.10, 1e400, 20 digits": [
    "minus zero",
    "exponents",
    "zeros behind the point",
    "1e400",
    "twenty digits",
  ],
  "escapes of controls are kept": ["escaped controls"],
  "hostile 15: JSON5 quotes": ["single quotes"],
  "hostile 22: a value, then NUL": ["a raw NUL"],
  "hostile 23: an escaped NUL": ["an escaped NUL"],
  "hostile 25: a lone surrogate": ["a lone high surrogate"],
  "hostile 69: 1,001 levels and more": ["deep", "1,001 levels", "100,000 levels"],
  "hostile 71: equal keys": ["a key twice", "a key twice within"],
  "hostile 76: a huge exponent": ["1e400", "1e200000", "1e-400"],
  "hostile 79: a boolean or object for a text": ["a boolean and an object where texts are"],
  "rows that refer to nothing": ["a failure of no job", "a failure of a job that is kept out"],
};

/** The key of the row that has a poison. */
export function asnOf(index: number): number {
  return 70_000 + index;
}

/** A key that a number of JavaScript cannot tell from the next one, beyond what the target lets in. */
export const greatestKey = "9223372036854775807";

/** Puts every poison into a store, past its types, checks, references and triggers. */
export function poison(path: string): void {
  const handle = new DatabaseHandle(path);
  try {
    handle.unsafeMode(true);
    handle.pragma("foreign_keys = off");
    handle.pragma("ignore_check_constraints = on");
    const poisoned = ["asn_inventory", "file_verdicts", ...strays.map(({ table }) => table)];
    const triggers = handle
      .prepare(
        "select name from sqlite_schema where type = 'trigger' and tbl_name in (select value from json_each(?))",
      )
      .pluck()
      .all(JSON.stringify(poisoned)) as string[];
    for (const name of triggers) handle.exec(`drop trigger ${name}`);
    // STRICT would keep types, NOT NULL would keep NULL out.
    handle.pragma("writable_schema = on");
    handle.exec(
      "update sqlite_schema set sql = replace(replace(sql, 'confirmed_at text not null', 'confirmed_at text'), char(10) || 'strict', '') where name in ('asn_inventory', 'file_verdicts', 'ip_inventory') and type = 'table'",
    );
    handle.pragma("writable_schema = reset");
  } finally {
    handle.close();
  }
  const writer = new DatabaseHandle(path);
  try {
    writer.pragma("ignore_check_constraints = on");
    writer.pragma("foreign_keys = off");
    for (const [index, { column, value }] of poisons.entries()) {
      const columns = new Map([
        ["enriched_at", "'2026-01-01T00:00:00.000000Z'"],
        ["confirmed_at", "'2026-01-01T00:00:00.000000Z'"],
        [column, value],
      ]);
      writer.exec(
        `insert into asn_inventory (asn, ${[...columns.keys()].join(", ")}) values (${asnOf(index)}, ${[...columns.values()].join(", ")})`,
      );
    }
    const at = "'2026-01-01T00:00:00.000000Z'";
    for (const key of [greatestKey, "9223372036854775806", "0"])
      writer.exec(`insert into asn_inventory (asn, enriched_at, confirmed_at) values (${key}, ${at}, ${at})`);
    for (const { insert } of strays) writer.exec(insert);
  } finally {
    writer.close();
  }
}
