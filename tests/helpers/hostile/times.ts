import { dead, event, stored, type Draft, type Stored } from "./build.ts";

/** Rows 86 to 89: times. */
export function timeCases(): Draft[] {
  return [...spellings(), ...impossible(), ...edges(), ...clocks()];
}

function time(timestamp: string, occurred_at: string, flags = ""): Stored {
  return { line: event({ timestamp }), flags, columns: { occurred_at } };
}

function spellings(): Draft[] {
  return [
    stored(86, "offsets", [
      time("2024-01-02T03:04:05.678901Z", "2024-01-02T03:04:05.678901Z"),
      time("2024-01-02T03:04:05.678901+0200", "2024-01-02T01:04:05.678901Z"),
      time("2024-01-02T03:04:05.678902+02:00", "2024-01-02T01:04:05.678902Z"),
      time("2024-01-02T03:04:05.678903-0530", "2024-01-02T08:34:05.678903Z"),
      time("2024-01-02T03:04:05.678904+0000", "2024-01-02T03:04:05.678904Z"),
      time("2024-01-02T03:04:05.678905+1400", "2024-01-01T13:04:05.678905Z"),
    ]),
    stored(86, "offsets over the end of a day, a year, a February", [
      time("2024-01-01T00:30:00.000000+0200", "2023-12-31T22:30:00.000000Z"),
      time("2024-12-31T23:30:00.000000-0100", "2025-01-01T00:30:00.000000Z"),
      time("2024-03-01T00:30:00.000000+0100", "2024-02-29T23:30:00.000000Z"),
    ]),
    stored(86, "no zone", [
      time("2024-01-02T03:04:05.678901", "2024-01-02T03:04:05.678901Z", "tz_assumed"),
      time("2024-01-02 03:04:05.678902", "2024-01-02T03:04:05.678902Z", "tz_assumed"),
    ]),
    stored(86, "a blank in place of T", [time("2024-01-02 03:04:05.678901Z", "2024-01-02T03:04:05.678901Z")]),
    stored(86, "digits of a second: cut, not rounded", [
      time("2024-01-02T03:04:05.678901999Z", "2024-01-02T03:04:05.678901Z"),
      time("2024-01-02T03:04:59.999999999Z", "2024-01-02T03:04:59.999999Z"),
      time("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678000Z"),
      time("2024-01-02T03:04:05.6Z", "2024-01-02T03:04:05.600000Z"),
      time("2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000000Z"),
    ]),
    stored(86, "the same instant in two spellings is two events", [
      time("2024-01-02T03:04:05.678901Z", "2024-01-02T03:04:05.678901Z"),
      time("2024-01-02T05:04:05.678901+0200", "2024-01-02T03:04:05.678901Z"),
    ]),
    stored(86, "a time with an escape in it", [
      {
        line: event({}).replace("2024-01", "2024\\u002d01"),
        columns: { occurred_at: "2024-01-02T03:04:05.678901Z" },
      },
    ]),
  ];
}

function impossible(): Draft[] {
  const times = [
    "2024-13-01T00:00:00.000000Z",
    "2024-00-01T00:00:00.000000Z",
    "2024-01-00T00:00:00.000000Z",
    "2024-01-32T00:00:00.000000Z",
    "2024-02-30T00:00:00.000000Z",
    "2023-02-29T00:00:00.000000Z",
    "1900-02-29T00:00:00.000000Z",
    "2024-04-31T00:00:00.000000Z",
    "2024-01-02T24:00:00.000000Z",
    "2024-01-02T25:00:00.000000Z",
    "2024-01-02T03:60:00.000000Z",
    "2024-01-02T03:04:61.000000Z",
    "2024-01-02T03:04:05.000000+9900",
    "2024-01-02T03:04:05.%fZ",
    "2024-01-02T03:04:05.000000Z'; DROP TABLE raw_events;--",
    "2024-01-02T03:04:05.000000Z\n",
    "\u0662\u0660\u0662\u0664-01-02T03:04:05.000000Z",
    "1704164645",
    "now",
    "infinity",
    "not a time",
    "0".repeat(10_000),
  ];
  return [
    ...times.map((timestamp) =>
      dead(87, `the time ${printable(timestamp)}`, "bad_timestamp", event({ timestamp })),
    ),
    dead(
      87,
      "an impossible time and a session too long",
      "bad_timestamp",
      event({ timestamp: "x", session: "x".repeat(2_000) }),
    ),
    stored(87, "29 February where there is one", [
      time("2024-02-29T00:00:00.000000Z", "2024-02-29T00:00:00.000000Z"),
      time("2000-02-29T00:00:00.000000Z", "2000-02-29T00:00:00.000000Z", "clock"),
    ]),
  ];
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 60)).slice(1, -1);
}

function edges(): Draft[] {
  return [
    stored(88, "a leap second", [
      time("2016-12-31T23:59:60.500000Z", "2017-01-01T00:00:00.000000Z", "time_range"),
    ]),
    stored(88, "a leap second with an offset", [
      time("2017-01-01T01:59:60.500000+0200", "2017-01-01T00:00:00.000000Z", "time_range"),
    ]),
    stored(88, "the hour that summer time has twice", [
      time("2024-10-27T02:30:00.000000+0200", "2024-10-27T00:30:00.000000Z"),
      time("2024-10-27T02:30:00.000000+0100", "2024-10-27T01:30:00.000000Z"),
    ]),
    stored(88, "the hour that summer time leaves out", [
      time("2024-03-31T02:30:00.000000", "2024-03-31T02:30:00.000000Z", "tz_assumed"),
    ]),
    stored(88, "the years 1, 99 and 9999", [
      time("0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z", "clock"),
      time("0099-01-01T00:00:00.000000+0100", "0098-12-31T23:00:00.000000Z", "clock"),
      time("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", "clock"),
    ]),
    ...[
      "0000-01-01T00:00:00.000000Z",
      "0001-01-01T00:00:00.000000+0100",
      "9999-12-31T23:59:59.000000-0100",
      "9999-12-31T23:59:60.000000Z",
      "10000-01-01T00:00:00.000000Z",
      "+010000-01-01T00:00:00.000000Z",
      "-0001-01-01T00:00:00.000000Z",
    ].map((timestamp) =>
      dead(88, `outside the years 1 to 9999: ${timestamp}`, "bad_timestamp", event({ timestamp }), {
        note: "27 characters hold no such year in UTC.",
      }),
    ),
    stored(
      88,
      "the epoch and the second before",
      [
        time("1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z", "clock"),
        time("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", "clock"),
        time("2038-01-19T03:14:08.000000Z", "2038-01-19T03:14:08.000000Z", "clock"),
      ],
      { note: "The last one loses its flag in January 2038." },
    ),
  ];
}

function clocks(): Draft[] {
  return [
    stored(89, "a clock that is far ahead", [
      time("2099-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z", "clock"),
    ]),
    stored(89, "a clock from before Cowrie", [
      time("2013-12-31T23:59:59.999999Z", "2013-12-31T23:59:59.999999Z", "clock"),
      time("2014-01-01T00:00:00.000000Z", "2014-01-01T00:00:00.000000Z"),
      time("2014-01-01T00:00:00.000000+0100", "2013-12-31T23:00:00.000000Z", "clock"),
    ]),
    stored(89, "a clock without a battery, no zone, a private address", [
      {
        line: event({ timestamp: "1970-01-01T00:00:12.000000", src_ip: "10.0.0.1" }),
        flags: "bogon clock tz_assumed",
        columns: { occurred_at: "1970-01-01T00:00:12.000000Z", src_ip: "10.0.0.1" },
      },
    ]),
  ];
}
