import {
  before,
  behind,
  content,
  counts,
  dead,
  event,
  eventAt,
  json,
  made,
  madeOfFiles,
  stored,
  type Draft,
} from "./build.ts";

const session_id = "0123456789ab";
const usual = event();
const connect = eventAt(1, { eventid: "cowrie.session.connect" });
const closed = eventAt(9, { eventid: "cowrie.session.closed", duration: 8 });
const span = { first_event_at: "2024-01-02T03:04:01.000000Z", last_event_at: "2024-01-02T03:04:09.000000Z" };

/** Rows 90 to 97: sessions, order and repetition. */
export function sessionCases(): Draft[] {
  return [...orderCases(), ...collisions(), ...oddIds(), ...repetitions(), ...bigSession()];
}

function orderCases(): Draft[] {
  const whole = { session_id, ...span, matcher: "full_delimited" };
  return [
    stored(90, "the end before the start", [{ line: closed }, { line: eventAt(5) }, { line: connect }], {
      sessions: [{ ...whole, event_count: 3, login_attempts: 1 }],
    }),
    madeOfFiles(
      90,
      "the end in a file that is read first",
      [
        ["cowrie.json.2024-01-03", `${closed}\n`],
        ["cowrie.json.2024-01-02", `${connect}\n${eventAt(5)}\n`],
      ],
      { accepted: 3, flags: [[], [], []] },
      { sessions: [{ ...whole, event_count: 3 }] },
    ),
    stored(
      91,
      "a session that ends twice",
      [
        { line: connect },
        { line: eventAt(8, { eventid: "cowrie.session.closed", duration: 9 }) },
        { line: closed },
      ],
      { sessions: [{ ...whole, event_count: 3, reported_duration_ms: 9_000 }] },
    ),
    made(
      91,
      "the same end written twice",
      [`${connect}\n${closed}\n${closed}\n`],
      {
        accepted: 2,
        duplicate: 1,
        flags: [[], []],
      },
      { sessions: [{ ...whole, event_count: 2 }] },
    ),
    stored(
      92,
      "an event behind the end",
      [
        { line: connect },
        { line: closed },
        { line: eventAt(20, { eventid: "cowrie.command.input", input: "uname", late: true }) },
      ],
      {
        sessions: [
          { ...whole, event_count: 3, command_inputs: 1, last_event_at: "2024-01-02T03:04:20.000000Z" },
        ],
      },
    ),
  ];
}

function collisions(): Draft[] {
  const first = eventAt(1);
  return [
    stored(
      93,
      "one session id, two addresses",
      [{ line: first }, { line: eventAt(2, { src_ip: "198.51.100.9" }) }],
      {
        sessions: [{ session_id, event_count: 2, source_ip: "192.0.2.7", is_collision: true }],
      },
    ),
    stored(93, "one session id, two sensors", [{ line: first }, { line: eventAt(2, { sensor: "hp-02" }) }], {
      sessions: [{ session_id, event_count: 2, sensor: "hp-01", is_collision: true }],
    }),
    stored(
      93,
      "one session id, one address in two spellings",
      [
        { line: first },
        { line: eventAt(2, { src_ip: "::ffff:192.0.2.7" }), columns: { src_ip: "192.0.2.7" } },
      ],
      { sessions: [{ session_id, event_count: 2, is_collision: false }] },
    ),
  ];
}

const ids = [
  "NULL",
  "null",
  "1e10",
  "000000123456",
  "0",
  "0123456789AB",
  "0123456789aB",
  "\u{1f600}",
  " ",
  " a ",
  "a\tb",
  "-1",
  "0x10",
  "Infinity",
  "a,b",
  "'",
  "%",
  "../x",
  "x".repeat(1_024),
  "\u00e9".repeat(512),
];

function oddIds(): Draft[] {
  return [
    stored(
      94,
      "session ids that look like something else",
      ids.map((session) => ({
        line: event({ session }),
        columns: { session_id: session },
      })),
      { sessions: ids.map((session) => ({ session_id: session, event_count: 1 })) },
    ),
    stored(94, "a session id with half a surrogate pair", [
      { line: event({ session: json('"\\ud800"') }), flags: "surrogate", columns: { session_id: "\\ud800" } },
    ]),
    dead(94, "an empty session id", "missing_field", event({ session: "" })),
    dead(94, "a session id of 1,025 bytes", "session_too_long", event({ session: "x".repeat(1_025) })),
    dead(
      94,
      "a session id of 513 characters that have two bytes each",
      "session_too_long",
      event({ session: "\u00e9".repeat(513) }),
    ),
    dead(
      94,
      "a session id of 200 escaped NULs",
      "session_too_long",
      event({ session: "\u0000".repeat(200) }),
      {
        note: "It is stored in its visible form, which has 1,200 bytes.",
      },
    ),
    dead(
      94,
      "a session id of 2,000 bytes in another field",
      "session_too_long",
      event({ session: undefined, sid: "x".repeat(2_000) }),
    ),
  ];
}

function repetitions(): Draft[] {
  const other = event({ username: "other" });
  const file = { file: "cowrie.json.2024-01-02", ...content([`${before}\n${behind}\n`]) };
  const note = "The second run starts behind what is stored.";
  return [
    {
      row: 95,
      name: "the same closed file twice",
      ...file,
      options: { runs: 2 },
      expect: counts({ accepted: 2, flags: [[], []] }),
      note,
    },
    {
      row: 95,
      name: "the same active file twice",
      ...file,
      file: "cowrie.json",
      options: { runs: 2 },
      expect: counts({ accepted: 2, flags: [[], []] }),
      note,
    },
    made(96, "the same line at another offset", [`${usual}\n${other}\n${usual}\n`], {
      accepted: 2,
      duplicate: 1,
      flags: [[], []],
    }),
    made(
      96,
      "the same line three times running",
      [`${usual}\n${usual}\n${usual}\n`],
      { accepted: 1, duplicate: 2, flags: [[]] },
      {
        sessions: [{ session_id, event_count: 1, login_attempts: 1 }],
      },
    ),
    madeOfFiles(
      96,
      "the same line in another file",
      [
        ["cowrie.json.2024-01-02", `${before}\n${usual}\n`],
        ["cowrie.json.2024-01-03", `${behind}\n${usual}\n`],
      ],
      { accepted: 3, duplicate: 1, flags: [[], [], []] },
    ),
    stored(96, "the same event with another blank or order of keys is another record", [
      { line: usual },
      { line: usual.replace(":", ": ") },
      { line: usual.replace(/^\{(.*),("message":"m")\}$/, "{$2,$1}") },
    ]),
  ];
}

function bigSession(): Draft[] {
  const sum = 27_742;
  const expect = { accepted: sum };
  const sessions = [
    { session_id, event_count: sum, command_inputs: sum, first_event_at: "2024-01-02T03:00:00.000000Z" },
  ];
  return [
    made(97, "a session of 27,742 commands", [{ fill: "commands", count: sum }], expect, { sessions }),
    made(
      97,
      "a session of 27,742 commands, each of them twice",
      [
        { fill: "commands", count: sum },
        { fill: "commands", count: sum },
      ],
      {
        accepted: sum,
        duplicate: sum,
      },
      { sessions },
    ),
  ];
}
