import { dead, event, eventAt, json, rawEvent, stored, storedValues, times, type Draft } from "./build.ts";

/** Rows 23 to 45: what an engine or a terminal would trip over inside a string. */
export function textCases(): Draft[] {
  return [
    ...escapedNul(),
    ...nulKeys(),
    ...surrogates(),
    ...brokenUtf8(),
    ...astral(),
    ...terminal(),
    ...invisible(),
  ];
}

function escapedNul(): Draft[] {
  const escape = "\\u0000";
  return [
    stored(23, "an escaped NUL in username", [
      {
        line: event({ username: "root\u0000evil" }),
        flags: "nul",
        columns: { username: `root${escape}evil` },
      },
      { line: eventAt(1, { username: "root" }), columns: { username: "root" } },
    ]),
    stored(23, "the escape as text is no NUL", [
      { line: event({ username: escape }), columns: { username: escape } },
    ]),
    stored(23, "an escaped NUL in password and input", [
      {
        line: event({ password: "\u0000", input: "a\u0000" }),
        flags: "nul",
        columns: { password: escape, input: `a${escape}` },
      },
    ]),
    stored(23, "an escaped NUL in a field without a column", [
      { line: event({ message: "\u0000" }), flags: "nul" },
      { line: eventAt(1, { list: [{ deep: "x\u0000" }] }), flags: "nul" },
    ]),
    stored(23, "an escaped NUL in the session id", [
      { line: event({ session: "ab\u0000cd" }), flags: "nul", columns: { session_id: `ab${escape}cd` } },
    ]),
    stored(23, "an escaped NUL in the event id", [
      {
        line: event({ eventid: "cowrie.login.failed\u0000" }),
        flags: "nul unknown_event",
        columns: { event_type: `cowrie.login.failed${escape}` },
      },
    ]),
    stored(23, "an escaped NUL in the address", [
      {
        line: event({ src_ip: "192.0.2.7\u0000" }),
        flags: "bad_ip nul",
        columns: { src_ip: `192.0.2.7${escape}` },
      },
    ]),
    dead(
      23,
      "an escaped NUL in the time",
      "bad_timestamp",
      event({ timestamp: "2024-01-02T03:04:05.678901Z\u0000" }),
    ),
  ];
}

function nulKeys(): Draft[] {
  return [
    stored(24, "an escaped NUL in a key", [{ line: event({}, '"a\\u0000":1'), flags: "nul_key" }]),
    stored(24, "an escaped NUL behind the name of a known key", [
      {
        line: event({ username: undefined }, '"username\\u0000":"evil"'),
        flags: "nul_key",
        columns: { username: null },
      },
    ]),
    stored(24, "an escaped NUL in a key and in a string", [
      { line: event({}, '"\\u0000":"\\u0000"'), flags: "nul nul_key" },
    ]),
    dead(24, "two keys with an escaped NUL", "duplicate_key", event({}, '"a\\u0000":1,"a\\u0000":2')),
    {
      ...dead(
        24,
        "an escaped NUL, and a key that is spelt like its visible form",
        "duplicate_key",
        event({}, '"a\\u0000":1,"a\\\\u0000":2'),
      ),
      note: "Two keys to JSON, but one in the form that the engines store; they would disagree on its value.",
    },
  ];
}

function surrogates(): Draft[] {
  const lone = (text: string, shown = text): Parameters<typeof stored>[2][number] => ({
    line: event({ username: json(`"${text}"`) }),
    flags: "surrogate",
    columns: { username: shown },
  });
  return [
    stored(25, "half a pair, the first", [lone("\\ud800")]),
    stored(25, "half a pair before a letter", [lone("\\ud83dx"), lone("\\ud83d\\u0041", "\\ud83dA")]),
    stored(25, "half a pair, then the text of the other half", [lone("\\ud83d\\\\ude00", "\\ud83d\\ude00")]),
    stored(25, "half a pair twice, then a whole one", [lone("\\ud83d\\ud83d\\ude00", "\\ud83d\u{1f600}")]),
    stored(25, "half a pair in a key", [{ line: event({}, '"\\ud800":1'), flags: "surrogate" }]),
    stored(25, "half a pair in upper case", [
      { line: event({ username: json('"\\uD83D"') }), flags: "surrogate" },
    ]),
    stored(26, "half a pair, the second", [lone("\\udc00")]),
    stored(26, "a pair in the wrong order", [lone("\\udc00\\ud83d")]),
    stored(26, "bytes as Python's surrogateescape writes them", [lone("\\udcff\\udcfe")]),
    stored(26, "half a pair and a NUL", [
      {
        line: event({ username: json('"\\udc00\\u0000"') }),
        flags: "nul surrogate",
        columns: { username: "\\udc00\\u0000" },
      },
    ]),
  ];
}

function brokenUtf8(): Draft[] {
  const cases: [row: number, name: string, bytes: number[]][] = [
    [27, "a surrogate in UTF-8", [0xed, 0xa0, 0x80]],
    [27, "a pair of surrogates in UTF-8", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    [28, "an overlong NUL", [0xc0, 0x80]],
    [28, "an overlong slash of two bytes", [0xc0, 0xaf]],
    [28, "an overlong slash of three bytes", [0xe0, 0x80, 0xaf]],
    [28, "an overlong slash of four bytes", [0xf0, 0x80, 0x80, 0xaf]],
    [29, "a sequence that the quote cuts", [0xe2, 0x82]],
    [29, "a sequence of four bytes with three", [0xf0, 0x9f, 0x98]],
    [30, "a byte of Latin-1", [0x63, 0x61, 0x66, 0xe9]],
    [30, "a continuation byte alone", [0x80]],
    [30, "a raw byte of Windows-1252", [0x93, 0x78, 0x94]],
    [31, "FF FE FD", [0xff, 0xfe, 0xfd]],
    [
      31,
      "256 bytes of an exploit",
      Array.from({ length: 256 }, (_none, index) => 0x80 + ((index * 151 + 127) % 128)),
    ],
    [31, "above the last code point", [0xf4, 0x90, 0x80, 0x80]],
    [31, "a lead byte of five", [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ];
  return [
    ...cases.map(([row, name, bytes]) => dead(row, name, "bad_utf8", rawEvent("password", bytes))),
    dead(29, "a sequence that the line end cuts", "bad_utf8", [
      '{"eventid":"cowrie',
      Buffer.from([0xe2, 0x82]),
    ]),
    dead(30, "a byte of Latin-1 in a key", "bad_utf8", ['{"caf', Buffer.from([0xe9]), '":1}']),
    dead(30, "a byte of Latin-1 and a raw control character", "bad_utf8", rawEvent("username", [0xe9, 0x01])),
  ];
}

function astral(): Draft[] {
  return [
    stored(32, "an astral character, escaped and raw", [
      { line: event({ username: "\u{1f600}" }), columns: { username: "\u{1f600}" } },
      { line: rawEvent("username", "\u{1f600}"), columns: { username: "\u{1f600}" } },
    ]),
    stored(33, "noncharacters, escaped and raw", [
      { line: event({ username: "\ufffe\uffff" }), columns: { username: "\ufffe\uffff" } },
      { line: rawEvent("username", "\ufffe\u{10ffff}"), columns: { username: "\ufffe\u{10ffff}" } },
      { line: event({ username: "\ufdd0\u{10fffe}" }), columns: { username: "\ufdd0\u{10fffe}" } },
    ]),
  ];
}

function terminal(): Draft[] {
  const st = "\u001b\\";
  return [
    storedValues(34, "colour", "username", ["\u001b[31mroot", "\u001b[31mroot\u001b[0m"]),
    storedValues(35, "the screen cleared and a prompt forged", "input", [
      "\u001b[2J\u001b[H# ok",
      "\u001bc# ok",
    ]),
    storedValues(36, "the clipboard", "input", ["\u001b]52;c;ZXZpbA==\u0007", `\u001b]52;p;?${st}`]),
    storedValues(37, "links, titles and answers", "input", [
      `\u001b]8;;https://example.com/${st}link\u001b]8;;${st}`,
      "\u001b]0;title\u0007",
      `\u001bP$qm${st}`,
      "\u001b[6n\u001b[c\u001b[21t",
    ]),
    storedValues(38, "control sequences of eight bits", "username", ["\u009b31mroot", "\u009d0;title\u009c"]),
    stored(38, "a control sequence of eight bits, raw", [
      { line: rawEvent("username", "\u009b31m"), columns: { username: "\u009b31m" } },
    ]),
    storedValues(39, "bell, backspace, form feed, vertical tab", "password", [
      "\u0007",
      "evil\b\b\b\bgood",
      "\f\u000b",
      "\u007f",
    ]),
    storedValues(40, "a carriage return that writes over", "input", ["evil\rinnocent", "\r", "a\r\n"]),
    storedValues(41, "a line end that forges a line", "username", [
      "x\n2026-01-01T00:00:00Z INFO all good",
      "\n",
      "x\n{}",
    ]),
    stored(41, "attacker's text in the other text fields", [
      {
        line: event({ sensor: "\u001b[2J", protocol: "ssh\n", message: "\u0007" }),
        columns: { sensor: "\u001b[2J", protocol: "ssh\n" },
      },
      {
        line: event({ eventid: "cowrie.\u001b[31m", session: "\u001b[2J" }),
        flags: "unknown_event",
        columns: { event_type: "cowrie.\u001b[31m", session_id: "\u001b[2J" },
      },
    ]),
  ];
}

function invisible(): Draft[] {
  return [
    storedValues(42, "text that runs backwards", "input", [
      "rm \u202efdp.evil",
      "\u2066a\u2069\u2067b\u2069\u2068c\u2069",
      "\u200e\u200f\u061c",
    ]),
    storedValues(43, "characters that are not seen or look alike", "username", [
      "ro\u200bot",
      "r\u043eot",
      "root\u2060",
      "\uff52oot",
      "root ",
    ]),
    storedValues(43, "the same text composed and decomposed", "username", ["caf\u00e9", "cafe\u0301"]),
    storedValues(44, "line separators", "input", ["a\u2028b", "a\u2029b", "a\u0085b"]),
    stored(44, "line separators, raw", [
      { line: rawEvent("input", "a\u2028b\u2029c\u0085d"), columns: { input: "a\u2028b\u2029c\u0085d" } },
    ]),
    stored(45, "10,000 marks on one letter", [
      { line: [...around("username", times(10_000, "\u0301"))], columns: { username: null, password: "x" } },
    ]),
    stored(45, "12,000 marks on one letter, escaped", [
      {
        line: [...around("username", times(12_000, "\\u0301"))],
        flags: "long",
        columns: { username: null, password: "x" },
      },
    ]),
  ];
}

function around(field: string, part: ReturnType<typeof times>): [string, ReturnType<typeof times>, string] {
  const [head = "", tail = ""] = event({ [field]: "a%raw%" }).split("%raw%");
  return [head, part, tail];
}
