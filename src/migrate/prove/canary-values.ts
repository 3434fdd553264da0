import type { SchemaColumnsRow } from "../../sql/generated.ts";
import type { Dialect } from "../files/names.ts";

/** Numbers that are the same in every run: what was proved once is proved alike again. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

/** A text as a literal of both engines. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function bytes(dialect: Dialect, hex: string): string {
  return dialect === "sqlite" ? `x'${hex}'` : `'\\x${hex}'`;
}

const texts = [
  ...["a", "DE", "", " ", "NULL", "0", "it's", "Zwölf Boxkämpfer ☃ 🐚", "line\nand\ttab\\", "-1", "\u00a0"],
  ...["'; -- a comment\\", "2026-01-02T03:04:05.000006Z", "127.0.0.1", "2001:db8::1", "x".repeat(10_240)],
].map(literal);
const objects = ["{}", '{"key":"ü","number":1.10,"list":[1,null,true]}', "[]", "null", '"text"'].map(literal);
const integers = ["1", "0", "2", "-1", "42", "1000000"];
const fractions = ["0", "-0.5", "1.1", "0.000000001", "123456789.125", "1e30"];
const instants = [
  ...[
    "2026-01-02 03:04:05.000006",
    "1969-12-31 23:59:59.999999",
    "9999-12-31 23:59:59",
    "2024-02-29 00:00:00",
  ],
].map(literal);

/** What a column of a type of PostgreSQL may hold, the usual and the awkward. */
function postgresValues(type: string): string[] {
  const base = type.replace(/\(.*?\)/, "").replace(/\[\]$/, "");
  if (type.endsWith("[]")) return ["'{}'", ...arraysOf(base)];
  const width = Number(/^(?:character|bit)[a-z ]*\((\d+)\)/.exec(type)?.[1] ?? 0);
  if (/^(text|character varying|name)$/.test(base) || base === "citext")
    return width > 0 ? texts.filter((text) => text.length - 2 <= width) : texts;
  const known: Record<string, string[]> = {
    character: [literal("a".repeat(Math.max(1, width)))],
    smallint: [...integers.slice(0, 5), "-32768", "32767"],
    integer: [...integers, "-2147483648", "2147483647"],
    bigint: [...integers, "-9223372036854775808", "9223372036854775807"],
    numeric: [...fractions, "99999999999999999999.99", "'NaN'"],
    real: [...fractions.slice(0, 5), "'NaN'", "'Infinity'"],
    "double precision": [...fractions, "'NaN'", "'-Infinity'", "5e-324"],
    boolean: ["true", "false"],
    bytea: ["'\\x'", "'\\x00'", "'\\x00ff27c3a9'", `'\\x${"ab".repeat(600)}'`],
    json: objects,
    jsonb: objects,
    uuid: [literal("00000000-0000-0000-0000-000000000000"), literal("f47ac10b-58cc-4372-a567-0e02b2c3d479")],
    inet: [literal("192.0.2.1"), literal("2001:db8::/32")],
    cidr: [literal("192.0.2.0/24"), literal("2001:db8::/32")],
    macaddr: [literal("08:00:2b:01:02:03")],
    date: ["'2026-01-02'", "'0001-01-01'", "'infinity'", "'2024-02-29'"],
    interval: ["'1 day'", "'-1 year 2 mons 00:00:00.000001'"],
    "timestamp with time zone": [...instants.map((one) => `${one.slice(0, -1)}+00'`), "'infinity'"],
    "timestamp without time zone": [...instants, "'-infinity'"],
    "time without time zone": ["'00:00'", "'23:59:59.999999'"],
    "time with time zone": ["'00:00+00'", "'23:59:59.999999-12'"],
    xml: ["'<a/>'"],
    point: ["'(1,2)'"],
    tsvector: ["'a b'"],
    money: ["'1.10'"],
    "bit varying": ["'101'"],
    bit: [literal("1".repeat(Math.max(1, width)))],
    int4range: ["'[1,5)'", "'empty'"],
    tstzrange: ["'[2026-01-01,2026-02-01)'"],
  };
  return known[base] ?? ["'1'", "'a'"];
}

function arraysOf(base: string): string[] {
  return /int|numeric|real|double/.test(base)
    ? ["'{1,NULL,-1}'"]
    : /text|char/.test(base)
      ? [literal('{"a b",NULL,"it\'s"}')]
      : [];
}

/** What a column of SQLite may hold; one whose table is not strict holds anything. */
function sqliteValues(type: string): string[] {
  const blobs = ["x''", "x'00'", "x'00ff27c3a9'", `x'${"ab".repeat(600)}'`];
  const longs = [...integers, "-9223372036854775808", "9223372036854775807"];
  const reals = [...fractions.slice(0, 5), "1e308", "-1e-300"];
  if (/int|bool/.test(type)) return longs;
  if (/char|clob|text|json|date|time/.test(type)) return [...texts, ...objects.slice(0, 3)];
  if (/real|floa|doub|num|dec/.test(type)) return [...reals, ...longs];
  if (/blob/.test(type)) return blobs;
  return [...longs.slice(0, 4), ...texts.slice(0, 8), ...reals.slice(0, 3), ...blobs];
}

/** The values that a column may be given, as literals: those of its type, and those that its checks name. */
export function valuesOf(dialect: Dialect, column: SchemaColumnsRow, checks: readonly string[]): string[] {
  if (column.labels !== null) return column.labels.split(", ");
  const ofType = dialect === "postgres" ? postgresValues(column.type) : sqliteValues(column.type);
  const named = checks.flatMap((check) => namedIn(dialect, column, check));
  // What a check names is likely to be let in: it comes as often as all else.
  const often =
    named.length === 0 ? [] : Array.from({ length: ofType.length }, (_no, at) => named[at % named.length]);
  return [...ofType, ...named, ...(often as string[])];
}

function namedIn(dialect: Dialect, { type }: SchemaColumnsRow, check: string): string[] {
  const isBytes = /bytea|blob/.test(type);
  const isNumber = /int|numeric|real|double|float|dec/.test(type);
  const isText = !isBytes && !isNumber;
  const found: string[] = [];
  if (isText) found.push(...(check.match(/'(?:[^']|'')*'/g) ?? []));
  const numbers = [
    ...check.replaceAll(/'(?:[^']|'')*'/g, (text) => (/^'\d+'$/.test(text) ? text : " ")).matchAll(/\d+/g),
  ]
    .map(([digits]) => digits)
    .filter((digits) => digits.length < 16);
  for (const number of numbers) {
    if (isNumber) found.push(number, String(Number(number) + 1), String(Number(number) - 1));
    else if (/length/.test(check) && Number(number) <= 4096)
      found.push(isBytes ? bytes(dialect, "5a".repeat(Number(number))) : literal("a".repeat(Number(number))));
  }
  if (isText && /json/.test(check)) found.push(...objects.slice(0, 3));
  return found.filter((value) => value !== "''" || isText);
}
