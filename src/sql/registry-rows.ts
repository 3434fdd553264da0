import type { Database } from "../db/database.ts";
import {
  eventsGateEventTypes,
  eventsGateFields,
  eventsGateIdentifiers,
  type EventsGateEventTypesRow,
  type EventsGateFieldsRow,
  type EventsGateIdentifiersRow,
} from "./generated.ts";
import { many } from "./run.ts";

/** The rows of a store's registry that the gate goes by. */
export async function registryRows(database: Database): Promise<{
  types: EventsGateEventTypesRow[];
  identifiers: EventsGateIdentifiersRow[];
  fields: EventsGateFieldsRow[];
}> {
  return {
    types: await many(database, eventsGateEventTypes, {}),
    identifiers: await many(database, eventsGateIdentifiers, {}),
    fields: await many(database, eventsGateFields, {}),
  };
}
