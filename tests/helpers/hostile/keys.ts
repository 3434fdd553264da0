import { dead, event, eventAt, stored, type Draft } from "./build.ts";

/** Rows 71 to 74: keys. */
export function keyCases(): Draft[] {
  return [...equalKeys(), ...oddKeys(), ...pathKeys(), ...letterCase()];
}

function equalKeys(): Draft[] {
  const twice = (name: string, extra: string, note = ""): Draft =>
    dead(71, name, "duplicate_key", event({}, extra), note === "" ? {} : { note });
  return [
    twice("two usernames", '"username":"b"'),
    twice("the same key and value twice", '"username":"root"'),
    twice("two sessions", '"session":"ba9876543210"'),
    twice("a key that nobody reads twice", '"a":1,"a":2'),
    twice("equal keys a level down", '"o":{"a":1,"a":2}'),
    twice("equal keys in a list", '"l":[{"a":1},{"a":1,"b":2,"a":3}]'),
    twice("equal keys, one of them with an escape", '"user\\u006eame":"b"'),
    twice("equal keys with different escapes", '"a/b":1,"a\\/b":2,"c":3'),
    twice("equal keys outside ASCII, escaped and raw", '"\\u00e9":1,"\u00e9":2'),
    twice("two empty keys", '"":1,"":2'),
    twice("__proto__ twice", '"__proto__":1,"__proto__":2'),
    dead(71, "equal keys where a field is missing too", "duplicate_key", '{"a":1,"a":2}'),
    stored(71, "the same key in different objects", [
      { line: event({}, '"o":{"username":"a"},"l":[{"a":1},{"a":2}]') },
    ]),
    stored(71, "keys that differ in normal form only", [{ line: event({}, '"\u00e9":1,"e\u0301":2') }]),
  ];
}

function oddKeys(): Draft[] {
  const root = { username: "root", session_id: "0123456789ab" };
  const names = ["constructor", "toString", "hasOwnProperty", "__proto__", "valueOf"];
  return [
    stored(72, "keys that JavaScript's objects have", [
      {
        line: event({}, '"__proto__":{"username":"evil"},"constructor":{"prototype":{}},"toString":1'),
        columns: root,
      },
      { line: eventAt(1, { hasOwnProperty: 1, valueOf: null, __defineGetter__: "x" }), columns: root },
    ]),
    stored(72, "a session only in __proto__", [
      {
        line: event({ session: undefined }, '"__proto__":{"session":"evil"}'),
        flags: "no_session",
        columns: { session_id: "" },
      },
    ]),
    dead(
      72,
      "an event id only in __proto__",
      "missing_field",
      event({ eventid: undefined }, '"__proto__":{"eventid":"cowrie.login.failed"}'),
    ),
    stored(
      72,
      "event ids that JavaScript's objects have",
      names.map((eventid, index) => ({
        line: eventAt(index, { eventid }),
        flags: "unknown_event",
        columns: { event_type: eventid },
      })),
    ),
    stored(
      72,
      "session ids that JavaScript's objects have",
      names.map((session, index) => ({
        line: eventAt(index, { session }),
        columns: { session_id: session },
      })),
    ),
  ];
}

function pathKeys(): Draft[] {
  const root = { username: "root", session_id: "0123456789ab" };
  return [
    stored(73, "keys that are paths", [
      {
        line: event({}, '"":1,"a.b":2,"$":3,"$.username":"evil","[0]":4,"\\"username\\"":"evil"'),
        columns: root,
      },
      {
        line: event({ username: undefined }, '"$.username":"evil","a":{"username":"evil"}'),
        columns: { username: null },
      },
    ]),
    stored(
      73,
      "known keys written with an escape",
      [
        {
          line: event(
            { session: undefined, username: undefined },
            '"\\u0073ession":"0123456789ab","user\\u006eame":"root"',
          ),
          columns: root,
        },
      ],
      { note: "Keys are compared unescaped." },
    ),
    stored(73, "an escaped key of a field that is judged", [
      {
        line: event({ src_ip: undefined }, '"src\\u005fip":"192.168.1.1"'),
        flags: "bogon",
        columns: { src_ip: "192.168.1.1" },
      },
    ]),
    stored(73, "a key of 60,000 characters", [{ line: event({}, `"${"k".repeat(60_000)}":1`) }]),
  ];
}

function letterCase(): Draft[] {
  return [
    stored(74, "Session beside session", [
      { line: event({}, '"Session":"evil"'), flags: "key_case", columns: { session_id: "0123456789ab" } },
    ]),
    stored(74, "SESSION in place of session", [
      {
        line: event({ session: undefined }, '"SESSION":"0123456789ab"'),
        flags: "key_case no_session",
        columns: { session_id: "" },
      },
    ]),
    stored(74, "USERNAME in place of username", [
      {
        line: event({ username: undefined }, '"USERNAME":"root"'),
        flags: "key_case",
        columns: { username: null },
      },
    ]),
    stored(74, "Message", [{ line: event({ message: undefined }, '"Message":"m"'), flags: "key_case" }]),
    stored(74, "letter case a level down", [{ line: event({}, '"o":{"Session":"x"}') }]),
    stored(74, "letter case of a key that is not watched", [{ line: event({}, '"Foo":1,"foo":2') }]),
    dead(
      74,
      "EventID in place of eventid",
      "missing_field",
      event({ eventid: undefined }, '"EventID":"cowrie.login.failed"'),
    ),
    dead(
      74,
      "Timestamp in place of timestamp",
      "missing_field",
      event({ timestamp: undefined }, '"Timestamp":"2024-01-02T03:04:05.678901Z"'),
    ),
  ];
}
