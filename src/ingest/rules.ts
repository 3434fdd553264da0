import type { Database } from "../db/database.ts";
import type { GateRules } from "../events/gate.ts";
import { gateRulesOf } from "../events/gate-rules.ts";
import { eventsGateEventTypes, eventsGateFields, eventsGateIdentifiers } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { asked } from "./asked.ts";

/** What the gate goes by, from the registry of a store. */
export async function readRules(database: Database, now = Date.now()): Promise<GateRules> {
  return asked(database, "read the rules of the gate", async () =>
    gateRulesOf(
      {
        types: await many(database, eventsGateEventTypes, {}),
        identifiers: await many(database, eventsGateIdentifiers, {}),
        fields: await many(database, eventsGateFields, {}),
      },
      now,
    ),
  );
}
