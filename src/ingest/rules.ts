import type { Database } from "../db/database.ts";
import type { GateRules } from "../events/gate.ts";
import { gateRulesOf } from "../events/gate-rules.ts";
import { registryRows } from "../sql/registry-rows.ts";
import { asked } from "./asked.ts";

/** What the gate goes by, from the registry of a store. */
export async function readRules(database: Database, now = Date.now()): Promise<GateRules> {
  return asked(database, "read the rules of the gate", async () =>
    gateRulesOf(await registryRows(database), now),
  );
}
