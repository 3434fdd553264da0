import type { Database } from "../db/database.ts";
import { CowriedbError } from "../errors.ts";
import {
  registryEventFields,
  registryEventTypes,
  registryUnknownFields,
  registryUnknownTypes,
  type RegistryEventTypesRow,
} from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { visible } from "../term.ts";

/** A field that is registered. */
export interface KnownField {
  field: string;
  /** An event id, or `*` where every event may have it. */
  event_type: string;
  json_types: string[];
  since: string;
  until: string | null;
  flag: string | null;
  meaning: string;
}

/** The event ids that are registered. */
export async function knownTypes(database: Database): Promise<RegistryEventTypesRow[]> {
  return many(database, registryEventTypes, { event_type: null });
}

/** One event id with its fields; those of a numbered id are those of what it stands for. Throws `registry.not_found`. */
export async function knownType(
  database: Database,
  eventType: string,
): Promise<{ event: RegistryEventTypesRow; fields: KnownField[] }> {
  const [event] = await many(database, registryEventTypes, { event_type: eventType });
  if (event === undefined) {
    throw new CowriedbError("registry.not_found", `The event id ${visible(eventType)} is not registered.`, {
      hint: "Run: cowriedb registry list",
    });
  }
  const fields = await many(database, registryEventFields, { event_type: event.legacy_of ?? eventType });
  return { event, fields: fields.map((row) => ({ ...row, json_types: row.json_types.split(",") })) };
}

/** What is in the store and not in the registry. */
export interface Unknown {
  event_types: {
    event_type: string;
    events: number;
    first_seen: string;
    last_seen: string;
    example_session: string;
  }[];
  fields: {
    event_type: string;
    field: string;
    events: number;
    first_seen: string;
    last_seen: string;
    example_session: string;
  }[];
}

/** Event ids since an instant, and fields of the newest batches since then, that are not registered; most first. */
export async function unknownSeen(
  database: Database,
  asked: { since: string; batches: number; limit: number },
): Promise<Unknown> {
  const { since, batches, limit: most } = asked;
  const types = await many(database, registryUnknownTypes, { since, most });
  const fields = await many(database, registryUnknownFields, { since, batches, most });
  return {
    event_types: types.map((row) => ({
      ...row,
      event_type: visible(row.event_type),
      example_session: visible(row.example_session),
    })),
    fields: fields.map((row) => ({
      ...row,
      event_type: visible(row.event_type),
      field: visible(row.field),
      example_session: visible(row.example_session),
    })),
  };
}
