import type { Database } from "../db/database.ts";
import {
  statusLastBatch,
  statusQuality,
  statusRejects,
  statusStoreBytes,
  statusTotals,
  statusTripped,
  statusUnknownTypes,
} from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";

/** What a store holds. */
export interface StoreStatus {
  store: string;
  dialect: string;
  bytes: number;
  sources: number;
  batches: number;
  events: number;
  sessions: number;
  unattributed: number;
  duplicates: number;
  rejected: number;
  skipped: number;
  rejects: { reason: string; meaning: string; letters: number }[];
  unknown_types: { event_type: string; events: number }[];
  tripped: { source: string; next_offset: number; since: string }[];
  last_batch: {
    batch_id: number;
    sealed_at: string;
    events_accepted: number;
    first_event_at: string | null;
    last_event_at: string | null;
    source: string;
  } | null;
}

/** Counts what a store holds. */
export async function storeStatus(database: Database): Promise<StoreStatus> {
  const totals = await one(database, statusTotals, {});
  const { bytes } = await one(database, statusStoreBytes, {});
  const last = await maybe(database, statusLastBatch, {});
  const number = (value: unknown): number => Number(value);
  return {
    store: database.name,
    dialect: database.dialect,
    bytes: number(bytes),
    sources: number(totals.sources),
    batches: number(totals.batches),
    events: number(totals.events),
    sessions: number(totals.sessions),
    unattributed: number(totals.unattributed),
    duplicates: number(totals.duplicates),
    rejected: number(totals.rejected),
    skipped: number(totals.skipped),
    rejects: (await many(database, statusRejects, {})).map(({ reason, meaning, letters }) => ({
      reason: String(reason),
      meaning: String(meaning),
      letters: number(letters),
    })),
    unknown_types: (await many(database, statusUnknownTypes, {})).map(({ event_type, events }) => ({
      event_type: String(event_type),
      events: number(events),
    })),
    tripped: (await many(database, statusTripped, {})).map(({ path_shown, next_offset, last_read_at }) => ({
      source: path_shown,
      next_offset: number(next_offset),
      since: last_read_at,
    })),
    last_batch:
      last === undefined
        ? null
        : {
            batch_id: number(last.batch_id),
            sealed_at: String(last.sealed_at),
            events_accepted: number(last.events_accepted),
            first_event_at: last.first_event_at === null ? null : String(last.first_event_at),
            last_event_at: last.last_event_at === null ? null : String(last.last_event_at),
            source: String(last.path_shown),
          },
  };
}

/** A line of the view data_quality. */
export interface QualityLine {
  measure: string;
  findings: number;
  is_alert: boolean;
  meaning: string;
}

/** What is wrong with the data; walks every session, which takes seconds for a million events. */
export async function dataQuality(database: Database): Promise<QualityLine[]> {
  return (await many(database, statusQuality, {})).map(({ measure, findings, is_alert, meaning }) => ({
    measure: String(measure),
    findings: Number(findings),
    is_alert: Number(is_alert) === 1,
    meaning: String(meaning),
  }));
}
