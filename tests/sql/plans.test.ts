import t from "tap";
import {
  lettersBreadth,
  lettersCounts,
  lettersList,
  lettersListFew,
  lettersReplayLeft,
  lettersReplayPage,
  registryUnknownTypes,
  reportCampaigns,
  statusUnknownTypes,
} from "../../src/sql/generated.ts";
import type { Query } from "../../src/sql/run.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { planOf } from "../helpers/plans.ts";

/** What people look up, and the index that must answer it. Both dialects give an index the same name. */
const lookUps: readonly (readonly [asked: string, text: string, index: RegExp])[] = [
  [
    "a session's timeline",
    "select event_id, occurred_at, event_type from raw_events where session_id = 'a1' order by occurred_at",
    /uq_raw_events_identity|sqlite_autoindex_raw_events_1/,
  ],
  [
    "events of an address",
    "select event_id from raw_events where src_ip = '192.0.2.1'",
    /ix_raw_events_src_ip/,
  ],
  [
    "events with a file's hash",
    "select event_id from raw_events where shasum = 'ab'",
    /ix_raw_events_shasum/,
  ],
  [
    "events with a user name",
    "select event_id from raw_events where username = 'root'",
    /ix_raw_events_username/,
  ],
  [
    "events with a client's fingerprint",
    "select event_id from raw_events where hassh = 'ab'",
    /ix_raw_events_hassh/,
  ],
  [
    "sessions of an address",
    "select session_id from session_summaries where source_ip = '192.0.2.1'",
    /ix_session_summaries_source_ip/,
  ],
  [
    "sessions of a day",
    "select session_id from session_summaries where first_event_at >= '2026-01-01T00:00:00.000000Z' and first_event_at < '2026-01-02T00:00:00.000000Z'",
    /ix_session_summaries_first_event_at/,
  ],
  [
    "the commands of a session",
    "select command from command_stats where session_id = 'a1'",
    /pk_command_stats|PRIMARY KEY/,
  ],
  [
    "the sessions of a file",
    "select session_id from session_files where shasum = 'ab'",
    /ix_session_files_shasum/,
  ],
  [
    "the next letters to replay",
    "select dead_letter_id from dead_letter_events where resolved_at is null and (source_id, dead_letter_id) > (1, 1) order by source_id, dead_letter_id limit 500",
    /ix_dead_letter_events_open/,
  ],
];

/** Named queries that must be answered by an index at any size. */
const named: readonly (readonly [asked: string, query: Query<never, unknown>, index: RegExp])[] = [
  [
    "a page of dead letters",
    lettersList as Query<never, unknown>,
    /ix_dead_letter_events_listing|pk_dead_letter/,
  ],
  ["dead letters by reason", lettersCounts as Query<never, unknown>, /ix_dead_letter_events_reason/],
  ["the next letters to replay", lettersReplayPage as Query<never, unknown>, /ix_dead_letter_events_open/],
  ["letters that were cut", lettersReplayLeft as Query<never, unknown>, /ix_dead_letter_events_cut/],
  ["letters tried often enough", lettersReplayLeft as Query<never, unknown>, /ix_dead_letter_events_tried/],
  ["campaigns of a network", reportCampaigns as Query<never, unknown>, /ix_session_summaries_snapshot_asn/],
  ["unknown event ids", registryUnknownTypes as Query<never, unknown>, /ix_raw_events_unknown_event/],
  [
    "unknown event ids of the status",
    statusUnknownTypes as Query<never, unknown>,
    /ix_raw_events_unknown_event/,
  ],
];

/** What is answered from an index alone, without the rows. */
const indexOnly: readonly (readonly [asked: string, text: string, index: string])[] = [
  [
    "a country and a kind of address",
    "select count(*) from session_summaries where snapshot_country = 'CN' and snapshot_ip_type = 'DATACENTER'",
    "ix_session_summaries_snapshot_country",
  ],
  [
    "a country on a day",
    "select count(*) from session_summaries where snapshot_country = 'CN' and snapshot_ip_type = 'VPN' and first_event_at >= '2026-01-01T00:00:00.000000Z' and first_event_at < '2026-01-02T00:00:00.000000Z'",
    "ix_session_summaries_snapshot_country",
  ],
  ["countries by day", "select * from country_days", "ix_session_summaries_snapshot_country"],
  [
    "one country by day",
    "select * from country_days where snapshot_country = 'CN'",
    "ix_session_summaries_snapshot_country",
  ],
  ["networks by day", "select * from network_days", "ix_session_summaries_snapshot_asn"],
  [
    "the addresses of one network",
    "select distinct source_ip from session_summaries where snapshot_asn = 4134",
    "ix_session_summaries_snapshot_asn",
  ],
  ["snowshoes", "select * from network_spread where addresses > 100", "ix_session_summaries_snapshot_asn"],
];

/** The filters of a list, and the index in which few letters are found by each. */
const narrow: readonly (readonly [filter: string, index: RegExp])[] = [
  ["reason", /ix_dead_letter_events_reason/],
  ["source", /ix_dead_letter_events_source_id/],
  ["open", /ix_dead_letter_events_open/],
  ["resolved", /ix_dead_letter_events_settled/],
  ["time", /ix_dead_letter_events_created_at/],
];

for (const engine of engines()) {
  await t.test(`what people look up is found by an index (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    for (const [asked, text, index] of lookUps) {
      const plan = await planOf(store.database, text);
      test.match(plan, index, `${asked}: by its index`);
      test.notMatch(plan, /^SCAN|Seq Scan/m, `${asked}: without reading the whole table`);
    }
    for (const [asked, query, index] of named) {
      const plan = await planOf(store.database, withValues(query, engine.dialect));
      test.match(plan, index, `${asked}: by its index`);
      test.notMatch(plan, /^SCAN [de]$|Seq Scan on (dead_letter|raw)_events/m, `${asked}: not by the table`);
    }
    for (const [asked, text, index] of indexOnly) {
      const plan = await planOf(store.database, text, true);
      test.match(
        plan,
        new RegExp(`(COVERING INDEX|Index Only Scan using) ${index}`),
        `${asked}: by its index alone`,
      );
    }
    for (const [filter, index] of narrow) {
      for (const query of [lettersBreadth, lettersListFew] as Query<never, unknown>[]) {
        const text = withValues(query, engine.dialect, { narrowest: filter });
        test.match(await planOf(store.database, text), index, `${query.name} of ${filter}: by its index`);
      }
    }
    await store.dispose();
  });
}

/** The text of a query with a value for each parameter. */
function withValues(
  query: Query<never, unknown>,
  dialect: "sqlite" | "postgres",
  values: Record<string, string> = {},
): string {
  const valueOf = (name: string): string =>
    `'${values[name] ?? (/^(since|until|period_start|period_end)$/.test(name) ? "2026-01-05T00:00:00Z" : "1")}'`;
  return dialect === "sqlite"
    ? query.sqlite.replace(/:([a-z_]+)/g, (_all, name: string) => valueOf(name))
    : query.postgres.replace(/\$(\d+)/g, (_all, place: string) =>
        valueOf(query.parameters[Number(place) - 1] ?? ""),
      );
}
