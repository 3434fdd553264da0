import {
  before,
  behind,
  closedFile,
  counts,
  content,
  event,
  made,
  times,
  type Draft,
  type Piece,
} from "./build.ts";
import { storedMember } from "./gzip.ts";
import type { HostileExpect } from "./types.ts";

const mebibyte = 1_048_576;
const packedFile = "cowrie.json.2024-01-02.gz";
const two = Buffer.from(`${before}\n${behind}\n`);
const both = { accepted: 2, flags: [[], []] };

/** Rows 101 and 103: gzip, and files that hold no log. */
export function archiveCases(): Draft[] {
  return [...bombs(), ...brokenArchives(), ...wholeArchives(), ...otherFiles(), ...almostOtherFiles()];
}

function packed(
  name: string,
  pieces: Piece[],
  expect: Partial<HostileExpect>,
  note = "",
  after?: Uint8Array,
): Draft {
  return {
    row: 101,
    name,
    file: packedFile,
    generate: "gzip",
    ...content(pieces),
    ...(after === undefined ? {} : { after: Buffer.from(after).toString("base64") }),
    expect: counts(expect),
    ...(note === "" ? {} : { note }),
  };
}

function bombs(): Draft[] {
  const note = "Refused when more than 64 MiB have come out, and more than 200 bytes for each that went in.";
  const bomb: Partial<HostileExpect> = { accepted: 1, rejected: { "file:gzip_ratio": 1 }, at_least: true };
  const blank = times(mebibyte, " ");
  const moderate = Array.from({ length: 70 }, (_none, index): Piece[] => {
    const [head = "", tail = ""] = event({
      timestamp: `2024-01-02T04:00:${String(index % 60).padStart(2, "0")}Z`,
      password: `${index}%`,
    }).split("%");
    return [head, { fill: "noise", count: 16_384, seed: index + 1 }, `${tail}\n`, blank, "\n"];
  }).flat();
  return [
    packed("96 MiB of blanks on one line", [`${before}\n`, times(96 * mebibyte, " ")], bomb, note),
    packed("96 MiB of NULs", [`${before}\n`, times(96 * mebibyte, Buffer.from([0]))], bomb, note),
    packed(
      "128 lines of 1 MiB of blanks",
      [
        `${before}\n`,
        times(128, `${" ".repeat(1_023)}\n`),
        ...Array.from({ length: 96 }, (): Piece[] => [blank, "\n"]).flat(),
      ],
      bomb,
      note,
    ),
    packed(
      "32 MiB of blanks are no bomb",
      [`${before}\n`, ...Array.from({ length: 32 }, (): Piece[] => [blank, "\n"]).flat(), `${behind}\n`],
      {
        ...both,
        skipped: { blank: 32 },
      },
      "Much from little, but less than 64 MiB.",
    ),
    packed(
      "71 MiB that do not compress so well are no bomb",
      moderate,
      { accepted: 70, skipped: { blank: 70 } },
      "More than 64 MiB, but of a file that is large itself.",
    ),
  ];
}

function brokenArchives(): Draft[] {
  const member = storedMember(two);
  const cut = (name: string, bytes: number, expect: Partial<HostileExpect>, note = ""): Draft =>
    made(101, name, [member.subarray(0, member.length - bytes)], expect, {
      file: packedFile,
      ...(note === "" ? {} : { note }),
    });
  const damaged = Buffer.from(member);
  damaged.writeUInt32LE(0, damaged.length - 8);
  const truncated = { "file:gzip_truncated": 1 };
  return [
    cut("gzip without its last eight bytes", 8, { ...both, rejected: truncated }),
    cut("gzip without its last byte", 1, { ...both, rejected: truncated }),
    cut(
      "gzip cut inside a line",
      8 + 40,
      { accepted: 1, flags: [[]], rejected: { ...truncated, truncated_line: 1 } },
      "The data is stored, not compressed, so the cut shows in the text at the same place.",
    ),
    cut("gzip cut between two lines", 8 + behind.length + 1, {
      accepted: 1,
      flags: [[]],
      rejected: truncated,
    }),
    made(
      101,
      "gzip whose second member is cut in its header",
      [storedMember(two), storedMember(two).subarray(0, 6)],
      { ...both, rejected: truncated },
      { file: packedFile },
    ),
    packed(
      "gzip whose second member has a wrong checksum",
      [{ fill: "commands", count: 20_000 }, { fill: "noise", count: 300_000 }, "\n"],
      {
        accepted: 1_000,
        rejected: { "file:gzip_damaged": 1 },
        at_least: true,
      },
      "How much of the damaged member comes out is the unpacker's affair.",
      damaged,
    ),
  ];
}

function wholeArchives(): Draft[] {
  const half = two.length / 2 + 7;
  const wrong = (name: string, file: string, pieces: Piece[]): Draft =>
    made(101, name, pieces, both, { file });
  return [
    wrong("gzip", packedFile, [storedMember(two)]),
    wrong("gzip as logrotate names it", "cowrie.json.1.gz", [storedMember(two)]),
    wrong("gzip of two members", packedFile, [
      storedMember(Buffer.from(`${before}\n`)),
      storedMember(Buffer.from(`${behind}\n`)),
    ]),
    wrong("gzip of two members, cut inside a line", packedFile, [
      storedMember(two.subarray(0, half)),
      storedMember(two.subarray(half)),
    ]),
    wrong("gzip of an empty member between two", packedFile, [
      storedMember(two.subarray(0, half)),
      storedMember(Buffer.alloc(0)),
      storedMember(two.subarray(half)),
    ]),
    packed(
      "gzip of a stored member behind a compressed one",
      [`${before}\n`],
      both,
      "",
      storedMember(Buffer.from(`${behind}\n`)),
    ),
    wrong("gzip whose header names another file", packedFile, [storedMember(two, "../../etc/passwd")]),
    wrong("gzip without the suffix", closedFile, [storedMember(two)]),
    wrong("a plain file with the suffix", packedFile, [two]),
    wrong("a plain file with the suffix of bzip2", "cowrie.json.2024-01-02.bz2", [two]),
    wrong("gzip with the suffix of zstd", "cowrie.json.2024-01-02.zst", [storedMember(two)]),
    made(101, "gzip of nothing", [storedMember(Buffer.alloc(0))], {}, { file: packedFile }),
    made(101, "an empty file with the suffix", [""], {}, { file: packedFile }),
  ];
}

const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

function otherFiles(): Draft[] {
  const refused = (name: string, pieces: Piece[], file = closedFile): Draft =>
    made(103, name, pieces, { refused: "ingest.not_cowrie" }, { file });
  const csv = "timestamp,session,src_ip\n2024-01-02T03:04:05Z,0123456789ab,192.0.2.7\n";
  const html =
    "<!DOCTYPE html>\n<html><head><title>x</title></head>\n<body><script>alert(1)</script></body></html>\n";
  return [
    refused("a picture", [Buffer.from(pixel, "base64")]),
    refused("a picture named as a gzip", [Buffer.from(pixel, "base64")], packedFile),
    refused("CSV", [csv]),
    refused("one column of numbers", ["42\n43\n44\n"]),
    refused("HTML", [html]),
    refused("almost nothing", [Buffer.from([0, 0, 0, 1, 0x0a])]),
    refused("a program", [
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
      times(4_096, Buffer.from([0x90])),
    ]),
    refused("a SQLite database", ["SQLite format 3\u0000", times(4_080, Buffer.from([0]))]),
    refused("a zip", [Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 8, 8, 8, 0]), times(100, "x")]),
    refused("cowrie.log", ["2024-01-02T03:04:05.678901Z [-] Ready to accept SSH connections\n".repeat(3)]),
    refused("dictionaries of Python", ["{'eventid': 'cowrie.login.failed'}\n".repeat(3)]),
    refused("an array of numbers", ["[1,2,3]\n"]),
    refused("a gzip inside a gzip", [storedMember(storedMember(Buffer.from(before)))], packedFile),
    refused("1,000 lines of words before a good line", [times(1_000, "x\n"), `${before}\n`]),
  ];
}

function almostOtherFiles(): Draft[] {
  return [
    made(
      103,
      "999 lines of words before a good line",
      [times(999, "x\n"), `${before}\n`],
      {
        accepted: 1,
        rejected: { bad_json: 999 },
        flags: [[]],
      },
      { note: "One of the first 1,000 records is an event." },
    ),
    made(103, "a good line before 2,000 lines of words", [`${before}\n`, times(2_000, "x\n")], {
      accepted: 1,
      rejected: { bad_json: 2_000 },
      flags: [[]],
    }),
    made(
      103,
      "objects that are no events",
      ['{"a":1}\n{"a":2}\n'],
      { rejected: { missing_field: 2 }, flags: [] },
      {
        note: "JSON objects are taken for a log that someone has changed.",
      },
    ),
  ];
}
