-- 0006_session_summaries_create
--
-- Why:         One row per session, kept by the seal alone, in a form where order and repetition cannot matter.
-- Locks:       ACCESS EXCLUSIVE on the new table alone, for the catalogue change only.
-- Rewrites:    Nothing. The table is new.
-- Undo:        The down file drops the summaries; a rebuild makes them again, enrichment is lost.
-- Transaction: one
-- Differs:     booleans are BOOLEAN and need no CHECK of their own; duration_seconds is stored; summary_id, which jobs walk, is the rowid in sqlite.

create table session_summaries (
  session_id text collate "C" constraint pk_session_summaries
    primary key constraint ck_session_summaries_session_id_some
    check (session_id != ''),
  source_ip text collate "C",
  source_ip_key text collate "C",
  source_ip_least text collate "C",
  source_ip_greatest text collate "C",
  sensor text collate "C",
  sensor_key text collate "C",
  sensor_least text collate "C",
  sensor_greatest text collate "C",
  protocol text collate "C",
  protocol_key text collate "C",
  client_version text collate "C",
  client_version_key text collate "C",
  hassh text collate "C",
  hassh_key text collate "C",
  has_connect boolean not null,
  has_closed boolean not null,
  has_session_field boolean not null,
  matcher text collate "C" not null generated always as (
    case
      when has_connect
      and has_closed then 'full_delimited'
      when has_session_field then 'session_id_only'
      else 'event_session'
    end
  ) stored,
  is_collision boolean not null generated always as (
    coalesce(source_ip_least != source_ip_greatest, false)
    or coalesce(sensor_least != sensor_greatest, false)
  ) stored,
  first_event_at timestamptz not null,
  last_event_at timestamptz not null,
  duration_seconds double precision not null generated always as (
    round(extract(epoch from last_event_at - first_event_at), 6)
  ) stored,
  reported_duration_ms bigint,
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
  vt_flagged boolean not null default false,
  dshield_flagged boolean not null default false,
  snapshot_asn bigint,
  snapshot_country text collate "C",
  snapshot_ip_type text collate "C" constraint ck_session_summaries_snapshot_ip_type_known
    check (
      snapshot_ip_type in ('RESIDENTIAL', 'DATACENTER', 'MOBILE', 'VPN', 'TOR')
    ),
  snapshot_status text collate "C" constraint ck_session_summaries_snapshot_status_known
    check (
      snapshot_status in (
        'filled',
        'not_enriched',
        'unknown_address',
        'not_public'
      )
    ),
  enrichment jsonb,
  enrichment_at timestamptz,
  snapshot_job_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  summary_id bigint generated always as identity constraint uq_session_summaries_summary_id
    unique
);

create index ix_session_summaries_source_ip on session_summaries (source_ip);
create index ix_session_summaries_first_event_at on session_summaries (
  first_event_at
);
