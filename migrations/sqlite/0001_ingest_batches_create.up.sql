-- 0001_ingest_batches_create
--
-- Why:         A batch, sealed in one transaction, is the unit of everything: restart, undo, proof and copy.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops sources, batches and evidence with all they hold.
-- Transaction: one
-- Differs:     unsealed_batch_id refers to a table that stays empty, so an unsealed batch cannot commit where foreign keys are on; postgres has a deferred constraint trigger.

create table sources (
  source_id integer constraint pk_sources primary key,
  path blob not null,
  path_shown text not null,
  fingerprint blob not null constraint ck_sources_fingerprint_length
    check (length(fingerprint) = 32),
  fingerprint_bytes integer not null constraint ck_sources_fingerprint_bytes_range
    check (fingerprint_bytes between 0 and 4096),
  size_bytes integer not null constraint ck_sources_size_bytes_positive
    check (size_bytes >= 0),
  next_offset integer not null default 0 constraint ck_sources_next_offset_positive
    check (next_offset >= 0),
  prefix_digest blob constraint ck_sources_prefix_digest_length
    check (prefix_digest is null or length(prefix_digest) = 32),
  device integer,
  inode integer,
  changed_us integer,
  breaker_offset integer not null default 0 constraint ck_sources_breaker_offset_positive
    check (breaker_offset >= 0),
  compression text not null constraint ck_sources_compression_known
    check (compression in ('plain', 'gzip', 'bzip2', 'zstd')),
  sensor text,
  state text not null default 'reading' constraint ck_sources_state_known
    check (state in ('reading', 'loaded', 'waiting', 'damaged', 'tripped')),
  first_read_at text not null default (
    strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  ),
  last_read_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict;

create index ix_sources_fingerprint on sources (fingerprint);

create table unsealed_batches (
  unsealed_batch_id integer constraint pk_unsealed_batches
    primary key constraint ck_unsealed_batches_empty
    check (unsealed_batch_id is null)
)
strict;

create table ingest_batches (
  batch_id integer constraint pk_ingest_batches
    primary key constraint ck_ingest_batches_batch_id_range
    check (batch_id between 1 and 8589934591),
  source_id integer not null constraint fk_ingest_batches_source_id_sources
    references sources (source_id),
  run_id text not null,
  kind text not null default 'load' constraint ck_ingest_batches_kind_known
    check (kind in ('load', 'replay', 'carry')),
  carried_for_batch_id integer constraint fk_ingest_batches_carried_for_batch_id_ingest_batches
    references ingest_batches (batch_id),
  first_offset integer not null,
  end_offset integer,
  records_read integer,
  events_accepted integer,
  events_duplicate integer,
  records_rejected integer,
  records_skipped integer,
  skip_counts text not null default '{}' constraint ck_ingest_batches_skip_counts_object
    check (json_valid(skip_counts, 1) and json_type(skip_counts) = 'object'),
  first_event_at text,
  last_event_at text,
  batch_digest blob,
  chain_position integer constraint uq_ingest_batches_chain_position unique,
  chain_digest blob constraint uq_ingest_batches_chain_digest unique,
  record_digest blob,
  record_parts blob,
  opened_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  sealed_at text,
  undone_at text,
  actor text not null,
  unsealed_batch_id integer generated always as (
    case
      when sealed_at is null then batch_id
    end
  ) stored constraint fk_ingest_batches_unsealed_batch_id_unsealed_batches
    references unsealed_batches (unsealed_batch_id)
      deferrable initially deferred,
  constraint ck_ingest_batches_carried_for
    check ((kind = 'carry') = (carried_for_batch_id is not null)),
  constraint ck_ingest_batches_offsets_ordered
    check (
      first_offset >= 0
      and (end_offset is null or end_offset >= first_offset)
    ),
  constraint ck_ingest_batches_counts_add_up
    check (
      sealed_at is null
      or (
        events_accepted >= 0
        and events_duplicate >= 0
        and records_rejected >= 0
        and records_skipped >= 0
        and records_read = events_accepted + events_duplicate + records_rejected + records_skipped
      )
    ),
  constraint ck_ingest_batches_sealed_complete
    check (
      sealed_at is null
      or (
        end_offset is not null
        and records_read is not null
        and coalesce(length(batch_digest) = 32, false)
        and coalesce(length(chain_digest) = 32, false)
        and coalesce(chain_position >= 1, false)
        and coalesce(length(record_digest) = 32, false)
        and coalesce(length(record_parts) >= 160, false)
        and (events_accepted = 0) = (first_event_at is null)
        and (events_accepted = 0) = (last_event_at is null)
      )
    )
)
strict;

create index ix_ingest_batches_source_id on ingest_batches (
  source_id,
  end_offset
);
create index ix_ingest_batches_event_times on ingest_batches (
  first_event_at,
  last_event_at
);
create index ix_ingest_batches_unsealed on ingest_batches (batch_id)
where sealed_at is null;

create index ix_ingest_batches_carried_for_batch_id on ingest_batches (
  carried_for_batch_id
)
where carried_for_batch_id is not null;

create table batch_evidence (
  batch_id integer constraint pk_batch_evidence
    primary key constraint fk_batch_evidence_batch_id_ingest_batches
    references ingest_batches (batch_id),
  codec text not null constraint ck_batch_evidence_codec_known
    check (codec = 'gzip'),
  line_count integer not null constraint ck_batch_evidence_line_count_positive
    check (line_count > 0),
  line_bytes integer not null constraint ck_batch_evidence_line_bytes_positive
    check (line_bytes > 0),
  lines blob not null
)
strict;
