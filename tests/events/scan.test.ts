import fc from "fast-check";
import t from "tap";
import { adoptFields, noteTypes } from "../../src/events/field-checks.ts";
import { found } from "../../src/events/found.ts";
import { scan, scanValue } from "../../src/events/scan.ts";
import { scaled } from "../helpers/cli.ts";

const runs = scaled(20_000);

/** Objects as logs have them: known and made-up keys, any JSON value. */
const objects = fc.dictionary(
  fc.oneof(fc.constantFrom("eventid", "session", "timestamp", "src_ip", "Input", "duration"), fc.string()),
  fc.jsonValue({ maxDepth: 4 }),
  { maxKeys: 8 },
);

await t.test("what JSON.stringify writes is one whole value", (test) => {
  fc.assert(
    fc.property(objects, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
      const bytes = Buffer.from(JSON.stringify(value, undefined, indent));
      return scanValue(bytes, 0, bytes.length) === found.value && scan.end === bytes.length;
    }),
    { numRuns: runs },
  );
  test.end();
});

await t.test("a damaged text is a value for the scan exactly where it is one for JSON.parse", (test) => {
  let refused = 0;
  fc.assert(
    fc.property(
      objects,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\0123456789-+.eE tfnu\n\u0001')), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.constantFrom("set", "insert", "remove"),
      (value, places, how) => {
        let text = JSON.stringify(value);
        for (const [place, letter] of places) {
          const at = place % text.length;
          text =
            text.slice(0, at) +
            (how === "remove" ? "" : letter) +
            text.slice(at + (how === "insert" ? 0 : 1));
        }
        const bytes = Buffer.from(text);
        const outcome = scanValue(bytes, 0, bytes.length);
        const accepted = parses(text);
        if (!accepted) refused++;
        // Of two equal keys JSON.parse takes the last; the scan refuses both.
        if (outcome === found.duplicateKey) return true;
        const isWhole = outcome === found.value && bytes.subarray(scan.end).toString().trim() === "";
        return accepted === isWhole;
      },
    ),
    { numRuns: runs },
  );
  test.ok(refused > runs / 10, `${refused} of ${runs} damaged texts are no JSON`);
  test.end();
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

await t.test("what an event says of a field's type goes before what all events say", (test) => {
  const types = [
    { eventType: "*", field: "duration", jsonTypes: "number", flag: "general" },
    { eventType: "odd", field: "duration", jsonTypes: "string,boolean", flag: "own" },
  ];
  const flagsOf = (eventType: string, text: string): string[] => {
    const bytes = Buffer.from(text);
    const flags: string[] = [];
    adoptFields(types);
    scanValue(bytes, 0, bytes.length);
    noteTypes(bytes, eventType, types, flags);
    return flags;
  };

  test.same(flagsOf("any", '{"duration":"1"}'), ["general"]);
  test.same(flagsOf("odd", '{"duration":"1"}'), []);
  test.same(flagsOf("odd", '{"duration":1}'), ["own"]);
  test.same(flagsOf("odd", '{"duration":null}'), []);
  test.end();
});
