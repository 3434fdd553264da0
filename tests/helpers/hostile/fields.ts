import {
  before,
  behind,
  dead,
  event,
  json,
  made,
  eventAt,
  stored,
  type Draft,
  type Stored,
} from "./build.ts";

/** Rows 75 to 83: numbers, types, missing fields and event ids. */
export function fieldCases(): Draft[] {
  return [...numbers(), ...ports(), ...types(), ...missing(), ...otherSessions(), ...eventIds()];
}

function numbers(): Draft[] {
  const number = (text: string, flags = ""): Stored => ({ line: event({ n: json(text) }), flags });
  return [
    stored(75, "big whole numbers", [
      number("9007199254740993"),
      number("-9223372036854775809"),
      number("18446744073709551616"),
      number("9".repeat(300)),
    ]),
    stored(75, "a whole number of 400 digits", [number("1".repeat(400), "number_range")], {
      note: "No double holds it, so the engines get its digits as a string.",
    }),
    stored(75, "many digits behind the point", [
      number("0.1000000000000000055511151231257827021181583404541015625"),
      number(`0.${"1".repeat(500)}`),
      number(`0.${"1".repeat(1_500)}`, "number_range"),
    ]),
    stored(
      76,
      "exponents out of range",
      ["1e999", "-1e999", "1E+999", "1e200000", "1e-400", "-1e-400", "1e99999999999"].map((text) =>
        number(text, "number_range"),
      ),
    ),
    stored(
      76,
      "exponents in range",
      ["1e308", "1e-300", "1E5", "1.5e+3", "0e5", "0.0e-5"].map((text) => number(text)),
    ),
    stored(
      76,
      "zeros whose exponent PostgreSQL refuses",
      ["0e99999999999", "0e-20000", "-0.0E+99999999999"].map((text) => number(text, "number_range")),
      { note: "Zero as a double, but jsonb fails with: value overflows numeric format." },
    ),
    stored(76, "a number out of range in a list and in an object", [
      { line: event({ l: json("[1,1e999]"), o: json('{"n":1e-999}') }), flags: "number_range" },
    ]),
    stored(76, "a number out of range as a duration and as a port", [
      {
        line: eventAt(1, { duration_ms: json("1e999") }),
        flags: "duration number_range",
        columns: { duration_ms: null },
      },
      { line: eventAt(2, { src_port: json("1e999") }), flags: "bad_port number_range" },
    ]),
    stored(76, "text that looks like a number out of range", [
      { line: event({ n: "1e999", username: "1e999" }), columns: { username: "1e999" } },
    ]),
  ];
}

function ports(): Draft[] {
  const port = (text: string, flags = "", field = "src_port"): Stored => ({
    line: event({ [field]: json(text) }),
    flags,
  });
  return [
    stored(
      77,
      "whole numbers in other spellings",
      ["22.0", "1E2", "-0", "6.5535e4", "22.000"].map((text) => port(text)),
    ),
    stored(
      77,
      "ports at the edges",
      ["0", "65535"].map((text) => port(text)),
    ),
    stored(
      78,
      "ports that are none",
      ["65536", "-1", '"22"', "22.5", "true", "[22]", "1e5", '""'].map((text) => port(text, "bad_port")),
    ),
    stored(78, "the other ports", [
      port("65536", "bad_port", "dst_port"),
      port("-1", "bad_port", "orig_port"),
      port("65536", "", "port"),
    ]),
  ];
}

function types(): Draft[] {
  const fields = [
    "src_ip",
    "sensor",
    "protocol",
    "username",
    "password",
    "input",
    "shasum",
    "url",
    "hassh",
    "version",
  ];
  const column = (field: string): string => (field === "version" ? "client_version" : field);
  return [
    ...["true", '{"x":1}', '["root"]', "5", "1.5"].map((text) =>
      stored(
        79,
        `${text} where a string is due`,
        fields.map((field) => ({
          line: event({ [field]: json(text) }),
          flags: "type",
          columns: { [column(field)]: null },
        })),
      ),
    ),
    stored(
      79,
      "null where a string is due",
      fields.map((field) => ({
        line: event({ [field]: null }),
        columns: { [column(field)]: null },
      })),
    ),
    stored(79, "message may be a list", [
      { line: event({ message: [] }) },
      { line: event({ message: { a: 1 } }) },
    ]),
    stored(79, "text of 512 and 513 characters", [
      { line: event({ username: "\u{1f600}".repeat(512) }), columns: { username: "\u{1f600}".repeat(512) } },
      { line: event({ username: "x".repeat(513) }), columns: { username: null } },
      { line: event({ hassh: "0".repeat(513) }), columns: { hassh: null } },
      { line: event({ password: "x".repeat(5_000) }), columns: { username: "root" } },
    ]),
  ];
}

function missing(): Draft[] {
  const gone = (row: number, field: string, value: string | undefined): Draft =>
    dead(
      row,
      value === undefined ? `no ${field}` : `${field} is ${value === '""' ? "empty" : value}`,
      "missing_field",
      event({ [field]: value === undefined ? undefined : json(value) }),
    );
  return [
    ...["eventid", "timestamp", "session"].flatMap((field) =>
      ["null", '""', "5", "true", "{}", "[]"].map((value) => gone(80, field, value)),
    ),
    gone(81, "eventid", undefined),
    gone(81, "timestamp", undefined),
    dead(81, "an empty object", "missing_field", "{}"),
    dead(
      81,
      "a missing event id and an impossible time",
      "missing_field",
      event({ eventid: undefined, timestamp: "x" }),
    ),
  ];
}

function otherSessions(): Draft[] {
  const connect = { eventid: "cowrie.session.connect", session: undefined };
  const message = "New connection: 192.0.2.7:4242 (192.0.2.1:2222) [session: 0123456789ab]";
  const found = (line: string): Stored => ({
    line,
    flags: "event_session",
    columns: { session_id: "0123456789ab" },
  });
  return [
    stored(81, "no session", [
      { line: event({ session: undefined }), flags: "no_session", columns: { session_id: "" } },
    ]),
    stored(
      81,
      "another session field",
      ["session_id", "sessionid", "sid"].map((field) =>
        found(event({ session: undefined, [field]: "0123456789ab" })),
      ),
    ),
    stored(81, "the session in the message of a connection", [found(event({ ...connect, message }))]),
    stored(81, "two other session fields: the first by priority", [
      found(event({ session: undefined, sid: "b", session_id: "0123456789ab" })),
    ]),
    stored(
      81,
      "a session in the message of a login",
      [
        {
          line: event({
            session: undefined,
            message: "login attempt [root [session: 0123456789ab]/x] failed",
          }),
          flags: "no_session",
          columns: { session_id: "" },
        },
      ],
      {
        note: "Only the message of a connection names its session; in others the attacker chooses the text.",
      },
    ),
    made(
      80,
      "session is null beside another session field",
      [`${before}\n${event({ session: null, sid: "b" })}\n${behind}\n`],
      {
        accepted: 2,
        rejected: { missing_field: 1 },
      },
    ),
  ];
}

function eventIds(): Draft[] {
  const typed = (eventid: string, event_type: string, flags = ""): Stored => ({
    line: event({ eventid }),
    flags,
    columns: { event_type },
  });
  const unknown = [
    "cowrie.future.thing",
    "cowrie.command.privilege",
    "COWRIE.LOGIN.FAILED",
    "cowrie.login.failed ",
    "x",
    "\u{1f600}",
  ];
  return [
    stored(
      82,
      "event ids that nobody knows",
      unknown.map((eventid) => typed(eventid, eventid, "unknown_event")),
    ),
    stored(82, "an event id of 1,000 characters", [
      typed("x".repeat(1_000), "x".repeat(1_000), "unknown_event"),
    ]),
    stored(83, "numbered event ids", [
      typed("COW0011", "cowrie.session.closed"),
      typed("COW0003", "cowrie.login.failed"),
      typed("KIPP0001", "cowrie.session.connect"),
      typed("KIPP0017", "cowrie.session.file_upload"),
    ]),
    ...["COW0018", "KIPP0000", "COW9999"].map((eventid) =>
      dead(83, `the number ${eventid}`, "legacy_eventid", event({ eventid })),
    ),
    dead(
      83,
      "a number that means nothing and an impossible time",
      "legacy_eventid",
      event({ eventid: "COW0099", timestamp: "x" }),
    ),
  ];
}
