import type { Database } from "../db/database.ts";
import type { GateRules } from "../events/gate.ts";
import { gateRulesOf } from "../events/gate-rules.ts";
import { eventsGateEventTypes, eventsGateFields, eventsGateIdentifiers } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** The gate's rules as the store has them today; `now` is set for each batch. */
export async function rulesOfToday(database: Database): Promise<GateRules> {
  return gateRulesOf(
    {
      types: await many(database, eventsGateEventTypes, {}),
      identifiers: await many(database, eventsGateIdentifiers, {}),
      fields: await many(database, eventsGateFields, {}),
    },
    0,
  );
}
