import { usageError } from "../errors.ts";
import { knownType, knownTypes, unknownSeen } from "../registry/registry.ts";
import { bold, cut, table, visible } from "../term.ts";
import { instant, wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";

const usualRows = 50;
const mostRows = 10_000;
const usualBatches = 20;
const mostBatches = 1_000_000;
const beginning = "0001-01-01T00:00:00.000000Z";

/** `cowriedb registry list [EVENT_TYPE]`: what is known of events and their fields. */
export async function list(words: readonly string[], options: CommonOptions): Promise<void> {
  if (words.length > 1)
    throw usageError("registry list takes one event id.", "Run: cowriedb registry list --help");
  const [eventType] = words;
  await withStore(options, async (database) => {
    if (eventType === undefined) {
      const events = await knownTypes(database);
      answer(options, { event_types: events }, () =>
        table(
          events.map((event) => [
            visible(event.event_type),
            visible(event.since),
            visible(event.until ?? ""),
            event.fields,
            visible(event.meaning),
          ]),
          ["event id", "since", "until", "own fields", "meaning"],
        ),
      );
      return;
    }
    const { event, fields } = await knownType(database, eventType);
    answer(options, { ...event, fields }, () =>
      [
        `${bold(visible(event.event_type))}  ${visible(event.meaning)}; since ${visible(event.since)}${event.until === null ? "" : `, until ${visible(event.until)}`}`,
        table(
          fields.map((field) => [
            visible(field.field),
            visible(field.json_types.join(" or ")),
            visible(field.since),
            visible(field.until ?? ""),
            field.event_type === "*" ? "every" : "own",
            visible(field.flag ?? ""),
            visible(field.meaning),
          ]),
          ["field", "type", "since", "until", "event", "flag", "meaning"],
        ),
      ].join("\n"),
    );
  });
}

/** `cowriedb registry unknown`: event ids and fields that were seen and are not registered. */
export async function unknown(
  options: CommonOptions & { since: string; batches: string; limit: string },
): Promise<void> {
  const asked = {
    since: instant("--since", options.since) ?? beginning,
    batches: wholeNumber("--batches", options.batches, usualBatches, mostBatches),
    limit: wholeNumber("--limit", options.limit, usualRows, mostRows),
  };
  await withStore(options, async (database) => {
    const found = await unknownSeen(database, asked);
    answer(options, { ...found, batches: asked.batches }, () => {
      const types = found.event_types.map((row) => [
        cut(row.event_type, 60),
        row.events,
        row.first_seen.slice(0, 19),
        row.last_seen.slice(0, 19),
        cut(row.example_session, 40),
      ]);
      const fields = found.fields.map((row) => [
        cut(row.event_type, 60),
        cut(row.field, 60),
        row.events,
        row.first_seen.slice(0, 19),
        row.last_seen.slice(0, 19),
        cut(row.example_session, 40),
      ]);
      const heads = ["events", "first seen", "last seen", "a session"];
      return [
        types.length === 0 ? "No unknown event id was seen." : table(types, ["unknown event id", ...heads]),
        "",
        fields.length === 0
          ? `No unknown field was seen in the newest ${asked.batches} batches.`
          : table(fields, ["event id", "unknown field", ...heads]),
      ].join("\n");
    });
  });
}
