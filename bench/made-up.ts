/** As many sessions as the system had that this one replaces. */
export const sessionsOfOld = 1_682_827;
/** And as many addresses. */
const addresses = 38_900;

/** A statement that makes summaries of so many sessions, in the order in which they began, with ids in none. */
export function summariesText(dialect: "sqlite" | "postgres", count: number): string {
  return dialect === "sqlite" ? sqliteSummaries(count) : postgresSummaries(count);
}

/** A statement that makes an inventory of the addresses that these sessions have, of all of them or the first so many. */
export function addressesText(dialect: "sqlite" | "postgres", count = addresses): string {
  return dialect === "sqlite" ? sqliteAddresses(count) : postgresAddresses(count);
}

/** An odd number spreads the ids: 48 bits of its product with the number of the session. */
const spread = 3_141_592_653_589;

function sqliteSummaries(count: number): string {
  return `insert into session_summaries (
      session_id, source_ip, has_connect, has_closed, has_session_field, first_event_at, last_event_at, closed_count,
      event_count, command_inputs, command_successes, command_failures, login_attempts, login_successes, file_downloads,
      file_uploads, ssh_key_inputs, ssh_key_successes, ssh_key_failures, risk_score, sensor, protocol
    )
    with recursive c(n) as (select 1 union all select n + 1 from c where n < ${count})
    select
      printf('%012x', (n * ${spread}) & 281474976710655),
      printf('%d.%d.%d.9', 11 + n % ${addresses} / 2500, n % ${addresses} / 50 % 50, n % ${addresses} % 50),
      1, 1, 1,
      strftime('%Y-%m-%dT%H:%M:%f000Z', 1735689600 + n * 20, 'unixepoch'),
      strftime('%Y-%m-%dT%H:%M:%f000Z', 1735689630 + n * 20, 'unixepoch'),
      1, 8, n % 4, 0, 0, 2, n % 2, 0, 0, 0, 0, 0, n % 90, 'sensor-' || n % 7, 'ssh'
    from c`;
}

function sqliteAddresses(count: number): string {
  return `insert into ip_inventory
    (ip_address, current_asn, asn_name, geo_country, ip_type, enriched_at, enrichment)
  with recursive c(n) as (select 0 union all select n + 1 from c where n < ${count - 1})
  select
    printf('%d.%d.%d.9', 11 + n / 2500, n / 50 % 50, n % 50), 1000 + n % 2371, 'NETWORK ' || n % 2371,
    char(65 + n % 13, 65 + n % 12), iif(n % 3, 'DATACENTER', 'RESIDENTIAL'), '2025-06-01T00:00:00.000000Z',
    json_object('source', 'bench', 'n', n)
  from c`;
}

function postgresSummaries(count: number): string {
  return `insert into session_summaries (
      session_id, source_ip, has_connect, has_closed, has_session_field, first_event_at, last_event_at, closed_count,
      event_count, command_inputs, command_successes, command_failures, login_attempts, login_successes, file_downloads,
      file_uploads, ssh_key_inputs, ssh_key_successes, ssh_key_failures, risk_score, sensor, protocol
    )
    select
      lpad(to_hex((n::bigint * ${spread}) & 281474976710655), 12, '0'),
      concat(11 + n % ${addresses} / 2500, '.', n % ${addresses} / 50 % 50, '.', n % ${addresses} % 50, '.9'),
      true, true, true,
      to_timestamp(1735689600 + n * 20), to_timestamp(1735689630 + n * 20),
      1, 8, n % 4, 0, 0, 2, n % 2, 0, 0, 0, 0, 0, n % 90, 'sensor-' || n % 7, 'ssh'
    from generate_series(1, ${count}) as n`;
}

function postgresAddresses(count: number): string {
  return `insert into ip_inventory
    (ip_address, current_asn, asn_name, geo_country, ip_type, enriched_at, enrichment)
  select
    concat(11 + n / 2500, '.', n / 50 % 50, '.', n % 50, '.9'), 1000 + n % 2371, 'NETWORK ' || n % 2371,
    chr(65 + n % 13) || chr(65 + n % 12), case when n % 3 > 0 then 'DATACENTER' else 'RESIDENTIAL' end, '2025-06-01',
    jsonb_build_object('source', 'bench', 'n', n)
  from generate_series(0, ${count - 1}) as n`;
}
