import {
  before,
  behind,
  closedFile,
  content,
  counts,
  dead,
  event,
  made,
  stored,
  times,
  type Draft,
  type Piece,
} from "./build.ts";
import type { FileGenerator } from "./types.ts";

const mebibyte = 1_048_576;
const usual = event();

/** Rows 63 to 70: what is no file, names of files, and every size. */
export function limitCases(): Draft[] {
  return [...specialFiles(), ...fileNames(), ...longLines(), ...depthCases(), ...keyCases()];
}

function specialFiles(): Draft[] {
  const special = (name: string, generate: FileGenerator): Draft => ({
    row: 63,
    name,
    file: closedFile,
    ...(generate === "symlink" ? content([`${before}\n`]) : {}),
    generate,
    // A link that leads to a log is read as that log; one that leads nowhere is no file.
    expect: generate === "symlink" ? counts({ accepted: 1 }) : counts({ refused: "ingest.not_regular_file" }),
  });
  return [
    special("a link to a log", "symlink"),
    special("a link to nothing", "dangling_symlink"),
    special("a named pipe", "fifo"),
    special("a device", "device"),
  ];
}

function fileNames(): Draft[] {
  const expect = { accepted: 1, flags: [[]] };
  const names: [name: string, file: string][] = [
    ["escape sequences", "cowrie.json.\u001b[2J\u001b[31m"],
    ["a line end", "cowrie.json.\n2024-01-02"],
    ["a dash as an option has", "-rf"],
    ["two dashes and an equals sign", "--db=x"],
    ["255 bytes", `cowrie.json.${"a".repeat(243)}`],
    ["quotes and SQL", "cowrie.json.'; drop table sources; --"],
    ["wildcards", "cowrie.json.[a-z]*?"],
    ["text that runs backwards", "cowrie.json.\u202etxt"],
    ["a blank at both ends", " cowrie.json "],
    ["a formula", "=1+1.json"],
    ["characters that are composed twice", "cowrie.json.cafe\u0301"],
    ["a backslash and a percent sign", "cowrie.json.\\x%00"],
  ];
  return [
    ...names.map(([name, file]) => made(64, `a file name with ${name}`, [`${usual}\n`], expect, { file })),
    {
      ...made(64, "a file name that is no UTF-8", [`${usual}\n`], expect, {
        file: "cowrie.json.(bytes FF FE)",
      }),
      file_base64: Buffer.from([...Buffer.from("cowrie.json."), 0xff, 0xfe]).toString("base64"),
    },
  ];
}

/** The usual event with a password of so many letters that the record has `length` bytes. */
function eventOf(length: number): Piece[] {
  const [head = "", tail = ""] = event({ password: "%" }).split("%");
  return [head, times(length - head.length - tail.length, "x"), tail];
}

function longLines(): Draft[] {
  const cap = 16 * mebibyte;
  const long = (name: string, length: number, flags: string): Draft =>
    stored(65, name, [
      { line: before },
      { line: eventOf(length), flags, columns: { username: "root" } },
      { line: behind },
    ]);
  return [
    long("a record of 65,536 bytes", 65_536, ""),
    long("a record of 65,537 bytes", 65_537, "long"),
    long("a record of 1 MiB", mebibyte, "long"),
    long("a record of exactly the cap", cap, "long"),
    stored(65, "65,536 bytes and a carriage return", [{ line: [...eventOf(65_536), "\r"] }], {
      note: "The carriage return is no part of the record.",
    }),
    dead(66, "a record of one byte more than the cap", "line_too_long", eventOf(cap + 1)),
    dead(66, "a record of 64 MiB", "line_too_long", eventOf(64 * mebibyte)),
    dead(66, "64 MiB of braces", "line_too_long", times(64 * mebibyte, "{")),
    dead(66, "17 MiB with a NUL", "line_too_long", [...eventOf(17 * mebibyte), Buffer.from([0])]),
    made(
      66,
      "two records of 17 MiB",
      [...eventOf(17 * mebibyte), "\n", `${before}\n`, ...eventOf(18 * mebibyte), "\n", `${behind}\n`],
      {
        accepted: 2,
        rejected: { line_too_long: 2 },
      },
    ),
    made(67, "20 MiB without a line end", [`${before}\n`, times(20 * mebibyte, "x")], {
      accepted: 1,
      rejected: { line_too_long: 1 },
      flags: [[]],
    }),
    made(67, "64 MiB without a line end", [`${before}\n`, times(64 * mebibyte, "x")], {
      accepted: 1,
      rejected: { line_too_long: 1 },
      flags: [[]],
    }),
  ];
}

/** The usual event with arrays nested so that the whole record has `depth` levels. */
function nested(depth: number, open = "[", close = "]"): Piece[] {
  return [
    `${usual.slice(0, -1)},"d":`,
    times(depth - 1, open),
    open.endsWith(":") ? "1" : "",
    times(depth - 1, close),
    "}",
  ];
}

function depthCases(): Draft[] {
  const note = "The record's own braces are the first level.";
  const tooDeep = (row: number, name: string, pieces: Piece[], more = {}): Draft =>
    dead(row, name, "too_deep", pieces, more);
  return [
    stored(68, "64 levels", [{ line: nested(64) }, { line: nested(64, '{"a":', "}") }], { note }),
    tooDeep(68, "65 levels of arrays", nested(65), { note }),
    tooDeep(68, "65 levels of objects", nested(65, '{"a":', "}"), { note }),
    tooDeep(68, "1,000 levels", nested(1_000)),
    tooDeep(68, "an array of 66 levels", [times(66, "["), times(66, "]")]),
    tooDeep(68, "an array of 1,000 levels", [times(1_000, "["), times(1_000, "]")]),
    tooDeep(69, "1,001 levels", nested(1_001)),
    tooDeep(69, "100,000 levels", nested(100_000)),
    tooDeep(69, "1,000,000 levels", nested(1_000_000)),
    tooDeep(69, "1,000,000 levels of objects", nested(1_000_000, '{"a":', "}")),
    tooDeep(69, "an array of 100,000 levels", [times(100_000, "["), times(100_000, "]")]),
    tooDeep(69, "100,000 brackets that nothing closes", [times(100_000, "[")], {
      note: "The depth is seen before the end of the line.",
    }),
    tooDeep(69, "100,000 braces that nothing closes", [times(100_000, '{"a":')]),
  ];
}

function keyCases(): Draft[] {
  const head = usual.slice(0, -1);
  const own = Object.keys(JSON.parse(usual) as object).length;
  const withKeys = (count: number): Piece[] => [`${head},`, { fill: "keys", count: count - own }, "}"];
  const list = (count: number): Piece[] => ["{", { fill: "keys", count }, "}"];
  return [
    stored(70, "1,024 keys", [{ line: withKeys(1_024) }]),
    dead(70, "1,025 keys", "too_many_keys", withKeys(1_025)),
    dead(70, "1,025 keys over two levels", "too_many_keys", [
      `${head},"a":`,
      ...list(600),
      ',"b":',
      ...list(600),
      "}",
    ]),
    dead(70, "objects of one key in a list", "too_many_keys", [
      `${head},"l":[`,
      times(1_100, '{"a":1},'),
      "0]}",
    ]),
    stored(70, "a list of 100,000 numbers is no key", [
      { line: [`${head},"l":[`, times(100_000, "1,"), "0]}"], flags: "long" },
    ]),
    dead(70, "the same key 2,000 times", "too_many_keys", [head, times(2_000, ',"a":1'), "}"], {
      note: "Each key is compared with those before it, but never more than 1,024 of them.",
    }),
    dead(70, "100,000 keys", "too_many_keys", withKeys(100_000)),
    dead(70, "1,000,000 keys", "too_many_keys", withKeys(1_000_000)),
    made(
      70,
      "two elements of an array with 600 keys each",
      [
        "[",
        `${head},`,
        { fill: "keys", count: 600 },
        "},",
        `${behind.slice(0, -1)},`,
        { fill: "keys", count: 600 },
        "}]\n",
      ],
      {
        accepted: 2,
        flags: [[], []],
      },
      { note: "Each element is a record with keys of its own." },
    ),
  ];
}
