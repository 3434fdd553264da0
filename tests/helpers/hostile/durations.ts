import { event, json, stored, type Draft, type Stored } from "./build.ts";

/** Rows 84 and 85: durations, in seconds, as text, in milliseconds. */
export function durationCases(): Draft[] {
  const closed = (field: string, text: string, duration_ms: number | null, flags = ""): Stored => ({
    line: event({ eventid: "cowrie.session.closed", [field]: json(text) }),
    flags,
    columns: { duration_ms },
  });
  const bad = (field: string, text: string): Stored => closed(field, text, null, "duration");
  return [
    stored(84, "seconds as text", [
      closed("duration", '"120.0"', 120_000),
      closed("duration", '"12.3"', 12_300),
      closed("duration", '"0"', 0),
    ]),
    stored(84, "seconds as a number", [
      closed("duration", "0.0015", 2),
      closed("duration", "12.3456789", 12_346),
      closed("duration", "120", 120_000),
      closed("duration", "1.2e2", 120_000),
      closed("duration", "0.0004999", 0),
    ]),
    stored(84, "milliseconds", [
      closed("duration_ms", "120000", 120_000),
      closed("duration_ms", "0", 0),
      closed("duration_ms", "1.2e5", 120_000),
    ]),
    stored(84, "the longest duration", [
      closed("duration_ms", "315360000000", 315_360_000_000),
      closed("duration", "315360000", 315_360_000_000),
    ]),
    stored(84, "a file with both eras", [
      closed("duration", "1.5", 1_500),
      closed("duration", '"1.5"', 1_500),
      closed("duration_ms", "1500", 1_500),
    ]),
    stored(85, "durations below zero", [
      bad("duration", "-5"),
      bad("duration", "-0.5"),
      bad("duration", '"-5"'),
      bad("duration_ms", "-1"),
    ]),
    stored(85, "durations of over ten years", [
      bad("duration", "1e12"),
      bad("duration", "315360001"),
      bad("duration_ms", "315360000001"),
      bad("duration_ms", "9".repeat(30)),
    ]),
    stored(85, "durations that are no number", [
      bad("duration", '"abc"'),
      bad("duration", '""'),
      bad("duration", '"NaN"'),
      bad("duration", '"1.2.3"'),
      bad("duration", '"0x10"'),
    ]),
    stored(85, "a file with a bad duration and a good line", [{ line: event() }, bad("duration", "-5")]),
  ];
}
