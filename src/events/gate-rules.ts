import type { GateRules } from "./gate.ts";

/** The rows of the registry that the gate goes by. */
export interface RegistryRows {
  types: readonly { event_type: string; legacy_of: string | null }[];
  identifiers: readonly { field: string; matcher: string }[];
  fields: readonly { event_type: string; field: string; json_types: string; flag: string | null }[];
}

/** The rules of the gate, from the registry of a store; `now` is the time of the load, in milliseconds since 1970. */
export function gateRulesOf({ types, identifiers, fields }: RegistryRows, now: number): GateRules {
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
