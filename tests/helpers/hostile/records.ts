import {
  activeFile,
  before,
  behind,
  dead,
  event,
  eventAt,
  made,
  madeOfFiles,
  stored,
  times,
  type Draft,
} from "./build.ts";

const usual = event();

/** Rows 9 to 14: records over two files or several lines, several records on one line. */
export function recordCases(): Draft[] {
  return [...splitCases(), ...gluedCases(), ...prettyCases(), ...arrayCases(), ...scalarCases()];
}

const earlier = event({ timestamp: "2024-01-01T23:00:00.000000Z", username: "before" });
const split = event({ timestamp: "2024-01-01T23:59:59.999999Z", username: "split" });

function splitCases(): Draft[] {
  return [
    stitched("inside a string", split.indexOf("split") + 2),
    stitched("behind the first brace", 1),
    stitched("inside a key", split.indexOf("src_ip") + 3),
    stitched("before the last brace", split.length - 1),
    stitched("with the names of old Cowrie", 40, ["cowrie.json.2017_11_4", "cowrie.json.2017_11_5"]),
    stitched("into a file that is closed too", 40, ["cowrie.json.2024-01-01", "cowrie.json.2024-01-02"]),
    unstitched(
      "head and tail of two events do not fit",
      split.slice(0, 40),
      'ername":"tail","password":"x","message":"m"}',
    ),
    unstitched(
      "head and tail would give a record with two equal keys",
      split.slice(0, split.indexOf("split") + 5),
      '","username":"tail","message":"m"}',
    ),
    madeOfFiles(
      10,
      "a head, and a next file that starts with a whole line",
      [
        ["cowrie.json.2024-01-01", `${before}\n${split.slice(0, 40)}`],
        [activeFile, `${behind}\n`],
      ],
      { accepted: 2, rejected: { truncated_line: 1 }, flags: [[], []] },
    ),
    madeOfFiles(
      10,
      "a tail without a head",
      [
        ["cowrie.json.2024-01-01", `${before}\n`],
        [activeFile, `${split.slice(40)}\n${behind}\n`],
      ],
      { accepted: 2, rejected: { bad_json: 1 }, flags: [[], []] },
    ),
  ];
}

function stitched(
  name: string,
  at: number,
  names: [string, string] = ["cowrie.json.2024-01-01", activeFile],
): Draft {
  const files: [string, string][] = [
    [names[0], `${earlier}\n${split.slice(0, at)}`],
    [names[1], `${split.slice(at)}\n${behind}\n`],
  ];
  return madeOfFiles(9, `a record split by rotation ${name}`, files, {
    accepted: 3,
    flags: [[], ["stitched"], []],
    columns: [{}, { username: "split", occurred_at: "2024-01-01T23:59:59.999999Z" }, {}],
  });
}

function unstitched(name: string, first: string, tail: string): Draft {
  const files: [string, string][] = [
    ["cowrie.json.2024-01-01", `${before}\n${first}`],
    [activeFile, `${tail}\n${behind}\n`],
  ];
  const note = "Never merged: the head is cut, the tail alone breaks the grammar.";
  return madeOfFiles(
    10,
    name,
    files,
    {
      accepted: 2,
      rejected: { truncated_line: 1, bad_json: 1 },
      flags: [[], []],
    },
    { note },
  );
}

function gluedCases(): Draft[] {
  const glued = {
    accepted: 2,
    flags: [["glued"], ["glued"]],
    columns: [{ username: "before" }, { username: "behind" }],
  };
  return [
    made(11, "two objects on one line", [`${before}${behind}\n`], glued),
    made(11, "two objects on one line with a blank between", [`${before} ${behind}\n`], glued),
    made(11, "three objects on one line", [`${before}${usual}${behind}\n`], {
      accepted: 3,
      flags: [["glued"], ["glued"], ["glued"]],
    }),
    made(11, "the same object twice on one line", [`${usual}${usual}\n`], {
      accepted: 1,
      duplicate: 1,
      flags: [["glued"]],
    }),
    dead(11, "an event and an object that is none", "multiple_values", `${usual}{"a":1}`),
    dead(11, "an object that is no event, and an event", "multiple_values", `{"a":1}${usual}`),
    dead(
      11,
      "an event and one with an impossible time",
      "multiple_values",
      usual + event({ timestamp: "2024-13-01T00:00:00Z" }),
    ),
    dead(11, "an object and words", "bad_json", `${usual} and so on`),
    dead(11, "an object and a bracket", "bad_json", `${usual}]`),
    dead(11, "two objects with a comma between", "bad_json", `${usual},${behind}`),
    stored(11, "braces inside a string are no glue", [
      { line: event({ input: "}{" }), columns: { input: "}{" } },
      { line: eventAt(1, { input: '"}{"' }), columns: { input: '"}{"' } },
    ]),
  ];
}

function prettyCases(): Draft[] {
  const pretty = JSON.stringify(JSON.parse(usual), null, 2);
  const nested = pretty.replace('"m"', '"m",\n  "list": [\n    1,\n    {\n      "a": 2\n    }\n  ]');
  const other = JSON.stringify(JSON.parse(event({ username: "other" })), null, 4);
  const several = { multiLine: true };
  const three = { accepted: 3, flags: [[], [], []] };
  return [
    made(
      12,
      "a pretty-printed object, read over several lines",
      [`${before}\n${pretty}\n${behind}\n`],
      three,
      {
        options: several,
      },
    ),
    made(12, "a pretty-printed object, read by lines", [`${before}\n${pretty}\n${behind}\n`], {
      accepted: 2,
      rejected: { fragment: 1 },
      flags: [[], []],
    }),
    made(12, "two pretty-printed objects by lines", [`${before}\n${pretty}\n${other}\n${behind}\n`], {
      accepted: 2,
      rejected: { fragment: 2 },
    }),
    made(12, "two pretty-printed objects", [`${before}\n${pretty}\n${other}\n`], three, { options: several }),
    made(12, "pretty-printed with lists inside", [`${before}\n${nested}\n${behind}\n`], three, {
      options: several,
    }),
    made(
      12,
      "pretty-printed with CRLF",
      [`${before}\n${pretty}\n${behind}\n`.replaceAll("\n", "\r\n")],
      three,
      {
        options: several,
      },
    ),
    made(12, "pretty-printed without a line end at the end", [`${before}\n${behind}\n${pretty}`], three, {
      options: several,
    }),
    made(
      12,
      "a pretty-printed object that is no event",
      [`${before}\n{\n  "a": 1\n}\n${behind}\n`],
      {
        accepted: 2,
        rejected: { missing_field: 1 },
      },
      { options: several },
    ),
  ];
}

function arrayCases(): Draft[] {
  const pair = { accepted: 2, flags: [[], []], columns: [{ username: "before" }, { username: "behind" }] };
  const elements = Array.from({ length: 200 }, (_none, index) =>
    event({ timestamp: `2024-01-02T03:04:05.${String(index).padStart(6, "0")}Z` }),
  );
  return [
    made(13, "an array on one line", [`[${before},${behind}]\n`], pair),
    made(13, "an array without a line end", [`[${before}, ${behind}]`], pair),
    made(
      13,
      "a file that is one array with 1,800 keys in all",
      [`[${elements.join(",")}]\n`],
      { accepted: 200 },
      {
        note: "The cap of keys is one record's, not the array's.",
      },
    ),
    made(13, "an array of arrays of lines", [`[${before}]\n[${behind}]\n`], pair),
    made(13, "a file that is one array over several lines", [`[\n${before},\n${behind}\n]\n`], pair),
    made(13, "a file that is one array and breaks off", [`[\n${before},\n${behind},\n{"eventid":"cow`], {
      ...pair,
      rejected: { truncated_line: 1 },
    }),
    made(13, "an array with a number among events", [`[${before},42,${behind}]\n`], {
      ...pair,
      rejected: { not_object: 1 },
    }),
    made(
      13,
      "an array with null, a string and an array among events",
      [`[null,"x",${before},[${usual}],${behind}]\n`],
      {
        ...pair,
        rejected: { not_object: 3 },
      },
    ),
    made(13, "an array with an object that is no event", [`[${before},{"a":1},${behind}]\n`], {
      ...pair,
      rejected: { missing_field: 1 },
    }),
    made(13, "an array with one element of two equal keys", [`[${before},{"a":1,"a":2},${behind}]\n`], {
      ...pair,
      rejected: { duplicate_key: 1 },
    }),
    made(13, "an array with the same event twice", [`[${usual},${usual}]\n`], { accepted: 1, duplicate: 1 }),
    dead(13, "an array that breaks off in the middle of a file", "truncated_line", `[${usual},`, {
      note: "A line that is no whole value is one record.",
    }),
    dead(13, "an array with a comma too many in the middle of a file", "bad_json", `[${usual},]`, {
      note: "A line that is no whole value is one record.",
    }),
  ];
}

function scalarCases(): Draft[] {
  const scalars = ['"x"', "42", "null", "true", "-0.5e3", '""'];
  return [
    ...scalars.map((text) => dead(14, `a line that is ${text}`, "not_object", text)),
    made(14, "many scalars", [`${before}\n`, times(100, "42\n"), `${behind}\n`], {
      accepted: 2,
      rejected: { not_object: 100 },
    }),
    dead(14, "a string of bytes that are no UTF-8", "bad_utf8", [Buffer.from([0x22, 0xe9, 0x22])]),
  ];
}
