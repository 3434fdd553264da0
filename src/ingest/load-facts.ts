import { userInfo, hostname } from "node:os";
import type { Database } from "../db/database.ts";
import { databaseError } from "../db/database-error.ts";
import type { GateRules } from "../events/gate.ts";
import { eventsGateEventTypes, eventsGateIdentifiers } from "../sql/generated.ts";
import { many } from "../sql/run.ts";

/** Runs a query outside of a batch; its failure is told as that of a batch. */
export async function asked<T>(database: Database, doing: string, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw databaseError(error, doing, database.name);
  }
}

/** What the gate takes from the store. */
export async function gateRules(database: Database): Promise<GateRules> {
  const [types, identifiers] = await asked(database, "read the rules of the gate", async () => {
    const found = await many(database, eventsGateEventTypes, {});
    return [found, await many(database, eventsGateIdentifiers, {})] as const;
  });
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
