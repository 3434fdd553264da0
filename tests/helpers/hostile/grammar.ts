import { before, behind, dead, event, made, rawEvent, stored, times, type Draft } from "./build.ts";

const usual = event();
const nul = Buffer.from([0]);

/** Rows 15 to 22: what is no JSON, raw control characters, NUL bytes. */
export function grammarCases(): Draft[] {
  return [
    ...looseJson(),
    ...looseNumbers(),
    ...looseStrings(),
    ...controlCases(),
    ...nulCases(),
    ...nulRuns(),
  ];
}

function looseJson(): Draft[] {
  const inner = usual.slice(1, -1);
  return [
    dead(15, "single quotes", "bad_json", "{'a':1}"),
    dead(15, "a whole event in single quotes", "bad_json", usual.replaceAll('"', "'")),
    dead(15, "a key without quotes", "bad_json", "{a:1}"),
    dead(15, "the words of Python", "bad_json", '{"a":None,"b":True}'),
    dead(15, "a plus before a number", "bad_json", '{"n":+1}'),
    dead(15, "a string over two lines by a backslash", "bad_json", '{"a":"x\\\u2028y"}'),
    dead(16, "a comma before the brace", "bad_json", `{${inner},}`),
    dead(16, "a comma before the bracket", "bad_json", `{${inner},"l":[1,]}`),
    dead(16, "a comma too many", "bad_json", `{${inner},,"a":1}`),
    dead(16, "only a comma", "bad_json", "{,}"),
    dead(16, "a comment between", "bad_json", `{/*x*/${inner}}`),
    dead(16, "a comment before", "bad_json", `/*x*/${usual}`),
    dead(16, "a line comment behind", "bad_json", `${usual} // x`),
    dead(16, "a hash comment", "bad_json", `# ${usual}`),
    dead(16, "a colon missing", "bad_json", `{${inner},"a" 1}`),
    dead(16, "a value missing", "bad_json", `{${inner},"a":}`),
    dead(16, "a key that is a number", "bad_json", `{${inner},1:1}`),
    dead(16, "the wrong bracket closes", "bad_json", `{${inner},"l":[1}]`),
    dead(16, "a no-break space between", "bad_json", `{${inner},\u00a0"a":1}`),
    dead(16, "a line separator between", "bad_json", `{${inner},\u2028"a":1}`),
    dead(16, "two characters before the object", "bad_json", `)]}',${usual}`),
  ];
}

function looseNumbers(): Draft[] {
  const numbers = [
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "01",
    "-01",
    ".5",
    "1.",
    "1.e5",
    "1e",
    "1e+",
    "1_000",
    "--1",
    "-",
    "1n",
    "0b1",
    "\u0661",
  ];
  return numbers.map((text) =>
    dead(
      17,
      `the number ${text === "\u0661" ? "one in Arabic digits" : text}`,
      "bad_json",
      usual.replace(/\}$/, `,"n":${text}}`),
    ),
  );
}

function looseStrings(): Draft[] {
  const escapes = ["\\x41", "\\u12g4", "\\u{41}", "\\'", "\\0", "\\v", "\\a", "\\U0041", "\\u+041"];
  return escapes.map((text) => dead(15, `the escape ${text}`, "bad_json", rawEvent("username", text)));
}

function controlCases(): Draft[] {
  return [
    ...[0x01, 0x08, 0x1b, 0x1f].map((byte) =>
      dead(
        18,
        `the raw byte 0x${byte.toString(16).padStart(2, "0")} in a string`,
        "control_char",
        rawEvent("username", [byte]),
      ),
    ),
    dead(18, "a raw control character in a key", "control_char", '{"a\u0001":1}'),
    dead(18, "a raw control character and later a comma too many", "control_char", '{"a":"\u0001",}'),
    dead(18, "a raw control character between values", "bad_json", `${usual.slice(0, -1)},\u0001"a":1}`),
    stored(18, "DEL is no control character to JSON", [
      { line: rawEvent("username", [0x72, 0x7f]), columns: { username: "r\u007f" } },
    ]),
    dead(19, "a raw tab in a string", "control_char", rawEvent("username", "a\tb")),
    dead(19, "a raw carriage return in a string", "control_char", rawEvent("username", "a\rb")),
    made(
      19,
      "a raw line end in a string makes two lines",
      [`${before}\n`, rawEvent("username", "a\nb"), `\n${behind}\n`],
      {
        accepted: 2,
        rejected: { truncated_line: 1, bad_json: 1 },
        flags: [[], []],
      },
      { note: "Together the two lines are no JSON either, so this is no pretty-printed object." },
    ),
  ];
}

function nulCases(): Draft[] {
  return [
    dead(20, "a raw NUL in a string", "nul_byte", rawEvent("username", [0x72, 0, 0x74])),
    dead(20, "a raw NUL in a key", "nul_byte", ['{"a', nul, '":1}']),
    dead(20, "a raw NUL between values", "nul_byte", [`${usual.slice(0, -1)},`, nul, '"a":1}']),
    dead(20, "a raw NUL and bytes that are no UTF-8", "nul_byte", rawEvent("username", [0xff, 0, 0xff])),
    dead(20, "a raw NUL in a line that breaks off", "nul_byte", ['{"eventid":"co', nul]),
    dead(22, "an object and a NUL", "nul_byte", [usual, nul]),
    dead(22, "an object, a NUL and an object", "nul_byte", [usual, nul, behind]),
    dead(22, "an object and 4 KiB of NULs", "nul_byte", [usual, times(4096, nul)]),
  ];
}

function nulRuns(): Draft[] {
  const note = "The NULs are a record of their own that is skipped.";
  const padded = (accepted: number, runs = 1) => ({ accepted, skipped: { nul_run: runs } });
  return [
    made(
      21,
      "4 KiB of NULs before a whole line",
      [`${before}\n`, times(4096, nul), `${behind}\n`],
      padded(2),
      { note },
    ),
    made(21, "one NUL before the first line", [nul, `${before}\n`], padded(1), { note }),
    made(21, "NULs up to the end of the file", [`${before}\n`, times(4096, nul)], padded(1)),
    made(21, "a line of only NULs", [`${before}\n`, times(147, nul), `\n${behind}\n`], padded(2)),
    made(21, "only NULs and a carriage return", [`${before}\n`, times(8, nul), `\r\n${behind}\n`], padded(2)),
    made(
      21,
      "NULs in two places",
      [times(512, nul), `${before}\n`, times(512, nul), `${behind}\n`],
      padded(2, 2),
      { note },
    ),
    made(
      21,
      "NULs over the start of a line whose tail survives",
      [`${before}\n`, times(64, nul), `${usual.slice(64)}\n${behind}\n`],
      { ...padded(2), rejected: { bad_json: 1 } },
      { note },
    ),
    made(
      21,
      "a file of only NULs",
      [times(4096, nul)],
      { skipped: { nul_run: 1 } },
      {
        note: "Nothing is rejected, so the file is not refused.",
      },
    ),
    made(
      21,
      "20 MiB of NULs before a whole line",
      [`${before}\n`, times(20_971_520, nul), `${behind}\n`],
      padded(2),
      {
        note: "What a log starts with that was emptied under a writer who does not append; no part of the record.",
      },
    ),
  ];
}
