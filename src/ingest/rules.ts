import type { Database } from "../db/database.ts";
import type { GateRules } from "../events/gate.ts";
import { eventsGateEventTypes, eventsGateFields, eventsGateIdentifiers } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** What the gate goes by, from the registry of a store. */
export async function readRules(database: Database, now = Date.now()): Promise<GateRules> {
  const types = await many(database, eventsGateEventTypes, {});
  const identifiers = await many(database, eventsGateIdentifiers, {});
  const fields = await many(database, eventsGateFields, {});
  return {
    eventTypes: new Map(types.map((row) => [row.event_type, row.legacy_of])),
    sessionIdentifiers: identifiers.filter((row) => row.matcher === "event_session").map((row) => row.field),
    fieldTypes: fields.map((row) => ({
      eventType: row.event_type,
      field: row.field,
      jsonTypes: row.json_types,
      flag: row.flag ?? "",
    })),
    now,
  };
}
