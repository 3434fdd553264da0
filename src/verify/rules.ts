import type { Database } from "../db/database.ts";
import type { GateRules } from "../events/gate.ts";
import { eventsGateEventTypes, eventsGateIdentifiers } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** The gate's rules as the store has them today; `now` is set for each batch. */
export async function rulesOfToday(database: Database): Promise<GateRules> {
  const types = await many(database, eventsGateEventTypes, {});
  const identifiers = await many(database, eventsGateIdentifiers, {});
  return {
    eventTypes: new Map(types.map((row) => [row.event_type, row.legacy_of])),
    sessionIdentifiers: identifiers.filter((row) => row.matcher === "event_session").map((row) => row.field),
    now: 0,
  };
}
