-- 0006_session_summaries_create
--
-- Why:         One row per session, kept by the seal alone, in a form where order and repetition cannot matter.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The table is new.
-- Undo:        The down file drops the summaries; a rebuild makes them again, enrichment is lost.
-- Transaction: one
-- Differs:     instants are TEXT of 27 characters, booleans are 0 or 1; jobs walk the rowid, where postgres has summary_id.

create table session_summaries (
  session_id text constraint pk_session_summaries
    primary key constraint ck_session_summaries_session_id_some
    check (session_id != ''),
  source_ip text,
  source_ip_key text,
  source_ip_least text,
  source_ip_greatest text,
  sensor text,
  sensor_key text,
  sensor_least text,
  sensor_greatest text,
  protocol text,
  protocol_key text,
  client_version text,
  client_version_key text,
  hassh text,
  hassh_key text,
  has_connect integer not null constraint ck_session_summaries_has_connect_boolean
    check (has_connect in (0, 1)),
  has_closed integer not null constraint ck_session_summaries_has_closed_boolean
    check (has_closed in (0, 1)),
  has_session_field integer not null constraint ck_session_summaries_has_session_field_boolean
    check (has_session_field in (0, 1)),
  matcher text not null generated always as (
    case
      when has_connect
      and has_closed then 'full_delimited'
      when has_session_field then 'session_id_only'
      else 'event_session'
    end
  ) stored,
  is_collision integer not null generated always as (
    coalesce(source_ip_least != source_ip_greatest, 0)
    or coalesce(sensor_least != sensor_greatest, 0)
  ) stored,
  first_event_at text not null constraint ck_session_summaries_first_event_at_range
    check (
      first_event_at >= '0001-01-01T00:00:00.000000Z'
      and first_event_at <= '9999-12-31T23:59:59.999999Z'
    ),
  last_event_at text not null constraint ck_session_summaries_last_event_at_range
    check (
      last_event_at >= '0001-01-01T00:00:00.000000Z'
      and last_event_at <= '9999-12-31T23:59:59.999999Z'
    ),
  duration_seconds real not null generated always as (
    round(
      cast(strftime('%s', substr(last_event_at, 1, 19)) as integer) - cast(
        strftime('%s', substr(first_event_at, 1, 19)) as integer
      ) + (
        cast(substr(last_event_at, 21, 6) as integer) - cast(
          substr(first_event_at, 21, 6) as integer
        )
      ) / 1000000.0,
      6
    )
  ) virtual,
  reported_duration_ms integer,
  closed_count integer not null,
  event_count integer not null constraint ck_session_summaries_event_count_positive
    check (event_count >= 0),
  command_inputs integer not null,
  command_successes integer not null,
  command_failures integer not null,
  command_count integer not null generated always as (
    case
      when command_inputs > 0 then command_inputs
      else command_successes + command_failures
    end
  ) stored,
  login_attempts integer not null,
  login_successes integer not null,
  file_downloads integer not null,
  file_uploads integer not null,
  ssh_key_inputs integer not null,
  ssh_key_successes integer not null,
  ssh_key_failures integer not null,
  ssh_key_injections integer not null generated always as (
    case
      when command_inputs > 0 then ssh_key_inputs
      else ssh_key_successes + ssh_key_failures
    end
  ) stored,
  risk_score integer not null constraint ck_session_summaries_risk_score_range
    check (risk_score between 0 and 100),
  vt_flagged integer not null default 0 constraint ck_session_summaries_vt_flagged_boolean
    check (vt_flagged in (0, 1)),
  dshield_flagged integer not null default 0 constraint ck_session_summaries_dshield_flagged_boolean
    check (dshield_flagged in (0, 1)),
  snapshot_asn integer,
  snapshot_country text,
  snapshot_ip_type text constraint ck_session_summaries_snapshot_ip_type_known
    check (
      snapshot_ip_type in ('RESIDENTIAL', 'DATACENTER', 'MOBILE', 'VPN', 'TOR')
    ),
  snapshot_status text constraint ck_session_summaries_snapshot_status_known
    check (
      snapshot_status in (
        'filled',
        'not_enriched',
        'unknown_address',
        'not_public'
      )
    ),
  enrichment text constraint ck_session_summaries_enrichment_valid
    check (enrichment is null or json_valid(enrichment, 1)),
  enrichment_at text,
  snapshot_job_id integer,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict;

create index ix_session_summaries_source_ip on session_summaries (source_ip);
create index ix_session_summaries_first_event_at on session_summaries (
  first_event_at
);
