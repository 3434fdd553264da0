-- 0004_dead_letter_events_create
--
-- Why:         A record that is no event is kept with its bytes and a reason, never dropped.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops all dead letters and their reasons.
-- Transaction: one

create table dead_letter_reasons (
  reason text constraint pk_dead_letter_reasons primary key,
  meaning text not null
)
strict, without rowid;

insert into dead_letter_reasons (reason, meaning)
values
  ('bad_json', 'the text breaks the grammar of RFC 8259'),
  ('bad_timestamp', 'the timestamp is no calendar time'),
  ('bad_utf8', 'the bytes are not UTF-8'),
  ('control_char', 'a raw control character stands in a string'),
  (
    'duplicate_key',
    'one object has the same key twice, and engines disagree which one counts'
  ),
  ('encoding_utf16', 'the text is UTF-16'),
  (
    'file:bzip2_damaged',
    'the bzip2 stream breaks off or is damaged; what came before is stored'
  ),
  (
    'file:gzip_damaged',
    'the gzip stream is damaged; what came before is stored'
  ),
  (
    'file:gzip_ratio',
    'the file unpacks to more than the allowed ratio; what came before is stored'
  ),
  (
    'file:gzip_truncated',
    'the gzip stream breaks off; what came before is stored'
  ),
  (
    'file:zstd_damaged',
    'the zstd stream breaks off or is damaged; what came before is stored'
  ),
  (
    'fragment',
    'an object written over several lines; --multi-line reads such files'
  ),
  (
    'legacy_eventid',
    'an event id in the numbered form that has no known meaning'
  ),
  ('line_too_long', 'the record is longer than the cap'),
  (
    'missing_field',
    'eventid, timestamp or session is missing, null, empty or no string'
  ),
  ('multiple_values', 'several values on one line, not all of them events'),
  ('not_object', 'a JSON value that is no object'),
  ('nul_byte', 'a raw NUL byte'),
  ('session_too_long', 'the session id is longer than 1,024 bytes'),
  ('too_deep', 'nested more than 64 levels'),
  ('too_many_keys', 'more than 1,024 keys in one record'),
  ('truncated_line', 'the line breaks off inside a value');

create table dead_letter_events (
  dead_letter_id integer constraint pk_dead_letter_events primary key,
  batch_id integer not null constraint fk_dead_letter_events_batch_id_ingest_batches
    references ingest_batches (batch_id),
  source_id integer not null constraint fk_dead_letter_events_source_id_sources
    references sources (source_id),
  source_offset integer not null constraint ck_dead_letter_events_source_offset_positive
    check (source_offset >= 0),
  record_bytes integer not null constraint ck_dead_letter_events_record_bytes_positive
    check (record_bytes >= 0),
  record_digest blob not null constraint ck_dead_letter_events_record_digest_length
    check (length(record_digest) = 32),
  record blob not null,
  record_tail blob,
  reason text not null constraint fk_dead_letter_events_reason_dead_letter_reasons
    references dead_letter_reasons (reason),
  detail text not null,
  attempts integer not null default 0 constraint ck_dead_letter_events_attempts_positive
    check (attempts >= 0),
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  rules_version text,
  version_attempts integer not null default 0,
  resolved_at text,
  resolution text constraint ck_dead_letter_events_resolution_known
    check (resolution in ('replayed', 'purged', 'undone')),
  resolved_batch_id integer constraint fk_dead_letter_events_resolved_batch_id_ingest_batches
    references ingest_batches (batch_id),
  purged_at text,
  constraint ck_dead_letter_events_record_whole
    check (
      purged_at is not null
      or record_tail is not null
      or length(record) = record_bytes
    ),
  constraint ck_dead_letter_events_purged_empty
    check (
      purged_at is null
      or (
        length(record) = 0
        and record_tail is null
        and resolved_at is not null
      )
    ),
  constraint ck_dead_letter_events_resolved_whole
    check (
      (resolved_at is null) = (resolution is null)
      and case resolution
        when 'replayed' then resolved_batch_id is not null
        when 'undone' then true
        else resolved_batch_id is null
      end
    ),
  constraint ck_dead_letter_events_attempts_of_version
    check (
      version_attempts between 0 and attempts
      and (attempts = 0) = (rules_version is null)
    )
)
strict;

create index ix_dead_letter_events_batch_id on dead_letter_events (batch_id);
create index ix_dead_letter_events_reason on dead_letter_events (
  reason,
  resolution
);
create index ix_dead_letter_events_listing on dead_letter_events (
  dead_letter_id,
  reason,
  source_id,
  created_at,
  resolution
);
create index ix_dead_letter_events_open on dead_letter_events (
  source_id,
  dead_letter_id
)
where resolved_at is null;
create index ix_dead_letter_events_resolved_batch_id on dead_letter_events (
  resolved_batch_id,
  batch_id
)
where resolved_batch_id is not null;
create index ix_dead_letter_events_source_id on dead_letter_events (source_id);
create index ix_dead_letter_events_created_at on dead_letter_events (
  created_at
);
create index ix_dead_letter_events_settled on dead_letter_events (
  dead_letter_id
)
where resolved_at is not null;
create index ix_dead_letter_events_cut on dead_letter_events (dead_letter_id)
where resolved_at is null and record_tail is not null;
create index ix_dead_letter_events_tried on dead_letter_events (
  rules_version,
  version_attempts
)
where resolved_at is null and record_tail is null;
