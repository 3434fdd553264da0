import { userInfo, hostname } from "node:os";
import type { Database } from "../db/database.ts";
import type { GateRules } from "../events/gate.ts";
import { eventsGateEventTypes, eventsGateIdentifiers } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** What the gate takes from the store. */
export async function gateRules(database: Database): Promise<GateRules> {
  const types = await many(database, eventsGateEventTypes, {});
  const identifiers = await many(database, eventsGateIdentifiers, {});
  return {
    eventTypes: new Map(types.map((row) => [row.event_type, row.legacy_of])),
    sessionIdentifiers: identifiers.filter((row) => row.matcher === "event_session").map((row) => row.field),
    now: Date.now(),
  };
}

/** The operating system's user and host. */
export function actorName(): string {
  let name = "unknown";
  try {
    name = userInfo().username;
  } catch {
    // A container may run as a number without a name.
    name = `uid ${process.getuid?.() ?? "unknown"}`;
  }
  return `${name}@${hostname()}`;
}
