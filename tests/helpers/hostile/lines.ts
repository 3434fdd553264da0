import { activeFile, before, behind, dead, event, made, rawEvent, stored, type Draft } from "./build.ts";

const bom = Buffer.from([0xef, 0xbb, 0xbf]);
const usual = event();
const head = '{"eventid":"cow';

/** Rows 1 to 8: line ends, encodings, cut lines. */
export function lineCases(): Draft[] {
  return [...blankCases(), ...bomCases(), ...encodingCases(), ...cutCases(), ...cutInClosedFile()];
}

function blankCases(): Draft[] {
  return [
    made(1, "an empty line", [`${before}\n\n${behind}\n`], { accepted: 2, skipped: { blank: 1 } }),
    made(1, "a file of nothing but empty lines", ["\n\n\n"], { skipped: { blank: 3 } }),
    made(1, "an empty file", [""], {}),
    made(2, "blanks and tabs", [`${before}\n \t  \t\n${behind}\n`], { accepted: 2, skipped: { blank: 1 } }),
    made(2, "a line of only a carriage return", [`${before}\n\r\n${behind}\n`], {
      accepted: 2,
      skipped: { blank: 1 },
    }),
    made(2, "blanks and a carriage return", [`${before}\r\n \r\n`], { accepted: 1, skipped: { blank: 1 } }),
    dead(2, "a vertical tab is no blank", "bad_json", "\u000b"),
    dead(2, "a form feed is no blank", "bad_json", " \u000c "),
    dead(2, "a no-break space is no blank", "bad_json", "\u00a0"),
    stored(2, "blanks around and inside a record", [
      { line: `  ${usual}\t `, columns: { username: "root" } },
      {
        line: '{ "eventid" : "cowrie.login.failed" ,\t"timestamp": "2024-01-02T03:04:06.000000Z", "session": "a" }',
      },
    ]),
    made(3, "CRLF line ends", [`${before}\r\n${behind}\r\n`], { accepted: 2, flags: [[], []] }),
    made(3, "the same line with LF and with CRLF is one record", [`${usual}\n${usual}\r\n`], {
      accepted: 1,
      duplicate: 1,
      flags: [[]],
    }),
    stored(3, "two carriage returns: one belongs to the line end, one is a blank", [
      { line: `${usual}\r\r` },
    ]),
    made(
      3,
      "a lone carriage return does not end a line",
      [`${before}\r${behind}\n`],
      {
        accepted: 2,
        flags: [["glued"], ["glued"]],
      },
      { note: "Old Mac line ends: a carriage return is a blank between two values of one line." },
    ),
  ];
}

function bomCases(): Draft[] {
  return [
    stored(4, "a byte order mark at the start of the file", [
      { line: [bom, before], flags: "bom", columns: { username: "before" } },
      { line: behind },
    ]),
    dead(4, "two byte order marks: only one is taken away", "bad_json", [bom, bom, usual]),
    stored(5, "a byte order mark before a later line", [
      { line: before },
      { line: [bom, behind], flags: "bom" },
    ]),
    made(
      5,
      "the same line with and without a byte order mark is one record",
      [`${usual}\n`, bom, `${usual}\n`],
      {
        accepted: 1,
        duplicate: 1,
        flags: [[]],
      },
    ),
    dead(5, "a byte order mark inside a line", "bad_json", [usual, bom]),
    stored(5, "a byte order mark inside a string is a character", [
      { line: rawEvent("username", "\ufeffroot"), columns: { username: "\ufeffroot" } },
    ]),
  ];
}

function encodingCases(): Draft[] {
  const little = Buffer.from(`${before}\n${behind}\n`, "utf16le");
  const big = Buffer.from(little).swap16();
  const note =
    "The whole file is one record, so no good line can stand before it; it is a dead letter all the same.";
  const utf16 = { rejected: { encoding_utf16: 1 }, flags: [] };
  return [
    made(6, "UTF-16 with the low byte first", [Buffer.from([0xff, 0xfe]), little], utf16, { note }),
    made(6, "UTF-16 with the high byte first", [Buffer.from([0xfe, 0xff]), big], utf16, { note }),
    made(
      6,
      "UTF-32 starts as UTF-16 does",
      [Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0, 0x7d, 0, 0, 0])],
      utf16,
      {
        note,
      },
    ),
    made(
      6,
      "UTF-16 without a mark behind a good line",
      [`${before}\n`, Buffer.from(`${behind}\n`, "utf16le")],
      {
        accepted: 1,
        rejected: { nul_byte: 1 },
        skipped: { nul_run: 1 },
        flags: [[]],
      },
      { note: "The second byte of the last line end is a NUL that stands alone behind it." },
    ),
    dead(6, "the mark of UTF-16 in the middle of a file", "bad_utf8", [Buffer.from([0xff, 0xfe]), usual]),
  ];
}

function cutCases(): Draft[] {
  const active = { file: activeFile };
  return [
    made(
      7,
      "half a line at the end of the active file",
      [`${before}\n${head}`],
      {
        accepted: 1,
        unread_bytes: head.length,
        flags: [[]],
      },
      active,
    ),
    made(
      7,
      "an active file of nothing but half a line",
      [head],
      { unread_bytes: head.length, flags: [] },
      active,
    ),
    made(
      7,
      "a lone brace at the end of the active file",
      [`${before}\n{`],
      { accepted: 1, unread_bytes: 1 },
      active,
    ),
    made(
      7,
      "cut behind a backslash in the active file",
      [`${before}\n{"eventid":"a\\`],
      {
        accepted: 1,
        unread_bytes: 14,
      },
      active,
    ),
    made(
      7,
      "a whole record without a line end in the active file",
      [`${before}\n${behind}`],
      {
        accepted: 2,
        unread_bytes: 0,
        flags: [[], []],
      },
      active,
    ),
  ];
}

function cutInClosedFile(): Draft[] {
  return [
    made(8, "half a line at the end of a closed file", [`${before}\n${head}`], {
      accepted: 1,
      rejected: { truncated_line: 1 },
      flags: [[]],
    }),
    made(8, "a lone brace at the end of a closed file", [`${before}\n{`], {
      accepted: 1,
      rejected: { truncated_line: 1 },
    }),
    made(8, "a whole record without a line end in a closed file", [`${before}\n${behind}`], {
      accepted: 2,
      flags: [[], []],
    }),
    dead(8, "half a line in the middle", "truncated_line", head),
    dead(8, "half a line with a carriage return", "truncated_line", `${head}\r`),
    dead(8, "cut behind a comma in the middle", "truncated_line", '{"eventid":"cowrie.login.failed",'),
    dead(8, "cut before the closing brace", "truncated_line", usual.slice(0, -1)),
    dead(8, "cut inside a unicode escape", "truncated_line", '{"eventid":"cowrie\\u00'),
    dead(8, "cut inside a literal", "truncated_line", '{"eventid":"cowrie.login.failed","late":tru'),
    made(
      8,
      "a line cut behind a comma, then a record with an escaped NUL and half a string",
      ['{"eventid":"cowrie.login.failed",\n', `${event({ password: "\u0000" })} "x\n`],
      { rejected: { truncated_line: 1, bad_json: 1 } },
      { note: "A reader that looks for the string's end behind the record never comes back." },
    ),
  ];
}
